"""What is kept stays below its bytes; what was used longest ago goes first."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.bounded_store import BoundedStore


@pytest.fixture
def store():
    return BoundedStore(100, len)


def test_what_was_used_longest_ago_goes_first(store):
    for key in "abc":
        store.put(key, b"x" * 30)
    assert store.get("a") == b"x" * 30
    store.put("d", b"x" * 30)
    assert [key for key in "abcd" if key in store] == ["a", "c", "d"]
    assert store.bytes == 90


def test_a_large_value_pushes_out_as_many_small_ones_as_it_needs(store):
    for key in range(10):
        store.put(key, b"x" * 10)
    store.put("large", b"x" * 75)
    assert [key for key in range(10) if key in store] == [8, 9]
    assert (store.bytes, len(store)) == (95, 3)


def test_what_was_put_last_stays_even_beyond_the_budget(store):
    store.put("small", b"x")
    store.put("huge", b"x" * 1000)
    assert store.get("huge") == b"x" * 1000
    assert "small" not in store
    store.put("small", b"x")
    assert "huge" not in store
    assert store.bytes == 1


def test_a_key_put_again_counts_once(store):
    store.put("a", b"x" * 60)
    store.put("b", b"x" * 40)
    store.put("a", b"x" * 10)
    assert store.get("b") is not None
    assert (store.bytes, len(store)) == (50, 2)


def test_what_is_let_go_counts_no_more(store):
    store.put("a", b"x" * 60)
    store.put("b", b"x" * 20)
    store.discard("a")
    store.discard("never put")
    assert store.get("a") is None
    assert store.bytes == 20
    store.clear()
    assert (store.bytes, len(store)) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 60)), min_size=1))
def test_bytes_are_those_of_what_is_kept_and_below_the_budget(puts):
    store = BoundedStore(100, len)
    for key, size in puts:
        store.put(key, b"x" * size)
    kept = [store.get(key) for key in range(9) if key in store]
    assert store.bytes == sum(map(len, kept)) <= 100
    assert store.get(puts[-1][0]) == b"x" * puts[-1][1]


class LettingOthersRun(int):
    """A key at each look for which another thread has its turn."""

    def __hash__(self):
        time.sleep(0)
        return int.__hash__(self)


def test_threads_that_put_and_take_at_once_leave_the_count_right():
    store = BoundedStore(200, len)

    def work(seed):
        random = np.random.default_rng(seed)
        for key in map(LettingOthersRun, random.integers(0, 6, 300)):
            if random.random() < 0.2:
                store.discard(key)
            else:
                store.put(key, b"x" * random.integers(1, 90))
            store.get(key)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    kept = [store.get(key) for key in range(6) if key in store]
    assert store.bytes == sum(map(len, kept)) <= 200
