"""Where classes lie in a space: by their words, or by items that show them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation import class_prototypes
from workbench.jobs import Control, Job
from workbench.stations.classifying.chosen_items import ChosenItems, choose_examples, groups_of
from workbench.stations.classifying.class_list import ClassList, some_of
from workbench.stations.classifying.request import ZeroShotRequest
from workbench.stations.classifying.row_labels import RowLabels
from workbench.stations.classifying.spaces import ClassifiedSpace
from workbench.stations.searching.prompts import encode_prompts, put_into
from workbench.words import several

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Encoded = dict[str, Floats]
"""Vectors of the prompts, by the card of the text encoder: of several runs they are made once."""


@dataclass(frozen=True, eq=False)
class Prototypes:
    """The classes that there are to choose from in a space, and which items are classified.

    Attributes
    ----------
    classes : ClassList
    rows : ndarray, shape (c, w)
        A unit row a class.
    chosen : ChosenItems
        Their numbers are of these classes.
    """

    classes: ClassList
    rows: Floats
    chosen: ChosenItems

    def alike(self) -> list[str]:
        """Say which classes have one and the same place, as names that an encoder does not know."""
        _, place, counts = np.unique(self.rows, axis=0, return_inverse=True, return_counts=True)
        same = [np.flatnonzero(place == each).tolist() for each in np.flatnonzero(counts > 1)]
        return [
            "Classes that the encoder cannot tell apart, so that none of their items is right: "
            f"{some_of([self.classes.labels[number] for number in numbers])}."
            for numbers in same
        ]


def by_words(
    space: ClassifiedSpace,
    classes: ClassList,
    templates: Sequence[str],
    chosen: ChosenItems,
    encoded: Encoded,
    control: Control,
) -> Job[Prototypes | None]:
    """Return the places of classes by their words in all templates; None at a stop.

    Yields
    ------
    Progress, Notice

    Raises
    ------
    WorkbenchError
        The text encoder is missing, or not the one any more.
    """
    words = [word for each in classes.classes for word in each.words]
    own = [number for number, each in enumerate(classes.classes) for _ in each.words]
    key = repr(space.run.recipe().encoders["text"])
    if key not in encoded:
        prompts = put_into(templates, words)
        vectors = yield from encode_prompts(space.searcher, prompts, "the prompts", control)
        if vectors is None:
            return None
        encoded[key] = vectors
    class_of = np.repeat(np.array(own, dtype=np.int64), len(templates))
    rows = class_prototypes(space.embed_texts(encoded[key]), class_of, len(classes.classes))
    return Prototypes(classes, rows, chosen)


def by_examples(
    space: ClassifiedSpace,
    classes: ClassList,
    request: ZeroShotRequest,
    labels: RowLabels,
    chosen: ChosenItems,
) -> tuple[Prototypes, list[str]]:
    """Return the places of the classes that items show, and what is to be told of it.

    Where held-out items are classified, others show the classes. Where all are, an item that shows
    a class, or whose partner does, is not classified.

    Parameters
    ----------
    labels : RowLabels
        Of the view that shows the classes.

    Raises
    ------
    WorkbenchError
        Fewer than two classes have examples, or no item is left to be classified.
    """
    groups = groups_of(space)
    own = groups[chosen.view][chosen.rows]
    taken = np.unique(own) if request.items == "held-out" else np.zeros(0, dtype=np.int64)
    rows, shown = choose_examples(space, request, labels, classes, taken)
    numbers, class_of = np.unique(shown, return_inverse=True)
    if len(numbers) < 2:
        raise WorkbenchError(
            f"Fewer than two classes have {request.by} items to show them that are not classified "
            f"themselves. Give {request.by} items labels, or name classes in words."
        )
    stays = np.isin(chosen.numbers, numbers) & ~np.isin(own, groups[request.by][rows])
    if not stays.any():
        raise WorkbenchError(
            "Every item shows a class, or its partner does, so none is left to be classified. "
            "Take fewer examples a class."
        )
    _, group_of = np.unique(chosen.group_of[stays], return_inverse=True)
    left = replace(
        chosen,
        rows=chosen.rows[stays],
        numbers=np.searchsorted(numbers, chosen.numbers[stays]).astype(np.int64),
        group_of=group_of.astype(np.int64),
    )
    made = class_prototypes(space.joint(request.by)[rows], class_of, len(numbers))
    told = _told(request, classes, numbers, np.bincount(class_of), int((~stays).sum()))
    return Prototypes(classes.only(numbers.tolist()), made, left), told


def _told(
    request: ZeroShotRequest, classes: ClassList, numbers: Rows, counts: Rows, not_classified: int
) -> list[str]:
    least, most = int(counts.min()), int(counts.max())
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    found = [f"Classes are shown by {each} {request.by} items each, {int(counts.sum()):,} in all."]
    lacking = sorted(set(range(len(classes.classes))) - set(numbers.tolist()))
    if lacking:
        names = some_of([classes.labels[number] for number in lacking])
        found.append(
            f"Left out: {len(lacking):,} of {len(classes.classes):,} classes, which have no "
            f"example: {names}."
        )
    if not_classified:
        found.append(
            f"Left out: {several(not_classified, 'item')} that show a class, whose partner does, "
            "or whose class has no example."
        )
    return found
