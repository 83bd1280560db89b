"""What is asked with: words, files and items, each added or taken away."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import Combination, Question


@dataclass(frozen=True)
class Term:
    """One thing that is asked with.

    Attributes
    ----------
    name : str
        What it is called on a chip.
    text : str or None
    path : Path or None
        A picture or a sound.
    item : int or None
    modality : str
        Of which it is.
    minus : bool
        Whether it is taken away.
    """

    name: str
    text: str | None = None
    path: Path | None = None
    item: int | None = None
    modality: str = "text"
    minus: bool = False

    def turned(self) -> "Term":
        """Return the same, taken away instead of added or the other way round."""
        return replace(self, minus=not self.minus)

    def question(self) -> "Question":
        """Return it as the stations take it."""
        from workbench.stations import Question

        if self.item is not None:
            return Question(item=self.item)
        if self.path is None:
            return Question(text=self.text)
        if self.modality == "image":
            return Question(image=self.path)
        return Question(speech=self.path)


@dataclass(frozen=True)
class Query:
    """A question: what it is asked with, and the modality wanted, None for any."""

    terms: tuple[Term, ...]
    to: str | None = None

    def question(self) -> "Question | Combination":
        """Return it as the stations take it."""
        from workbench.stations import Combination

        if len(self.terms) == 1 and not self.terms[0].minus:
            return self.terms[0].question()
        return Combination(
            tuple((term.question(), -1.0 if term.minus else 1.0) for term in self.terms)
        )

    def modality(self) -> "Modality | None":
        """Return the modality wanted, as the stations take it."""
        return cast("Modality | None", self.to)

    def in_words(self) -> str:
        """Say it: “dog” − cat.png."""
        said = ""
        for place, term in enumerate(self.terms):
            name = f"“{term.name}”" if term.text is not None else term.name
            sign = "− " if term.minus else "" if not place else "+ "
            said += f"{' ' if place else ''}{sign}{name}"
        return said
