"""Inspecting: one item of a run at a time, its neighbourhoods before and after the alignment."""

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import (
    RankedNeighbours,
    neighbours_before_and_after,
    operators_before_and_after,
    ranks_of_partners,
    scores_of,
)
from workbench.geometry import Operator
from workbench.jobs import Control, Job
from workbench.media import Modality
from workbench.project import Project
from workbench.stations.evaluating.evaluate import DISTORTION_NEIGHBOURS, NEIGHBOURS
from workbench.stations.evaluating.item_figures import ItemFigures, measure_items
from workbench.stations.evaluating.item_report import (
    AcrossModalities,
    NeighbourhoodChange,
    Neighbours,
    OperatorChange,
)
from workbench.stations.evaluating.procrustes_baseline import (
    ProcrustesBaseline,
    procrustes_baseline,
)
from workbench.stations.runs.run_space import RunSpace, RunView
from workbench.stations.runs.store import RunStore, read_run_space

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_ROUGH = np.float32(1e-5)  # more than a squared distance of unit rows is wrong by in float32


class Inspector:
    """Looks at single items of a run; made by `inspector`, once.

    A look takes some milliseconds at 10,000 items of a modality, some tenths of a second at
    100,000.

    Attributes
    ----------
    space : RunSpace
    operator : Operator
    meeting : ProcrustesBaseline or None
        Knows where partners ranked before.
    figures : ItemFigures or None
        Of all items, once `measure` has run.
    """

    def __init__(
        self,
        space: RunSpace,
        operator: Operator | None = None,
        meeting: ProcrustesBaseline | None = None,
    ) -> None:
        self.space, self.meeting = space, meeting
        self.operator = operator or Operator()
        self.figures: ItemFigures | None = None

    def neighbours(self, item: int, count: int = NEIGHBOURS) -> NeighbourhoodChange:
        """Return an item's neighbours within its modality, before and after.

        Parameters
        ----------
        item : int
            Its id.
        count : int
            K; capped at what there is.

        Raises
        ------
        WorkbenchError
            The item has no place in the run, or `count` is below 1.
        """
        _check_count(count)
        modality, row = self.space.place(item)
        view = self.space.views[modality]
        old, new = neighbours_before_and_after(view.before, view.after, row, count)
        return NeighbourhoodChange(item, modality, _named(old, view), _named(new, view))

    def across(self, item: int, count: int = NEIGHBOURS) -> list[AcrossModalities]:
        """Return what of each other modality lies nearest, and where the partners rank.

        Raises
        ------
        WorkbenchError
            As `neighbours`.
        """
        _check_count(count)
        modality, row = self.space.place(item)
        return [
            self._across(other, modality, row, count)
            for other in self.space.views
            if other != modality
        ]

    def operators(self, item: int, neighbours: int = DISTORTION_NEIGHBOURS) -> OperatorChange:
        """Return the diffusion operators of an item's neighbourhood, before and after.

        Parameters
        ----------
        item : int
        neighbours : int
            K, found in the frozen space; capped at what there is.

        Raises
        ------
        WorkbenchError
            As `neighbours`.
        """
        _check_count(neighbours)
        modality, row = self.space.place(item)
        view = self.space.views[modality]
        members = _neighbourhood(view.before, row, neighbours)
        old, new = operators_before_and_after(view.before, view.after, members, self.operator)
        share = self.figures.share(modality, row) if self.figures else None
        return OperatorChange(view.ids[members], old, new, share)

    def measure(
        self,
        control: Control | None = None,
        *,
        only: Literal["distortion", "ranks"] | None = None,
    ) -> Job[ItemFigures]:
        """Measure all items, and keep the figures beside those known; see `measure_items`."""
        found = yield from measure_items(self.space, self.operator, only=only, control=control)
        if found.complete:
            known = self.figures
            if known is not None:
                found = replace(
                    found,
                    distortion={**known.distortion, **found.distortion},
                    partner_rank={**known.partner_rank, **found.partner_rank},
                )
            self.figures = found
        return found

    def _across(
        self, other: Modality, modality: Modality, row: int, count: int
    ) -> AcrossModalities:
        view = self.space.views[other]
        if len(view.ids) == 0:
            nothing = np.zeros(0, dtype=np.int64)
            none = np.zeros(0, dtype=np.float32)
            return AcrossModalities(other, nothing, none, 0, nothing, nothing, none)
        query = self.space.views[modality].after[row]
        partners = self.space.partners(modality, row, other)
        scores = scores_of(query, view.after)
        rows = _highest(scores, count)
        meeting = self.meeting
        return AcrossModalities(
            other, view.ids[rows], scores[rows], len(view.ids), view.ids[partners],
            ranks_of_partners(query, view.after, partners), scores[partners],
            meeting.rank(modality, row, other, partners) if meeting else None,
        )  # fmt: skip


def inspector(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    operator: Operator | None = None,
    store: RunStore | None = None,
) -> Job[Inspector]:
    """Make ready to look at the items of a run.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
    operator : Operator, optional
        The one that `evaluate` measures by, by default.
    store : RunStore, optional
        Where the run may have been read before.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        See `read_run_space`.
    """
    space = yield from read_run_space(project, run_name, control, store=store)
    meeting = yield from procrustes_baseline(project, space, control)
    return Inspector(space, operator, meeting)


def _check_count(count: int) -> None:
    if count < 1:
        raise WorkbenchError(f"The number of neighbours is {count}. Give at least 1.")


def _named(near: RankedNeighbours, view: RunView) -> Neighbours:
    return Neighbours(view.ids[near.rows], near.scores, near.ranks_elsewhere, near.stay)


def _neighbourhood(points: Floats, row: int, neighbours: int) -> Rows:
    """Return N_K of one row by Euclidean distance, as `nearest_neighbours` does for many."""
    own = points[row]
    # products in float32 lose some digits of small distances: they only choose who is measured
    rough = np.vecdot(points, points) - 2 * np.vecdot(points, own)
    count = min(neighbours + 1, len(points))
    last = np.partition(rough, count - 1)[count - 1]
    near = np.flatnonzero(rough <= last + _ROUGH)
    away = np.square(points[near].astype(np.float64) - own).sum(axis=1)
    away[near == row] = -1  # first, also among duplicates
    return near[np.argsort(away, kind="stable")][:count]


def _highest(scores: npt.NDArray[np.floating], count: int) -> Rows:
    """Return the places of the highest scores, best first, ties to the earlier."""
    count = min(count, len(scores))
    near = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    return near[np.argsort(-scores[near], kind="stable")][:count]
