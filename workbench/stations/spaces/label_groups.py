"""What label groups of held-out items are worth in two spaces, as evaluation measures it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import GroupRecall, recall_by_group
from workbench.jobs import Control, Job, Progress
from workbench.project import Project
from workbench.stations.spaces.overlap import COLUMNS, HeldOutRanks
from workbench.stations.spaces.two_spaces import TwoSpaces

Rows = npt.NDArray[np.int64]

BOTH_WAYS = "both ways"
"""What stands for all directions of retrieval together."""
CUTOFFS = (1, 10)
SMALL_GROUP = 10
"""Of fewer queries a recall says little."""
_ByCutoff = dict[int, GroupRecall]


@dataclass(frozen=True, eq=False)
class GroupOfTwo:
    """A label group of held-out items, and what it is worth in two spaces.

    Attributes
    ----------
    group : str
        “” where the items have no such label.
    ids : ndarray, shape (n,)
        Its items, ascending.
    before, after : dict of int to GroupRecall
        By k; empty where that side has none. `after` has the differences, where both sides have
        the same test items.
    """

    group: str
    ids: Rows
    before: dict[int, GroupRecall] = field(default_factory=dict)
    after: dict[int, GroupRecall] = field(default_factory=dict)

    @property
    def queries(self) -> int:
        """How many questions are asked, of the side that has fewer."""
        return min(side[k].queries for side in (self.before, self.after) for k in side)

    @property
    def small(self) -> bool:
        """Whether there are too few to say much."""
        return self.queries < SMALL_GROUP


@dataclass(frozen=True, eq=False)
class ComparedGroups:
    """Label groups of one direction of retrieval.

    Attributes
    ----------
    every : GroupOfTwo or None
        All of them together; None where nothing is held out.
    groups : list of GroupOfTwo
        The largest first.
    """

    every: GroupOfTwo | None
    groups: list[GroupOfTwo]


def compare_groups(
    project: Project,
    spaces: TwoSpaces,
    column: str = "label",
    control: Control | None = None,
    *,
    cutoffs: Sequence[int] = CUTOFFS,
) -> Job[dict[str, ComparedGroups]]:
    """Measure the recall of every label group on the held-out items of two spaces.

    Parameters
    ----------
    project : Project
    spaces : TwoSpaces
    column : {"label", "language", "key"}
    control : Control, optional
        Directions not measured at a stop are left out.
    cutoffs : sequence of int

    Yields
    ------
    Progress

    Returns
    -------
    dict of direction to ComparedGroups
        After `BOTH_WAYS`, which is all of them together; empty where neither side has held-out
        items.

    Raises
    ------
    WorkbenchError
        There is no such column.
    """
    if column not in COLUMNS:
        raise WorkbenchError(
            f"The catalogue has no column “{column}” to group by. Columns: {', '.join(COLUMNS)}."
        )
    control = control or Control()
    known = list(dict.fromkeys(d for side in spaces.held_out for d in side))
    names = [BOTH_WAYS, *known] if known else []
    found: dict[str, ComparedGroups] = {}
    for done, direction in enumerate(names):
        yield Progress(done, len(names), f"Recall of each {column}, {direction}")
        before, after = (_ranks_of(side, direction) for side in spaces.held_out)
        every = _every(before, after, cutoffs, control)
        groups = _grouped(project, before, after, column, cutoffs, control)
        if control.stopping:  # some of its groups may be missing
            break
        found[direction] = ComparedGroups(every, groups)
    return found


def _ranks_of(side: Mapping[str, HeldOutRanks], direction: str) -> HeldOutRanks | None:
    """Return the ranks of one direction, or of all of them one after the other."""
    chosen = [own for name, own in side.items() if direction in (BOTH_WAYS, name)]
    if not chosen:
        return None
    return HeldOutRanks(
        np.concatenate([own.ids for own in chosen]),
        np.concatenate([own.ranks for own in chosen]),
        np.concatenate([own.linked for own in chosen]),
    )


def _every(
    before: HeldOutRanks | None, after: HeldOutRanks | None, cutoffs: Sequence[int],
    control: Control,
) -> GroupOfTwo | None:  # fmt: skip
    names = [None if side is None else [""] * len(side.ids) for side in (before, after)]
    found = _joined(before, after, names, cutoffs, control)
    return found[0] if found else None


def _grouped(
    project: Project, before: HeldOutRanks | None, after: HeldOutRanks | None, column: str,
    cutoffs: Sequence[int], control: Control,
) -> list[GroupOfTwo]:  # fmt: skip
    names: list[list[str] | None] = []
    for side in (before, after):
        items = None if side is None else project.catalogue.items_of(side.ids.tolist())
        names.append(None if items is None else [str(getattr(item, column)) for item in items])
    return _joined(before, after, names, cutoffs, control)


def _joined(
    before: HeldOutRanks | None, after: HeldOutRanks | None, names: list[list[str] | None],
    cutoffs: Sequence[int], control: Control,
) -> list[GroupOfTwo]:  # fmt: skip
    """Return the groups of both sides, the largest first; none at a stop."""
    same = before is not None and after is not None and np.array_equal(before.ids, after.ids)
    base = before.ranks if before is not None and same else None
    ids: dict[str, list[Rows]] = {}
    recalls: tuple[dict[str, _ByCutoff], dict[str, _ByCutoff]] = ({}, {})
    for side, groups, found, to in zip((before, after), names, recalls, (None, base), strict=True):
        if side is None or groups is None:
            continue
        for group, own in _divided(side.ids, groups).items():
            ids.setdefault(group, []).append(own)
        for cutoff in cutoffs:
            for one in recall_by_group(
                side.ranks, groups, side.linked, cutoff, base=to, control=control
            ):
                found.setdefault(one.group, {})[cutoff] = one
    if control.stopping:
        return []
    rows = [
        GroupOfTwo(
            group, np.unique(np.concatenate(own)), *(found.get(group, {}) for found in recalls)
        )
        for group, own in ids.items()
    ]
    return sorted(rows, key=lambda each: (-each.queries, each.group))


def _divided(ids: Rows, groups: Sequence[str]) -> dict[str, Rows]:
    """Return the ids of each group, found by one sorting however many groups there are."""
    names, group_of, sizes = np.unique(
        np.array([*groups, ""], dtype=object)[:-1], return_inverse=True, return_counts=True
    )
    order = np.argsort(group_of, kind="stable")
    parts = np.split(ids[order], np.cumsum(sizes)[:-1])
    return dict(zip(names.tolist(), parts, strict=False))  # of no ids, one part and no name
