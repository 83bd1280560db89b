"""Likeliest partners of items in another view, by a space that has been trained."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation import CSLS_NEIGHBOURS, mean_similarity_to_nearest

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_SCORES_AT_ONCE = 2**24  # 64 MB


@dataclass(frozen=True, eq=False)
class LikelyPartners:
    """Partners of each query, best first.

    Attributes
    ----------
    rows : ndarray, shape (q, k)
        Of the candidates.
    scores : ndarray, shape (q, k)
        Cosines corrected for hubs, between -4 and 4; what is excluded has -∞.
    """

    rows: Rows
    scores: Floats

    @property
    def margins(self) -> Floats:
        """By how much the first is ahead of the second, shape (q,): little, where it is unsure."""
        if self.scores.shape[1] < 2:
            return np.full(len(self.scores), np.inf, dtype=np.float32)
        first, second = self.scores[:, 0], self.scores[:, 1]
        known = np.isfinite(first) & np.isfinite(second)
        return np.subtract(first, second, where=known, out=np.full_like(first, np.inf))


def likely_partners(
    queries: Floats,
    candidates: Floats,
    count: int,
    *,
    others: Floats | None = None,
    excluded: Rows | None = None,
) -> LikelyPartners:
    """Find the likeliest partners of some items.

    By ``2 s(x, y) - r(x) - r(y)`` with r the mean cosine to the ten nearest of the other side
    (CSLS, Conneau et al. 2018): else a few hubs among the candidates are offered to everybody.

    Parameters
    ----------
    queries, candidates : ndarray, shapes (q, w) and (c, w)
        Unit rows of one space.
    count : int
        k; capped at c, and none where it is 0.
    others : ndarray, shape (n, w), optional
        All items of the queries' view, by which hubs among the candidates are known; the queries
        themselves where not given.
    excluded : ndarray, shape (e, 2), optional
        Query and candidate rows that are no partners, as somebody has said: they come last.
    """
    count = min(count, len(candidates))
    if count == 0:
        nothing = np.zeros((len(queries), 0))
        return LikelyPartners(nothing.astype(np.int64), nothing.astype(np.float32))
    hubs = mean_similarity_to_nearest(
        candidates, queries if others is None else others, CSLS_NEIGHBOURS
    )
    own = mean_similarity_to_nearest(queries, candidates, CSLS_NEIGHBOURS)
    none = np.zeros((0, 2), dtype=np.int64)
    excluded = none if excluded is None else excluded[np.argsort(excluded[:, 0], kind="stable")]
    rows = np.zeros((len(queries), count), dtype=np.int64)
    scores = np.zeros((len(queries), count), dtype=np.float32)
    step = max(1, _SCORES_AT_ONCE // max(1, len(candidates)))
    for start in range(0, len(queries), step):
        some = slice(start, min(start + step, len(queries)))
        found = 2 * (queries[some] @ candidates.T) - hubs - own[some, None]
        first, last = np.searchsorted(excluded[:, 0], (some.start, some.stop))
        found[excluded[first:last, 0] - start, excluded[first:last, 1]] = -np.inf
        rows[some] = _best(found, count)
        scores[some] = np.take_along_axis(found, rows[some], axis=1)
    return LikelyPartners(rows, scores)


def _best(scores: Floats, count: int) -> Rows:
    """Return the places of the highest scores of each row, best first; the first of equals."""
    near = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1)
