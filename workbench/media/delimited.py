"""Tables of values parted by commas, semicolons, tabs or pipes, read as people write them."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.errors import WorkbenchError
from workbench.media.columns import Row, SkippedRecord
from workbench.media.lines import bounded_lines, is_too_long, open_text
from workbench.media.texts import MAX_TEXT_BYTES

_DELIMITERS = {".tsv": "\t,;|", ".tab": "\t,;|"}
_LINES_LOOKED_AT = 100
_CHARACTERS_LOOKED_AT = 1 << 20


class Dialect(NamedTuple):
    """How a table is written: what parts its cells, its columns, and the share of rows so cut."""

    delimiter: str
    names: list[str]
    evenness: float


def find_dialect(path: Path) -> Dialect:
    """Find the delimiter that cuts the first rows most evenly, and the column names it cuts.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or has no first row.
    """
    lines, whole = _first_lines(path)
    best: tuple[tuple[bool, float, int], str, list[str]] | None = None
    for delimiter in _DELIMITERS.get(path.suffix.lower(), ",;\t|"):
        rows = [row for row in _parsed(lines, delimiter) if any(row)]
        if not whole and len(rows) > 2:
            rows.pop()  # may go on behind the lines looked at
        if not rows:
            continue
        width = len(rows[0])
        even = sum(len(row) == width for row in rows[1:]) / max(1, len(rows) - 1)
        score = (width > 1, even, width)
        if best is None or score > best[0]:
            best = (score, delimiter, rows[0])
    if best is None:
        raise WorkbenchError(f"{path} has no rows: it contains only blanks.")
    reader = _csv_reader(iter(lines), best[1])
    while not any(next(reader, ["end"])):
        pass
    if reader.line_num > 1 and not _is_well_quoted(lines[: reader.line_num], best[1]):
        raise WorkbenchError(
            f"{path} has a quotation mark in its first row that is not closed: correct the row."
        )
    return Dialect(best[1], _unique_names(best[2]), best[0][1])


def _first_lines(path: Path) -> tuple[list[str], bool]:
    """Return some lines of a file, and whether they are all."""
    lines: list[str] = []
    size = 0
    with open_text(path, newline="") as file:
        for line in bounded_lines(file):
            if len(lines) >= _LINES_LOOKED_AT or size > _CHARACTERS_LOOKED_AT:
                return lines, False
            lines.append(line)
            size += len(line)
    return lines, True


def _parsed(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(_csv_reader(iter(lines), delimiter))
    except csv.Error:  # a cell larger than the limit
        return []


def _csv_reader(lines: Iterator[str], delimiter: str) -> Any:
    csv.field_size_limit(MAX_TEXT_BYTES)  # of the whole process; its default is 131,072
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _unique_names(names: Sequence[str]) -> list[str]:
    """Strip column names; nameless ones are numbered, and those that come twice."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        name = name.replace("\0", "").strip("\ufeff \t\r\n") or f"column {place}"
        found.append(name if name not in found else f"{name} (column {place})")
    return found


class _RememberedLines:
    """Hands out lines and keeps those of the row that is being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.row.append(line)
            yield line


def delimited_rows(path: Path) -> Iterator[Row | SkippedRecord]:
    """Yield the rows below the column names, and reasons for those that cannot be read."""
    delimiter, names, _ = find_dialect(path)
    is_header = True
    with open_text(path, newline="") as file:
        lines = _RememberedLines(bounded_lines(file))
        reader = _csv_reader(iter(lines), delimiter)
        while True:
            lines.row.clear()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield SkippedRecord(reader.line_num, f"cannot be split into cells ({error})")
                continue
            if cells is None:
                return
            if is_header or not any(cells):
                is_header = is_header and not any(cells)
                continue
            problem = _problem(cells, names, lines.row, delimiter)
            if problem:
                yield SkippedRecord(reader.line_num, problem)
                continue
            if delimiter == "|":  # by custom with blanks around it
                cells = [cell.strip() for cell in cells]
            cells += [""] * (len(names) - len(cells))
            yield reader.line_num, dict(zip(names, cells, strict=False))


def _problem(cells: list[str], names: list[str], lines: list[str], delimiter: str) -> str:
    """Say what is wrong with a row, or nothing."""
    if len(lines) > 1 and not _is_well_quoted(lines, delimiter):
        return f"has a quotation mark that is not closed; {len(lines):,} lines are lost to it"
    if any(map(is_too_long, lines)):
        return f"has a line of more than {MAX_TEXT_BYTES // 2**20} million characters"
    if any(cells[len(names) :]):
        return (
            f"has {len(cells)} cells where the table has {len(names)} columns: "
            "put cells that hold the delimiter in quotation marks"
        )
    return ""


def _is_well_quoted(lines: list[str], delimiter: str) -> bool:
    """Whether the lines of one row close every quotation, and close it before a delimiter."""
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return False
    return True
