"""Zero-shot classification of runs, side by side: how often an item's class is the nearest one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import Bootstrap, Classification, Difference, classify, interval
from workbench.jobs import Control, Event, Job, Notice, Progress
from workbench.media import Modality
from workbench.project import Project, SpaceName
from workbench.stations.classifying.chosen_items import choose_items
from workbench.stations.classifying.class_list import MOST_CLASSES, ClassList, classes_of_labels
from workbench.stations.classifying.prototypes import Encoded, by_examples, by_words
from workbench.stations.classifying.request import ZeroShotRequest
from workbench.stations.classifying.row_labels import row_labels
from workbench.stations.classifying.spaces import ClassifiedSpace, read_classified_space
from workbench.stations.runs.store import RunStore
from workbench.stations.searching.prompts import TEMPLATES, checked_templates
from workbench.stations.searching.query import LoadedEncoders

T = TypeVar("T")
Ids = npt.NDArray[np.int64]
Draws = dict[str, npt.NDArray[np.float64]]
"""Each figure in each draw of a bootstrap."""


@dataclass(frozen=True, eq=False)
class RunClassified:
    """What one space is worth.

    Attributes
    ----------
    name : str
        Of the space, as it was asked for.
    words : str
        The same, for people.
    ids : ndarray, shape (n,)
        The items classified, ascending.
    classes : ClassList
        That there were to choose from.
    found : Classification
    intervals : dict of figure to (float, float)
        95 % bootstrap intervals over linked items.
    differences : dict of figure to Difference
        To the first space, a paired bootstrap; empty of the first, and where `sentence` says why.
    sentence : str
    remarks : list of str
        Which items were classified and left out, and what else is to be known.
    """

    name: str
    words: str
    ids: Ids
    classes: ClassList
    found: Classification
    intervals: dict[str, tuple[float, float]]
    remarks: list[str]
    differences: dict[str, Difference] = field(default_factory=dict)
    sentence: str = ""


@dataclass(frozen=True, eq=False)
class ZeroShot:
    """What was classified, by what, and how well.

    Attributes
    ----------
    view : {"image", "text", "speech"}
    request : ZeroShotRequest
    templates : tuple of str
        Empty where classes are shown by examples.
    runs : list of RunClassified
        In the order they were named; those not reached at a stop are left out.
    remarks : list of str
        What holds of all of them.
    """

    view: Modality
    request: ZeroShotRequest
    templates: tuple[str, ...]
    runs: list[RunClassified]
    remarks: list[str]


def zero_shot(
    project: Project,
    spaces: Sequence[str],
    request: ZeroShotRequest | None = None,
    control: Control | None = None,
    *,
    store: RunStore | None = None,
    encoders: LoadedEncoders | None = None,
) -> Job[ZeroShot]:
    """Classify items of one view by the nearest of classes, in several spaces side by side.

    A class is the scaled mean of its prompts' unit rows (Radford et al. 2021, section 3.1.4), or of
    the rows of items that show it.

    Parameters
    ----------
    project : Project
    spaces : sequence of str
        Runs, run:NAME@ALPHA of a sweep, or frozen:NAME where prompts and items are of one encoder.
    request : ZeroShotRequest, optional
    control : Control, optional
        A stop ends it between two batches of prompts or two spaces.
    store : RunStore, optional
        Where runs may have been read before.
    encoders : LoadedEncoders, optional
        Of other searchers.

    Yields
    ------
    Progress

    Returns
    -------
    ZeroShot

    Raises
    ------
    WorkbenchError
        A space is missing or named twice, there are fewer than two classes, no item has one of
        them, it is not known which items are held out, or the text encoder cannot be used.
    """
    request, control = request or ZeroShotRequest(), control or Control()
    store, encoders = store or RunStore(), encoders or LoadedEncoders()
    request.check()
    names = [SpaceName.parse(each, project.shelf.names()) for each in spaces]
    _check_names(names)
    task: _Task | None = None
    runs: list[RunClassified] = []
    base: Draws = {}
    encoded: Encoded = {}
    for given, name in zip(spaces, names, strict=True):
        space = yield from read_classified_space(project, name, store, encoders, control)
        if control.stopping:
            break
        task = task or _task(project, space, request)
        space.check(task.view, request.by)
        found = yield from _classified(project, space, given, task, encoded, control)
        if found is None:
            break
        run, draws = found
        runs.append(_beside(run, draws, runs[0], base) if runs else run)
        base = base or draws
    if task is None:  # stopped before anything was read
        return ZeroShot("image", request, (), [], [])
    return ZeroShot(task.view, request, task.templates, runs, task.remarks)


@dataclass(frozen=True, eq=False)
class _Task:
    """What is the same for all spaces."""

    request: ZeroShotRequest
    view: Modality
    classes: ClassList
    templates: tuple[str, ...]
    remarks: list[str]


def _check_names(names: Sequence[SpaceName]) -> None:
    if not names:
        raise WorkbenchError("Name at least one run to classify in.")
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise WorkbenchError(f"The run “{twice[0].in_words()}” is named twice. Name each run once.")


def _task(project: Project, space: ClassifiedSpace, request: ZeroShotRequest) -> _Task:
    """Settle whose items are classified, and by which classes."""
    view = request.view or _usual_view(project, space)
    space.check(view, request.by)
    classes = request.classes
    if classes is None:
        classes = classes_of_labels(row_labels(project, space.rows, view).labels)
        _check_labels(classes, view)
    templates = checked_templates(request.templates or TEMPLATES[view])
    templates = templates if request.by_words else ()
    remarks = classes.remarks()
    if len(classes.classes) <= 5:
        remarks.append(
            f"With {len(classes.classes)} classes every item is right in the top 5; look at top-1."
        )
    return _Task(request, view, classes, templates, remarks)


def _usual_view(project: Project, space: ClassifiedSpace) -> Modality:
    """Return the first view that is not text, one with labels before one without."""
    return min(
        space.rows.views,
        key=lambda view: (view == "text", not project.catalogue.count_labels(view)),
    )


def _check_labels(classes: ClassList, view: Modality) -> None:
    if not classes.classes:
        raise WorkbenchError(
            f"No {view} item has a label, nor has its partner. Put the files in folders named "
            "after what they show, or choose a column of labels on the Data page, and scan again."
        )
    classes.check()
    if len(classes.classes) > MOST_CLASSES:
        raise WorkbenchError(
            f"The {view} items have {len(classes.classes):,} different labels, which name items "
            f"rather than kinds. Name up to {MOST_CLASSES:,} classes instead."
        )


# --- one space -----------------------------------------------------------------------------------


def _classified(
    project: Project,
    space: ClassifiedSpace,
    given: str,
    task: _Task,
    encoded: Encoded,
    control: Control,
) -> Job[tuple[RunClassified, Draws] | None]:
    """Return what a space is worth, with the draws of its figures; None at a stop."""
    request, told = task.request, list[str]()
    labels = row_labels(project, space.rows, task.view)
    chosen = choose_items(project, space, request, task.view, labels, task.classes)
    if request.by_words:
        job = by_words(space, task.classes, task.templates, chosen, encoded, control)
        places = yield from _heard(job, told)
        if places is None:
            return None
    else:
        if request.by != task.view:
            labels = row_labels(project, space.rows, request.by)
        places, told = by_examples(space, task.classes, request, labels, chosen)
    yield Progress(0, 0, f"Classifying in {space.name.in_words()}")
    chosen = places.chosen
    found = classify(space.joint(task.view)[chosen.rows], places.rows, chosen.numbers)
    draws = found.drawn(chosen.group_of, Bootstrap(int(chosen.group_of.max()) + 1))
    run = RunClassified(
        given,
        space.name.in_words(),
        space.rows.views[task.view].ids[chosen.rows],
        places.classes,
        found,
        {name: interval(each) for name, each in draws.items()},
        [*chosen.remarks, *_own_words(space), *told, *places.alike()],
    )
    return run, draws


def _own_words(space: ClassifiedSpace) -> list[str]:
    words = space.run.recipe().words
    if space.name.frozen or not words.share or words.names != "labels":
        return []
    return [
        f"{space.name.in_words()}: its own words are the labels of the items that it was made of, "
        "so it has been trained for these classes."
    ]


def _beside(run: RunClassified, draws: Draws, first: RunClassified, base: Draws) -> RunClassified:
    """Set a run beside the first: by how much it is above it on the same items."""
    same = np.array_equal(run.ids, first.ids) and run.classes == first.classes
    if not same:
        sentence = (
            f"“{first.words}” and “{run.words}” were not measured on the same items and classes: "
            "their splits, views or examples differ. So there is no paired difference."
        )
        return replace(run, sentence=sentence)
    values, of_first = run.found.figures(), first.found.figures()
    return replace(
        run,
        differences={
            name: Difference(values[name] - of_first[name], *interval(draws[name] - base[name]))
            for name in values
        },
    )


def _heard(job: Job[T], told: list[str]) -> Job[T]:
    """Do a job, and keep what it tells instead of telling it."""
    while True:
        try:
            event: Event = next(job)
        except StopIteration as end:
            result: T = end.value
            return result
        if isinstance(event, Notice):
            told.append(event.text)
        else:
            yield event
