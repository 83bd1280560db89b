"""Two spaces beside each other: those of two runs, or what a run started from and what it made."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job
from workbench.project import Project, SpaceName
from workbench.stations.evaluating.item_figures import Direction, ItemFigures, measure_items
from workbench.stations.evaluating.rank_changes import RankChanges, rank_changes
from workbench.stations.spaces.compared import mark_of_space, read_compared_space
from workbench.stations.spaces.overlap import HeldOutRanks, SpaceOf, held_out_ranks

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TwoSpaces:
    """Two spaces with what is known of their items.

    Attributes
    ----------
    names : pair of SpaceName
        Before and after.
    figures : pair of ItemFigures
        With the ranks of the right partners, where the side is a joint space.
    marks : pair of object
        Of what the spaces were made by when they were read; see `mark_of_space`.
    held_out : pair of dict of direction to HeldOutRanks
        Empty where the side is frozen, or where it cannot be measured.
    wrong : str
        Why a side cannot be measured on held-out pairs, in a sentence.
    complete : bool
        Whether nothing was left out because of a stop.
    """

    names: tuple[SpaceName, SpaceName]
    figures: tuple[ItemFigures, ItemFigures]
    marks: tuple[object, object]
    held_out: tuple[dict[str, HeldOutRanks], dict[str, HeldOutRanks]]
    wrong: str = ""
    complete: bool = True

    @property
    def sides(self) -> tuple[SpaceOf, SpaceOf]:
        """Both, as `overlap_of_spaces` takes them."""
        first, second = (
            SpaceOf(its.space, name.frozen, name.in_words())
            for its, name in zip(self.figures, self.names, strict=True)
        )
        return first, second

    def directions(self) -> list[Direction]:
        """Return in which directions partners are known of items that both spaces have."""
        known = [d for its in self.figures for d in its.partner_rank]
        both = [its.space.views for its in self.figures]
        return [d for d in dict.fromkeys(known) if all(d[0] in views for views in both)]

    def is_current(self, project: Project) -> bool:
        """Whether both spaces are still made by what they were made by."""
        try:
            return self.marks == tuple(mark_of_space(project, name) for name in self.names)
        except WorkbenchError:
            return False

    def tested_ids(self) -> Rows:
        """Return the items whose pairs are held out on each side that was trained, ascending."""
        sides = [
            np.unique(np.concatenate([ranks.ids for ranks in side.values()]))
            for side in self.held_out
            if side
        ]
        if not sides:
            return np.zeros(0, dtype=np.int64)
        return np.intersect1d(sides[0], sides[-1])

    def same_test_items(self) -> bool:
        """Whether both sides were measured on the same held-out items."""
        first, second = self.held_out
        return first.keys() == second.keys() and all(
            np.array_equal(first[each].ids, second[each].ids) for each in first
        )

    @property
    def both_joint(self) -> bool:
        """Whether neither side is frozen: between two encoders nothing has a rank."""
        return not any(name.frozen for name in self.names)

    def changes(self, direction: Direction | None = None) -> RankChanges | None:
        """Return how the ranks of the right partners differ; None where a side is frozen."""
        if not self.both_joint:
            return None
        return rank_changes(*self.figures, direction)


def read_two_spaces(
    project: Project,
    first: SpaceName,
    second: SpaceName,
    control: Control | None = None,
    *,
    known: Mapping[SpaceName, ItemFigures] | None = None,
) -> Job[TwoSpaces]:
    """Read two spaces, and rank the right partner of every item in them.

    Parameters
    ----------
    project : Project
    first, second : SpaceName
        Before and after.
    control : Control, optional
    known : mapping of SpaceName to ItemFigures, optional
        What was measured before of joint spaces; used where the run's heads are still the same.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        They are the same space, or one cannot be read. That a run cannot be measured on held-out
        pairs is told in the result instead.
    """
    if first == second:
        raise WorkbenchError(f"Both sides are “{first}”. Choose another space for one of them.")
    control, names = control or Control(), (first, second)
    marks = mark_of_space(project, first), mark_of_space(project, second)
    measured: dict[SpaceName, ItemFigures] = {}
    for source in dict.fromkeys(map(_source_of, names)):
        ranked = source in names and not source.frozen
        measured[source] = yield from _figures(project, source, ranked, known or {}, control)
    tested: dict[SpaceName, dict[str, HeldOutRanks]] = {}
    wrong = ""
    for name in (each for each in names if not each.frozen):
        if control.stopping:
            break
        try:
            tested[name] = yield from held_out_ranks(project, name)
        except WorkbenchError as error:
            wrong = wrong or str(error)
    return TwoSpaces(
        names,
        (measured[_source_of(first)], measured[_source_of(second)]),
        marks,
        (tested.get(first, {}), tested.get(second, {})),
        wrong,
        complete=not control.stopping and all(each.complete for each in measured.values()),
    )


def _source_of(name: SpaceName) -> SpaceName:
    """Return the space that is read for one: the frozen rows of a run stand beside its joint ones.

    So a run and what it began with are read once.
    """
    return SpaceName(name.run) if name.frozen and name.view is None else name


def _figures(
    project: Project, source: SpaceName, ranked: bool, known: Mapping[SpaceName, ItemFigures],
    control: Control,
) -> Job[ItemFigures]:  # fmt: skip
    """Return the figures of a space: with ranks where these are wanted."""
    kept = known.get(source)
    if kept is not None and not (kept.complete and kept.space.is_of(project.run(source.run))):
        kept = None
    if kept is not None and (kept.partner_rank or not ranked):
        return kept
    if kept is not None:
        space = kept.space
    else:
        space = yield from read_compared_space(project, source, control)
    if not ranked:
        return ItemFigures(space, 0)
    return (yield from measure_items(space, only="ranks", control=control))
