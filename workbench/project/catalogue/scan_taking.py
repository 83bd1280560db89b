"""Taking what a scan found into the catalogue: which items are known, changed, moved or new."""
# ruff: noqa: S608 - statements are put together from constants of this module alone

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from workbench.media import Modality
from workbench.project.catalogue.item_paths import ItemPaths, SourcePlace
from workbench.project.catalogue.moved_items import Seen, moved_items
from workbench.project.items import Changes, Found

COLUMNS = "modality, path, fingerprint, key, label, text, place, language, seconds, heard, stamp"
_NAMES = COLUMNS.split(", ")
READ = ", ".join(
    f"CAST({name} AS {'REAL' if name in ('seconds', 'heard') else 'TEXT'})" for name in _NAMES
)
"""What to select to have all columns of the types that they should be of."""

_MARK, _PLACE, _STAMP = (_NAMES.index(name) for name in ("fingerprint", "place", "stamp"))

_Row = tuple[Any, ...]  # of COLUMNS; its path is as the catalogue keeps it
Moved = dict[tuple[Modality, str], str]
"""By modality and the kept path from before: the kept path of now."""

_Before = tuple[int, int, _Row]  # id, whether vanished, and the row that there is


def take_items(
    database: sqlite3.Connection, found: Sequence[Found], paths: ItemPaths,
    places: Sequence[SourcePlace],
) -> tuple[Changes, list[int], Moved]:  # fmt: skip
    """Write into a catalogue what differs; return that, the id of each item, and who was moved.

    Parameters
    ----------
    database : sqlite3.Connection
        In a transaction.
    found : sequence of Found
        All items of the project.
    paths : ItemPaths
        Of the project and its sources.
    places : sequence of SourcePlace
        Of the sources.
    """
    rows, before, lost = _match(database, found, paths, places)
    (last,) = database.execute("SELECT COALESCE(MAX(id), 0) FROM items").fetchone()
    ids, fresh, other, renamed, changed = [], [], [], [], []
    moved: Moved = {}
    for row, old in zip(rows, before, strict=True):
        if old is None:
            last += 1
            ids.append(last)
            fresh.append((*row, last))
            continue
        number, vanished, was = old
        ids.append(number)
        if was[_MARK] != row[_MARK]:
            changed.append((number,))
        if was[1] != row[1]:
            renamed.append((row[1], number))
            moved[row[0], was[1]] = row[1]
        if vanished or was[2:] != row[2:]:
            other.append((*row[2:], number))
    gone = [(number,) for number, vanished, _ in lost if not vanished]
    database.executemany("UPDATE items SET path = ? WHERE id = ?", renamed)
    marks = ", ".join("?" * (len(_NAMES) + 1))
    database.executemany(f"INSERT INTO items ({COLUMNS}, id) VALUES ({marks})", fresh)
    columns = ", ".join(f"{name} = ?" for name in _NAMES[2:])
    database.executemany(f"UPDATE items SET {columns}, vanished = 0 WHERE id = ?", other)
    database.executemany("UPDATE items SET vanished = 1 WHERE id = ?", gone)
    database.executemany("DELETE FROM problems WHERE item = ?", changed)
    unchanged = len(found) - len(fresh) - len(changed)
    return Changes(len(fresh), len(changed), unchanged, len(gone)), ids, moved


def touched_items(
    database: sqlite3.Connection, found: Sequence[Found], paths: ItemPaths,
    places: Sequence[SourcePlace],
) -> list[tuple[int, str]]:  # fmt: skip
    """Return the places in `found` of files that differ in time alone, and what marked each."""
    rows, before, _ = _match(database, found, paths, places)
    return [
        (number, old[2][_MARK])
        for number, (row, old) in enumerate(zip(rows, before, strict=True))
        if old is not None and old[2][_MARK] != row[_MARK] and _but_for_time(row) and (
            _but_for_time(row) == _but_for_time(old[2])
        )
    ]  # fmt: skip


def _but_for_time(row: _Row) -> list[str]:
    """Return of the stamp of a file its size and the rules by which it was read."""
    size, *rest = row[_STAMP].split(" ", 2)
    return [size, *rest[1:]] if row[0] != "text" and rest else []


def _match(
    database: sqlite3.Connection, found: Sequence[Found], paths: ItemPaths,
    places: Sequence[SourcePlace],
) -> tuple[list[_Row], list[_Before | None], list[_Before]]:  # fmt: skip
    """Return what was found as rows, what is known of each, and what is known of no other."""
    rows = [_row(item, paths) for item in found]
    places_of = {rows[place][:2]: place for place in reversed(range(len(rows)))}
    before: list[_Before | None] = [None] * len(rows)
    lost: dict[_Row, _Before] = {}
    doubles = []  # known twice, where a project has been moved to where the item's path leads
    inside = f".{os.sep}"
    for number, vanished, *known in database.execute(f"SELECT id, vanished, {READ} FROM items"):
        path = known[1] if known[1].startswith(inside) else paths.kept(paths.whole(known[1]))
        key, was = (known[0], path), tuple(known)
        place = places_of.get(key)
        former = lost.get(key) if place is None else before[place]
        # of what has not changed the words are held once
        this = number, vanished, was if place is None or rows[place] != was else rows[place]
        if former is not None:  # who is kept as it would be kept now
            this, other = (this, former) if was[1] == path else (former, this)
            doubles.append(other)
        if place is None:
            lost[key] = this
        else:
            before[place] = this
    if lost and None in before:
        _find_moved(rows, before, lost, paths, places)
    return rows, before, [*doubles, *lost.values()]


def _row(item: Found, paths: ItemPaths) -> _Row:
    return (
        item.modality, paths.kept(item.path), item.fingerprint, item.key, item.label, item.text,
        item.place, item.language, item.seconds, item.heard, item.stamp,
    )  # fmt: skip


def _find_moved(
    rows: list[_Row], before: list[_Before | None], known: dict[_Row, _Before], paths: ItemPaths,
    places: Sequence[SourcePlace],
) -> None:  # fmt: skip
    """Let items of sources that have another folder now be those known before, in place."""
    new = [number for number, old in enumerate(before) if old is None]
    moved = moved_items(
        _seen([rows[number] for number in new], paths),
        _seen([row for _, _, row in known.values()], paths),
        places,
    )
    for number in new if moved else ():
        row = rows[number]
        former = moved.get((row[0], paths.whole(row[1])))
        old = known.pop((row[0], paths.kept(former)), None) if former else None
        before[number] = old
        if old is not None and row[_STAMP] and old[2][_STAMP] == row[_STAMP]:
            # nobody has changed it on the way
            rows[number] = (*row[:_MARK], old[2][_MARK], *row[_MARK + 1 :])


def _seen(rows: Sequence[_Row], paths: ItemPaths) -> dict[Modality, list[Seen]]:
    seen: dict[Modality, list[Seen]] = {}
    for row in rows:
        content = row[_MARK] if row[0] == "text" else row[_STAMP].partition(" ")[0]
        seen.setdefault(row[0], []).append(Seen(paths.whole(row[1]), row[_PLACE], content))
    return seen
