"""One item looked at closely: its neighbours in two spaces, and where its partners rank.

The figures are those of `compare_neighbourhoods` and `retrieve` for the same item.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.evaluation.neighbourhoods import tie_order

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_LEAST = np.float32(-2)  # below any cosine, above the item's score with itself


@dataclass(frozen=True, eq=False)
class RankedNeighbours:
    """The nearest neighbours of an item in one of two spaces, nearest first.

    Attributes
    ----------
    rows : ndarray, shape (k,)
    scores : ndarray, shape (k,)
        Their cosines to the item in this space.
    ranks_elsewhere : ndarray, shape (k,)
        Their rank in the other space, from 1; here it is 1 to k.
    """

    rows: Rows
    scores: Floats
    ranks_elsewhere: Rows

    @property
    def stay(self) -> Mask:
        """Which of them are among the k nearest in the other space too, shape (k,)."""
        return self.ranks_elsewhere <= len(self.rows)


def neighbours_before_and_after(
    before: Floats, after: Floats, row: int, neighbours: int = 10, *, seed: int = 0
) -> tuple[RankedNeighbours, RankedNeighbours]:
    """Return the neighbours of an item in two spaces, and how far each came or went.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
        Unit rows of the same items.
    row : int
        The item.
    neighbours : int
        k; capped at n - 1.
    seed : int
        Of the order of equal scores, as in `compare_neighbourhoods`.

    Returns
    -------
    before, after : RankedNeighbours
        Kept are those of either that `stay`; lost those before that do not, gained those after.
    """
    count = len(before)
    tied = np.empty(count, dtype=np.int64)
    tied[tie_order(count, seed)] = np.arange(count)
    width = min(neighbours, count - 1)
    scores = [_scores(space, row) for space in (before, after)]
    nearest = [_nearest(each, tied, width) for each in scores]
    old, new = (
        RankedNeighbours(near, own[near], _ranks(other, tied, near))
        for near, own, other in zip(nearest, scores, scores[::-1], strict=True)
    )
    return old, new


def ranks_of_partners(query: Floats, candidates: Floats, partners: Rows) -> Rows:
    """Return the rank of each right answer to a query.

    Parameters
    ----------
    query : ndarray, shape (w,)
    candidates : ndarray, shape (c, w)
        Unit rows of one space.
    partners : ndarray of int, shape (p,)
        Distinct rows of `candidates`.

    Returns
    -------
    ndarray, shape (p,)
        One more than the wrong candidates that score as high or higher; the least of them is what
        `retrieve` counts.
    """
    scores = scores_of(query, candidates)
    wrong = np.sort(np.delete(scores, partners))
    return len(wrong) - np.searchsorted(wrong, scores[partners], "left") + 1


def scores_of(query: Floats, candidates: Floats) -> Floats:
    """Return the cosines of a query, shape (w,), to all candidates, shape (c,)."""
    scores: Floats = next(blockwise_scores(query[None], candidates))[1][0]
    return scores


def _scores(space: Floats, row: int) -> Floats:
    scores = np.maximum(scores_of(space[row], space), _LEAST)
    scores[row] = -np.inf
    return scores


def _nearest(scores: Floats, tied: Rows, count: int) -> Rows:
    """Return the rows of the highest scores, best first."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    last = np.partition(scores, -count)[-count]
    near = np.flatnonzero(scores >= last)
    return near[np.lexsort((tied[near], -scores[near]))][:count]


def _ranks(scores: Floats, tied: Rows, rows: Rows) -> Rows:
    found = np.empty(len(rows), dtype=np.int64)
    for place, row in enumerate(rows.tolist()):
        ahead = np.count_nonzero(scores > scores[row])
        level = tied[scores == scores[row]]
        found[place] = 1 + ahead + np.count_nonzero(level < tied[row])
    return found
