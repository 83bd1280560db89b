"""The SQLite file of a catalogue: opened, brought up to date, and marked by what it holds."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.catalogue.catalogue_file import refuse_other_databases, refuse_other_files
from workbench.project.catalogue.catalogue_versions import READABLE, VERSION, bring_up_to_date
from workbench.project.catalogue.item_paths import SourcePlace

_CHANGES = 24  # where a file of SQLite counts the changes that were made to it, in 4 bytes


class CatalogueDatabase:
    """The file, checked: it is a catalogue, and of a version that is known.

    Parameters
    ----------
    path : Path
        Made when missing, brought up to date when of an earlier version.
    places : sequence of SourcePlace
        Of the project's sources; only an earlier version needs them.

    Raises
    ------
    WorkbenchError
        The file is something else, damaged, in use, or of a newer version.
    """

    def __init__(self, path: Path, places: Sequence[SourcePlace]) -> None:
        self._path = path
        refuse_other_files(path)
        with self.open() as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise WorkbenchError(
                    f"The catalogue {path} was written by a newer version of the workbench. "
                    "Update the workbench to open it."
                )
            refuse_other_databases(path, database, version)
        if version < VERSION:
            self._bring_up_to_date(version, places)

    def _bring_up_to_date(self, version: int, places: Sequence[SourcePlace]) -> None:
        with self.open() as database:
            try:
                bring_up_to_date(database, self._path.parent, places)
            except sqlite3.OperationalError as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if version < READABLE or code != sqlite3.SQLITE_READONLY:
                    raise

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction: it is kept, or taken back after an error.

        Raises
        ------
        WorkbenchError
            The file cannot be used now, or is damaged.
        """
        try:
            database = sqlite3.connect(self._path, timeout=30)
            try:
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.OperationalError as error:
            # busy, read-only, no such file, disk full: the file itself is sound
            raise WorkbenchError(
                f"The catalogue {self._path} cannot be used now: {error}. Close other programs "
                "that use the project, and check the folder’s permissions and the space on the "
                "disk."
            ) from None
        except sqlite3.DatabaseError as error:
            raise WorkbenchError(
                f"The catalogue {self._path} cannot be used: {error}. "
                "If the file is damaged, move it away and scan again."
            ) from None

    def mark(self) -> tuple[object, ...]:
        """Return a mark of what the file holds, which differs after every change to it.

        Raises
        ------
        WorkbenchError
            The file cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                counter = file.read(_CHANGES + 4)[_CHANGES:]
                facts = os.fstat(file.fileno())
        except OSError as error:
            raise WorkbenchError(
                f"The catalogue {self._path} cannot be read: {error.strerror}."
            ) from None
        return counter, facts.st_ino, facts.st_size, facts.st_mtime_ns
