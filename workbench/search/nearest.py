"""Nearest rows of a space to a query, exactly."""

import sys

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_FEW_QUERIES = 16  # faiss answers a query on one thread, and takes them together from here on


class NearestRows:
    """Unit rows to be searched one by one.

    Parameters
    ----------
    rows : ndarray, shape (n, w)
        Unit rows of a space; not copied where they lie in one piece.
    numbers : ndarray, shape (n,), optional
        Of equally near rows the one of the lower number comes first; the earlier one where not
        given. Only of questions that are asked one or a few at a time.
    """

    def __init__(self, rows: Floats, numbers: Rows | None = None) -> None:
        self._rows = np.ascontiguousarray(rows, dtype=np.float32)
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._rows)

    def search(self, queries: Floats, count: int) -> tuple[Floats, Rows]:
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
        width = min(count, len(self._rows))
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if width <= 0 or len(queries) == 0:
            empty = np.zeros((len(queries), max(width, 0)))
            return empty.astype(np.float32), empty.astype(np.int64)
        if len(queries) < _FEW_QUERIES:
            found = [best_of(self.scores(query), width, self._numbers) for query in queries]
            return np.stack([s for s, _ in found]), np.stack([r for _, r in found])
        import faiss

        if sys.platform == "darwin":  # torch brings a second OpenMP there
            faiss.omp_set_num_threads(1)
        scores, rows = faiss.knn(queries, self._rows, width, metric=faiss.METRIC_INNER_PRODUCT)
        return scores, rows

    def scores(self, query: Floats) -> Floats:
        """Return the cosines of a query, shape (w,), to all rows, shape (n,)."""
        return dot_products(self._rows, query)

    def rows_at(self, rows: Rows) -> Floats:
        """Return some of the rows, shape (len(rows), w)."""
        return self._rows[rows]


def dot_products(rows: Floats, query: Floats) -> Floats:
    """Return the dot product of each row with a query, shape (n,); the same for equal rows.

    On one thread: a product of so few numbers is over before a second one has been woken.
    """
    found: Floats = np.vecdot(rows, np.asarray(query, dtype=np.float32))
    return found


def best_of(scores: Floats, count: int, numbers: Rows | None = None) -> tuple[Floats, Rows]:
    """Return the highest scores and their places, best first.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        One that is not a number counts as the lowest.
    count : int
        At most n.
    numbers : ndarray, shape (n,), optional
        Of equal scores that of the lower number comes first; the earlier one where not given.
    """
    scores = np.where(np.isnan(scores), np.float32(-np.inf), scores)
    last = np.partition(scores, -count)[-count]
    near = np.flatnonzero(scores >= last)
    if numbers is not None:
        near = near[np.argsort(numbers[near])]
    near = near[np.argsort(-scores[near], kind="stable")][:count]
    return scores[near], near
