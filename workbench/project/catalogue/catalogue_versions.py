"""The tables of a catalogue, and how one of an earlier version is brought up to date."""

import os
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from workbench.errors import WorkbenchError
from workbench.project.catalogue.catalogue_file import refuse_other_databases, refuse_other_files
from workbench.project.catalogue.item_paths import ItemPaths, SourcePlace

VERSION = 3
READABLE = 2  # of the tables of now, but with whole paths

_SINCE_1 = """
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY,
    modality TEXT NOT NULL,
    path TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL,
    vanished INTEGER NOT NULL DEFAULT 0,
    UNIQUE (modality, path)
);
CREATE TABLE IF NOT EXISTS pairs (
    first INTEGER NOT NULL REFERENCES items (id),
    second INTEGER NOT NULL REFERENCES items (id),
    PRIMARY KEY (first, second)
) WITHOUT ROWID;
"""
# columns and tables that version 1 did not have; its items.problem is not used any more
_SINCE_2 = """
ALTER TABLE items ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN seconds REAL NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN heard REAL NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
CREATE TABLE problems (
    item INTEGER NOT NULL REFERENCES items (id),
    encoder TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (item, encoder)
) WITHOUT ROWID;
CREATE TABLE left_out (path TEXT NOT NULL, reason TEXT NOT NULL);
"""
# the present ones first: those before them may have been found at the same place
_KEEP_PATHS = """
UPDATE OR IGNORE items SET path = kept(CAST(path AS TEXT)) WHERE NOT vanished;
UPDATE OR IGNORE items SET path = kept(CAST(path AS TEXT)) WHERE vanished;
UPDATE left_out SET path = kept(CAST(path AS TEXT));
"""
_LOOKED_AT = 200  # items
_LONGEST = 4096  # letters of a path; no system has longer ones
_USER_VERSION = 60  # where a file of SQLite has the version of its tables, in 4 bytes


def bring_up_to_date(
    database: sqlite3.Connection, root: Path, places: Sequence[SourcePlace]
) -> None:
    """Give a catalogue the tables of the present version, in one transaction.

    Up to version 2 paths were kept whole. They are kept from the project's folder on now; if it
    has been moved or copied meanwhile, they lead to its own files from now on.

    Parameters
    ----------
    database : sqlite3.Connection
    root : Path
        The project folder.
    places : sequence of SourcePlace
        Of its sources.
    """
    database.execute("BEGIN IMMEDIATE")  # another process may do the same
    (version,) = database.execute("PRAGMA user_version").fetchone()
    for since, script in ((1, _SINCE_1), (2, _SINCE_2)):
        if version < since:
            _run(database, script)
    if version < VERSION:
        database.create_function("kept", 1, _keeping(database, root, places))
        _run(database, _KEEP_PATHS)
    database.execute(f"PRAGMA user_version = {VERSION}")


def _run(database: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        database.execute(statement)


# --- where a project was --------------------------------------------------------------------------


class _Known(NamedTuple):
    """A file of the catalogue: its path, that of the item, and its size where that is known."""

    file: str
    path: str
    size: str


def former_root(path: Path) -> str:
    """Return the folder in which a project was when its catalogue kept whole paths.

    Empty where that is unknown, or the catalogue is of the present version, which is bound to no
    folder.

    Parameters
    ----------
    path : Path
        Of the catalogue; it may be missing, or none.
    """
    try:
        refuse_other_files(path)
        with path.open("rb") as file:  # SQLite takes a millisecond to say the same
            if int.from_bytes(file.read(_USER_VERSION + 4)[_USER_VERSION:]) != READABLE:
                return ""
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            refuse_other_databases(path, database, READABLE)
            return _former_folder(_strays(database, (f"{path.parent}{os.sep}",)), path.parent, "")
    except (OSError, sqlite3.Error, WorkbenchError):  # whoever opens it next says what is wrong
        return ""


def _keeping(
    database: sqlite3.Connection, root: Path, places: Sequence[SourcePlace]
) -> Callable[[str], str]:
    """Return how a path that was kept whole is kept from now on."""
    paths = ItemPaths(root, places)
    strays = _strays(database, tuple(start for place in places for start in place.starts()))
    moved = [
        (f"{former}{start[-1]}", start)
        for place in places
        if place.is_relative
        for start in place.starts()
        if (former := _former_folder(strays, start[:-1], _name(root, start[:-1])))
    ]

    def kept(path: str) -> str:
        for former, start in moved:
            if path.startswith(former):
                return paths.kept(start + path[len(former) :])
        return paths.kept(path)

    return kept


def _strays(database: sqlite3.Connection, starts: tuple[str, ...]) -> list[_Known]:
    """Return some items whose paths begin with none of these."""
    rows = [
        row
        for row in database.execute(
            "SELECT CAST(path AS TEXT), CAST(place AS TEXT), CAST(stamp AS TEXT) FROM items "
            "WHERE NOT vanished"
        )
        if len(row[0]) < _LONGEST and not row[0].startswith(starts)
    ]
    return [
        _Known(path.removesuffix(f"#{place}") if place else path, path, stamp.partition(" ")[0])
        for path, place, stamp in rows[:: max(1, len(rows) // _LOOKED_AT)]
    ]


def _name(root: Path, folder: str) -> str:
    """Return what a folder is called wherever the project lies: ``cats`` of ``../cats``."""
    parts = Path(os.path.relpath(folder, root)).parts
    name = Path(*(part for part in parts if part != ".."))
    return str(name) if name.parts else ""


def _former_folder(known: Iterable[_Known], folder: Path | str, name: str) -> str:
    """Return in which folder of a name files were that are in `folder` now; empty if in none.

    They are told by their paths from there on, and their size.
    """
    end = f"{os.sep}{name}" if name else ""
    found: Counter[str] = Counter()
    for each in known:
        for cut, letter in enumerate(each.path):
            if letter not in (os.sep, "#") or not cut or not each.path[:cut].endswith(end):
                continue
            if _is_there(f"{folder}{each.file[cut:]}", each.size):
                found[each.path[:cut]] += 1
                break
    return found.most_common(1)[0][0] if found else ""


def _is_there(file: str, size: str) -> bool:
    try:
        facts = os.stat(file)  # noqa: PTH116 - thousands of paths
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(facts.st_mode) and size in ("", str(facts.st_size))
