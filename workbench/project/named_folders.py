"""Folders that are known by their names: taken without a clash, deleted, and restored."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.names import spoken_name
from workbench.whole_files import make_own_folder

KEPT = timedelta(days=30)

_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}
_BIN = ".deleted"  # nothing is called so: names begin with a letter, a digit or “_”
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Deleted:
    """A deleted folder, such as a run, that can be restored.

    Attributes
    ----------
    name : str
        What it was called.
    when : datetime
        When it was deleted, with its time zone.
    folder : Path
        Where it lies now.
    """

    name: str
    when: datetime
    folder: Path


class Bin:
    """Deleted folders, in ``FOLDER/.deleted/TIME--NAME``.

    They can be restored from there for thirty days, or until they are deleted for good.

    Parameters
    ----------
    folder : Path
        In which those that are not deleted lie.
    what : str
        What each of them is, such as ``run``.
    whole : str
        The name of a file that each has.
    """

    def __init__(self, folder: Path, what: str, whole: str) -> None:
        self._folder, self._what, self._whole = folder, what, whole

    def take(self, folder: Path) -> Deleted:
        """Move a folder out of sight.

        Raises
        ------
        WorkbenchError
            It cannot be moved.
        """
        now, place = datetime.now(UTC), self._folder / _BIN
        deleted = Deleted(folder.name, now, place / f"{now.strftime(_STAMP)}--{folder.name}")
        try:
            make_own_folder(place)
            folder.rename(deleted.folder)
        except OSError as error:
            raise self.cannot(folder.name, "deleted", error) from None
        return deleted

    def deleted(self) -> list[Deleted]:
        """Return what can be restored, last deleted first."""
        found = [each for each in self._all() if (each.folder / self._whole).exists()]
        return sorted(found, key=lambda each: each.folder.name, reverse=True)

    def refuse_gone(self, deleted: Deleted) -> None:
        """Refuse what is not there any more.

        Raises
        ------
        WorkbenchError
        """
        if not (deleted.folder / self._whole).exists():
            raise WorkbenchError(f"The deleted {self._what} “{deleted.name}” no longer exists.")

    def restore(self, deleted: Deleted) -> Path:
        """Bring a folder back, with the next free number if its name is taken meanwhile.

        Raises
        ------
        WorkbenchError
            It is not there any more, or cannot be moved.
        """
        self.refuse_gone(deleted)
        try:
            return take_free_name(deleted.folder, self._folder / deleted.name)
        except OSError as error:
            raise self.cannot(deleted.name, "restored", error) from None

    def remove(self, deleted: Deleted) -> None:
        """Take a deleted folder off the disk.

        Raises
        ------
        WorkbenchError
            Some of it cannot be deleted.
        """
        try:
            _remove(deleted.folder)
        except FileNotFoundError:
            pass  # by another process meanwhile
        except OSError as error:
            raise WorkbenchError(
                f"The deleted {self._what} “{deleted.name}” cannot be removed from the disk: "
                f"{error.strerror}."
            ) from None

    def put_in_order(self) -> None:
        """Take off the disk what was deleted long ago, where that can be done."""
        for each in self._all():
            if datetime.now(UTC) - each.when > KEPT:
                with suppress(OSError):
                    _remove(each.folder)

    def cannot(self, name: str, done: str, error: OSError) -> WorkbenchError:
        """Return the error that something cannot be done to a folder."""
        return WorkbenchError(f"The {self._what} “{name}” cannot be {done}: {error.strerror}.")

    def _all(self) -> Iterator[Deleted]:
        place = self._folder / _BIN
        try:
            # behind a link would be folders of somebody else
            folders = [] if place.is_symlink() else list(place.iterdir())
        except OSError:  # there is none, or it cannot be read
            return
        for folder in folders:
            stamp, _, name = folder.name.partition("--")
            with suppress(ValueError, WorkbenchError):  # something else, which is none of ours
                when = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
                if name and name == spoken_name(name):
                    yield Deleted(name, when, folder)


def take_name(folder: Path, place: Path) -> bool:
    """Move a folder to where none is; False if there is one.

    An empty folder was left by a process that was killed: a rename takes its place.
    """
    if os.name == "nt":  # there a folder never takes the place of another
        with suppress(OSError):
            place.rmdir()
    try:
        folder.rename(place)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def take_free_name(folder: Path, wish: Path) -> Path:
    """Move a folder to a place, or to that with the next free number, and return it."""
    place, number = wish, 2
    while not take_name(folder, place):
        place, number = wish.with_name(f"{wish.name}-{number}"), number + 1
    return place


def _remove(folder: Path) -> None:
    """Delete a folder with all in it; of a link, the link."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)
