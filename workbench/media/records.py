"""Items that lie as rows in one file: lines, tables, captions of pictures."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

from workbench import words
from workbench.errors import WorkbenchError
from workbench.media.captions import (
    holds_captions,
    is_token_line,
    json_captions,
    token_captions,
)
from workbench.media.columns import Columns, Record, Row, SkippedRecord, guess_columns
from workbench.media.delimited import find_dialect
from workbench.media.lines import bounded_lines, check_record_file, is_too_long, open_text
from workbench.media.tables import table_columns, table_rows
from workbench.media.texts import MAX_TEXT_BYTES, clean_text

RecordKind = Literal["lines", "table", "captions"]

_TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet")
_TOO_LONG = f"is longer than {words.size(MAX_TEXT_BYTES)}, too much for one item"


def record_kind(path: Path) -> RecordKind:
    """Say how the items of a file lie in it.

    Returns
    -------
    {"captions", "table", "lines"}
        Captions are told by the first lines, or in a ``.json`` by its names; tables by the file
        name, or in any other text by a first line like ``image,caption``; all else is lines.

    Raises
    ------
    WorkbenchError
        The file is missing, empty or cannot be read.
    """
    check_record_file(path)
    kind = path.suffix.lower()
    if kind == ".json":
        return "captions" if holds_captions(path) else "table"
    if kind in (".jsonl", ".ndjson", ".parquet"):
        return "table"
    with open_text(path) as file:
        lines = [line.strip("\ufeff\n") for line in islice(bounded_lines(file), 5)]
    filled = [line for line in lines if line.strip()]
    if sum(map(is_token_line, filled)) > len(filled) / 2:
        return "captions"
    return "table" if kind in _TABLES or _has_header(path) else "lines"


def _has_header(path: Path) -> bool:
    """Whether a text without a table's ending is one, such as Flickr8k's ``captions.txt``."""
    try:
        _, names, evenness = find_dialect(path)
    except WorkbenchError:
        return False
    guess = guess_columns(names)
    return bool(guess.text and (guess.path or guess.id)) and evenness >= 0.9


def column_names(path: Path) -> list[str]:
    """Return the columns of a table, none for lines and captions.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged or cannot be read.
    """
    return table_columns(path) if record_kind(path) == "table" else []


def read_records(
    path: Path,
    columns: Columns = Columns(),  # noqa: B008 - frozen
) -> Iterator[Record | SkippedRecord]:
    """Return the items of a file, and what of it is none.

    Of lines and tables no more than a few rows are in memory at a time.

    Parameters
    ----------
    path : Path
        See `record_kind`. Blank lines are left out without a word, also between rows.
    columns : Columns
        Of a table: those that make the items.

    Raises
    ------
    WorkbenchError
        At the call: the file is missing, empty, damaged or cannot be read, or has no column of a
        chosen name. While reading: it is damaged further on.
    """
    kind = record_kind(path)
    names = table_columns(path) if kind == "table" else []
    absent = [name for name in columns.chosen().values() if name not in names]
    if absent:
        raise WorkbenchError(
            f"{path} has no column “{absent[0]}”. Its columns: {', '.join(names) or 'none'}."
        )
    if kind == "lines":
        return _or_a_reason(_lines(path))
    if kind == "table":
        return _or_a_reason(_table(path, columns))
    return _or_a_reason(
        json_captions(path) if path.suffix.lower() == ".json" else token_captions(path)
    )


def _or_a_reason(records: Iterator[Record | SkippedRecord]) -> Iterator[Record | SkippedRecord]:
    """Make places unique, and say so where a file holds nothing at all."""
    times: dict[str, int] = {}  # how often a place came, those made here included
    nothing = True
    for record in records:
        nothing = False
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


def _table(path: Path, columns: Columns) -> Iterator[Record | SkippedRecord]:
    wanted = list(dict.fromkeys(columns.chosen().values()))
    for row in table_rows(path, wanted or None):
        yield row if isinstance(row, SkippedRecord) else _record(row, columns)


def _record(row: Row, columns: Columns) -> Record | SkippedRecord:
    number, cells = row
    said = {role: clean_text(cells.get(name, "")) for role, name in columns.chosen().items()}
    if columns.text and not said["text"]:
        return SkippedRecord(number, f"has no text in the column “{columns.text}”")
    if columns.path and not columns.text and not said["path"]:
        return SkippedRecord(number, f"names no file in the column “{columns.path}”")
    if len(said.get("text", "")) > MAX_TEXT_BYTES:
        return SkippedRecord(number, _TOO_LONG)
    place = said.pop("id", "") or str(number)
    key = said.pop("key", "") or said.get("path") or place
    return Record(place, number, key=key, **said)
