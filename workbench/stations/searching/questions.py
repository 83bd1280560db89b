"""Questions: one thing in any modality, or several of them added and taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project import absolute_path

Floats = npt.NDArray[np.float32]

_NOTHING_LEFT = 1e-4  # a sum of unit rows so short says nothing of a direction


@dataclass(frozen=True)
class Question:
    """Exactly one of a text, a picture file, a sound file, or an item's id."""

    text: str | None = None
    image: Path | None = None
    speech: Path | None = None
    item: int | None = None

    def check(self) -> None:
        """Refuse nothing and more than one thing.

        Raises
        ------
        WorkbenchError
        """
        given = [v for v in (self.text, self.image, self.speech, self.item) if v is not None]
        if len(given) != 1:
            raise WorkbenchError("A query is one thing: a text, a picture, a sound, or an item.")
        if self.text is not None and not self.text.strip():
            raise WorkbenchError("The query is empty. Type a few words.")

    def medium(self) -> tuple[Modality, str, str]:
        """Return modality, path and text of a question that is not an item."""
        if self.image is not None:
            return "image", str(absolute_path(self.image)), ""
        if self.speech is not None:
            return "speech", str(absolute_path(self.speech)), ""
        return "text", "", self.text or ""

    def in_words(self) -> str:
        """Name it in a few words."""
        if self.text is not None:
            return f"“{self.text}”"
        if self.item is not None:
            return f"item {self.item}"
        return str((self.image or self.speech or Path()).name)


@dataclass(frozen=True)
class Combination:
    """Several questions at once: what is near to some and far from others.

    Its place in the joint space is the sum of theirs, each times its weight, scaled to unit length.

    Attributes
    ----------
    terms : tuple of (Question, float)
        Each with its weight: 1 adds it, -1 takes it away.
    """

    terms: tuple[tuple[Question, float], ...]

    def check(self) -> None:
        """Refuse no terms, weights of nothing, and terms that are no questions.

        Raises
        ------
        WorkbenchError
        """
        if not self.terms:
            raise WorkbenchError("A query needs at least one text, picture, sound or item.")
        for question, weight in self.terms:
            question.check()
            if not (weight != 0 and abs(weight) < float("inf")):
                raise WorkbenchError(
                    f"{question.in_words()} has the weight {weight:g}. Give 1 to add it, or -1 to "
                    "subtract it."
                )

    def in_words(self) -> str:
        """Name it in a few words, such as “dog” − cat.png."""
        words = ""
        for place, (question, weight) in enumerate(self.terms):
            sign = ("− " if weight < 0 else "") if place == 0 else (" − " if weight < 0 else " + ")
            times = "" if abs(weight) == 1 else f"{abs(weight):g} × "
            words += f"{sign}{times}{question.in_words()}"
        return words


Asked = Question | Combination


def terms_of(asked: Asked) -> tuple[tuple[Question, float], ...]:
    """Return the questions in what is asked, each with its weight."""
    return asked.terms if isinstance(asked, Combination) else ((asked, 1.0),)


def place_of(asked: Asked, place: Callable[[Question], Floats]) -> Floats:
    """Return the place of what is asked in a joint space, shape (1, w).

    Parameters
    ----------
    asked : Question or Combination
    place : callable
        Returns the place of one question, shape (1, w).

    Raises
    ------
    WorkbenchError
        A part of it is no question or has no place, or its parts cancel out.
    """
    asked.check()
    if isinstance(asked, Question):
        return place(asked)
    total = np.sum(
        [weight * place(question) for question, weight in asked.terms], axis=0, dtype=np.float64
    )
    length = np.linalg.norm(total)
    if length < _NOTHING_LEFT * sum(abs(weight) for _, weight in asked.terms):
        raise WorkbenchError(
            f"The query {asked.in_words()} is empty, since its parts cancel each other out. "
            "Leave one of them out."
        )
    return np.asarray(total / length, dtype=np.float32)


def items_in(asked: Asked) -> set[int]:
    """Return the ids of the items that are asked with; they are no answers."""
    return {question.item for question, _ in terms_of(asked) if question.item is not None}
