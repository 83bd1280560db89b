"""What a method is given: views, pairs, and held-out pairs to watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from workbench.alignment.checks import (
    check_finite_rows,
    checked_centre,
    checked_pairs,
    checked_rows,
)
from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.whitening import Whitening, whitened
from workbench.errors import WorkbenchError
from workbench.geometry import RowSource

Floats = npt.NDArray[np.float32]
Relation = tuple[str, str]
Pairs = Mapping[Relation, npt.NDArray[np.int64]]
# views whose encoders spread their items well enough by themselves
_NOT_WHITENED = ("text",)


class Preparation(TypedDict):
    """Fields of every head: how rows are prepared for it."""

    centre: Floats
    whitening: Whitening | None


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
    views : dict of view to StandardRows, shape (n, d)
        Centred on the view's mean, unit rows, or whitened besides; read when asked for.
    pairs : dict of relation to ndarray, shape (p, 2)
    strength : float or None
        Of the whitening of views other than text; None for none.
    given : mapping of view to Preparation or None
        How rows are prepared, where that was not found of these rows.
    """

    views: dict[str, StandardRows]
    pairs: dict[Relation, npt.NDArray[np.int64]]
    strength: float | None = None
    given: Mapping[str, Preparation] | None = None

    @property
    def centres(self) -> dict[str, Floats]:
        """The mean of each view, shape (d,)."""
        return {view: rows.centre for view, rows in self.views.items()}

    @property
    def hub(self) -> str:
        """The view with the most relations; the first of them among equals."""
        return max(self.views, key=lambda view: sum(view in relation for relation in self.pairs))

    def preparation(self, view: str) -> Preparation:
        """Return what a head of the view is told of how its rows are prepared."""
        rows = self.views[view]
        return {"centre": rows.centre, "whitening": rows.whitening}

    def outwards(self) -> list[Relation]:
        """Return the relations from the hub outwards: each links to one before it, if any does."""
        waiting, order, reached = list(self.pairs), list[Relation](), {self.hub}
        while waiting:
            relation = next((each for each in waiting if reached & set(each)), waiting[0])
            waiting.remove(relation)
            order.append(relation)
            reached |= set(relation)
        return order

    def paired_rows(self, view: str) -> npt.NDArray[np.int64]:
        """Return the sorted rows of a view that are in a pair."""
        sides = [
            rows[:, relation.index(view)]
            for relation, rows in self.pairs.items()
            if view in relation
        ]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *sides]))

    def pairs_among_paired(self) -> dict[Relation, npt.NDArray[np.int64]]:
        """Return the pairs by the places of their rows in `paired_rows`."""
        return {
            relation: np.stack(
                [
                    np.searchsorted(self.paired_rows(view), rows[:, side])
                    for side, view in enumerate(relation)
                ],
                axis=1,
            )
            for relation, rows in self.pairs.items()
        }

    def without_unpaired(self) -> "TrainingData":
        """Return the rows that are in a pair alone: nothing else is in the moments either."""
        views = {view: rows.raw(self.paired_rows(view)) for view, rows in self.views.items()}
        pairs = self.pairs_among_paired()
        return prepare(views, pairs, whitening=self.strength, given=self.given)


def prepare(
    views: Mapping[str, RowSource],
    pairs: Pairs,
    least_pairs: int = 2,
    whitening: float | None = None,
    given: Mapping[str, Preparation] | None = None,
) -> TrainingData:
    """Check views and pairs, and find the views' centres and what whitens them.

    Views may be arrays, memory maps or HDF5 data sets: they are read in blocks and not copied.

    Parameters
    ----------
    views : mapping of view to ndarray, shape (n, d)
    pairs : mapping of relation to ndarray, shape (p, 2)
    least_pairs : int
    whitening : float, optional
        Strength of the whitening of views other than text; without it none is whitened.
    given : mapping of view to Preparation, optional
        Centres and whitenings to use instead of those of these rows.

    Raises
    ------
    WorkbenchError
        Fewer than two views, wrong shapes, numbers that are not finite, rows that are all zero or
        all alike, pairs that point outside, or fewer than `least_pairs` pairs of a relation.
    """
    if len(views) < 2:
        raise WorkbenchError("Alignment needs at least two views, such as image and text.")
    arrays = {view: checked_rows(view, rows) for view, rows in views.items()}
    checked = {
        relation: checked_pairs(relation, rows, arrays, least_pairs)
        for relation, rows in pairs.items()
    }
    alone = [view for view in arrays if not any(view in relation for relation in checked)]
    if alone:
        raise WorkbenchError(
            f"No pairs link “{alone[0]}” to another view. Add pairs for it, or leave it out."
        )
    standard = {}
    for view, rows in arrays.items():
        centre = checked_centre(view, rows)
        found, known = None, None
        if given is not None:
            centre, found = given[view]["centre"], given[view]["whitening"]
        elif whitening is not None and is_whitened(view):
            found, known = whitened(rows, whitening)
        standard[view] = StandardRows(rows, centre, found, known)
    return TrainingData(standard, checked, whitening, given)


def is_whitened(view: str) -> bool:
    """Whether a view is one of those that a whitening is for."""
    return view not in _NOT_WHITENED


def prepare_held_out(held_out: HeldOut | None, data: TrainingData) -> HeldOut | None:
    """Check held-out pairs against the training's views; None where there are none to judge by.

    Raises
    ------
    WorkbenchError
        A view is not trained, has another width or numbers that are not finite, or a pair points
        outside.
    """
    if held_out is None:
        return None
    views = {}
    for view, rows in held_out.views.items():
        if view not in data.views:
            raise WorkbenchError(
                f"Held-out items are of “{view}”, but these views are aligned: "
                f"{', '.join(data.views)}."
            )
        views[view] = np.asarray(checked_rows(view, rows), dtype=np.float32)
        width = data.views[view].shape[1]
        if views[view].shape[1] != width:
            raise WorkbenchError(
                f"Held-out items of “{view}” have width {views[view].shape[1]}, training items "
                f"have width {width}. Use one encoder for both."
            )
        check_finite_rows(view, views[view])
    pairs = {r: checked_pairs(r, rows, views, 0) for r, rows in held_out.pairs.items()}
    pairs = {relation: rows for relation, rows in pairs.items() if len(rows)}
    return HeldOut(views, pairs) if pairs else None
