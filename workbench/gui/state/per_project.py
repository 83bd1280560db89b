"""What a page remembers of each project: choices that come back with it, also after a restart."""

import hashlib
import json
import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel
from PySide6.QtCore import QSettings

_GROUP = "projects"
_ORDER = f"{_GROUP}/newest"
_MOST = 100  # projects; those that were used longest ago are forgotten

Choices = TypeVar("Choices", bound=BaseModel)


class PerProject(Generic[Choices]):
    """Keeps a page's choices for each project.

    They lie in the user's own settings and not in the project's folder: they are of one person,
    and a project that comes from elsewhere decides nothing. What cannot be read, or does not hold
    by the model any more, counts as nothing kept. ::

        class TrainChoices(BaseModel):
            method: str = ""
            alpha: dict[str, float] = {}

        kept = PerProject("train", TrainChoices)
        kept.keep(project.root, TrainChoices(method="gera", alpha={"image": 2.0}))
        kept.of(project.root).method  # "gera"; of any other project ""

    The model is the guard: give its fields types and limits that hold whatever is read. Whether a
    run, a view or a method of that name still exists, the page has to look.

    Parameters
    ----------
    page : str
        Under which name they are kept; no two rooms share one.
    kind : type of BaseModel
        Every field has a default. Fields that are not known, of a newer program, are left out.
    """

    def __init__(self, page: str, kind: type[Choices]) -> None:
        self._page, self._kind = page, kind

    def of(self, root: Path) -> Choices:
        """Return what was kept of the project in a folder; the defaults where there is nothing."""
        kept = QSettings().value(f"{_GROUP}/{_key(root)}/{self._page}")
        if isinstance(kept, str):
            try:
                return self._kind.model_validate_json(kept)
            except ValueError:
                pass  # edited by hand, or of another version: as if nothing had been kept
        return self._kind()

    def keep(self, root: Path, choices: Choices) -> None:
        """Keep choices for the project in a folder, in the place of those kept before."""
        settings, key = QSettings(), _key(root)
        written = choices.model_dump_json(exclude_defaults=True)
        settings.setValue(f"{_GROUP}/{key}/{self._page}", written)
        order = _order(settings)
        if order[:1] != [key]:
            order = [key, *(each for each in order if each != key)]
            for old in order[_MOST:]:
                settings.remove(f"{_GROUP}/{old}")
            settings.setValue(_ORDER, json.dumps(order[:_MOST]))


def _key(root: Path) -> str:
    # a path has characters that a settings file makes groups of
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:20]


def _order(settings: QSettings) -> list[str]:
    """Return the keys of the projects that something is kept of, the one used last first."""
    try:
        kept = json.loads(str(settings.value(_ORDER, "[]")))
    except ValueError:
        kept = []
    told = [each for each in kept if isinstance(each, str)] if isinstance(kept, list) else []
    settings.beginGroup(_GROUP)
    there = settings.childGroups()
    settings.endGroup()
    # also those that the list has lost, so that nothing is kept for good
    return [each for each in told if each in there] + [each for each in there if each not in told]
