import json
import subprocess
import sys
import tracemalloc

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.cache import EmbeddingCache, card_difference, prepare_cache
from workbench.errors import WorkbenchError

CARD = {"name": "fake", "revision": "1", "width": 3, "library": "numpy 1", "dtype": "float32"}


def wanted(ids, version="a"):
    """Return ids and fingerprints as a catalogue gives them."""
    ids = np.array(list(ids), dtype=np.int64)
    return ids, np.array([f"{number}{version}" for number in ids], dtype="S64")


def pairs_of(cache):
    return list(zip(cache.item_ids().tolist(), cache.fingerprints().tolist(), strict=True))


def vector(number, version="a"):
    """Embedding of an item: tells which item and content it was made from."""
    return np.array([number, ord(version), -number], dtype=np.float32)


def fill(path, rows=None):
    """Write what belongs to each row, as an encoder would."""
    with EmbeddingCache(path, "r+") as cache:
        items = pairs_of(cache)
        todo = np.flatnonzero(~cache.encoded()) if rows is None else np.array(rows)
        vectors = [vector(items[r][0], chr(items[r][1][-1])) for r in todo]
        contents = [items[r][1] for r in todo]
        cache.write(todo, np.stack(vectors), np.array(contents, dtype="S64"))


def check_right(path):
    """Every row that is marked holds what belongs to its item; return the marked rows' ids."""
    with EmbeddingCache(path) as cache:
        rows = cache.read()
        done = cache.encoded()
        contents = cache.contents()
        for row, (item, mark) in enumerate(pairs_of(cache)):
            if done[row]:
                assert rows[row].tolist() == vector(item, chr(mark[-1])).tolist()
                assert contents[row] == mark
        return set(cache.item_ids()[done].tolist())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "embeddings" / "text--fake.h5"


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_round_trip(path, dtype):
    prepare_cache(path, CARD, *wanted(range(5)), dtype)
    vectors = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
    with EmbeddingCache(path, "r+") as cache:
        cache.write(np.array([0, 2, 4]), vectors)
    with EmbeddingCache(path) as cache:
        header = cache.header()
        assert (header.total, header.encoded, header.width, header.dtype) == (5, 3, 3, dtype)
        assert header.card == CARD
        assert cache.encoded().tolist() == [True, False, True, False, True]
        found = cache.read(np.array([0, 2, 4]))
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, vectors.astype(dtype).astype(np.float32))
        np.testing.assert_array_equal(cache.read(np.array([], dtype=np.int64)), np.zeros((0, 3)))


def test_rows_are_read_from_all_over_a_large_file(path):
    count = 10_000
    prepare_cache(path, CARD, *wanted(range(count)))
    fill(path)
    rows = np.sort(np.random.default_rng(1).choice(count, 777, replace=False))
    with EmbeddingCache(path) as cache:
        np.testing.assert_array_equal(cache.read(rows), cache.read()[rows])


def test_preparing_again_changes_nothing(path):
    prepare_cache(path, CARD, *wanted(range(4)))
    fill(path, [1, 2])
    before = path.read_bytes()
    prepare_cache(path, CARD, *wanted(range(4)))
    assert path.read_bytes() == before
    assert check_right(path) == {1, 2}


def test_another_dtype_keeps_the_embeddings(path):
    prepare_cache(path, CARD, *wanted(range(4)))
    fill(path)
    prepare_cache(path, CARD, *wanted(range(4)), "float16")
    assert check_right(path) == {0, 1, 2, 3}
    with EmbeddingCache(path) as cache:
        assert cache.header().dtype == "float16"


def test_no_items_at_all(path):
    prepare_cache(path, CARD, *wanted([]))
    with EmbeddingCache(path) as cache:
        assert cache.header().total == 0
        assert cache.read().shape == (0, 3)
    prepare_cache(path, CARD, *wanted([1]))
    fill(path)
    assert check_right(path) == {1}


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_added_removed_reordered_and_changed_items_keep_only_right_rows(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cache") / "x.h5"
    unique = st.lists(st.integers(0, 30), unique=True, max_size=20)
    known: set[tuple[int, bytes]] = set()
    for _ in range(4):
        ids = np.array(data.draw(unique), dtype=np.int64)
        versions = [data.draw(st.sampled_from("ab")) for _ in ids]
        names = [f"{number}{version}" for number, version in zip(ids, versions, strict=True)]
        prepare_cache(path, CARD, ids, np.array(names, dtype="S64"))
        check_right(path)
        with EmbeddingCache(path) as cache:
            items, done = pairs_of(cache), cache.encoded()
        assert [item for item, _ in items[: len(ids)]] == ids.tolist()
        assert done[len(ids) :].all()  # what is set aside is whole
        encoded = {item for item, mark in zip(items, done, strict=True) if mark}
        assert known & set(items[: len(ids)]) == encoded & set(items[: len(ids)])
        known = encoded
        todo = [row for row in range(len(ids)) if not done[row] and data.draw(st.booleans())]
        if todo:
            fill(path, todo)
            known |= {items[row] for row in todo}
        check_right(path)


def test_long_runs_are_kept_across_blocks(path):
    first = list(range(9000))
    prepare_cache(path, CARD, *wanted(first))
    fill(path)
    second = [number for number in first if number != 4500] + [9001]
    prepare_cache(path, CARD, *wanted(second))
    assert check_right(path) == set(first)
    with EmbeddingCache(path) as cache:
        assert np.flatnonzero(~cache.encoded()).tolist() == [8999]
        assert cache.item_ids()[-1] == 4500  # set aside


def test_what_comes_back_is_still_there(path):
    prepare_cache(path, CARD, *wanted(range(6)))
    fill(path)
    prepare_cache(path, CARD, *wanted(range(3)))
    with EmbeddingCache(path) as cache:
        assert (cache.header().total, cache.holds(*wanted(range(3)))) == (6, True)
    prepare_cache(path, CARD, *wanted(range(4)))
    prepare_cache(path, CARD, *wanted(range(1, 7)))
    with EmbeddingCache(path) as cache:
        # of what is set aside, the first three stayed, since there were three items
        assert cache.encoded().tolist() == [True, True, True, True, True, False, True]
    check_right(path)


def test_a_cache_of_the_first_format_is_read_and_brought_up_to_date(path):
    path.parent.mkdir()
    ids, names = wanted(range(4))
    with h5py.File(path, "w") as file:
        file.attrs["format"] = "gera-workbench embeddings 1"
        file.attrs["card"] = json.dumps(CARD)
        file["item_ids"], file["fingerprints"] = ids, names
        file["encoded"] = np.array([True, False, True, True])
        file["embeddings"] = np.stack([vector(number) for number in range(4)])
    with EmbeddingCache(path) as cache:
        assert cache.contents().tolist() == [b""] * 4
        assert (cache.header().encoded, cache.content(2)) == (3, "")
        np.testing.assert_array_equal(cache.read(np.array([2]))[0], vector(2))
    prepare_cache(path, CARD, ids, names)
    with EmbeddingCache(path) as cache:
        assert cache.is_current
        assert cache.encoded().tolist() == [True, False, True, True]
        np.testing.assert_array_equal(cache.read()[[0, 2, 3]], [vector(0), vector(2), vector(3)])


def test_another_card_is_refused_and_named(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    fill(path)
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match="revision was 1, is 2"):
        prepare_cache(path, CARD | {"revision": "2"}, *wanted(range(3)))
    assert path.read_bytes() == before


def test_another_library_version_is_no_difference(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    fill(path)
    prepare_cache(path, CARD | {"library": "numpy 2", "licence": "MIT"}, *wanted(range(4)))
    assert check_right(path) == {0, 1, 2}


def test_card_difference_names_what_is_new_or_gone():
    assert card_difference(CARD, dict(CARD)) == ""
    assert "pooling was None, is mean" in card_difference(CARD, CARD | {"pooling": "mean"})


def _text(path):
    path.write_text("my diary\n" * 100)


def _empty(path):
    path.write_bytes(b"")


def _foreign(path):
    with h5py.File(path, "w") as file:
        file["spectra"] = np.ones(5)


def _nameless(path):
    with h5py.File(path, "w") as file:
        file.attrs["format"] = "gera-workbench embeddings 1"
        file.attrs["card"] = json.dumps(CARD)


def _broken_card(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    with h5py.File(path, "r+") as file:
        file.attrs["card"] = "{"


def _uneven(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    with h5py.File(path, "r+") as file:
        del file["encoded"]
        file["encoded"] = np.ones(2, dtype=bool)


def _truncated(path):
    prepare_cache(path, CARD, *wanted(range(100)))
    path.write_bytes(path.read_bytes()[:-50])


@pytest.mark.parametrize(
    "damage", [_text, _empty, _foreign, _nameless, _broken_card, _uneven, _truncated]
)
def test_a_foreign_or_damaged_file_is_refused_and_left_alone(path, damage):
    path.parent.mkdir()
    damage(path)
    before = path.read_bytes()
    for attempt in (
        lambda: EmbeddingCache(path),
        lambda: EmbeddingCache(path, "r+"),
        lambda: prepare_cache(path, CARD, *wanted(range(3))),
    ):
        with pytest.raises(WorkbenchError) as error:
            attempt()
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_missing_file_and_folder_instead_of_file(path):
    with pytest.raises(WorkbenchError, match="There is no cache"):
        EmbeddingCache(path)
    path.mkdir(parents=True)
    with pytest.raises(WorkbenchError, match="not a regular file"):
        EmbeddingCache(path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "embeddings").write_text("a file")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        prepare_cache(tmp_path / "embeddings" / "x.h5", CARD, *wanted([1]))


HOLDER = """
import sys
from pathlib import Path
from workbench.cache import EmbeddingCache
with EmbeddingCache(Path(sys.argv[1]), "r+"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_cache_in_use_by_another_process_is_named_and_readable(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    fill(path, [1])
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            for attempt in (
                lambda: EmbeddingCache(path, "r+"),
                lambda: prepare_cache(path, CARD, *wanted(range(4))),
            ):
                with pytest.raises(WorkbenchError, match=f"in use by process {holder.pid} "):
                    attempt()
            assert check_right(path) == {1}
        finally:
            holder.stdin.close()
            holder.wait(timeout=30)
    fill(path)
    assert check_right(path) == {0, 1, 2}
    assert list(path.parent.iterdir()) == [path]


def test_reading_while_this_process_writes_and_the_reverse(path):
    prepare_cache(path, CARD, *wanted(range(3)))
    with EmbeddingCache(path, "r+") as writer, EmbeddingCache(path) as reader:
        assert reader.header().total == 3  # the window looks on while it encodes
        writer.write(np.array([1]), vector(1)[None], np.array([b"1a"]))
    assert check_right(path) == {1}
    with EmbeddingCache(path, "r+"), pytest.raises(WorkbenchError, match="in use by process"):
        EmbeddingCache(path, "r+")
    with EmbeddingCache(path) as reader, EmbeddingCache(path, "r+") as writer:
        writer.write(np.array([2]), vector(2)[None], np.array([b"2a"]))
        assert reader.encoded().tolist() == [False, True, True]
        np.testing.assert_array_equal(reader.read(np.array([2]))[0], vector(2))


@pytest.mark.parametrize("rows", [[3, 1, 1, 2], [], [0]])
def test_rows_are_read_in_any_order_and_more_than_once(path, rows):
    prepare_cache(path, CARD, *wanted(range(4)), "float16")
    fill(path)
    rows = np.array(rows, dtype=np.int64)
    expected = np.array([vector(row) for row in rows], dtype=np.float16).reshape(-1, 3)
    with EmbeddingCache(path) as cache:
        assert cache.read(rows, stored=True).dtype == np.float16
        np.testing.assert_array_equal(cache.read(rows, stored=True), expected)
        np.testing.assert_array_equal(cache.read(rows), expected)
        assert cache.read(slice(1, 3)).shape == (2, 3)
        assert cache.read(slice(3, 1)).shape == (0, 3)


def test_vectors_of_another_shape_are_refused_not_spread(path):
    prepare_cache(path, CARD, *wanted(range(4)))
    with EmbeddingCache(path, "r+") as cache:
        for shape in ((1, 3), (4, 2), (5, 3)):
            with pytest.raises(WorkbenchError, match="shape"):
                cache.write(np.arange(4), np.ones(shape, dtype=np.float32))
        assert not cache.encoded().any()


def test_a_full_disk_ends_in_a_sentence(path, monkeypatch):
    prepare_cache(path, CARD, *wanted(range(4)))
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        prepare_cache(path, CARD, *wanted(range(5)))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_preparing_never_holds_the_whole_array(path):
    card = CARD | {"width": 256}
    count = 40_000  # 41 MB of float32
    prepare_cache(path, card, *wanted(range(count)))
    with EmbeddingCache(path, "r+") as cache:
        cache._put("encoded", np.arange(count), np.ones(count, dtype=bool))
    tracemalloc.start()
    prepare_cache(path, card, *wanted(range(5, count + 5)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with EmbeddingCache(path) as cache:
        assert cache.header().encoded == count - 5
    assert peak < 30e6
