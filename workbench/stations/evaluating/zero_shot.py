"""Zero-shot classification of a run's held-out items by their labels, put into words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.errors import WorkbenchError
from workbench.evaluation import (
    TOP,
    Bootstrap,
    Classification,
    class_prototypes,
    classify,
    interval,
)
from workbench.jobs import Control, Job
from workbench.media import Modality
from workbench.project import Project
from workbench.stations.searching.prompts import TEMPLATES, encode_prompts, put_into
from workbench.stations.searching.query import Searcher
from workbench.words import label_in_words

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_VIEWS: tuple[Modality, ...] = ("image", "speech")
_MOST_CLASSES = 1000  # as many as ImageNet has; beyond, labels name items rather than kinds


@dataclass(frozen=True)
class LabelledView:
    """A view whose items have labels.

    Attributes
    ----------
    view : {"image", "speech"}
    classes : list of str
        All labels of the view's items, held out or not, sorted.
    rows : ndarray, shape (n,)
        Held-out items that have a label, by their row among the held-out ones.
    labels : ndarray, shape (n,)
        Their classes, by number.
    """

    view: Modality
    classes: list[str]
    rows: Rows
    labels: Rows

    @property
    def templates(self) -> tuple[str, ...]:
        """The sentences a class is put into."""
        return TEMPLATES[self.view]

    @property
    def prompts(self) -> list[str]:
        """All prompts, class by class."""
        return put_into(self.templates, [label_in_words(label) for label in self.classes])


def labelled_views(
    project: Project, run_name: str, all_ids: dict[str, Rows], held_out: dict[str, Rows]
) -> list[LabelledView]:
    """Return the views that zero-shot classification can be measured on.

    Parameters
    ----------
    project : Project
    run_name : str
    all_ids, held_out : dict of view to ndarray
        Item ids of the run's views, and those of the held-out items.

    Raises
    ------
    WorkbenchError
        The run has no text view, or no view has between 2 and 1,000 different labels.
    """
    if "text" not in all_ids:
        raise WorkbenchError(
            f"The run “{run_name}” has no text view, so classes cannot be described in words. "
            "Leave zero-shot classification out."
        )
    found = []
    for view in _VIEWS:
        if view not in all_ids:
            continue
        label_of = {item.id: item.label for item in project.catalogue.items(view)}
        classes = sorted({label_of[i] for i in all_ids[view].tolist() if label_of.get(i)})
        if not 2 <= len(classes) <= _MOST_CLASSES:
            continue
        number = {label: place for place, label in enumerate(classes)}
        labels = np.array([number.get(label_of.get(i, ""), -1) for i in held_out[view].tolist()])
        rows = np.flatnonzero(labels >= 0)
        if len(rows):
            found.append(LabelledView(view, classes, rows, labels[rows].astype(np.int64)))
    if not found:
        raise WorkbenchError(
            f"No view of the run “{run_name}” besides its texts has held-out items with 2 to "
            f"{_MOST_CLASSES:,} different labels. Put the files in folders named after what they "
            "show, or leave zero-shot classification out."
        )
    return found


def classify_held_out(
    project: Project,
    run_name: str,
    space: AlignedSpace,
    views: list[LabelledView],
    joint: dict[str, Floats],
    group_of: dict[str, Rows],
    bootstrap: Bootstrap,
    control: Control,
) -> Job[dict[str, dict[str, Any]]]:
    """Encode each view's classes by the run's text encoder, and classify its held-out items.

    Parameters
    ----------
    project : Project
    run_name : str
    space : AlignedSpace
    views : list of LabelledView
    joint : dict of view to ndarray
        All held-out items in the joint space.
    group_of : dict of view to ndarray
        The group of linked items that each of them is of.
    bootstrap : Bootstrap
    control : Control
        A stop ends it between two batches of prompts; the views so far are returned.

    Returns
    -------
    dict of view to dict
        Top-1 and top-5 with intervals and chance; ``balanced``, the mean over classes;
        ``majority``, what naming the largest class scores; and each class.

    Raises
    ------
    WorkbenchError
        The text encoder is missing, not the same any more, or gives no usable vectors.
    """
    searcher = Searcher(project, run_name)
    found: dict[str, dict[str, Any]] = {}
    for each in views:
        what = f"the labels of {each.view}"
        vectors = yield from encode_prompts(searcher, each.prompts, what, control)
        if vectors is None:
            return found
        class_of = np.repeat(np.arange(len(each.classes)), len(each.templates))
        rows = space.embed("text", vectors)
        prototypes = class_prototypes(rows, class_of, len(each.classes))
        classified = classify(joint[each.view][each.rows], prototypes, each.labels)
        found[each.view] = _figures(each, classified, group_of[each.view][each.rows], bootstrap)
    return found


def _figures(
    labelled: LabelledView, found: Classification, group_of: Rows, bootstrap: Bootstrap
) -> dict[str, Any]:
    draws = found.drawn(group_of, bootstrap)
    classes = zip(labelled.classes, found.per_class, found.counts, strict=True)
    return {
        **found.figures(),
        "interval": {name: interval(each) for name, each in draws.items()},
        "chance": {name: found.chance(cutoff) for name, cutoff in TOP.items()},
        "majority": found.majority,
        "items": len(found.ranks),
        "classes": found.classes,
        "per_class": {
            label: {"top1": float(share), "items": int(count)} for label, share, count in classes
        },
        "templates": list(labelled.templates),
    }
