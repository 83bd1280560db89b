"""The user's own folders, for who has some: a service or a container may have no home."""

import os
import sys
from pathlib import Path

from workbench.errors import WorkbenchError


def home() -> Path:
    """Return the user's home.

    Raises
    ------
    WorkbenchError
        The system names none.
    """
    try:
        place = Path.home()
    except RuntimeError:  # no HOME, and no entry of the user
        place = Path()
    if not place.is_absolute():
        raise WorkbenchError(
            "The system names no home folder for you: name the folder, or set HOME to one."
        )
    return place


def expanded(path: Path | str) -> Path:
    """Return a path with ``~`` resolved, or as it is where there is no such home, as a shell does.

    `Path.expanduser` fails there.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111


def settings_folder() -> Path | None:
    """Return where this program keeps what the user decided on this machine; None without a home.

    A path that is not absolute would lie in the current folder, which is nobody's own.
    """
    import typer

    folder = Path(typer.get_app_dir("gera-workbench"))
    return folder if folder.is_absolute() else None


def cache_folder() -> Path | None:
    """Return where this program keeps what it can make again; None without a home.

    That is a folder of its own in ``XDG_CACHE_HOME``, where that is set, or where the system has
    such things.
    """
    told, usual = "XDG_CACHE_HOME", "~/.cache"
    if sys.platform == "win32":
        told, usual = "LOCALAPPDATA", "~/AppData/Local"
    elif sys.platform == "darwin":
        usual = "~/Library/Caches"
    folder = expanded(os.environ.get(told) or usual) / "gera-workbench"
    return folder if folder.is_absolute() else None


def home_or_root() -> Path:
    """Return where a dialog of folders begins: at home, or at the root of the disk."""
    try:
        return home()
    except WorkbenchError:
        return Path(os.sep)
