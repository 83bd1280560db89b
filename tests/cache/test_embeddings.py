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


def marks(ids, version="a"):
    return [(number, f"{number}{version}") for number in ids]


def vector(number, version="a"):
    """Embedding of an item: tells which item and content it was made from."""
    return np.array([number, ord(version), -number], dtype=np.float32)


def fill(path, rows=None):
    """Write what belongs to each row, as an encoder would."""
    with EmbeddingCache(path, "r+") as cache:
        items = list(zip(cache.item_ids().tolist(), cache.fingerprints(), strict=True))
        todo = np.flatnonzero(~cache.encoded()) if rows is None else np.array(rows)
        cache.write(todo, np.stack([vector(items[r][0], items[r][1][-1]) for r in todo]))


def check_right(path):
    """Every row that is marked holds what belongs to its item; return the marked rows' ids."""
    with EmbeddingCache(path) as cache:
        rows = cache.read()
        done = cache.encoded()
        names = zip(cache.item_ids().tolist(), cache.fingerprints(), strict=True)
        for row, (item, mark) in enumerate(names):
            if done[row]:
                np.testing.assert_array_equal(rows[row], vector(item, mark[-1]))
        return set(cache.item_ids()[done].tolist())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "embeddings" / "text--fake.h5"


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_round_trip(path, dtype):
    prepare_cache(path, CARD, marks(range(5)), dtype)
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
    prepare_cache(path, CARD, marks(range(count)))
    fill(path)
    rows = np.sort(np.random.default_rng(1).choice(count, 777, replace=False))
    with EmbeddingCache(path) as cache:
        np.testing.assert_array_equal(cache.read(rows), cache.read()[rows])


def test_preparing_again_changes_nothing(path):
    prepare_cache(path, CARD, marks(range(4)))
    fill(path, [1, 2])
    before = path.read_bytes()
    prepare_cache(path, CARD, marks(range(4)))
    assert path.read_bytes() == before
    assert check_right(path) == {1, 2}


def test_another_dtype_keeps_the_embeddings(path):
    prepare_cache(path, CARD, marks(range(4)))
    fill(path)
    prepare_cache(path, CARD, marks(range(4)), "float16")
    assert check_right(path) == {0, 1, 2, 3}
    with EmbeddingCache(path) as cache:
        assert cache.header().dtype == "float16"


def test_no_items_at_all(path):
    prepare_cache(path, CARD, [])
    with EmbeddingCache(path) as cache:
        assert cache.header().total == 0
        assert cache.read().shape == (0, 3)
    prepare_cache(path, CARD, marks([1]))
    fill(path)
    assert check_right(path) == {1}


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_added_removed_reordered_and_changed_items_keep_only_right_rows(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cache") / "x.h5"
    unique = st.lists(st.integers(0, 30), unique=True, max_size=20)
    encoded: set[tuple[int, str]] = set()
    for _ in range(3):
        ids = data.draw(unique)
        items = [(number, f"{number}{'b' if data.draw(st.booleans()) else 'a'}") for number in ids]
        prepare_cache(path, CARD, items)
        encoded &= set(items)  # what is still wanted survives, nothing else does
        assert check_right(path) == {number for number, _ in encoded}
        rows = data.draw(st.lists(st.sampled_from(range(len(ids))), unique=True)) if ids else []
        if rows:
            fill(path, sorted(rows))
            encoded |= {items[row] for row in rows}
        assert check_right(path) == {number for number, _ in encoded}


def test_long_runs_are_kept_across_blocks(path):
    first = list(range(9000))
    prepare_cache(path, CARD, marks(first))
    fill(path)
    second = [number for number in first if number != 4500] + [9001]
    prepare_cache(path, CARD, marks(second))
    assert check_right(path) == set(second) - {9001}


def test_another_card_is_refused_and_named(path):
    prepare_cache(path, CARD, marks(range(3)))
    fill(path)
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match="revision was 1, is 2"):
        prepare_cache(path, CARD | {"revision": "2"}, marks(range(3)))
    assert path.read_bytes() == before


def test_another_library_version_is_no_difference(path):
    prepare_cache(path, CARD, marks(range(3)))
    fill(path)
    prepare_cache(path, CARD | {"library": "numpy 2", "licence": "MIT"}, marks(range(4)))
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
    prepare_cache(path, CARD, marks(range(3)))
    with h5py.File(path, "r+") as file:
        file.attrs["card"] = "{"


def _uneven(path):
    prepare_cache(path, CARD, marks(range(3)))
    with h5py.File(path, "r+") as file:
        del file["encoded"]
        file["encoded"] = np.ones(2, dtype=bool)


def _truncated(path):
    prepare_cache(path, CARD, marks(range(100)))
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
        lambda: prepare_cache(path, CARD, marks(range(3))),
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
    with pytest.raises(WorkbenchError, match="Is a directory"):
        EmbeddingCache(path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "embeddings").write_text("a file")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        prepare_cache(tmp_path / "embeddings" / "x.h5", CARD, marks([1]))


HOLDER = """
import sys
from pathlib import Path
from workbench.cache import EmbeddingCache
with EmbeddingCache(Path(sys.argv[1]), "r+"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_cache_in_use_by_another_process_is_named(path):
    prepare_cache(path, CARD, marks(range(3)))
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            for attempt in (
                lambda: EmbeddingCache(path),
                lambda: EmbeddingCache(path, "r+"),
                lambda: prepare_cache(path, CARD, marks(range(4))),
            ):
                with pytest.raises(WorkbenchError, match="in use by another process"):
                    attempt()
        finally:
            holder.stdin.close()
            holder.wait(timeout=30)
    fill(path)
    assert check_right(path) == {0, 1, 2}


def test_reading_while_this_process_writes_and_the_reverse(path):
    prepare_cache(path, CARD, marks(range(3)))
    with EmbeddingCache(path, "r+"), EmbeddingCache(path) as reader:
        assert reader.header().total == 3  # the window looks on while it encodes
    with EmbeddingCache(path), pytest.raises(WorkbenchError, match="in use"):
        EmbeddingCache(path, "r+")


def test_vectors_of_another_shape_are_refused_not_spread(path):
    prepare_cache(path, CARD, marks(range(4)))
    with EmbeddingCache(path, "r+") as cache:
        for shape in ((1, 3), (4, 2), (5, 3)):
            with pytest.raises(WorkbenchError, match="shape"):
                cache.write(np.arange(4), np.ones(shape, dtype=np.float32))
        assert not cache.encoded().any()


def test_a_full_disk_ends_in_a_sentence(path, monkeypatch):
    prepare_cache(path, CARD, marks(range(4)))
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.cache.embeddings.os.replace", full)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        prepare_cache(path, CARD, marks(range(5)))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_preparing_never_holds_the_whole_array(path):
    card = CARD | {"width": 256}
    count = 40_000  # 41 MB of float32
    prepare_cache(path, card, marks(range(count)))
    with EmbeddingCache(path, "r+") as cache:
        cache._file["encoded"][:] = np.ones(count, dtype=bool)
    tracemalloc.start()
    prepare_cache(path, card, marks(range(5, count + 5)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with EmbeddingCache(path) as cache:
        assert cache.header().encoded == count - 5
    assert peak < 30e6
