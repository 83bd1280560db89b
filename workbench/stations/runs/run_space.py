"""A run's items before and after its heads, as plain rows: what Explore measures and looks at.

Everything of the run that is there now is taken, also when items came or went since it was made.
Items of equal content are one row, as in training and evaluation: an item's copy is no neighbour
of it, and stands in no partner's way.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.item_ids import Places, distinct_pairs
from workbench.media import Modality
from workbench.project import Project, RowPairs, Run

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RunView:
    """One modality of a run, one row a distinct content.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item id of each row, ascending; of items with the same content, the first.
    items, row_of_item : ndarray, shape (m,)
        Ids of all present and encoded items, ascending, and the row of each.
    before : ndarray, shape (n, d)
        Frozen embeddings as the head standardises them: unit rows.
    after : ndarray, shape (n, w)
        Unit rows of the joint space.
    """

    ids: Rows
    items: Rows
    row_of_item: Rows
    before: Floats
    after: Floats

    def rows_of(self, ids: Rows) -> Rows:
        """Return the row of each item, shape (len(ids),); -1 of those that have none."""
        place = self._places.of(ids)
        found = np.full(len(place), -1, dtype=np.int64)
        known = place >= 0
        found[known] = self.row_of_item[place[known]]
        return found

    @cached_property
    def _places(self) -> Places:
        return Places(self.items)


@dataclass(frozen=True, eq=False)
class RunSpace:
    """All views of a run, with the pairs between them.

    Attributes
    ----------
    run_name : str
    views : dict of modality to RunView
        Those the run has heads for; one may have no rows.
    pairs : dict of relation to ndarray, shape (p, 2)
        Rows that belong together, each pair once; of the catalogue as it is now, whether they
        were for training or held out.
    heads_written : int or None
        When the heads were written that this is of, see `Run.heads_written`.
    """

    run_name: str
    views: dict[Modality, RunView]
    pairs: RowPairs
    heads_written: int | None

    def is_of(self, run: Run) -> bool:
        """Whether the heads of a run are still those that this was read by."""
        return self.run_name == run.name and self.heads_written == run.heads_written()

    def place(self, item: int) -> tuple[Modality, int]:
        """Return the view and the row of an item.

        Raises
        ------
        WorkbenchError
            The run has no place for it.
        """
        for name, view in self.views.items():
            row = int(view.rows_of(np.array([item]))[0])
            if row >= 0:
                return name, row
        raise WorkbenchError(
            f"Item {item} is not in the run “{self.run_name}”: its file is gone, it is not "
            f"encoded, or its modality is none of {', '.join(self.views)}."
        )

    def pairs_between(self, first: str, second: str) -> Rows:
        """Return the pairs of two views, rows of the first before those of the second."""
        if (first, second) in self.pairs:
            return self.pairs[first, second]
        turned: Rows = self.pairs.get((second, first), np.zeros((0, 2), dtype=np.int64))[:, ::-1]
        return turned

    def partners(self, view: str, row: int, other: str) -> Rows:
        """Return the rows of another view that belong to a row, ascending."""
        pairs = self.pairs_between(view, other)
        return np.sort(pairs[pairs[:, 0] == row, 1])


def row_pairs(project: Project, views: dict[Modality, RunView]) -> RowPairs:
    """Return the pairs of the catalogue as rows of the views, each pair once."""
    pairs: RowPairs = {}
    for (first, second), ids in project.catalogue.pairs().items():
        if first in views and second in views:
            rows = np.stack(
                [views[first].rows_of(ids[:, 0]), views[second].rows_of(ids[:, 1])], axis=1
            )
            pairs[first, second] = distinct_pairs(rows[(rows >= 0).all(axis=1)])
    return pairs
