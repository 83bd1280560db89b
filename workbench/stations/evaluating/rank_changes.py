"""Rank changes: which items find their partners better in one run than in another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.stations.evaluating.item_figures import WORST, Direction, ItemFigures

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RankChanges:
    """Where the best partner of the same items ranks in two runs.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Items that have a partner in both, ascending.
    before, after : ndarray, shape (n,)
        Ranks, from 1, in the first and in the second run.
    """

    ids: Rows
    before: Rows
    after: Rows

    @property
    def gain(self) -> npt.NDArray[np.float64]:
        """How many times better the rank is now, in powers of two; below zero it is worse.

        From rank 8 to 1 is 3: near the top a step means more than far below.
        """
        return np.log2(self.before / self.after)

    def better_most(self, count: int = WORST) -> list[tuple[int, int, int]]:
        """Return id, rank before and rank after of the items that gained most, best first."""
        return self._first(np.argsort(-self.gain, kind="stable"), count, self.gain > 0)

    def worse_most(self, count: int = WORST) -> list[tuple[int, int, int]]:
        """Return the same of those that lost most, worst first."""
        return self._first(np.argsort(self.gain, kind="stable"), count, self.gain < 0)

    def of(self, ids: Rows) -> "RankChanges":
        """Return the changes of some items only."""
        chosen = np.isin(self.ids, ids)
        return RankChanges(self.ids[chosen], self.before[chosen], self.after[chosen])

    def _first(
        self, order: Rows, count: int, moved: npt.NDArray[np.bool_]
    ) -> list[tuple[int, int, int]]:
        places = order[moved[order]][: max(count, 0)]
        columns: Sequence[Rows] = (self.ids[places], self.before[places], self.after[places])
        return list(zip(*(column.tolist() for column in columns), strict=True))


def rank_changes(
    first: ItemFigures, second: ItemFigures, direction: Direction | None = None
) -> RankChanges:
    """Return how the ranks of the right partners differ between two runs.

    Parameters
    ----------
    first, second : ItemFigures
        Of two runs of a project.
    direction : tuple of modality, optional
        Only items of the first of the two, and partners of the second; without, the best partner
        of every item.
    """
    names = set(first.space.views) & set(second.space.views)
    if direction is not None:
        names &= {direction[0]}
    ids = np.unique(
        np.concatenate([np.zeros(0, np.int64), *(first.space.views[n].ids for n in names)])
    )
    to = None if direction is None else direction[1]
    before, after = (each.partner_rank_of(ids, to) for each in (first, second))
    both = (before > 0) & (after > 0)
    return RankChanges(ids[both], before[both], after[both])
