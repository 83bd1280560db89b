"""The right to write a cache, which one process has at a time; and a note that says which.

It is the lock on the file that HDF5 takes. Where HDF5 opens a file for writing it also writes to
it, which ends in a traceback on a full disk; so the lock is taken without it, but on Windows.
"""

import os
import sys
import threading
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import ClassVar

import h5py

from workbench.errors import WorkbenchError
from workbench.received.small import read_text
from workbench.whole_files import write_whole

BY_HDF5 = os.name == "nt"
"""Whether HDF5 opens and locks a cache that is written."""
if not BY_HDF5:
    import fcntl


class WritingLock:
    """The right to write a cache, until it is released and the file is closed.

    Parameters
    ----------
    path : Path
    file : h5py.File
        Open for writing if `BY_HDF5`.
    content : FileIO
        The same file, open for writing.

    Raises
    ------
    WorkbenchError
        Somebody else is writing it; both are closed then.
    """

    _writing: ClassVar[set[tuple[int, int]]] = set()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path, file: h5py.File, content: FileIO) -> None:
        facts = os.fstat(content.fileno())
        self._file, self._note = file, _note_of(path)
        self._identity = facts.st_dev, facts.st_ino
        try:
            if BY_HDF5:
                self._be_the_only_one_here()
            else:
                fcntl.flock(content.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(facts, path.stat()):  # laid out anew since it was opened
                    raise BlockingIOError
        except (BlockingIOError, FileNotFoundError):
            content.close()
            file.close()
            raise in_use(path) from None
        except OSError as error:  # such as a disk on which nothing can be locked
            content.close()
            file.close()
            raise WorkbenchError(f"{path} cannot be locked: {error.strerror}.") from None
        _leave_note(self._note)

    def _be_the_only_one_here(self) -> None:
        with self._guard:  # HDF5 lets one process open a file for writing twice
            if self._identity in self._writing:
                raise BlockingIOError
            self._writing.add(self._identity)

    def release(self) -> None:
        """Let others write, once the file is closed."""
        self._note.unlink(missing_ok=True)  # before the lock is given back: the next leaves its own
        with self._guard:
            self._writing.discard(self._identity)
        self._file.close()


def in_use(path: Path) -> WorkbenchError:
    """Return the error of a cache that somebody else is writing."""
    return WorkbenchError(
        f"{path} is in use by {_user(path)}. Wait for it, or stop it, and try again."
    )


def _note_of(path: Path) -> Path:
    return path.with_name(path.name + ".user")


def _leave_note(note: Path) -> None:
    """Write who writes the cache; only read where the file's lock says that somebody does."""
    name = Path(sys.argv[0] or "python").name
    try:
        write_whole(note, f"process {os.getpid()} ({name}), since {datetime.now():%H:%M}".encode())
    except OSError:
        return


def _user(path: Path) -> str:
    """Return who is at work on a locked cache, as far as it is known."""
    note = _note_of(path)
    try:
        if not note.is_symlink():
            return read_text(note, "The note")[:120]
    except WorkbenchError:
        pass
    return "another job, or by another process"
