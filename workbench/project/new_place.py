"""Where a new project is made: a folder of its own, by a name and a place."""

import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from workbench.project.places import SETTINGS_FILE, absolute_path

USUAL_NAME = "My project"


@dataclass(frozen=True)
class NewPlace:
    """A folder that a project may be made in.

    Attributes
    ----------
    folder : Path
    problem : str
        In a sentence, why none can be made there; empty where one can.
    is_project : bool
        Whether there is one already, which can be opened instead.
    """

    folder: Path
    problem: str = ""
    is_project: bool = False


def look_at_place(place: Path, name: str) -> NewPlace:
    """Return whether a project of a name can be made in a place.

    A project is a folder of its own: one that holds something else, such as the user's pictures,
    is not taken.

    Parameters
    ----------
    place : Path
        The folder in which the project's folder is made.
    name : str
        Its name.
    """
    name = name.strip()
    folder = absolute_path(place) / name
    if not name or name in (".", "..") or any(sign in name for sign in "/\\\0"):
        return NewPlace(folder, "Give the project a name, without “/” or “\\”.")
    try:
        if (folder / SETTINGS_FILE).is_file():
            said = f"{folder} is a project already: open it, or choose another name."
            return NewPlace(folder, said, is_project=True)
        if os.path.lexists(folder):
            return NewPlace(folder, _why_not_in(folder))
        above = next(each for each in folder.parents if os.path.lexists(each))
        if not above.is_dir():
            return NewPlace(folder, f"{above} is a file. Choose another place.")
        if not os.access(above, os.W_OK | os.X_OK):
            return NewPlace(folder, f"Nothing may be written in {above}. Choose another place.")
    except OSError as error:
        return NewPlace(folder, f"{folder} cannot be used: {error.strerror}. Choose another.")
    return NewPlace(folder)


def free_name(place: Path, wish: str = USUAL_NAME) -> str:
    """Return a name that nothing in a place has yet: the wish, or the wish with a number."""
    names = (wish if number == 1 else f"{wish} {number}" for number in count(1))
    return next(name for name in names if not os.path.lexists(place / name))


def _why_not_in(folder: Path) -> str:
    """Say why no project is made in what is there already; nothing where it is an empty folder."""
    if not folder.is_dir():
        return f"{folder} is a file. Choose another name."
    if any(folder.iterdir()):
        return (
            f"{folder} holds other files. A project is a folder of its own: choose another name, "
            "and add your files to the project afterwards."
        )
    return ""
