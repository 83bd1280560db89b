"""Pairs that a table names, one a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from workbench.errors import WorkbenchError
from workbench.media import (
    Assumed,
    Modality,
    SkippedRecord,
    names_in_words,
    plain_path,
    read_rows,
    table_columns,
)
from workbench.project import Found, ProjectSettings, Relation, TablePairs, absolute_path
from workbench.stations.collecting.clues import Clues

IndexPair = tuple[int, int]


@dataclass(frozen=True)
class PairTable:
    """The rows of a table of pairs: line number and two cells each; and rows without them."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)
    assumed: list[Assumed] = field(default_factory=list)


def read_tables(root: Path, settings: ProjectSettings) -> list[PairTable]:
    """Return the table of each pairing rule; an empty one where the rule has none.

    Raises
    ------
    WorkbenchError
        A table cannot be read, or a column is missing.
    """
    return [
        _read_table(absolute_path(rule.path, root), rule)
        if isinstance(rule, TablePairs)
        else PairTable()
        for rule in settings.pairings
    ]


def _read_table(path: Path, rule: TablePairs) -> PairTable:
    first, second = rule.columns
    names = table_columns(path)
    absent = next((name for name in rule.columns if name not in names), None)
    if absent is not None:
        raise WorkbenchError(
            f"{path} has no column “{absent}”. Its columns: {names_in_words(names)}."
        )
    table = PairTable()
    for number, cells in read_rows(path, table.skipped, table.assumed):
        table.rows.append((number, cells[first], cells[second]))
    return table


@dataclass
class TablePairsMade:
    """Pairs by a table, with what is to be told of them."""

    pairs: set[IndexPair] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def pair_by_table(
    items: Sequence[Found], clues: Sequence[Clues], sides: Sequence[Sequence[int]],
    path: Path, between: Relation, relation: Relation, table: PairTable,
) -> TablePairsMade:  # fmt: skip
    """Pair the items that a row names; rows that name none, or several files, become problems.

    Parameters
    ----------
    items : sequence of Found
    clues : sequence of Clues
        Of each item.
    sides : sequence of sequence of int
        Places of the items of either modality of the relation.
    path : Path
        Of the table.
    between, relation : (modality, modality)
        In the order of the table's columns, and of the sides.
    table : PairTable
    """
    made = TablePairsMade()
    made.notices += [f"{path}: {each.sentence}." for each in table.assumed]
    made.problems += [
        (f"{path}, line {each.number}", f"It {each.reason}.") for each in table.skipped
    ]
    names = [_Names(items, clues, places) for places in sides]
    for line, *cells in table.rows:
        named = cells[::-1] if relation != between else cells
        found = [known.of(cell) for known, cell in zip(names, named, strict=True)]
        wrong = [
            f"No {modality} item “{cell.strip()[:200]}”."
            for modality, cell, meant in zip(relation, named, found, strict=True)
            if not meant.places
        ]
        if not wrong:
            found = _of_one_folder(items, clues, found)
            wrong = [
                _in_doubt(items, meant.places, cell, modality)
                for modality, cell, meant in zip(relation, named, found, strict=True)
                if meant.by_name and len({items[place].file for place in meant.places}) > 1
            ]
        made.problems += [(f"{path}, line {line}", sentence) for sentence in wrong]
        if not wrong:
            made.pairs.update(product(found[0].places, found[1].places))
    return made


class _Meant(NamedTuple):
    """Items that a cell means; by name alone where several files may be called so."""

    places: list[int]
    by_name: bool = False


def _of_one_folder(
    items: Sequence[Found], clues: Sequence[Clues], found: list[_Meant]
) -> list[_Meant]:
    """Where one cell names a file of one folder, let the other mean that of the same folder."""
    files = [{items[place].file for place in meant.places} for meant in found]
    if (len(files[0]) == 1) == (len(files[1]) == 1):
        return found
    one = 0 if len(files[0]) == 1 else 1
    folder = PurePosixPath(clues[found[one].places[0]].below).parent
    beside = [
        place
        for place in found[1 - one].places
        if PurePosixPath(clues[place].below).parent == folder
    ]
    if not beside:
        return found
    return [found[0], _Meant(beside, True)] if one == 0 else [_Meant(beside, True), found[1]]


def _in_doubt(items: Sequence[Found], places: list[int], cell: str, modality: Modality) -> str:
    first, second, *_ = dict.fromkeys(items[place].file for place in places)
    return (
        f"“{cell.strip()[:200]}” names several {modality} items, such as {first} and {second}, so "
        "none is paired: write their paths below the folder."
    )


class _Names:
    """Items by every name that a table may use, the surer names first."""

    def __init__(
        self, items: Sequence[Found], clues: Sequence[Clues], places: Sequence[int]
    ) -> None:
        self._items = items
        self._by: list[dict[str, list[int]]] = [{}, {}, {}]
        for place in places:
            for rank, names in enumerate(_names_of(items[place], clues[place])):
                for name in names:
                    if name:
                        self._by[rank].setdefault(name, []).append(place)

    def of(self, cell: str) -> _Meant:
        """Return the items that a cell names: by their path, else by name, key or id, else text."""
        for rank, known in enumerate(self._by):
            for spelt in (plain_path(cell), plain_path(cell.strip())):
                if spelt in known:
                    rows = self._items[known[spelt][0]].place
                    return _Meant(known[spelt], by_name=rank == 1 and not rows)
        return _Meant([])


def _names_of(item: Found, clues: Clues) -> tuple[set[str], set[str], set[str]]:
    if item.place:  # a row's file name is that of all its neighbours
        return {plain_path(item.path)}, {*map(plain_path, clues.keys), plain_path(item.place)}, {
            plain_path(item.text)
        }  # fmt: skip
    path = plain_path(item.path)
    ending = PurePosixPath(path).suffix
    below = plain_path(clues.below)
    exact = {path, below, below + ending} if below else {path}
    return exact, {PurePosixPath(path).name, *map(plain_path, clues.keys)}, {plain_path(item.text)}
