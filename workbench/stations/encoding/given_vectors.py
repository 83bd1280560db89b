"""Vectors that the user has already: which of them belongs to which item.

By names, wherever a column of the file has those of the items. Else by row: rows of a table by
their number in it, files in an order that is said, and asked for where it is open.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.encoders import PRECOMPUTED as PREFIX
from workbench.encoders import Precomputed, item_names, split_order
from workbench.errors import WorkbenchError
from workbench.media import Columns, Modality, Record, SkippedRecord, plain_path, read_records
from workbench.project import Item, Project, Source, absolute_path
from workbench.stations.collecting.item_sources import ItemSources
from workbench.stations.collecting.source_rules import chosen_columns

_SHOWN = 2


class OrderOpen(WorkbenchError):  # noqa: N818 - nothing is wrong: the user must choose
    """Vectors without names could lie in two orders of the files.

    Attributes
    ----------
    row : int
        The first that the orders take for different items, from 1.
    words, numbers : str
        The item of that row, by either order.
    """

    def __init__(self, name: str, row: int, words: str, numbers: str) -> None:
        super().__init__(name, row, words, numbers)  # all, so that it reaches another process
        self.name, self.row, self.words, self.numbers = name, row, words, numbers

    def __str__(self) -> str:
        return (
            f"{self.name} has no names, and the files could lie in two orders: by letters row "
            f"{self.row} is {self.words}, by numbers it is {self.numbers}. Put “@order=words” or "
            "“@order=numbers” behind its name, or give the file ids."
        )


@dataclass(frozen=True)
class Meeting:
    """What an encoder of given vectors gets for each item.

    Attributes
    ----------
    of_item : dict of int to object
        By the item's id: the names that it may have, or the row of its vector.
    assumed : list of str
        How vectors and items were brought together, in sentences.
    """

    of_item: Mapping[int, tuple[str, ...] | int]
    assumed: list[str]


def meet_vectors(
    project: Project, encoder: Precomputed, modality: Modality, items: Sequence[Item]
) -> Meeting:
    """Say which vector belongs to which item.

    Parameters
    ----------
    project : Project
    encoder : Precomputed
        Looks vectors up as this says from then on.
    modality : {"image", "text", "speech"}
    items : sequence of Item
        All of the modality.

    Raises
    ------
    OrderOpen
        It has no names, and its rows could lie in two orders of the files.
    WorkbenchError
        The file has names and too few are those of items; or it has none, and its rows are not as
        many as the items.
    """
    sources = [each for each in project.settings.sources if each.modality == modality]
    tables = [_Rows(project, source) for source in sources if _is_file(project, source)]
    tables_of = {str(each.path): each for each in tables}
    names = _names(project, items, tables_of)
    if encoder.takes == "names":
        numbered = all(item.place and not _has_id(item, tables_of) for item in items)
        found = encoder.match(names, numbered)
        if found:
            by_id = dict(zip((item.id for item in items), names, strict=True))
            return Meeting(by_id, [f"{encoder.card.name}: {found}."])
    return _by_row(project, encoder, modality, items, sources, tables_of)


def kept_name(project: Project, name: str) -> str:
    """Return an encoder's name as the project keeps it.

    The path of a file of vectors starts at the current folder; it is kept whole, or, of a file
    inside the project, from the project's folder on, so that the project can be moved.
    """
    if not name.startswith(PREFIX):
        return name
    path, order = split_order(name.removeprefix(PREFIX))
    file = absolute_path(path)
    if not file.exists() and (project.root / path).exists():
        file = project.root / path
    if file.is_relative_to(project.root):
        file = file.relative_to(project.root)
    return f"{PREFIX}{file.as_posix()}{_ending(order)}"


def loaded_name(project: Project, name: str) -> str:
    """Return the name by which `load_encoder` finds an encoder that a project has chosen."""
    if not name.startswith(PREFIX):
        return name
    path, order = split_order(name.removeprefix(PREFIX))
    file = absolute_path(path, project.root)
    return f"{PREFIX}{file}{_ending(order)}"


def _ending(order: str) -> str:
    return f"@order={order}" if order else ""


def _is_file(project: Project, source: Source) -> bool:
    return absolute_path(source.path, project.root).is_file()


class _Rows:
    """The rows of a source that is a file, by their places in it."""

    def __init__(self, project: Project, source: Source) -> None:
        self.path = absolute_path(source.path, project.root)
        columns: Columns = chosen_columns(source, self.path)[0]
        self.has_ids = bool(columns.id)
        self._columns = columns
        self._lists_files = source.modality != "text"
        self._row_of: dict[str, int] | None = None
        self.count = 0

    def row_of(self, place: str) -> int | None:
        """Return the number of the row at a place, from 0; rows that are no items count too."""
        if self._row_of is None:
            self._read()
        assert self._row_of is not None  # noqa: S101 - just read
        return self._row_of.get(place)

    def _read(self) -> None:
        self._row_of = {}
        last = None
        for record in read_records(self.path, self._columns):
            if not isinstance(record, Record | SkippedRecord):
                continue
            if record.number != last:
                self.count += 1
            last = record.number
            if isinstance(record, Record):
                self._row_of[record.place] = self.count - 1
                named = record.path or (record.text if self._lists_files else "")
                if named:  # its item is the file, and no row
                    file = str(absolute_path(plain_path(named), self.path.parent))
                    self._row_of.setdefault(file, self.count - 1)


def _has_id(item: Item, tables: Mapping[str, _Rows]) -> bool:
    table = tables.get(item.file)
    return table is not None and table.has_ids


def _names(
    project: Project, items: Sequence[Item], tables: Mapping[str, _Rows]
) -> list[tuple[str, ...]]:
    sources = ItemSources(project.root, project.settings.sources)
    return item_names(
        (
            item.path,
            sources.folder_of(item),
            # what lies inside a file is called by its key; its place says where it lies
            item.place if _has_id(item, tables) and item.text else item.key if item.place else "",
            item.text,
        )
        for item in items
    )


# --- by row ---------------------------------------------------------------------------------------


def _by_row(
    project: Project, encoder: Precomputed, modality: Modality, items: Sequence[Item],
    sources: Sequence[Source], tables: Mapping[str, _Rows],
) -> Meeting:  # fmt: skip
    """Take row after row: the sources as the project lists them, each in its own order."""
    in_order: list[Item] = []
    row_of: dict[int, int] = {}
    assumed: list[str] = []
    start = 0
    for source in sources:
        own = _of_source(project, source, items, tables)
        table = tables.get(str(absolute_path(source.path, project.root)))
        if table is not None:
            rows, count = _rows_of_table(table, own, encoder.rows if len(sources) == 1 else None)
        else:
            own = _sorted(own, encoder)
            rows, count = {item.id: place for place, item in enumerate(own)}, len(own)
        row_of |= {item: start + row for item, row in rows.items()}
        in_order += sorted(own, key=lambda item: row_of[item.id])
        start += count
    if tables and len(row_of) < len(items):
        raise WorkbenchError(
            f"Some {modality} items are none of the rows of their table any more: scan again."
        )
    if start != encoder.rows:
        raise WorkbenchError(
            f"{encoder.card.name} holds {encoder.rows:,} vectors without names that are those of "
            f"items, but the project has {len(items):,} {modality} items. Give the file ids, so "
            "that each vector finds its item."
        )
    shown = [f"row {row_of[item.id] + 1} is {_short(item)}" for item in in_order[:_SHOWN]]
    if len(in_order) > _SHOWN:
        shown.append(f"row {row_of[in_order[-1].id] + 1} is {_short(in_order[-1])}")
    of_tables = bool(tables) and len(tables) == len(sources)
    what = "in the order of the table’s rows" if of_tables else "in the order of the files’ paths"
    assumed.append(f"{encoder.card.name} has no names: its vectors were taken {what}; "
                   f"{', '.join(shown)}.")  # fmt: skip
    return Meeting(row_of, assumed)


def _of_source(
    project: Project, source: Source, items: Sequence[Item], tables: Mapping[str, _Rows]
) -> list[Item]:
    place = absolute_path(source.path, project.root)
    table = tables.get(str(place))
    if table is not None:
        own = [item for item in items if item.file == str(place)]
        return own or [i for i in items if not i.place and table.row_of(i.path) is not None]
    return [item for item in items if Path(item.file).is_relative_to(place)]


def _rows_of_table(
    table: _Rows, items: Sequence[Item], rows: int | None
) -> tuple[dict[int, int], int]:
    """Return the row of each item of a table, and how many rows it has for vectors.

    As many as the table has rows; or as many as items, where some rows are none or are several.
    """
    found = {item.id: table.row_of(item.place or item.path) for item in items}
    if None in found.values():
        raise WorkbenchError(f"{table.path} has changed since the last scan: scan again.")
    known = {item: row for item, row in found.items() if row is not None}
    several = len(set(known.values())) < len(known)
    if rows == len(items) and (several or table.count != rows):
        places = list(table._row_of or {})
        order = {place: number for number, place in enumerate(places)}
        ranked = sorted(items, key=lambda item: order[item.place or item.path])
        return {item.id: rank for rank, item in enumerate(ranked)}, len(items)
    return known, table.count


def _sorted(items: Sequence[Item], encoder: Precomputed) -> list[Item]:
    """Sort files by path; where words and numbers give other orders, the user says which."""
    words = sorted(items, key=lambda item: item.path)
    numbers = sorted(items, key=lambda item: _natural(item.path))
    rows = all(item.place for item in items)  # of the shards of a folder
    if encoder.order == "numbers" or (rows and not encoder.order):
        return numbers
    first = next((k for k, (a, b) in enumerate(zip(words, numbers, strict=True)) if a is not b), -1)
    if encoder.order == "words" or first < 0:
        return words
    raise OrderOpen(encoder.card.name, first + 1, _short(words[first]), _short(numbers[first]))


def _natural(path: str) -> list[tuple[int, int, str]]:
    """Return what sorts 2 before 10."""
    return [
        (0, int(part), part) if part.isdecimal() else (1, 0, part)
        for part in re.split(r"([0-9]+)", path)
        if part
    ]


def _short(item: Item) -> str:
    return f"“{item.name[:60]}”" if item.place else f"“{Path(item.path).name}”"
