"""What a method is given: views, pairs, and held-out pairs to watch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import standardise
from workbench.errors import WorkbenchError

Floats = npt.NDArray[np.float32]
Relation = tuple[str, str]
Pairs = Mapping[Relation, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class HeldOut:
    """Views and pairs that training never sees, to choose a checkpoint by.

    Attributes
    ----------
    views : mapping of view to ndarray, shape (n, d)
    pairs : mapping of relation to ndarray, shape (p, 2)
        Rows of these `views`.
    """

    views: Mapping[str, Floats]
    pairs: Pairs


@dataclass(frozen=True)
class TrainingData:
    """Checked and standardised views with their pairs.

    Attributes
    ----------
    views : dict of view to ndarray, shape (n, d)
        Standardised: centred on the view's mean, unit rows.
    centres : dict of view to ndarray, shape (d,)
    pairs : dict of relation to ndarray, shape (p, 2)
    """

    views: dict[str, Floats]
    centres: dict[str, Floats]
    pairs: dict[Relation, npt.NDArray[np.int64]]

    @property
    def hub(self) -> str:
        """The view with the most relations; the first of them among equals."""
        return max(self.views, key=lambda view: sum(view in relation for relation in self.pairs))

    def paired_rows(self, view: str) -> npt.NDArray[np.int64]:
        """Return the sorted rows of a view that are in a pair."""
        return paired_rows(self.pairs, view)


def prepare(views: Mapping[str, Floats], pairs: Pairs, least_pairs: int = 2) -> TrainingData:
    """Check views and pairs, and standardise the views.

    Raises
    ------
    WorkbenchError
        Fewer than two views, wrong shapes, numbers that are not finite, rows that are all zero or
        all alike, pairs that point outside, or fewer than `least_pairs` pairs of a relation.
    """
    if len(views) < 2:
        raise WorkbenchError("Alignment needs at least two views, such as image and text.")
    arrays = {view: _checked_view(view, rows) for view, rows in views.items()}
    checked = {
        relation: _checked_pairs(relation, rows, arrays, least_pairs)
        for relation, rows in pairs.items()
    }
    alone = [view for view in arrays if not any(view in relation for relation in checked)]
    if alone:
        raise WorkbenchError(
            f"No pairs link “{alone[0]}” to another view. Add pairs for it, or leave it out."
        )
    centres = {view: _centre(view, rows) for view, rows in arrays.items()}
    standard = {view: standardise(rows, centres[view]) for view, rows in arrays.items()}
    return TrainingData(standard, centres, checked)


def paired_rows(pairs: Pairs, view: str) -> npt.NDArray[np.int64]:
    """Return the sorted rows of a view that are in a pair."""
    sides = [rows[:, side] for r, rows in pairs.items() for side in (0, 1) if r[side] == view]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *sides]))


def without_unpaired(
    views: Mapping[str, Floats], pairs: Pairs
) -> tuple[dict[str, Floats], dict[Relation, npt.NDArray[np.int64]]]:
    """Return only the rows that are in a pair, and the pairs by their new numbers."""
    kept = {view: paired_rows(pairs, view) for view in views}
    renumbered = {
        relation: np.stack(
            [np.searchsorted(kept[relation[side]], rows[:, side]) for side in (0, 1)], axis=1
        )
        for relation, rows in pairs.items()
    }
    return {view: np.asarray(rows)[kept[view]] for view, rows in views.items()}, renumbered


def _centre(view: str, rows: Floats) -> Floats:
    """Return the mean in float64: float32 sums drift over many rows."""
    centre: Floats = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    if len(rows) > 1 and (rows == rows[0]).all():
        raise WorkbenchError(
            f"All {len(rows):,} rows of “{view}” are alike, so there is nothing to align. "
            "Look at its items and its encoder."
        )
    return centre


def _checked_view(view: str, rows: Floats) -> Floats:
    array = np.asarray(rows, dtype=np.float32)
    if array.ndim != 2 or 0 in array.shape:
        raise WorkbenchError(
            f"The view “{view}” has the shape {array.shape}; it must be rows × width, none zero."
        )
    broken = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(broken):
        raise WorkbenchError(
            f"Row {broken[0]} of “{view}” has a number that is not finite ({len(broken):,} such "
            "rows). Encode these items again or leave them out."
        )
    empty = np.flatnonzero(~array.any(axis=1))
    if len(empty):
        raise WorkbenchError(
            f"Row {empty[0]} of “{view}” is all zeros ({len(empty):,} such rows). "
            "Encode these items again or leave them out."
        )
    return array


def _checked_pairs(
    relation: Relation, rows: npt.NDArray[np.int64], views: Mapping[str, Floats], least: int
) -> npt.NDArray[np.int64]:
    name = "–".join(relation)
    pairs = np.asarray(rows)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise WorkbenchError(f"The pairs {name} must be whole numbers of shape (p, 2).")
    if len(set(relation)) != 2 or any(view not in views for view in relation):
        raise WorkbenchError(
            f"The pairs {name} must link two different views of: {', '.join(views)}."
        )
    for side, view in enumerate(relation):
        outside = (pairs[:, side] < 0) | (pairs[:, side] >= len(views[view]))
        if outside.any():
            worst = int(pairs[outside.argmax(), side])
            raise WorkbenchError(
                f"A pair {name} points to row {worst} of “{view}”, which has {len(views[view])}."
            )
    pairs = np.unique(pairs.astype(np.int64), axis=0)
    if len(pairs) < least:
        raise WorkbenchError(
            f"There are {len(pairs)} training pairs {name}; this method needs at least {least}. "
            "Add pairs, raise the budget, or hold out a smaller share."
        )
    return pairs
