"""How a table of values is written: what parts its cells, and which line names its columns.

Nobody declares it, so it is told by evidence: the delimiter under which most rows have the same
number of cells wins, and what had to be assumed is said.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.errors import WorkbenchError
from workbench.media.rows.columns import (
    MAX_COLUMNS,
    Columns,
    check_width,
    guess_columns,
    guess_columns_by_content,
    is_media_name,
    is_number,
    is_numbered,
    names_in_words,
    shape_of,
)
from workbench.media.rows.lines import bounded_lines, open_text
from workbench.media.texts import MAX_TEXT_BYTES

_DELIMITERS = {".csv": ",;\t|"}  # the likeliest first
_OTHERWISE = "\t|,;"  # by how seldom they are part of a text
_LINES_LOOKED_AT = 100
_CHARACTERS_LOOKED_AT = 1 << 20
_LINES_ABOVE = 10  # titles and remarks that may stand above the names
_ENOUGH_CELLS = 2  # to say what a column holds
_MOST = 0.75
_WORDS_OF_A_SENTENCE = 4  # no column is called so
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE | re.DOTALL)  # Excel's

Rows = list[list[str]]
Kind = Callable[[str], bool] | None


class Dialect(NamedTuple):
    """How a table is written.

    Attributes
    ----------
    delimiter : str
        What parts its cells.
    names : list of str
        Its columns; ``column 1`` and so on where no line names them.
    evenness : float
        Share of the first rows that are cut into so many cells.
    rows_above : int
        Rows, blank ones not counted, before the first that is data.
    guess : Columns
        Which columns make the items, as names or, without them, contents suggest.
    has_names : bool
        Whether a line names the columns.
    kinds : tuple of callable or None
        What all first cells of a column are, told by a test of one; None for anything.
    quotes : bool
        Whether marks quote some of the first cells.
    assumed : tuple of str
        What was assumed, in sentences without the file's name.
    """

    delimiter: str
    names: list[str]
    evenness: float
    rows_above: int
    guess: Columns
    has_names: bool
    kinds: tuple[Kind, ...] = ()
    quotes: bool = False
    assumed: tuple[str, ...] = ()

    def fits(self, cells: Sequence[str]) -> bool | None:
        """Whether cells are what the columns hold; None where columns hold nothing in particular.

        Names of files, numbers, and words without a blank are something particular.
        """
        if not any(self.kinds):
            return None
        return all(
            not cell or is_kind is None or is_kind(cell)
            for cell, is_kind in zip(cells, self.kinds, strict=False)
        )


def find_dialect(path: Path) -> Dialect:
    """Find how a table is written from its first rows.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or has no first row.
    """
    lines, whole = _first_lines(path)
    told = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    below = lines[1:] if told else lines
    delimiters = told[1] if told else _DELIMITERS.get(path.suffix.lower(), _OTHERWISE)
    widths = {each: max((line.count(each) for line in below), default=0) for each in delimiters}
    if sum(map(bool, widths.values())) == 1:  # nothing else parts its lines
        check_width(path, 1 + max(widths.values()))
    best: _Cut | None = None
    for delimiter in (each for each, width in widths.items() if width < MAX_COLUMNS):
        cut = _cut(below, delimiter, whole)
        if cut is not None and (best is None or cut.score > best.score):
            best = cut
    if best is None:
        check_width(path, 1 + max(widths.values()))
        raise WorkbenchError(f"{path} has no rows: it contains only blanks.")
    place = best.names_at
    assumed: tuple[str, ...] = ()
    if place is None:
        names = [f"column {number}" for number in range(1, best.width + 1)]
        guess = guess_columns_by_content(names, best.rows)
        assumed = (_nameless(guess),)
    else:
        names = _unique_names(best.rows[place])
        if not _closes_marks(below, best):
            raise WorkbenchError(
                f"{path} has a quotation mark in its first row that is not closed: correct the row."
            )
        guess = guess_columns(names)
        if place:
            rows = "1 row above them was" if place == 1 else f"{place} rows above them were"
            assumed = (
                f"{names_in_words(names)} were taken for the names of the columns, and {rows} left "
                "out",
            )
    above = bool(told) + (0 if place is None else place + 1)
    has_names = place is not None
    kinds = _kinds(best)
    evenness, quotes = best.evenness, best.quotes
    return Dialect(best.delimiter, names, evenness, above, guess, has_names, kinds, quotes, assumed)


class _Cut(NamedTuple):
    """The first rows of a table as a delimiter cuts them."""

    delimiter: str
    rows: Rows
    width: int
    evenness: float
    names_at: int | None
    quotes: bool = False

    @property
    def score(self) -> tuple[bool, float, int, int]:
        particular = sum(map(bool, _kinds(self)))
        return self.width > 1, self.evenness, self.width, particular


def _cut(lines: Sequence[str], delimiter: str, whole: bool) -> _Cut | None:
    """Cut lines as if marks quoted, or as if they did not where that is more even."""
    readings = (_quoted(lines, delimiter), [_bare(line, delimiter) for line in lines])
    quoted, bare = (_cut_rows(rows, delimiter, whole) for rows in readings)
    if quoted is None or bare is None:
        return quoted or bare
    # a mark that is never closed merges rows, and leaves the rest as even as they were
    merged = bare.evenness == 1 and len(bare.rows) > len(quoted.rows)
    if merged or bare.evenness > quoted.evenness:
        return bare
    tidy = [[cell.strip() for cell in row] for row in quoted.rows]
    return quoted._replace(quotes=tidy != bare.rows)


def _cut_rows(rows: Rows, delimiter: str, whole: bool) -> _Cut | None:
    rows = [row for row in rows if any(row)]
    if not whole and len(rows) > 2:
        rows.pop()  # may go on behind the lines looked at
    if not rows:
        return None
    width, place = _names_at(rows)
    below = rows[0 if place is None else place + 1 :]
    even = sum(len(row) == width for row in below) / max(1, len(below))
    return _Cut(delimiter, rows, width, even if below else 1.0, place)


def _names_at(rows: Rows) -> tuple[int, int | None]:
    """Return how wide a table is, and which of its first rows names the columns; None for none."""
    first = rows[0]
    widths = Counter(len(row) for row in rows)
    usual = max(widths, key=lambda width: (widths[width], width == len(first)))
    named = len(_roles(first))
    # a title may happen to be a word that columns are called by, but names two of them
    if not named or len(first) < usual:
        for place, row in enumerate(rows[1 : _LINES_ABOVE + 1], start=1):
            enough = len(row) == usual and len(_roles(row)) > named
            if enough and (_are_names(row, rows[:place]) or _are_above(rows[:place], usual)):
                return usual, place
    if named:
        return len(first), 0
    return len(first), None if _is_data(first, rows[1:]) else 0


def _roles(row: Sequence[str]) -> dict[str, str]:
    """Return which cells are usual names of columns; none of a row that names a file."""
    return {} if any(map(is_media_name, row)) else guess_columns(row).chosen()


def _are_names(row: Sequence[str], above: Rows) -> bool:
    """Whether a row names at least two columns, and no row above it is one of data."""
    return len(_roles(row)) > 1 and not any(is_media_name(cell) for each in above for cell in each)


def _kinds(cut: "_Cut") -> tuple[Kind, ...]:
    start = 0 if cut.names_at is None else cut.names_at + 1
    rows = [row for row in cut.rows[start:] if len(row) == cut.width]
    return tuple(_kind_of([row[place] for row in rows if row[place]]) for place in range(cut.width))


def _kind_of(cells: Sequence[str]) -> Kind:
    """Return what most of the first cells are; a stray mark may have cut some wrongly."""
    if len(cells) < _ENOUGH_CELLS:
        return None
    kinds: tuple[Callable[[str], bool], ...] = (is_media_name, is_number, _is_token)
    return next((kind for kind in kinds if sum(map(kind, cells)) >= _MOST * len(cells)), None)


def _is_token(cell: str) -> bool:
    return " " not in cell.strip()


def _are_above(rows: Rows, width: int) -> bool:
    """Whether rows are titles and remarks: one cell is filled, or other cells than below."""
    return all(
        sum(map(bool, row)) <= 1 or len(row) != width or row[0].startswith("#") for row in rows
    )


def _is_data(first: Sequence[str], others: Rows) -> bool:
    """Whether the first row is one of data: it holds what names of columns never are."""
    if any(len(cell.split()) >= _WORDS_OF_A_SENTENCE for cell in first):
        return True
    for place, cell in enumerate(first):
        below = [row[place] for row in others if len(row) > place]
        if is_media_name(cell) and all(map(is_media_name, below)):
            return True
        if len(first) > 1 and cell.isdecimal() and below and all(map(str.isdecimal, below)):
            return any(not each.isdecimal() for each in first)  # else a matrix of numbers
        shapes = {shape_of(each) for each in below}
        if not place and len(below) > 1 and shapes == {shape_of(cell)} and is_numbered(cell):
            return True  # ``u0`` above ``u1``
    return False


def _closes_marks(lines: Sequence[str], cut: _Cut) -> bool:
    """Whether the row of names closes every quotation mark."""
    reader = csv_reader(iter(lines), cut.delimiter, strict=True)
    try:
        while not any(next(reader, ["end"])):
            pass
    except csv.Error:
        return cut.names_at != 0 or sum(line.count('"') for line in lines[:1]) % 2 == 0
    return True


def _nameless(guess: Columns) -> str:
    taken = [f"{name} for the {role}" for role, name in guess.chosen().items()]
    which = f"; {', '.join(taken)} was taken" if taken else ""
    return f"no line names its columns, so all rows are items{which}"


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


def _quoted(lines: Sequence[str], delimiter: str) -> Rows:
    try:
        return list(csv_reader(iter(lines), delimiter))
    except csv.Error:  # a cell larger than the limit
        return []


def _bare(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip("\r\n").split(delimiter)]


def csv_reader(lines: Iterator[str], delimiter: str, **options: Any) -> Any:
    """Return Python's reader of such tables, for cells of any length that is read at all."""
    csv.field_size_limit(MAX_TEXT_BYTES)  # of the whole process; its default is 131,072
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, **options)


def _unique_names(names: Sequence[str]) -> list[str]:
    """Strip column names; nameless ones are numbered, and those that come twice."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, start=1):
        name = name.replace("\0", "").strip("\ufeff \t\r\n") or f"column {place}"
        while name in found:
            name = f"{name} (column {place})"
        found[name] = None
    return list(found)
