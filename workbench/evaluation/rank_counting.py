"""How many candidates score at least as much as a query's best partner: what a rank is made of.

A score is the dot product in float64, rounded to float32: a product in float32 gives equal
candidates scores that differ in the last digit by their place in a block, and ties would be lost.
But nearly all candidates are far from the score that they are compared with. So all are multiplied
in float32, and only those in float64 whose score is in doubt within the error of that.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_CANDIDATES_AT_ONCE = 8192
_QUERIES_AT_ONCE = 512  # 16 MiB of scores
_FEWEST_QUERIES = 32
_SCORES_A_TURN = 1 << 27  # about a second
_PAIRS_AT_ONCE = 8192
_MOST_DOUBTS = 0.02  # where more of a block are in doubt, all of it is multiplied in float64
_LONGEST = 2.0**60  # product of two norms, beyond which a sum on the way may be infinite


def scores_of_pairs(queries: Floats, candidates: Floats, pairs: Rows) -> Floats:
    """Return the score of each pair of rows, shape (p,); not a number is minus infinity."""
    scores = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        with np.errstate(invalid="ignore", over="ignore"):
            products = queries[pairs[some, 0]].astype(np.float64) * candidates[pairs[some, 1]]
            scores[some] = products.sum(axis=1)  # the same of equal rows, wherever they stand
    scores[np.isnan(scores)] = -np.inf
    return scores


def candidates_ahead(
    queries: Floats, asked: Rows, candidates: Floats, best: Floats
) -> Iterator[tuple[slice, Rows]]:
    """Yield how many candidates score at least so much, for some queries at a time.

    Parameters
    ----------
    queries, candidates : ndarray, shapes (n, d) and (c, d)
        Of float32 or float64.
    asked : ndarray of int, shape (q,)
        Which queries.
    best : ndarray, shape (q,), float32
        The score that each is compared with, of `scores_of_pairs`.

    Yields
    ------
    rows : slice
        Which of those asked.
    ahead : ndarray of int, shape (len(rows),)
    """
    starts = range(0, len(candidates), _CANDIDATES_AT_ONCE)
    blocks = [candidates[start : start + _CANDIDATES_AT_ONCE] for start in starts]
    longest = [_longest(block) for block in blocks]
    a_turn = max(_FEWEST_QUERIES, _SCORES_A_TURN // max(1, len(candidates)))
    height = min(_QUERIES_AT_ONCE, a_turn)
    for start in range(0, len(asked), height):
        rows = slice(start, min(start + height, len(asked)))
        some, reach = queries[asked[rows]], _longest(queries[asked[rows]])
        ahead = np.zeros(len(some), dtype=np.int64)
        for block, length in zip(blocks, longest, strict=True):
            ahead += _ahead_in_block(some, block, best[rows], reach * length)
        yield rows, ahead


def _ahead_in_block(queries: Floats, block: Floats, best: Floats, lengths: float) -> Rows:
    """Count in a block of candidates; `lengths` is the most that two norms multiply to."""
    with np.errstate(invalid="ignore", over="ignore"):
        if lengths > _LONGEST:
            return _ahead_exactly(queries, block, best)
        # of a sum of d products, of its rounding and that of the bounds; and of what underflows
        count = 1.01 * queries.shape[1] + 4
        error = np.float32(count * (lengths * 2.0**-24 + 2.0**-149))
        scores = queries @ block.T
        surely = scores > (best + error)[:, None]
        doubt = ~(scores < (best - error)[:, None])  # also where it is not a number
        doubt &= ~surely
        if np.count_nonzero(doubt) > _MOST_DOUBTS * doubt.size:
            return _ahead_exactly(queries, block, best)
    query, candidate = np.nonzero(doubt)
    exact = scores_of_pairs(queries, block, np.stack([query, candidate], axis=1))
    found = np.bincount(query[exact >= best[query]], minlength=len(queries))
    return np.asarray(np.count_nonzero(surely, axis=1) + found, dtype=np.int64)


def _ahead_exactly(queries: Floats, block: Floats, best: Floats) -> Rows:
    scores = (queries.astype(np.float64) @ block.T.astype(np.float64)).astype(np.float32)
    scores[np.isnan(scores)] = -np.inf
    return np.asarray(np.count_nonzero(scores >= best[:, None], axis=1), dtype=np.int64)


def _longest(rows: Floats) -> float:
    """Return the largest norm of the rows that are finite."""
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return float(np.sqrt(squares[np.isfinite(squares)].max(initial=0.0)))
