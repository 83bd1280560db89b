"""Tables of values parted by commas, semicolons, tabs or pipes, read as people write them.

Marks quote in most tables. In some they do not, or they are escaped by a backslash; and one that
is not closed would take the rest of the table into its cell. So each row is read as strictly as
the standard has it, and where that fails it is read by evidence: as what has as many cells as the
table has columns.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.media.rows.columns import Assumed, Row, SkippedRecord
from workbench.media.rows.dialects import Dialect, csv_reader, find_dialect
from workbench.media.rows.lines import bounded_lines, is_too_long, open_text
from workbench.media.texts import MAX_TEXT_BYTES
from workbench.words import several

_SURELY_ROWS = 4  # as wide as the table each: no text is so by chance


class _Lines:
    """Hands out the lines of a file, those of the row being read remembered.

    Attributes
    ----------
    number : int
        Of the last line handed out, from 1.
    row : list of str
        What was handed out since it was last cleared.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.number = 0
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self.row.append(line)
        return line

    def keep_first(self) -> str:
        """Let the row be its first line alone; the others are handed out again."""
        first, *others = self.row
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        self.row[:] = [first]
        return first


def delimited_rows(path: Path) -> Iterator[Row | SkippedRecord | Assumed]:
    """Yield the rows below the column names, reasons for those that cannot be read, assumptions."""
    dialect = find_dialect(path)
    names, delimiter = dialect.names, dialect.delimiter
    yield from (Assumed(sentence) for sentence in dialect.assumed)
    taken = {"literal": 0, "backslash": 0}
    to_pass, repeats = dialect.rows_above, 0
    with open_text(path, newline="") as file:
        lines = _Lines(bounded_lines(file))
        reader = csv_reader(lines, delimiter, strict=True)
        while (row := _next_row(reader, lines, dialect)) is not None:
            if not isinstance(row, _Cells):
                yield SkippedRecord(lines.number, row)
                continue
            if to_pass and any(row.cells):
                to_pass -= 1
                continue
            if not any(row.cells):
                continue
            if dialect.has_names and [cell.strip("\ufeff \t\r\n") for cell in row.cells] == names:
                repeats += 1
                continue
            row.cells = ["" if cell.strip() == _NULL else cell for cell in row.cells]
            problem = _problem(row.cells, names, lines.row)
            if problem:
                yield SkippedRecord(lines.number, problem)
                continue
            if row.marks in taken:
                taken[row.marks] += 1
            cells = [cell.strip() for cell in row.cells] if delimiter == "|" else row.cells
            cells += [""] * (len(names) - len(cells))
            yield lines.number, dict(zip(names, cells, strict=False))
    yield from _assumed_of_marks(taken)
    if repeats:
        rows = "1 row that repeats" if repeats == 1 else f"{repeats:,} rows that repeat"
        were = "was" if repeats == 1 else "were"
        yield Assumed(f"{rows} the names of the columns {were} left out")


class _Cells:
    """The cells of a row, and what its quotation marks were taken for."""

    __slots__ = ("cells", "marks")

    def __init__(self, cells: list[str], marks: str = "") -> None:
        self.cells, self.marks = cells, marks


def _next_row(reader: Any, lines: _Lines, dialect: Dialect) -> _Cells | str | None:
    """Return the next row, or why it is none; None at the end of the file."""
    delimiter, width = dialect.delimiter, len(dialect.names)
    lines.row.clear()
    try:
        cells = next(reader, None)
    except csv.Error as error:
        return _by_evidence(lines, delimiter, width, str(error))
    if cells is None:
        return None
    if len(lines.row) > 1 and _are_rows(lines.row, dialect):
        return _alone(lines.keep_first(), delimiter, width) or _Cells(cells)
    return _Cells(cells)


def _are_rows(lines: list[str], dialect: Dialect) -> bool:
    """Whether what looks like one quotation over many lines are rows, each as the others are."""
    rows = [_alone(line, dialect.delimiter, len(dialect.names)) for line in lines]
    if not all(rows):
        return False
    fit = [dialect.fits(row.cells) for row in rows if row is not None]
    return all(fit) if fit[0] is not None else len(lines) >= _SURELY_ROWS


def _by_evidence(lines: _Lines, delimiter: str, width: int, error: str) -> _Cells | str:
    """Read a row whose marks are not as they should be."""
    count = len(lines.row)
    first = lines.keep_first()
    row = _alone(first, delimiter, width)
    if row is not None:
        return row
    if is_too_long(first):
        return _TOO_LONG
    lenient = next(csv_reader(iter([first]), delimiter))
    if count == 1 and len(lenient) == width:
        return _Cells(lenient, "literal")
    if "quot" in error or "delimiter" in error or "end of data" in error:
        return "has a quotation mark that is not closed, or not before the next cell"
    return f"cannot be split into cells ({error})"


_NULL = "\\N"  # of MySQL and of Postgres
_TOO_LONG = f"has a line of more than {MAX_TEXT_BYTES // 2**20} million characters"


def _alone(line: str, delimiter: str, width: int) -> _Cells | None:
    """Return the cells of one line that is a whole row; None where it is not as wide."""
    blanks = "[ ]+" if delimiter == "\t" else "[ \t]+"  # between a closing mark and the next cell
    tidy = re.sub(rf'"{blanks}(?={re.escape(delimiter)}|\r?\n?$)', '"', line)
    for text, options, marks in ((tidy, {}, ""), (line, {"escapechar": "\\"}, "backslash")):
        try:
            cells: list[str] = next(csv_reader(iter([text]), delimiter, strict=True, **options), [])
        except csv.Error:
            continue
        if len(cells) == width:
            return _Cells(cells, marks)
    cells = [cell.lstrip(" ") for cell in line.rstrip("\r\n").split(delimiter)]
    return _Cells(cells, "literal") if len(cells) == width else None


def _problem(cells: list[str], names: list[str], lines: list[str]) -> str:
    """Say what is wrong with a row, or nothing."""
    if any(map(is_too_long, lines)):
        return _TOO_LONG
    if any(cells[len(names) :]):
        return (
            f"has {len(cells)} cells where the table has {len(names)} columns: "
            "put cells that hold the delimiter in quotation marks"
        )
    return ""


def _assumed_of_marks(taken: dict[str, int]) -> Iterator[Assumed]:
    if taken["literal"]:
        yield Assumed(
            f"{several(taken['literal'], 'row')} with quotation marks that quote nothing: read as "
            "written, a row a line"
        )
    if taken["backslash"]:
        yield Assumed(f"{several(taken['backslash'], 'row')} with marks escaped by a backslash")
