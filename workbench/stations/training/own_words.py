"""The words that a project's encoders bring along: which there are, and their part in a run."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.alignment import (
    AlignedSpace,
    HeldOut,
    Judgement,
    OwnWords,
    joined,
    judge,
    space_of_words,
    words_of_groups,
)
from workbench.encoders import find_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Notice
from workbench.media import Modality
from workbench.project import Dataset, Project, Recipe, RowPairs, WordsInRecipe
from workbench.stations.training.named_classes import named_classes, named_labels

Floats = npt.NDArray[np.float32]
Views = Mapping[str, Floats]
Wish = Literal["auto", "off"] | float

_MOST_LABELS = 1000


@dataclass(frozen=True, eq=False)
class FoundWords:
    """Words, and whose names they are."""

    words: OwnWords
    names: Literal["classifier", "labels"]


def words_can_be_had(project: Project, encoders: Mapping[Modality, str]) -> bool:
    """Whether a space can be made of own words alone, as far as names of encoders and labels tell.

    Parameters
    ----------
    project : Project
    encoders : mapping of modality to encoder name
    """
    return view_of_words(project, encoders) is not None


def view_of_words(project: Project, encoders: Mapping[Modality, str]) -> Modality | None:
    """Return the modality beside text whose items may have names; None without any."""
    if "text" not in encoders:
        return None
    for view in ("image", "speech"):
        if view in encoders and (_knows_words(encoders[view], view) or _labels(project, view)):
            return view
    return None


def words_in_words(words: WordsInRecipe) -> str:
    """Return what part an encoder's own words have in a run, in a sentence; empty for none."""
    if not words.share:
        return ""
    names = f"{words.classes:,} " + (
        "labels" if words.names == "labels" else f"classes that the {words.view} encoder knows"
    )
    if words.share == 1:
        return f"Own words alone: the names of {names}; no pairs."
    return f"Own words: {words.share:.0%} of each similarity, by the names of {names}."


def words_known(data: Dataset) -> bool:
    """Whether the image encoder may name its classes, and there are texts to find by them."""
    image = data.views.get("image")
    return "text" in data.views and image is not None and _knows_words(image.card["name"], "image")


def find_words(project: Project, data: Dataset, control: Control) -> Job[FoundWords | None]:
    """Return the names of the classes that the image encoder knows, as the text encoder has them.

    The encoders are loaded the first time; then the names are kept with the project.

    Parameters
    ----------
    project : Project
    data : Dataset
    control : Control
        A stop leaves them out.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        An encoder cannot be loaded, or is not the one any more that the embeddings are of.
    """
    if not words_known(data):
        return None
    cards = data.views["image"].card, data.views["text"].card
    known = yield from named_classes(project, *cards, control)
    return None if known is None else FoundWords(OwnWords("image", "text", *known), "classifier")


def find_words_of_labels(
    project: Project, data: Dataset, rows: Mapping[str, npt.NDArray[np.int64]], control: Control
) -> Job[FoundWords | None]:
    """Return the items' labels as classes, as the text encoder has their names.

    Parameters
    ----------
    project : Project
    data : Dataset
    rows : mapping of view to ndarray
        Rows of each view that training may see; labels of others are not looked at.
    control : Control
        A stop leaves them out.

    Raises
    ------
    WorkbenchError
        The text encoder cannot be loaded, or is not the one any more.
    """
    for view in ("image", "speech"):
        if view not in data.views or "text" not in data.views:
            continue
        label_of = {item.id: item.label for item in project.catalogue.items(view)}
        own = [label_of.get(item, "") for item in data.views[view].ids[rows[view]].tolist()]
        labels = sorted({label for label in own if label})
        if not 2 <= len(labels) <= _MOST_LABELS:
            continue
        vectors = yield from named_labels(project, labels, data.views["text"].card, control)
        if vectors is None:
            return None
        number = {label: place for place, label in enumerate(labels)}
        group_of = np.array([number.get(label, -1) for label in own], dtype=np.int64)
        embeddings = data.views[view].embeddings[rows[view]]
        words = words_of_groups(view, "text", embeddings, group_of, vectors)
        return FoundWords(words, "labels")
    return None


def words_for(
    project: Project, data: Dataset, recipe: Recipe, control: Control
) -> Job[FoundWords | None]:
    """Return the words that are to stand beside learned heads, as a recipe wishes.

    Yields
    ------
    Progress, Notice

    Raises
    ------
    WorkbenchError
        A share was asked for, and there are no words.
    """
    wish = recipe.words.wish
    if wish == "off":
        return None
    try:
        found = yield from find_words(project, data, control)
    except WorkbenchError as error:
        if wish != "auto":
            raise
        yield Notice(f"The image encoder's own words take no part: {error}", "warning")
        found = None
    if found is None:
        recipe.words = WordsInRecipe()
    if found is None and wish != "auto" and not control.stopping:
        raise WorkbenchError(
            f"A share of {wish:g} was asked for of the image encoder's own words, but it has none "
            "that can be named, or the project has no pictures or no texts. Choose auto or off."
        )
    return found


def words_alone(
    found: FoundWords, views: Views, recipe: Recipe
) -> Generator[Event, None, AlignedSpace]:
    """Return a space of words alone, and note it in the recipe."""
    yield Notice(
        f"No pairs were used: {_classes(found)} put {found.words.view} items into the space of the "
        "text encoder."
    )
    recipe.words = _noted(found, recipe.words.wish, 1.0)
    return space_of_words(found.words, views)


def with_words(
    job: Generator[Event, None, AlignedSpace],
    found: FoundWords,
    views: Views,
    pairs: RowPairs,
    validation: HeldOut | None,
    recipe: Recipe,
) -> Generator[Event, None, AlignedSpace]:
    """Do what a training does, and return its heads with the words beside them.

    Parameters
    ----------
    job : generator
        Of `train`.
    found : FoundWords
    views, pairs : dict
        What the training was given.
    validation : HeldOut or None
    recipe : Recipe
        Is told which share the words have.
    """
    learned = yield from job
    known = space_of_words(found.words, views)
    wish = recipe.words.wish
    if isinstance(wish, float):
        share, why = wish, "as was asked for"
    else:
        judged = judge(learned, known, found.words, views, pairs, validation)
        share, why = judged.share, _reason(judged)
    recipe.words = _noted(found, wish, share)
    if share == 0:
        yield Notice(f"The image encoder's own words take no part: they do not help here ({why}).")
    else:
        yield Notice(
            f"The image encoder's own words take part: {_classes(found)} have a share of "
            f"{share:.0%} in each similarity ({why}). The curves are of the learned heads alone."
        )
    return joined(learned, known, share)


def _reason(judged: Judgement) -> str:
    words = (
        f"by {judged.pairs:,} pairs, whose items they hold {judged.nearer:.1f} standard deviations "
        "nearer than others"
    )
    if judged.factor != 1:
        words += f", and by validation pairs, which took {judged.factor:g} times that"
    return words


def _noted(found: FoundWords, wish: Wish, share: float) -> WordsInRecipe:
    return WordsInRecipe(
        wish=wish, view=found.words.view, names=found.names, classes=len(found.words.vectors),
        share=share,
    )  # fmt: skip


def _classes(found: FoundWords) -> str:
    count = f"{len(found.words.vectors):,}"
    if found.names == "labels":
        return f"the names of {count} labels"
    return f"the names of {count} classes that the image encoder was trained on"


def _knows_words(encoder: str, view: Modality) -> bool:
    try:
        return find_encoder(encoder, view).knows_words
    except WorkbenchError:  # of a plug-in or a folder that is not there any more
        return False


def _labels(project: Project, view: Modality) -> bool:
    return 2 <= project.catalogue.count_labels(view) <= _MOST_LABELS
