"""Which items are classified, and which ones show the classes instead of words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import pair_groups
from workbench.media import Modality
from workbench.project import Project
from workbench.stations.classifying.class_list import ClassList, some_of
from workbench.stations.classifying.request import ZeroShotRequest
from workbench.stations.classifying.row_labels import RowLabels
from workbench.stations.classifying.spaces import ClassifiedSpace
from workbench.stations.runs.data import data_have_changed
from workbench.stations.runs.split_roles import split_roles
from workbench.words import several

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Roles:
    """For what a run used the rows of a view: learned from in a pair, or held out for testing."""

    learned: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ChosenItems:
    """Rows that are classified.

    Attributes
    ----------
    view : {"image", "text", "speech"}
    rows : ndarray, shape (n,)
    numbers : ndarray, shape (n,)
        The class of each.
    group_of : ndarray, shape (n,)
        Which of them pairs link, from 0.
    remarks : list of str
        Which they are, and which are left out and why.
    """

    view: Modality
    rows: Rows
    numbers: Rows
    group_of: Rows
    remarks: list[str]


def roles_of(project: Project, space: ClassifiedSpace, modality: Modality) -> Roles | None:
    """Return the roles of the rows of a view; None where the data have changed since the run."""
    known = split_roles(project, space.run.name)
    if known is None or modality not in known:
        return None
    ids, roles = known[modality]
    rows = space.rows.views[modality].rows_of(ids)
    found = Roles(*(np.zeros(len(space.rows.views[modality].ids), dtype=bool) for _ in range(2)))
    named = np.array(roles, dtype=object)[rows >= 0]
    found.learned[rows[rows >= 0]] = named == "training"
    found.held_out[rows[rows >= 0]] = named == "test"
    return found


def groups_of(space: ClassifiedSpace) -> dict[str, Rows]:
    """Return which rows of all views pairs link, directly or through others."""
    counts: dict[str, int] = {view: len(each.ids) for view, each in space.rows.views.items()}
    return pair_groups(counts, space.rows.pairs)[0]


def choose_items(
    project: Project,
    space: ClassifiedSpace,
    request: ZeroShotRequest,
    view: Modality,
    labels: RowLabels,
    classes: ClassList,
) -> ChosenItems:
    """Return the rows that are classified.

    Raises
    ------
    WorkbenchError
        It is not known which items are held out, none is, or none has a label of the classes.
    """
    roles, name = roles_of(project, space, view), space.name.in_words()
    wanted = np.ones(len(labels.labels), dtype=bool)
    if request.items == "held-out":
        wanted = _held_out(roles, name, view)
    numbers = labels.numbers(classes.numbers())
    remarks = [_which(request, roles, wanted & (numbers >= 0), view, name)]
    rows = np.flatnonzero(wanted & (numbers >= 0))
    remarks += _left_out(labels, numbers, wanted, view)
    if not len(rows):
        raise WorkbenchError(
            f"None of the {several(int(wanted.sum()), f'{view} item')} of {name} has a label that "
            f"is among the classes. Classes: {some_of(classes.labels)}. "
            + _labels_there(labels, wanted)
        )
    _, group_of = np.unique(groups_of(space)[view][rows], return_inverse=True)
    return ChosenItems(view, rows, numbers[rows], group_of.astype(np.int64), remarks)


def choose_examples(
    space: ClassifiedSpace,
    request: ZeroShotRequest,
    labels: RowLabels,
    classes: ClassList,
    not_these: Rows,
) -> tuple[Rows, Rows]:
    """Return the rows of a view that show classes, and the class of each.

    Parameters
    ----------
    space : ClassifiedSpace
    request : ZeroShotRequest
    labels : RowLabels
        Of the view that shows them.
    classes : ClassList
    not_these : ndarray, shape (g,)
        Groups of linked rows that examples are not taken from: an item is not to be named by
        itself, nor by its partner.

    Returns
    -------
    rows, numbers : ndarray, shape (e,)
        Of a class with fewer than are asked for, all there are.
    """
    numbers = labels.numbers(classes.numbers())
    free = (numbers >= 0) & ~np.isin(groups_of(space)[request.by], not_these)
    order = np.random.default_rng(request.seed).permutation(len(numbers))
    order = order[free[order]]
    chosen = [
        order[numbers[order] == number][: request.shots] for number in range(len(classes.classes))
    ]
    rows = np.concatenate([np.zeros(0, np.int64), *chosen])
    return rows, numbers[rows]


# --- words ---------------------------------------------------------------------------------------


def _held_out(roles: Roles | None, name: str, view: Modality) -> npt.NDArray[np.bool_]:
    if roles is None:
        raise WorkbenchError(
            data_have_changed(
                name,
                "so nobody knows which are held out. Align again, or classify all items.",
            )
        )
    if not roles.held_out.any():
        raise WorkbenchError(
            f"No {view} items of {name} are held out for testing. Raise the test share on the Data "
            "page and align again, or classify all items."
        )
    return roles.held_out


def _which(
    request: ZeroShotRequest,
    roles: Roles | None,
    chosen: npt.NDArray[np.bool_],
    view: Modality,
    name: str,
) -> str:
    """Say which items are classified, and whether the run knows them."""
    items = several(int(chosen.sum()), f"{view} item")
    if request.items == "held-out":
        return f"{name}: {items} classified, held out: no pair of theirs has trained the heads."
    if roles is None:
        return (
            f"{name}: {items} classified, all there are. The data have changed since the run was "
            "made, so nobody knows which of them it has learned from."
        )
    learned = int((roles.learned & chosen).sum())
    return (
        f"{name}: {items} classified, all there are. Pairs of {learned:,} of them have trained the "
        "heads, which may flatter the figures."
    )


def _left_out(
    labels: RowLabels, numbers: Rows, wanted: npt.NDArray[np.bool_], view: Modality
) -> list[str]:
    """Say which items are left out for their labels, and whose labels are not their own."""
    found = []
    none = int((wanted & (numbers == -2) & ~labels.contradicting).sum())
    if none:
        found.append(f"Left out: {several(none, f'{view} item')} without a label.")
    twofold = int((wanted & labels.contradicting).sum())
    if twofold:
        found.append(
            f"Left out: {several(twofold, f'{view} item')} with several labels that contradict "
            "each other."
        )
    other = np.flatnonzero(wanted & (numbers == -1))
    if len(other):
        names = sorted({labels.labels[row] for row in other.tolist()})
        found.append(
            f"Left out: {several(len(other), f'{view} item')} with labels that are not among the "
            f"classes: {some_of(names)}."
        )
    borrowed = int((wanted & labels.borrowed & (numbers >= 0)).sum())
    if borrowed:
        found.append(
            f"{several(borrowed, f'{view} item')} without a label of their own took that of their "
            "partner."
        )
    return found


def _labels_there(labels: RowLabels, wanted: npt.NDArray[np.bool_]) -> str:
    there = sorted({labels.labels[row] for row in np.flatnonzero(wanted).tolist()} - {""})
    if not there:
        return (
            "They have no labels: put the files in folders named after what they show, or choose "
            "a column of labels on the Data page."
        )
    return f"Their labels: {some_of(there)}."
