"""How many candidates score at least as much as a query's best partner: what a rank is made of.

A score is the dot product in float64, rounded to float32: a product in float32 gives equal
candidates scores that differ in the last digit by their place in a block, and ties would be lost.
But nearly all candidates are far from the score that they are compared with. So all are multiplied
in float32, and only where that leaves a doubt in float64.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_CANDIDATES_AT_ONCE = 8192
_QUERIES_AT_ONCE = 512  # 16 MiB of scores
_SCORES_A_TURN = 1 << 27  # about a second
_PAIRS_AT_ONCE = 8192
_MOST_DOUBTS = 0.02  # where more of a block are in doubt, all of it is multiplied in float64


def scores_of_pairs(queries: Floats, candidates: Floats, pairs: Rows) -> Floats:
    """Return the score of each pair of rows, shape (p,); not a number is minus infinity."""
    scores = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        products = queries[pairs[some, 0]].astype(np.float64) * candidates[pairs[some, 1]]
        scores[some] = products.sum(axis=1)  # the same of equal rows, wherever they stand
    scores[np.isnan(scores)] = -np.inf
    return scores


def candidates_ahead(
    queries: Floats, candidates: Floats, best: Floats
) -> Iterator[tuple[slice, Rows]]:
    """Yield how many candidates score at least so much, for some queries at a time.

    Parameters
    ----------
    queries, candidates : ndarray, shapes (q, d) and (c, d)
    best : ndarray, shape (q,), float32
        The score to compare with, of `scores_of_pairs`.

    Yields
    ------
    rows : slice
        Which queries.
    ahead : ndarray of int, shape (len(rows),)
    """
    height = min(_QUERIES_AT_ONCE, max(32, _SCORES_A_TURN // max(1, len(candidates))))
    for start in range(0, len(queries), height):
        rows = slice(start, min(start + height, len(queries)))
        ahead = np.zeros(rows.stop - start, dtype=np.int64)
        for left in range(0, len(candidates), _CANDIDATES_AT_ONCE):
            some = candidates[left : left + _CANDIDATES_AT_ONCE]
            ahead += _ahead_in_block(queries[rows], some, best[rows])
        yield rows, ahead


def _ahead_in_block(queries: Floats, some: Floats, best: Floats) -> Rows:
    longest = _longest(queries) * _longest(some) * (queries.shape[1] + 4)
    with np.errstate(invalid="ignore"):  # what is not a number ends in doubt
        surely, doubt = _compared(queries @ some.T, best, np.float32(longest * 2.0**-24))
        if np.count_nonzero(doubt) > _MOST_DOUBTS * doubt.size:
            # what is rounded to `best` or above is above the middle of it and the number before
            middle = (best.astype(np.float64) + np.nextafter(best, np.float32(-np.inf))) / 2
            exact = queries.astype(np.float64) @ some.T.astype(np.float64)
            surely, doubt = _compared(exact, middle, longest * 2.0**-53)
    ahead = np.count_nonzero(surely, axis=1)
    query, candidate = np.nonzero(doubt)
    scores = scores_of_pairs(queries, some, np.stack([query, candidate], axis=1))
    found = query[scores >= best[query]]
    return np.asarray(ahead + np.bincount(found, minlength=len(queries)), dtype=np.int64)


def _compared(scores: npt.NDArray[Any], best: npt.NDArray[Any], error: Any) -> tuple[Mask, Mask]:
    """Return which scores surely are as high as the best, and which may be, within an error."""
    surely = scores > (best + error)[:, None]
    doubt = ~(scores < (best - error)[:, None])
    doubt &= ~surely
    return surely, doubt


def _longest(rows: Floats) -> float:
    """Return the largest norm of some rows; not a number where one is not finite."""
    return float(np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64).max(initial=0.0)))
