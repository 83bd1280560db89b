"""Items that lie as rows in one file: lines, tables, captions of pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from workbench import words
from workbench.errors import WorkbenchError
from workbench.media.inside import is_container, media_columns, told_of_columns
from workbench.media.inside.containers import row_name
from workbench.media.layouts import NAMED_LINES, layout_of
from workbench.media.modality import SUFFIXES, Modality
from workbench.media.rows.cell_lists import texts_of_list
from workbench.media.rows.columns import (
    Assumed,
    Columns,
    Inside,
    Record,
    Row,
    SkippedRecord,
    columns_like,
    guess_columns,
    is_file_name,
    is_media_name,
    is_number,
    names_in_words,
    other_texts,
)
from workbench.media.rows.dialects import Dialect, find_dialect
from workbench.media.rows.lines import bounded_lines, check_record_file, is_too_long, open_text
from workbench.media.tables import is_delimited, table_columns, table_rows
from workbench.media.texts import MAX_TEXT_BYTES, clean_text

RecordKind = Literal["lines", "table", "captions"]

_TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json")
_TEXTS = (".csv", ".tsv", ".tab")  # of the tables, those that are lines of cells
_TOO_LONG = f"is longer than {words.size(MAX_TEXT_BYTES)}, too much for one item"
_ROWS_LOOKED_AT = 20
_EVEN = 0.9  # of the rows have the cells of a table
_SELDOM_IN_TEXTS = "\t|"  # unlike commas and semicolons
_PAIR = 2  # cells: a name and a text


def record_kind(path: Path) -> RecordKind:
    """Say how the items of a file lie in it.

    Returns
    -------
    {"captions", "table", "lines"}
        Captions are names with their texts, see `workbench.media.layouts`; tables are told by the
        file name, or in any other text by a first line like ``image,caption`` or by cells that are
        evidently some; all else is lines.

    Raises
    ------
    WorkbenchError
        The file is missing, empty or cannot be read.
    """
    check_record_file(path)
    kind = path.suffix.lower()
    if kind in (".jsonl", ".ndjson") or is_container(path):
        return "table"
    layout = None if kind in _TEXTS else layout_of(path)
    if kind not in _TABLES and layout in (None, NAMED_LINES) and _is_evidently_a_table(path):
        return "table"
    if layout is not None:
        return "captions"
    return "table" if kind in _TABLES else "lines"


def _is_evidently_a_table(path: Path) -> bool:
    """Whether a text without a table's ending is one.

    Flickr8k's ``captions.txt`` has a line of names. Lists of recordings for training a voice have
    none, but cells: ``wavs/LJ001-0001.wav|12|Printing, in the only sense``.
    """
    try:
        dialect = find_dialect(path)
    except WorkbenchError:
        return False
    if dialect.has_names:
        guess = guess_columns(dialect.names)
        return bool(guess.text and (guess.path or guess.id)) and dialect.evenness >= _EVEN
    guess, width = dialect.guess, len(dialect.names)
    if not guess.text or dialect.evenness < _EVEN:
        return False
    if dialect.delimiter in _SELDOM_IN_TEXTS or dialect.quotes or _holds_facts(dialect):
        # a name and its text a line are a layout of their own
        return bool(guess.key) or (bool(guess.path) and (width > _PAIR or dialect.quotes))
    return False


def _holds_facts(dialect: Dialect) -> bool:
    """Whether all columns but one hold names of files or numbers."""
    facts = [kind for kind in dialect.kinds if kind in (is_media_name, is_number)]
    return len(facts) == len(dialect.names) - 1


def column_names(path: Path) -> list[str]:
    """Return the columns of a table, none for lines and captions.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged or cannot be read.
    """
    return table_columns(path) if record_kind(path) == "table" else []


class Suggestion(NamedTuple):
    """Which columns of a table make items by their names, and what that leaves out."""

    columns: Columns
    assumed: tuple[str, ...] = ()


def suggest_columns(path: Path, modality: Modality | None = None) -> Suggestion:
    """Suggest which columns of a table make the items.

    Parameters
    ----------
    path : Path
    modality : {"image", "text", "speech"}, optional
        What the items are.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged or no table.
    """
    if is_container(path):
        return _suggest_inside(path, modality)
    names = table_columns(path)
    guess = guess_columns(names, modality)
    assumed: tuple[str, ...] = ()
    if guess.path and guess.key:
        assumed = (f"rows are paired by “{guess.key}”, not by the files of “{guess.path}”",)
    if is_delimited(path):
        dialect = find_dialect(path)
        guess = guess if dialect.has_names else dialect.guess
        guess, files = _with_files(path, dialect, guess, modality)
        assumed += files
    return Suggestion(guess, assumed + _told_of_texts(names, guess, modality))


def _with_files(
    path: Path, dialect: Dialect, guess: Columns, modality: Modality | None
) -> tuple[Columns, tuple[str, ...]]:
    """Take a column of names of files where no column is called as one that pairs rows."""
    if guess.path or guess.key:
        return guess, ()
    for name, kind in zip(dialect.names, dialect.kinds, strict=False):
        if kind is not is_media_name or name in guess.chosen().values():
            continue
        ending = Path(first_media_name(path, name).strip()).suffix.lower()
        if modality in (None, "text") or ending in SUFFIXES[modality]:
            return guess.model_copy(update={"path": name}), (
                f"files are those of “{name}”, which nothing but its cells says",
            )
    return guess, ()


def _suggest_inside(path: Path, modality: Modality | None) -> Suggestion:
    """Suggest columns of a file that may hold pictures and recordings itself."""
    media = media_columns(path)
    names = [name for name in table_columns(path) if name not in media]
    guess, assumed = told_of_columns(path, guess_columns(names, modality))
    own = [name for name, held in media.items() if held.modality == modality and not held.several]
    if modality is None:  # whoever asks does not know yet
        own = [name for name, held in media.items() if held.modality and not held.several]
    if own:
        best = guess_columns(own, modality).path or own[0]
        guess = guess.model_copy(update={"path": best} | ({"text": ""} if modality else {}))
        if len(own) > 1 and modality is not None:
            rest = names_in_words([name for name in own if name != best])
            assumed += (f"{modality} items are those of “{best}”, not of {rest}",)
    return Suggestion(guess, assumed + _told_of_texts(names, guess, modality))


def _told_of_texts(
    names: Sequence[str], guess: Columns, modality: Modality | None
) -> tuple[str, ...]:
    others = other_texts(names, guess) if modality == "text" and guess.text else []
    if not others:
        return ()
    return (f"texts are those of “{guess.text}”, not of {names_in_words(others)}",)


def read_records(
    path: Path,
    columns: Columns = Columns(),  # noqa: B008 - frozen
    others: Mapping[Modality, str] = MappingProxyType({}),
) -> Iterator[Record | SkippedRecord | Assumed]:
    """Return the items of a file, what of it is none, and what was assumed.

    Of lines and tables no more than a few rows are in memory at a time.

    Parameters
    ----------
    path : Path
        See `record_kind`. Blank lines are left out without a word, also between rows.
    columns : Columns
        Of a table: those that make the items.
    others : mapping of modality to str, optional
        Of a table: the columns that name files of several modalities, for `Record.about`.

    Raises
    ------
    WorkbenchError
        At the call: the file is missing, empty, damaged or cannot be read, or has no column of a
        chosen name. While reading: it is damaged further on.
    """
    kind = record_kind(path)
    names = table_columns(path) if kind == "table" else []
    absent = [name for name in columns.chosen().values() if not columns_like(name, names)]
    if absent:
        raise WorkbenchError(
            f"{path} has no column “{absent[0]}”. Its columns: {names_in_words(names)}."
        )
    if kind == "lines":
        return _or_a_reason(_lines(path))
    if kind == "table":
        return _or_a_reason(_Table(path, columns, names, others).records())
    layout = layout_of(path)
    assert layout is not None  # noqa: S101 - it is of that kind
    return _or_a_reason(layout.read(path))


def _or_a_reason(
    records: Iterator[Record | SkippedRecord | Assumed],
) -> Iterator[Record | SkippedRecord | Assumed]:
    """Make places unique, and say so where a file holds nothing at all."""
    times: dict[str, int] = {}  # how often a place came, those made here included
    nothing = True
    for record in records:
        nothing = nothing and isinstance(record, Assumed)
        if isinstance(record, Record):
            place = record.place
            while place in times:
                times[record.place] += 1
                place = f"{record.place}~{times[record.place]}"
            times[place] = 1
            if place != record.place:
                record = replace(record, place=place)
        yield record
    if nothing:
        yield SkippedRecord(0, "holds no items")


def _lines(path: Path) -> Iterator[Record | SkippedRecord]:
    with open_text(path) as file:
        for number, line in enumerate(bounded_lines(file), start=1):
            text = clean_text(line)
            if is_too_long(line):
                yield SkippedRecord(number, _TOO_LONG)
            elif text:
                yield Record(str(number), number, text=text, key=str(number))


class _Table:
    """Reads the rows of a table as items: one a row, or one for each text of a row."""

    def __init__(
        self, path: Path, columns: Columns, names: list[str], others: Mapping[Modality, str]
    ) -> None:
        self._path, self._columns, self._others = path, columns, others
        chosen = columns.chosen()
        self._of_role = {role: columns_like(name, names) for role, name in chosen.items()}
        self._lists = self._texts_of_lists = 0
        self._holds_media = bool(media_columns(path)) or path.suffix.lower() == ".tar"

    def records(self) -> Iterator[Record | SkippedRecord | Assumed]:
        """Yield the items of the rows, and at the end how many cells were lists."""
        chosen = [name for each in self._of_role.values() for name in each]
        wanted = list(dict.fromkeys([*chosen, *self._others.values()]))
        row_number = 0
        for row in table_rows(self._path, wanted or None):
            if isinstance(row, tuple):
                row_number += 1
                yield from self._of_row(row, row_number)
            else:
                row_number += isinstance(row, SkippedRecord)
                yield row
        if self._lists:
            yield Assumed(
                f"{words.several(self._lists, 'cell')} of “{self._columns.text}” with a list: each "
                f"of their {self._texts_of_lists:,} texts is a text of its own"
            )

    def _of_row(self, row: Row, row_number: int) -> Iterator[Record | SkippedRecord]:
        number, cells = row
        columns = self._columns
        texts = self._texts(cells)
        said = {
            role: clean_text(cells.get(names[0], ""))
            for role, names in self._of_role.items()
            if role != "text"
        }
        if columns.text and not texts:
            yield SkippedRecord(number, f"has no text in the column “{columns.text}”")
            return
        cell = cells.get(columns.path, "") if not columns.text else ""
        inside = isinstance(cell, Inside)
        if columns.path and not columns.text and not said["path"] and not inside:
            yield SkippedRecord(number, f"names no file in the column “{columns.path}”")
            return
        about = tuple(
            (modality, clean_text(cells.get(name, ""))) for modality, name in self._others.items()
        )
        own_id = said.pop("id", "")
        place = cell.place if isinstance(cell, Inside) else own_id or str(number)
        name = row_name(self._path, row_number, cells) if self._holds_media else ""
        key = said.pop("key", "") or said.get("path") or own_id
        if not key:
            key = place if inside else self._key_without_cells(row_number)
        for count, text in enumerate(texts or [""]):
            if len(text) > MAX_TEXT_BYTES:
                yield SkippedRecord(number, _TOO_LONG)
                continue
            own = place if len(texts) <= 1 else f"{place}#{count}"
            yield Record(own, number, key=key, text=text, row=row_number, about=about,
                         inside=inside, row_name=name, **said)  # fmt: skip

    def _key_without_cells(self, row_number: int) -> str:
        """Return the row's number, but nothing where the cells that could name it are empty."""
        columns = self._columns
        return "" if columns.key or columns.path or columns.id else str(row_number)

    def _texts(self, cells: dict[str, str]) -> list[str]:
        """Return the texts of a row, those of lists in its cells one by one."""
        found: list[str] = []
        for name in self._of_role.get("text", ()):
            cell = cells.get(name, "")
            several = texts_of_list(cell)
            if several is None:
                several = [cell]
            else:
                self._lists += 1
                self._texts_of_lists += len(several)
            found += filter(None, map(clean_text, several))
        return found


def first_media_name(path: Path, column: str) -> str:
    """Return the first cell of a column that names a picture or a recording; empty for none."""
    return next(filter(is_media_name, _first_cells(path, column)), "")


def first_file_name(path: Path, column: str) -> str:
    """Return the first cell of a column whose cells are all names of files; empty for another.

    Texts are among these files, unlike with `first_media_name`.
    """
    cells = _first_cells(path, column)
    return cells[0] if cells and all(map(is_file_name, cells)) else ""


def _first_cells(path: Path, column: str) -> list[str]:
    """Return the cells of the first rows that are not empty."""
    rows = islice((row for row in table_rows(path, [column]) if isinstance(row, tuple)),
                   _ROWS_LOOKED_AT)  # fmt: skip
    return [cells[column] for _, cells in rows if cells.get(column, "").strip()]
