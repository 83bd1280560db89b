import hashlib

import numpy as np
import pytest

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.stations.encoding import content_dedup
from workbench.stations.encoding.content_dedup import ContentDedup


def hashes(numbers):
    """Content hashes of which the last character alone differs, and real ones."""
    alike = [f"{number:032x}" for number in numbers]
    real = [hashlib.blake2b(str(n).encode(), digest_size=16).hexdigest() for n in numbers]
    return alike, real


@pytest.mark.parametrize("kind", [0, 1])
def test_rows_are_found_by_content_before_and_after_many_were_added(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(content_dedup, "_RECENT", 50)
    names = hashes(range(400))[kind]
    marks = np.array([name.encode() for name in names], dtype="S64")
    path = tmp_path / "x.h5"
    prepare_cache(path, {"width": 1}, np.arange(400), marks)
    with EmbeddingCache(path, "r+") as cache:
        first = np.arange(0, 100)
        cache.write(first, np.ones((100, 1)), marks[first])
        known = ContentDedup(cache)
        for start in range(100, 400, 20):
            rows = np.arange(start, start + 20)
            assert [known.row(names[row]) for row in rows] == [None] * 20
            cache.write(rows, np.ones((20, 1)), marks[rows])
            for row in rows.tolist():
                known.add(names[row], row)
            assert [known.row(name) for name in names[: start + 20]] == list(range(start + 20))
        assert known.row("") is None
        assert known.row("nothing of the kind") is None


def test_hashes_that_begin_alike_get_different_numbers():
    contents = [np.array([name.encode() for name in kind], dtype="S64")
                for kind in hashes(range(20_000))]  # fmt: skip
    assert [len(np.unique(content_dedup._heads(each))) for each in contents] == [20_000, 20_000]
