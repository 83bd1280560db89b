"""Inspecting: one item of a run at a time, its neighbourhoods before and after the alignment."""

from dataclasses import dataclass

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
from workbench.stations.evaluate import DISTORTION_NEIGHBOURS, NEIGHBOURS
from workbench.stations.item_figures import ItemFigures, measure_items
from workbench.stations.run_space import RunSpace, RunView, read_run_space

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_ROUGH = np.float32(1e-5)  # more than a squared distance of unit rows is wrong by in float32


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest neighbours of an item in one space, nearest first.

    Attributes
    ----------
    ids : ndarray, shape (k,)
        Items.
    scores : ndarray, shape (k,)
        Cosines to the item.
    ranks_elsewhere : ndarray, shape (k,)
        Their rank in the other space, from 1; here it is 1 to k.
    stay : ndarray of bool, shape (k,)
        Whether they are among the k nearest in the other space too: those that do not are lost,
        or gained.
    """

    ids: Rows
    scores: Floats
    ranks_elsewhere: Rows
    stay: Mask


@dataclass(frozen=True, eq=False)
class NeighbourhoodChange:
    """An item's neighbours within its modality, in the frozen and in the joint space.

    Attributes
    ----------
    item : int
    modality : str
    before, after : Neighbours
    """

    item: int
    modality: Modality
    before: Neighbours
    after: Neighbours

    @property
    def kept(self) -> Rows:
        """Items that are neighbours in both, nearest before first."""
        return self.before.ids[self.before.stay]

    @property
    def lost(self) -> Rows:
        """Items that are neighbours before only, nearest first."""
        return self.before.ids[~self.before.stay]

    @property
    def gained(self) -> Rows:
        """Items that are neighbours after only, nearest first."""
        return self.after.ids[~self.after.stay]

    @property
    def overlap(self) -> float:
        """Share of its neighbours that the item keeps; nan where it has none."""
        return float(self.before.stay.mean()) if len(self.before.stay) else float("nan")


@dataclass(frozen=True, eq=False)
class AcrossModalities:
    """What of another modality lies nearest to an item in the joint space.

    There is nothing to set beside it from before: frozen spaces of two encoders do not meet.

    Attributes
    ----------
    modality : str
        The other one.
    ids, scores : ndarray, shape (k,)
        Items, nearest first, and their cosines.
    candidates : int
        Among how many distinct contents.
    partners : ndarray, shape (p,)
        Items that belong to it, by the pairs of the catalogue.
    partner_ranks, partner_scores : ndarray, shape (p,)
        Of each of them; ranks start at 1, and no partner stands in another's way.
    rank_before : None
        Always: said so that nobody looks for it.
    """

    modality: Modality
    ids: Rows
    scores: Floats
    candidates: int
    partners: Rows
    partner_ranks: Rows
    partner_scores: Floats
    rank_before: None = None

    @property
    def rank(self) -> int | None:
        """Rank of the best partner; None where there is none."""
        return int(self.partner_ranks.min()) if len(self.partner_ranks) else None


@dataclass(frozen=True, eq=False)
class OperatorChange:
    """The diffusion operators of an item's neighbourhood (METHODS.md, section 2).

    Attributes
    ----------
    ids : ndarray, shape (K + 1,)
        Rows and columns of the operators: the item, then its neighbours in the frozen space,
        nearest first.
    before, after : ndarray, shape (K + 1, K + 1)
    share : float or None
        The item's share of the sum of its view's distortions, from 0 to 1; None until
        `Inspector.figures` are known.
    """

    ids: Rows
    before: Floats
    after: Floats
    share: float | None

    @property
    def difference(self) -> Floats:
        """After less before: positive where the alignment drew two items together."""
        return self.after - self.before

    @property
    def distortion(self) -> float:
        """The item's own L_geo."""
        return float(np.square(self.difference).sum())


class Inspector:
    """Looks at single items of a run; made by `inspector`, once.

    Each look takes milliseconds at 10,000 items, some tens of them at 100,000.

    Attributes
    ----------
    space : RunSpace
    operator : Operator
    figures : ItemFigures or None
        Of all items, once `measure` has run.
    """

    def __init__(self, space: RunSpace, operator: Operator | None = None) -> None:
        self.space = space
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
        query = self.space.views[modality].after[row]
        return [
            self._across(other, query, self.space.partners(modality, row, other), count)
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

    def measure(self, control: Control | None = None) -> Job[ItemFigures]:
        """Measure all items, and keep the figures; see `measure_items`."""
        figures = yield from measure_items(self.space, self.operator, control=control)
        if figures.complete:
            self.figures = figures
        return figures

    def _across(
        self, other: Modality, query: Floats, partners: Rows, count: int
    ) -> AcrossModalities:
        view = self.space.views[other]
        if len(view.ids) == 0:
            nothing = np.zeros(0, dtype=np.int64)
            none = np.zeros(0, dtype=np.float32)
            return AcrossModalities(other, nothing, none, 0, nothing, nothing, none)
        scores = scores_of(query, view.after)
        rows = _highest(scores, count)
        return AcrossModalities(
            other, view.ids[rows], scores[rows], len(view.ids), view.ids[partners],
            ranks_of_partners(query, view.after, partners), scores[partners],
        )  # fmt: skip


def inspector(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    operator: Operator | None = None,
) -> Job[Inspector]:
    """Make ready to look at the items of a run.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
    operator : Operator, optional
        The one that `evaluate` measures by, by default.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        See `read_run_space`.
    """
    space = yield from read_run_space(project, run_name, control)
    return Inspector(space, operator)


def _check_count(count: int) -> None:
    if count < 1:
        raise WorkbenchError(f"The number of neighbours is {count}. Give at least 1.")


def _named(near: RankedNeighbours, view: RunView) -> Neighbours:
    return Neighbours(view.ids[near.rows], near.scores, near.ranks_elsewhere, near.stay)


def _neighbourhood(points: Floats, row: int, neighbours: int) -> Rows:
    """Return N_K of one row by Euclidean distance, as `nearest_neighbours` does for many."""
    own = points[row]
    # products in float32 lose some digits of small distances: they only choose who is measured
    rough = np.einsum("ij,ij->i", points, points) - 2 * (points @ own)
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
