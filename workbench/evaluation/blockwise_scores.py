"""Scores of all candidates for a few queries at a time: the whole matrix is never in memory."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_SCORES_AT_ONCE = 1 << 23  # 32 MiB of float32, unless there are more for so few queries:
_FEWEST_QUERIES = 32  # at least so many share one conversion of all candidates to float64
_CANDIDATES_AT_ONCE = 4096  # as float64 beside the strip


def blockwise_scores(queries: Floats, candidates: Floats) -> Iterator[tuple[slice, Floats]]:
    """Yield the dot products of some queries with all candidates.

    Multiplied in float64 and rounded to float32: a product in float32 gives equal candidates
    scores that differ in the last digit by their place in the block, and ties would be lost.

    Parameters
    ----------
    queries : ndarray, shape (q, d)
    candidates : ndarray, shape (c, d)

    Yields
    ------
    rows : slice
        Which queries.
    scores : ndarray, shape (len(rows), c), float32
        The caller's own. A score that is not a number is minus infinity.
    """
    height = max(_FEWEST_QUERIES, _SCORES_AT_ONCE // max(1, len(candidates)))
    # of one array with itself numpy multiplies half
    itself = queries is candidates and len(queries) <= min(height, _CANDIDATES_AT_ONCE)
    for start in range(0, len(queries), height):
        rows = slice(start, min(start + height, len(queries)))
        some = queries[rows].astype(np.float64)
        scores = np.empty((len(some), len(candidates)), dtype=np.float32)
        for left in range(0, len(candidates), _CANDIDATES_AT_ONCE):
            columns = slice(left, left + _CANDIDATES_AT_ONCE)
            others = some if itself else candidates[columns].astype(np.float64)
            scores[:, columns] = some @ others.T
        scores[np.isnan(scores)] = -np.inf
        yield rows, scores
