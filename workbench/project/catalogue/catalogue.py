"""The catalogue: which items a project has, and which of them belong together.

Every change is a transaction, every call opens its own connection, so any thread or process may use
it at any time.
"""
# ruff: noqa: S608 - statements are put together from constants of this module alone

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from workbench.media import MODALITIES, Modality
from workbench.project.answers.answer_file import (
    ANSWERS_FILE,
    AnswerList,
    Named,
    file_state,
    follow_moved,
    read_answers,
)
from workbench.project.answers.own_answers import OwnAnswers, resolve
from workbench.project.answers.pair_sets import PairSets, Relation
from workbench.project.catalogue.database import CatalogueDatabase
from workbench.project.catalogue.item_paths import WHOLE_PATH, ItemPaths, SourcePlace
from workbench.project.catalogue.scan_taking import READ, take_items, touched_items
from workbench.project.items import Changes, Found, Item

Ids = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bytes_]

T = TypeVar("T")

_DIGEST = "S64"
_ROWS_AT_ONCE = 10_000


def relation_of(first: Modality, second: Modality) -> Relation:
    """Order two modalities as the catalogue does: image, text, speech."""
    low, high = sorted((first, second), key=MODALITIES.index)
    return low, high


class Catalogue:
    """Items and pairs of a project.

    Parameters
    ----------
    path : Path
        The SQLite file in the project's folder; made when missing, brought up to date when of an
        earlier version.
    places : sequence of SourcePlace
        Of the project's sources; only an earlier version needs them.
    """

    def __init__(self, path: Path, places: Sequence[SourcePlace] = ()) -> None:
        self.path = path
        self._paths = ItemPaths(path.parent)
        self._answers = path.with_name(ANSWERS_FILE)
        self._resolved: tuple[object, AnswerList, OwnAnswers] | None = None
        self._counted: dict[str, tuple[object, dict[Any, int]]] = {}
        self._database = CatalogueDatabase(path, places)
        self._open = self._database.open

    def mark(self) -> object:
        """Return a mark of all that it holds, which differs after every change; it takes no time.

        Raises
        ------
        WorkbenchError
            The file cannot be read.
        """
        return *self._database.mark(), file_state(self._answers)

    # --- items -----------------------------------------------------------------------------------

    def take(
        self,
        found: Sequence[Found],
        left_out: Sequence[tuple[str, str]] = (),
        pairs: Iterable[tuple[int, int]] | None = None,
        places: Sequence[SourcePlace] = (),
    ) -> Changes:
        """Make the catalogue hold what a scan found: all of it, or nothing where that fails.

        Known items keep their id, also where the folder of their source is another one now, see
        `moved_items`. An item that was not found is marked as vanished and keeps its row, so that
        it has the same id when it comes back. Only what differs is written.

        Parameters
        ----------
        found : sequence of Found
        left_out : sequence of (str, str)
            Path and reason of what the scan could not take.
        pairs : iterable of (int, int), optional
            Places in `found` of items that belong together, in the place of all pairs before; the
            first is of the modality that `relation_of` puts first. Without, pairs stay.
        places : sequence of SourcePlace
            Of the project's sources.
        """
        paths = ItemPaths(self.path.parent, places)
        told = [(paths.kept(place), reason) for place, reason in left_out]
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            changes, ids, moved = take_items(database, found, paths, places)
            if _left_out(database) != told:
                database.execute("DELETE FROM left_out")
                database.executemany("INSERT INTO left_out VALUES (?, ?)", told)
            if pairs is not None:
                _replace_pairs(database, ((ids[first], ids[second]) for first, second in pairs))
            # before the end: of what is not told then, the next scan finds that it was moved again
            follow_moved(self._answers, moved)
        return changes

    def touched(
        self, found: Sequence[Found], places: Sequence[SourcePlace]
    ) -> list[tuple[int, str]]:
        """Return the files that differ from those known in nothing but their time.

        Parameters
        ----------
        found : sequence of Found
        places : sequence of SourcePlace
            Of the project's sources.

        Returns
        -------
        list of (int, str)
            The place in `found`, and the fingerprint that the item has in the catalogue.
        """
        with self._open() as database:
            return touched_items(database, found, ItemPaths(self.path.parent, places), places)

    def items(self, modality: Modality | None = None) -> list[Item]:
        """Return the items that are present, in order of id."""
        with self._open() as database:
            rows = self._rows(
                database, f"{READ}, id",
                "WHERE vanished = 0 AND modality = COALESCE(?, modality) ORDER BY id", [modality],
            )  # fmt: skip
            return [Item(*row) for row in rows]

    def items_of(self, ids: Sequence[int]) -> list[Item]:
        """Return items by id, in the order given; present or not."""
        with self._open() as database:
            found: dict[int, Item] = {}
            for start in range(0, len(ids), 500):  # SQLite takes so many names at once
                some = [int(number) for number in ids[start : start + 500]]
                wanted = f"WHERE id IN ({', '.join('?' * len(some))})"
                rows = self._rows(database, f"{READ}, id", wanted, some)
                found.update((row[-1], Item(*row)) for row in rows)
        return [found[int(number)] for number in ids]

    def present(self, ids: Sequence[int]) -> list[Item]:
        """Return those of a few items that are present."""
        with self._open() as database:
            wanted = f"WHERE vanished = 0 AND id IN ({', '.join('?' * len(ids))})"
            rows = self._rows(database, f"{READ}, id", wanted, [int(number) for number in ids])
            return [Item(*row) for row in rows]

    def named(self, ids: Sequence[int]) -> list[Named]:
        """Return items as the list of answers names them, in the order given."""
        with self._open() as database:
            kept = [
                database.execute("SELECT CAST(path AS TEXT) FROM items WHERE id = ?", (number,))
                for number in map(int, ids)
            ]
            paths = [str(found.fetchone()[0]) for found in kept]
        items = self.items_of(ids)
        return [
            Named(item.modality, path, item.name) for item, path in zip(items, paths, strict=True)
        ]

    def known(self) -> dict[tuple[Modality, str], Found]:
        """Return everything a scan has ever found, so that the next one need not read it again."""
        with self._open() as database:
            rows = self._rows(database, READ)
            return {(row[0], row[1]): Found(*row) for row in rows}

    def _rows(
        self, database: sqlite3.Connection, columns: str, condition: str = "",
        values: Sequence[object] = (),
    ) -> sqlite3.Cursor:  # fmt: skip
        """Return columns of items, with their whole paths."""
        # inside the project by SQLite itself: a call for each of a million rows takes a second
        database.create_function("whole", 1, self._paths.whole, deterministic=True)
        columns = columns.replace("(path", f"({WHOLE_PATH}", 1)
        return database.execute(
            f"SELECT {columns} FROM items {condition}", [self._paths.inside, *values]
        )

    def fingerprints(self, modality: Modality) -> tuple[Ids, Marks]:
        """Return ids and fingerprints of the items that are present.

        Returns
        -------
        ids : ndarray, shape (n,), int64
            Ascending.
        fingerprints : ndarray, shape (n,), bytes
        """
        with self._open() as database:
            cursor = database.execute(
                "SELECT id, CAST(fingerprint AS TEXT) FROM items "
                "WHERE vanished = 0 AND modality = ? ORDER BY id",
                (modality,),
            )
            ids, marks = [np.zeros(0, np.int64)], [np.zeros(0, _DIGEST)]
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):  # a million rows as objects are 200 MB
                ids.append(np.array([row[0] for row in rows], dtype=np.int64))
                marks.append(np.array([row[1].encode() for row in rows], dtype=_DIGEST))
        return np.concatenate(ids), np.concatenate(marks)

    def counts(self) -> dict[Modality, int]:
        """Return how many items of each modality are present."""

        def count() -> dict[Modality, int]:
            with self._open() as database:
                return dict(
                    database.execute(
                        "SELECT modality, COUNT(*) FROM items WHERE vanished = 0 GROUP BY modality"
                    ).fetchall()
                )

        return dict(self._once("items", count))

    def _once(self, name: str, count: Callable[[], dict[T, int]]) -> dict[T, int]:
        """Return what was counted, until something has changed: a million take half a second."""
        mark, known = self.mark(), self._counted.get(name)
        if known is None or known[0] != mark:
            known = self._counted[name] = mark, count()
        return known[1]

    # --- what could not be taken -----------------------------------------------------------------

    def left_out(self) -> list[tuple[str, str]]:
        """Return path and reason of what the last scan left out."""
        with self._open() as database:
            return [(self._paths.whole(path), reason) for path, reason in _left_out(database)]

    def set_problems(self, encoder: str, problems: Iterable[tuple[int, str]]) -> None:
        """Note for items why an encoder could not take them; an empty reason clears it."""
        with self._open() as database:
            rows = [(item, encoder, reason) for item, reason in problems]
            database.executemany(
                "INSERT OR REPLACE INTO problems VALUES (?, ?, ?)", [row for row in rows if row[2]]
            )
            database.executemany(
                "DELETE FROM problems WHERE item = ? AND encoder = ?",
                [row[:2] for row in rows if not row[2]],
            )

    def problems(self, modality: Modality, encoder: str) -> dict[int, str]:
        """Return, by id of present items, why an encoder could not take them."""
        with self._open() as database:
            return dict(
                database.execute(
                    "SELECT item, CAST(reason AS TEXT) FROM problems JOIN items ON items.id = item "
                    "WHERE encoder = ? AND modality = ? AND vanished = 0 ORDER BY item",
                    (encoder, modality),
                ).fetchall()
            )

    def all_problems(self) -> list[tuple[int, str, str]]:
        """Return item id, encoder and reason of all problems of present items."""
        with self._open() as database:
            return database.execute(
                "SELECT item, CAST(encoder AS TEXT), CAST(reason AS TEXT) FROM problems "
                "JOIN items ON items.id = item WHERE vanished = 0 ORDER BY item, encoder"
            ).fetchall()

    def count_labels(self, modality: Modality) -> int:
        """Return how many different labels the present items of a modality have."""
        with self._open() as database:
            row = database.execute(
                "SELECT COUNT(DISTINCT label) FROM items "
                "WHERE modality = ? AND vanished = 0 AND label <> ''",
                (modality,),
            ).fetchone()
        return int(row[0])

    def labels(self, modality: Modality) -> list[str]:
        """Return the different labels of the present items of a modality."""
        with self._open() as database:
            rows = database.execute(
                "SELECT DISTINCT CAST(label AS TEXT) FROM items "
                "WHERE modality = ? AND vanished = 0 AND label <> '' ORDER BY 1",
                (modality,),
            ).fetchall()
        return [label for (label,) in rows]

    # --- pairs -----------------------------------------------------------------------------------

    def take_pairs(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Replace all pairs; the first id is of the modality that `relation_of` puts first."""
        with self._open() as database:
            _replace_pairs(database, pairs)

    def answers(self, until: str = "") -> OwnAnswers:
        """Return what the user said about items that are present.

        Parameters
        ----------
        until : str
            Only answers of no later moment, as `Recipe.created` says it.

        Raises
        ------
        WorkbenchError
            The list of answers cannot be read.
        """
        found = read_answers(self._answers)
        if not found.lines and not found.odd:
            return OwnAnswers()
        asked, known = (until, self.mark(), id(found)), self._resolved
        if known is None or known[0] != asked:
            with self._open() as database:
                known = self._resolved = asked, found, resolve(database, found, until)
        return known[2]

    def pair_sets(self, until: str = "") -> PairSets:
        """Return the pairs of present items by relation, as rules and as the user have them.

        Parameters
        ----------
        until : str
            As for `answers`.
        """
        return PairSets.of(self._given_pairs(), self.answers(until))

    def pairs(self) -> dict[Relation, Ids]:
        """Return the pairs of present items by relation: item ids, shape (p, 2).

        Those that rules find, with those of the user and without those that the user refused.
        """
        return self.pair_sets().now

    def _given_pairs(self) -> dict[Relation, Ids]:
        parts: dict[Relation, list[Ids]] = {}
        with self._open() as database:
            cursor = database.execute(
                "SELECT a.modality, b.modality, a.id, b.id FROM pairs "
                "JOIN items a ON a.id = first JOIN items b ON b.id = second "
                "WHERE a.vanished = 0 AND b.vanished = 0 ORDER BY a.id, b.id"
            )
            # a million at once would hold up all other threads while they become an array
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                some: dict[Relation, list[tuple[int, int]]] = {}
                for first_modality, second_modality, first, second in rows:
                    some.setdefault((first_modality, second_modality), []).append((first, second))
                for relation, ids in some.items():
                    parts.setdefault(relation, []).append(np.array(ids, dtype=np.int64))
        return {relation: np.concatenate(found) for relation, found in parts.items()}

    def given_partners(self, item: int) -> list[int]:
        """Return the items that rules pair with one; present or not, and refused or not."""
        with self._open() as database:
            rows = database.execute(
                "SELECT second FROM pairs WHERE first = ?1 "
                "UNION SELECT first FROM pairs WHERE second = ?1 ORDER BY 1",
                (int(item),),
            )
            return [number for (number,) in rows]

    def pair_counts(self) -> dict[Relation, int]:
        """Return how many pairs of present items each relation has."""
        return dict(self._once("pairs", self._count_pairs))

    def _count_pairs(self) -> dict[Relation, int]:
        answers = self.answers()
        with self._open() as database:
            rows = database.execute(
                "SELECT a.modality, b.modality, COUNT(*) FROM pairs "
                "JOIN items a ON a.id = first JOIN items b ON b.id = second "
                "WHERE a.vanished = 0 AND b.vanished = 0 GROUP BY a.modality, b.modality"
            ).fetchall()
            counts = {(first, second): count for first, second, count in rows}
            for said, change in ((answers.pairs, 1), (answers.refused, -1)):
                for each in said:
                    ids = each.first, each.second
                    known = "SELECT 1 FROM pairs WHERE first = ? AND second = ?"
                    is_given = database.execute(known, ids).fetchone() is not None
                    if is_given == (change < 0):
                        counts[each.relation] = counts.get(each.relation, 0) + change
        return {relation: count for relation, count in counts.items() if count}


def _left_out(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return database.execute(
        "SELECT CAST(path AS TEXT), CAST(reason AS TEXT) FROM left_out ORDER BY rowid"
    ).fetchall()


def _replace_pairs(database: sqlite3.Connection, pairs: Iterable[tuple[int, int]]) -> None:
    database.execute("DELETE FROM pairs")
    database.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?)", pairs)
