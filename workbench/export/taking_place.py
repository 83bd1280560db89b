"""A finished folder takes the place of an earlier one in one step."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_HERE = -100  # AT_FDCWD: paths are relative to the current folder
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def take_place(draft: Path, folder: Path) -> None:
    """Move a folder to a place where there is none, an empty one, or one to be replaced.

    What is replaced lies at `draft` afterwards.

    Raises
    ------
    OSError
    """
    with suppress(OSError):
        folder.rmdir()  # an empty one
    if not folder.exists():
        draft.rename(folder)
    elif not _exchanged(draft, folder):
        # killed between these two, the earlier one is whole, but lies beside
        aside = draft.with_suffix(".before")  # a name that none has left behind
        folder.rename(aside)
        try:
            draft.rename(folder)
        except OSError:
            aside.rename(folder)
            raise
        aside.rename(draft)


def _exchanged(first: Path, second: Path) -> bool:
    """Let two folders swap names, where the system and the disk can do that."""
    names = os.fsencode(first), os.fsencode(second)
    try:
        system = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(system.renamex_np(*names, _EXCHANGE) == 0)
        return bool(system.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):  # on Windows there is no such library
        return False
