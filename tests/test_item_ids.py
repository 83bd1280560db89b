import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.item_ids import (
    Places,
    as_set,
    difference,
    distinct_pairs,
    intersection,
    pairs_among,
    union,
)

few = st.lists(st.integers(0, 30), max_size=40)
far = st.lists(st.integers(-(2**62), 2**62), max_size=8)


@given(few | far, few | far)
def test_sets_are_those_of_python(one, other):
    first, second = as_set(one), as_set(np.array(other, dtype=np.int64))
    assert first.dtype == np.int64
    assert first.tolist() == sorted(set(one))
    assert union(first, second).tolist() == sorted(set(one) | set(other))
    assert intersection(first, second).tolist() == sorted(set(one) & set(other))
    assert difference(first, second).tolist() == sorted(set(one) - set(other))


number = st.integers(-5, 5) | st.integers(-(2**62), 2**62)
some_pairs = st.lists(st.tuples(number, number), max_size=12)


@given(some_pairs, some_pairs)
def test_pairs_are_those_of_python(one, other):
    first, second = (np.array(each, np.int64).reshape(-1, 2) for each in (one, other))
    found = distinct_pairs(one)
    assert (found.dtype, found.shape[1]) == (np.int64, 2)
    assert list(map(tuple, found.tolist())) == sorted(set(one))
    assert pairs_among(first, second).tolist() == [each in other for each in one]


def test_a_set_is_an_array_of_its_own():
    ids = np.array([1, 2, 3])
    found = as_set(ids)
    ids[:] = 0
    assert found.tolist() == [1, 2, 3]


@given(st.lists(st.integers(-5, 40), unique=True) | st.lists(st.integers(), unique=True), far | few)
def test_places_are_those_of_a_dictionary(ids, wanted):
    ids = [each for each in ids if abs(each) < 2**62]
    place_of = {each: place for place, each in enumerate(ids)}
    wanted = [*wanted, *ids[::2]]
    found = Places(np.array(ids, dtype=np.int64)).of(wanted)
    assert found.tolist() == [place_of.get(each, -1) for each in wanted]


@pytest.mark.parametrize("step", [1, 10_000])
def test_ids_that_lie_close_together_are_not_searched_for(monkeypatch, step):
    ids = np.arange(5, 5 + 100 * step, step)
    places = Places(ids)
    searched = []
    real = np.searchsorted
    monkeypatch.setattr(np, "searchsorted", lambda *given: searched.append(1) or real(*given))
    assert places.of(ids[::-1]).tolist() == list(range(99, -1, -1))
    assert bool(searched) == (step > 1)
