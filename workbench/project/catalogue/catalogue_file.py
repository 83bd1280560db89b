"""A look at the file of a catalogue, before anything in it is read or changed.

A project may come from anywhere. What lies in the catalogue's place may be a link to the database
of another program; a database of that program itself, which would be given tables and a version; or
one with views and triggers, which run when ours are read and written.
"""

import sqlite3
import stat
from pathlib import Path

from workbench.errors import WorkbenchError

_TABLES = frozenset({"items", "pairs"})  # of every version
_END_OF_NAMED_JOURNAL = bytes.fromhex("d9d505f920a163d7")


def refuse_other_files(path: Path) -> None:
    """Refuse what is not a plain file; and a journal that names another file, which SQLite deletes.

    Raises
    ------
    WorkbenchError
    """
    try:
        mode = path.lstat().st_mode
    except OSError:  # there is none yet, or opening it says better what is wrong
        return
    if not stat.S_ISREG(mode):
        what = "a link to another place" if stat.S_ISLNK(mode) else "not a file"
        raise WorkbenchError(
            f"The catalogue {path} cannot be used: it is {what}. Put the file itself there, or "
            "remove it and scan again."
        )
    # When a database is opened after a crash, SQLite undoes what its journal holds, and deletes the
    # file that the journal's end names: one of many databases that were changed together. Ours is
    # alone, so such a journal was made by somebody else.
    journal = path.with_name(path.name + "-journal")
    if _end_of(journal) == _END_OF_NAMED_JOURNAL:
        raise WorkbenchError(
            f"{journal} was not written by the workbench: opening the catalogue would delete "
            "another file. Remove it, and do not trust where the project came from."
        )


def refuse_other_databases(path: Path, database: sqlite3.Connection, version: int) -> None:
    """Refuse a database of another program, and one with parts that none of ours has.

    Parameters
    ----------
    path : Path
    database : Connection
    version : int
        Of the catalogue; 0 of a new one.

    Raises
    ------
    WorkbenchError
    """
    found = database.execute("SELECT type, name, rootpage FROM sqlite_master").fetchall()
    # a table without a page of its own is made by code, such as an extension's
    tables = {name for kind, name, page in found if kind == "table" and page}
    others = any(kind not in ("table", "index") or not page for kind, _, page in found)
    # nothing may be missing in an item; what is of another type is cast when it is read
    (may_miss,) = database.execute(
        "SELECT COUNT(*) FROM pragma_table_info('items') WHERE NOT \"notnull\" AND NOT pk"
    ).fetchone()
    if others or may_miss or (_TABLES - tables if version else found):
        raise WorkbenchError(
            f"{path} is a database, but no catalogue of the workbench. Nothing was changed in it: "
            "move it away and scan again."
        )


def _end_of(path: Path) -> bytes:
    length = len(_END_OF_NAMED_JOURNAL)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return b""  # SQLite follows no link here
        with path.open("rb") as file:
            file.seek(-length, 2)
            return file.read(length)
    except OSError:  # there is none, or it is shorter
        return b""
