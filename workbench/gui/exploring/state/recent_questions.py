"""The questions that were asked of a project, to be asked again."""

from pathlib import Path

from pydantic import BaseModel, Field

from workbench.gui.state.per_project import PerProject

_MOST = 20
_LONGEST = 300  # letters


class _Asked(BaseModel):
    words: list[str] = Field(default_factory=list, max_length=_MOST)


_KEPT = PerProject("questions", _Asked)


def recent_questions(root: Path) -> list[str]:
    """Return the words that were asked with in a project, the newest first."""
    return _KEPT.of(root).words


def remember_question(root: Path, words: str) -> None:
    """Put words first; asked again, they are there once."""
    words = " ".join(words.split())[:_LONGEST]
    if words:
        before = [each for each in recent_questions(root) if each != words]
        _KEPT.keep(root, _Asked(words=[words, *before][:_MOST]))


def forget_questions(root: Path) -> None:
    """Forget what was asked in a project."""
    _KEPT.keep(root, _Asked())
