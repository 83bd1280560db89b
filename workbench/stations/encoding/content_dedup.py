"""Which contents a cache holds already, so that no content is encoded twice."""

import numpy as np
import numpy.typing as npt

from workbench.cache import EmbeddingCache

_RECENT = 65_536
_ODD = np.random.default_rng(0).integers(1, 2**63, 8, dtype=np.uint64) * 2 + 1


class ContentDedup:
    """Rows of a cache by the hash of what they were made from.

    Twelve bytes a row are kept: the hashes themselves stay in the file, and are looked up there
    when a number mixed from one agrees.

    Parameters
    ----------
    cache : EmbeddingCache
    """

    def __init__(self, cache: EmbeddingCache) -> None:
        self._cache = cache
        contents = cache.contents()
        rows = np.flatnonzero(cache.encoded() & (contents != b""))
        self._heads, self._rows = _sorted(_heads(contents[rows]), rows.astype(np.int32))
        self._recent: dict[str, int] = {}

    def row(self, content: str) -> int | None:
        """Return a row that holds the embedding of a content, or None."""
        if not content:
            return None
        if content in self._recent:
            return self._recent[content]
        head = _heads(np.array([content.encode()], dtype="S64"))[0]
        place = int(np.searchsorted(self._heads, head))
        while place < len(self._heads) and self._heads[place] == head:
            row = int(self._rows[place])
            if self._cache.content(row) == content:
                return row
            place += 1
        return None

    def add(self, content: str, row: int) -> None:
        """Take note of a row that has been written."""
        if not content:
            return
        self._recent[content] = row
        if len(self._recent) >= _RECENT:
            fresh = np.array([each.encode() for each in self._recent], dtype="S64")
            rows = np.fromiter(self._recent.values(), dtype=np.int32)
            self._heads, self._rows = _sorted(
                np.concatenate([self._heads, _heads(fresh)]), np.concatenate([self._rows, rows])
            )
            self._recent.clear()


def _heads(contents: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint64]:
    """Return a number for each hash, mixed from all of its bytes: equal ones give equal numbers."""
    words = np.ascontiguousarray(contents.astype("S64")).view(np.uint64).reshape(-1, 8)
    mixed: npt.NDArray[np.uint64] = (words * _ODD).sum(axis=1, dtype=np.uint64)
    return mixed


def _sorted(
    heads: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    order = np.argsort(heads, kind="stable")
    return heads[order], rows[order]
