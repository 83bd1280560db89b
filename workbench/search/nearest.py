"""Nearest rows of a space to a query, exactly, by faiss."""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class NearestRows:
    """An index over unit rows.

    Parameters
    ----------
    rows : ndarray, shape (n, w)
        Unit rows of a space.
    """

    def __init__(self, rows: Floats) -> None:
        import faiss

        if sys.platform == "darwin":  # torch brings a second OpenMP there
            faiss.omp_set_num_threads(1)
        self._index: Any = faiss.IndexFlatIP(rows.shape[1])
        self._index.add(np.ascontiguousarray(rows, dtype=np.float32))

    def search(self, queries: Floats, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return cosines and row numbers of the nearest rows, best first.

        Parameters
        ----------
        queries : ndarray, shape (q, w)
            Unit rows.
        count : int
            Capped at n.

        Returns
        -------
        tuple of ndarray, each of shape (q, min(count, n))
        """
        width = min(count, self._index.ntotal)
        if width == 0:
            empty = np.zeros((len(queries), 0))
            return empty.astype(np.float32), empty.astype(np.int64)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), width)
        return scores, rows
