"""How the catalogue keeps paths, so that a project can be moved with what lies in it or beside it.

An item is known by its path. Inside the project, and in the folders that its settings name from the
project's folder on, that path is kept from there on too; all others are kept whole.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbench.media import Modality

WHOLE_PATH = f"""CASE WHEN path < '.' OR path >= '/' THEN path
    WHEN substr(path, 2, 1) = '{os.sep}' THEN ?1 || substr(path, 3) ELSE whole(path) END"""
"""The whole path of a row, for SQLite: ?1 is `ItemPaths.inside`, and whole its method."""


class SourcePlace(NamedTuple):
    """Where a source of the project lies.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    path : str
        Its whole path.
    is_relative : bool
        Whether the settings name it from the project's folder on, so that both are moved together.
    """

    modality: Modality
    path: str
    is_relative: bool

    def starts(self) -> list[str]:
        """Return what paths of its items begin with: ``/home/me/cats/``, or ``…/list.csv#``.

        Of a file that lists others, also the folder in which it lies, from which on it does so.
        """
        listing = os.path.isfile(self.path)  # noqa: PTH113
        around = [os.path.join(os.path.dirname(self.path), "")] if listing else []  # noqa: PTH118, PTH120
        return [self.path + os.sep, f"{self.path}#", *around]


class ItemPaths:
    """Turns whole paths into kept ones and back.

    ``/home/me/project/cats/1.png`` is kept as ``./cats/1.png``, and of a source that is
    ``../cats``, ``/home/me/cats/1.png`` as ``../cats/1.png``.

    Parameters
    ----------
    root : Path
        The project folder.
    places : iterable of SourcePlace
        Needed for keeping paths only.

    Attributes
    ----------
    inside : str
        What whole paths inside the project begin with.
    """

    def __init__(self, root: Path, places: Iterable[SourcePlace] = ()) -> None:
        self._root = str(root)
        self.inside = os.path.join(root, "")  # noqa: PTH118 - a Path has no trailing slash
        self._beside = [
            (place.path + end, os.path.relpath(place.path, root) + end)
            for place in places
            if place.is_relative and not f"{place.path}{os.sep}".startswith(self.inside)
            for end in (os.sep, "#")
        ]

    def kept(self, path: str) -> str:
        """Return a whole path as the catalogue keeps it; what is none stays as it is."""
        if path.startswith(self.inside):
            return f".{os.sep}{path[len(self.inside) :]}"
        for start, name in self._beside:
            if path.startswith(start):
                return name + path[len(start) :]
        return "." if path == self._root else path

    def whole(self, kept: str) -> str:
        """Return the whole path of a kept one."""
        if kept[:1] != ".":
            return kept
        if kept[1:2] == os.sep:
            return self.inside + kept[2:]
        folder, step = self._root, f"..{os.sep}"
        while kept.startswith(step):
            folder, kept = os.path.dirname(folder), kept[len(step) :]  # noqa: PTH120
        return folder if kept == "." else os.path.join(folder, kept)  # noqa: PTH118
