"""The catalogue: which items a project has, and which of them belong together.

One SQLite file. Every change is a transaction, every call opens its own connection, so any thread
or process may use it at any time.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality

Relation = tuple[Modality, Modality]
Ids = npt.NDArray[np.int64]

_VERSION = 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY,
    modality TEXT NOT NULL,
    path TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL,
    vanished INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    UNIQUE (modality, path)
);
CREATE TABLE IF NOT EXISTS pairs (
    first INTEGER NOT NULL REFERENCES items (id),
    second INTEGER NOT NULL REFERENCES items (id),
    PRIMARY KEY (first, second)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
COMMIT;
"""


@dataclass(frozen=True)
class Found:
    """An item as the scan found it.

    `fingerprint` changes when the content does; `key` is what pairs it with other modalities.
    """

    modality: Modality
    path: str
    fingerprint: str
    key: str
    label: str = ""
    text: str = ""


@dataclass(frozen=True)
class Item(Found):
    """An item of the catalogue; `id` is stable across rescans."""

    id: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Changes:
    """What a scan did to the catalogue, in numbers of items."""

    new: int
    changed: int
    unchanged: int
    vanished: int


def relation_of(first: Modality, second: Modality) -> Relation:
    """Order two modalities as the catalogue does: image, text, speech."""
    low, high = sorted((first, second), key=MODALITIES.index)
    return low, high


class Catalogue:
    """Items and pairs of a project.

    Parameters
    ----------
    path : Path
        The SQLite file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise WorkbenchError(
                    f"The catalogue {path} was written by a newer version of the workbench. "
                    "Update the workbench to open it."
                )
            if version < _VERSION:
                database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = sqlite3.connect(self.path, timeout=30)
            try:
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.OperationalError as error:
            # busy, read-only, no such file, disk full: the file itself is sound
            raise WorkbenchError(
                f"The catalogue {self.path} cannot be used now: {error}. Close other programs that "
                "use the project, and check the folder’s permissions and the space on the disk."
            ) from None
        except sqlite3.DatabaseError as error:
            raise WorkbenchError(
                f"The catalogue {self.path} cannot be used: {error}. "
                "If the file is damaged, move it away and scan again."
            ) from None

    def take(self, found: Sequence[Found]) -> Changes:
        """Make the catalogue hold what a scan found.

        Known items keep their id; an item that was not found is marked as vanished and keeps its
        row, so that it has the same id when it comes back.
        """
        with self._open() as database:
            known = {
                (modality, path): (fingerprint, vanished)
                for modality, path, fingerprint, vanished in database.execute(
                    "SELECT modality, path, fingerprint, vanished FROM items"
                )
            }
            database.execute("UPDATE items SET vanished = 1")
            database.executemany(
                "INSERT INTO items (modality, path, text, key, label, fingerprint) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (modality, path) DO UPDATE SET "
                "text = excluded.text, key = excluded.key, label = excluded.label, vanished = 0, "
                "problem = CASE fingerprint WHEN excluded.fingerprint THEN problem ELSE '' END, "
                "fingerprint = excluded.fingerprint",
                [(i.modality, i.path, i.text, i.key, i.label, i.fingerprint) for i in found],
            )
        present = {name for name, (_, vanished) in known.items() if not vanished}
        names = {(item.modality, item.path): item.fingerprint for item in found}
        changed = sum(name in known and known[name][0] != mark for name, mark in names.items())
        new = sum(name not in known for name in names)
        return Changes(new, changed, len(names) - new - changed, len(present - names.keys()))

    def items(self, modality: Modality | None = None) -> list[Item]:
        """Return the items that are present, in order of id."""
        with self._open() as database:
            rows = database.execute(
                "SELECT modality, path, fingerprint, key, label, text, id, problem FROM items "
                "WHERE vanished = 0 AND modality = COALESCE(?, modality) ORDER BY id",
                (modality,),
            ).fetchall()
        return [Item(*row) for row in rows]

    def counts(self) -> dict[Modality, int]:
        """Return how many items of each modality are present."""
        with self._open() as database:
            return dict(
                database.execute(
                    "SELECT modality, COUNT(*) FROM items WHERE vanished = 0 GROUP BY modality"
                ).fetchall()
            )

    def set_problems(self, problems: Iterable[tuple[int, str]]) -> None:
        """Note for items why they could not be encoded; an empty reason clears it."""
        with self._open() as database:
            database.executemany(
                "UPDATE items SET problem = ? WHERE id = ?",
                [(reason, item) for item, reason in problems],
            )

    def take_pairs(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Replace all pairs; the first id is of the modality that `relation_of` puts first."""
        with self._open() as database:
            database.execute("DELETE FROM pairs")
            database.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?)", pairs)

    def pairs(self) -> dict[Relation, Ids]:
        """Return the pairs of present items by relation: item ids, shape (p, 2)."""
        with self._open() as database:
            rows = database.execute(
                "SELECT a.modality, b.modality, a.id, b.id FROM pairs "
                "JOIN items a ON a.id = first JOIN items b ON b.id = second "
                "WHERE a.vanished = 0 AND b.vanished = 0 ORDER BY a.id, b.id"
            ).fetchall()
        by_relation: dict[Relation, list[tuple[int, int]]] = {}
        for first_modality, second_modality, first, second in rows:
            by_relation.setdefault((first_modality, second_modality), []).append((first, second))
        return {name: np.array(ids, dtype=np.int64) for name, ids in by_relation.items()}
