"""Which pairs are shown, by their place in the shared space, while a run trains."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment import HeldOut
from workbench.jobs import Event
from workbench.project import Dataset, RowPairs, Split, rows_in

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ShownPairs(Event):
    """The items of every `Glimpse` that follows.

    Attributes
    ----------
    ids : dict of view to ndarray, shape (n,)
        Item ids, in the order of a glimpse's rows.
    pairs : dict of relation to ndarray, shape (p, 2)
        Places in `ids` of the items that belong together.
    held_out : bool
        Whether they are validation pairs, which training does not see.
    """

    ids: dict[str, Rows]
    pairs: RowPairs
    held_out: bool


def choose_pairs(data: Dataset, split: Split, count: int) -> tuple[ShownPairs, HeldOut]:
    """Choose pairs to show: of the validation pairs if there are any, else training pairs.

    Parameters
    ----------
    data : Dataset
    split : Split
        Of `data`.
    count : int
        How many in all, divided among the relations; the same ones each time.

    Returns
    -------
    ShownPairs
    HeldOut
        Their embeddings, and the same pairs.
    """
    held_out = any(len(rows) for rows in split.validation.values())
    known = split.validation if held_out else split.training
    share = max(1, count // max(1, len(known)))
    random = np.random.default_rng(0)
    chosen = {
        relation: rows[np.sort(random.permutation(len(rows))[:share])]
        for relation, rows in known.items()
    }
    found = data.held_out(chosen)
    ids = {name: view.ids[rows_in(chosen, name)] for name, view in data.views.items()}
    return ShownPairs(ids, dict(found.pairs), held_out), found
