"""Two spaces beside each other: those of two runs, or what a run started from and what it made."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job
from workbench.project import Project
from workbench.stations.comparing import HeldOutRanks, SpaceOf, held_out_ranks
from workbench.stations.item_figures import Direction, ItemFigures, measure_items
from workbench.stations.rank_changes import RankChanges, rank_changes
from workbench.stations.runs.store import read_run_space

Rows = npt.NDArray[np.int64]

_FROZEN = "frozen:"


@dataclass(frozen=True)
class SpaceName:
    """A space to compare.

    Attributes
    ----------
    run : str
    frozen : bool
        Its frozen embeddings instead of its joint space.
    """

    run: str
    frozen: bool = False

    @classmethod
    def read(cls, name: str) -> "SpaceName":
        """Read a run's name, or ``frozen:`` and a run's name."""
        return cls(name.removeprefix(_FROZEN), name.startswith(_FROZEN))

    def __str__(self) -> str:
        return f"{_FROZEN if self.frozen else ''}{self.run}"


@dataclass(frozen=True, eq=False)
class TwoSpaces:
    """Two spaces with what is known of their items.

    Attributes
    ----------
    names : pair of SpaceName
        Before and after.
    figures : pair of ItemFigures
        With the ranks of the right partners, where the side is a joint space.
    held_out : pair of dict of direction to HeldOutRanks
        Empty where the side is frozen, or where it cannot be measured.
    wrong : str
        Why a side cannot be measured on held-out pairs, in a sentence.
    complete : bool
        Whether nothing was left out because of a stop.
    """

    names: tuple[SpaceName, SpaceName]
    figures: tuple[ItemFigures, ItemFigures]
    held_out: tuple[dict[str, HeldOutRanks], dict[str, HeldOutRanks]]
    wrong: str = ""
    complete: bool = True

    @property
    def sides(self) -> tuple[SpaceOf, SpaceOf]:
        """Both, as `overlap_of_spaces` takes them."""
        first, second = (
            SpaceOf(its.space, name.frozen)
            for its, name in zip(self.figures, self.names, strict=True)
        )
        return first, second

    def directions(self) -> list[Direction]:
        """Return in which directions partners are known, in the order of the views."""
        known = [d for its in self.figures for d in its.partner_rank]
        return list(dict.fromkeys(known))

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
    known: Mapping[str, ItemFigures] | None = None,
) -> Job[TwoSpaces]:
    """Read two spaces, and rank the right partner of every item in them.

    Parameters
    ----------
    project : Project
    first, second : SpaceName
        Before and after; of one run or of two.
    control : Control, optional
    known : mapping of run to ItemFigures, optional
        What was measured before; used where the run's heads are still the same.

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
        raise WorkbenchError(
            f"“{first}” is compared with itself. Choose another space for one of the two sides."
        )
    control = control or Control()
    measured: dict[str, ItemFigures] = {}
    for name in dict.fromkeys((first.run, second.run)):
        joint = SpaceName(name) in (first, second)
        measured[name] = yield from _figures(project, name, joint, known or {}, control)
    tested: dict[str, dict[str, HeldOutRanks]] = {}
    wrong = ""
    for name in (each.run for each in (first, second) if not each.frozen):
        if control.stopping:
            break
        try:
            tested[name] = yield from held_out_ranks(project, name)
        except WorkbenchError as error:
            wrong = wrong or str(error)
    return TwoSpaces(
        (first, second),
        (measured[first.run], measured[second.run]),
        (
            {} if first.frozen else tested.get(first.run, {}),
            {} if second.frozen else tested.get(second.run, {}),
        ),
        wrong,
        complete=not control.stopping and all(each.complete for each in measured.values()),
    )


def _figures(
    project: Project, name: str, joint: bool, known: Mapping[str, ItemFigures], control: Control
) -> Job[ItemFigures]:
    """Return a run's figures: with ranks where its joint space is wanted."""
    run, kept = project.run(name), known.get(name)
    fresh = kept is not None and kept.complete and kept.space.is_of(run)
    if kept is not None and fresh and (kept.partner_rank or not joint):
        return kept
    if kept is not None and fresh:
        space = kept.space
    else:
        space = yield from read_run_space(project, name, control)
    if not joint:
        return ItemFigures(space, 0)
    found = yield from measure_items(space, only="ranks", control=control)
    return found
