"""What zero-shot classification is asked for."""

from dataclasses import dataclass
from typing import Literal, get_args

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.stations.classifying.class_list import ClassList
from workbench.stations.searching.prompts import checked_templates

Which = Literal["held-out", "all"]


@dataclass(frozen=True)
class ZeroShotRequest:
    """Which items are classified, and by what.

    Attributes
    ----------
    classes : ClassList or None
        None for the labels of the items.
    templates : tuple of str
        What the words of a class are put into, each with “{}”; empty for those of the view. The
        vectors of all of them are averaged.
    view : {"image", "text", "speech"} or None
        Whose items; None for the first view of the run that is not text and has labels.
    by : {"text", "image", "speech"}
        What classes are shown by: words, or items of a view that have a label of the class.
    shots : int or None
        How many such items a class; those of fewer are among those of more. None for all.
    seed : int
        Which of them are drawn.
    items : {"held-out", "all"}
        Of held-out ones no run has learned a pair.
    """

    classes: ClassList | None = None
    templates: tuple[str, ...] = ()
    view: Modality | None = None
    by: Modality = "text"
    shots: int | None = None
    seed: int = 0
    items: Which = "held-out"

    @property
    def by_words(self) -> bool:
        """Whether classes are given in words, and not by examples."""
        return self.by == "text" and self.shots is None

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises
        ------
        WorkbenchError
        """
        for view in (self.view, self.by):
            if view is not None and view not in MODALITIES:
                raise WorkbenchError(
                    f"“{view}” is not a modality. Modalities: {', '.join(MODALITIES)}."
                )
        if self.shots is not None and self.shots < 1:
            raise WorkbenchError(f"A class needs at least one example, not {self.shots}.")
        if self.templates and not self.by_words:
            raise WorkbenchError(
                "Classes that are shown by examples have no template. Leave one of both out."
            )
        if self.templates:
            checked_templates(self.templates)
        if self.classes is not None:
            self.classes.check()


def which_items(name: str) -> Which:
    """Return which items a word means.

    Raises
    ------
    WorkbenchError
        It is neither “held-out” nor “all”.
    """
    for which in get_args(Which):
        if which == name:
            found: Which = which
            return found
    raise WorkbenchError(f"“{name}” are no items. Items: held-out, all.")
