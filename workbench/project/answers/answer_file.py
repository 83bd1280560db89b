"""The list of what a user said about items: a table that any spreadsheet opens.

It lies beside the settings, is the project's own, and is the only place where the answers are kept.
Each line names items as the catalogue does: a modality, and a path from the project's folder on. So
the list survives scans, and is moved and copied with the project.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project.writing import changed_alone, write_text
from workbench.received.small import MissingFileError, read_text
from workbench.received.words import for_cell

ANSWERS_FILE = "own-pairs.csv"

Said = Literal["pair", "no pair", "no partner", "withdrawn"]
"""They belong together; they do not; the item has no partner in the view; as if never asked."""

_ANSWERS: tuple[Said, ...] = get_args(Said)
_COLUMNS = (
    "answer", "first", "first_modality", "second", "second_modality", "when", "proposed_by",
    "first_name", "second_name",
)  # fmt: skip
_NEEDED = _COLUMNS[:5]
_DELIMITERS = (",", ";", "\t")  # a spreadsheet saves with that of its country
_MOST_BYTES = 64 << 20  # two hundred thousand answers
_WHAT = "The list of your own pairs"


class Named(NamedTuple):
    """An item as the list names it.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    path : str
        As the catalogue keeps it; empty where a whole view is meant.
    name : str
        For whoever reads the list; see `Found.name`.
    """

    modality: Modality
    path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An answer as the list has it.

    Attributes
    ----------
    said : {"pair", "no pair", "no partner", "withdrawn"}
    first, second : Named
        Of “no partner” the second has no path.
    when : str
        UTC, as ISO 8601 has it; empty where somebody wrote the line by hand.
    by : str
        What had proposed it; empty of what was asked for by nobody.
    more : tuple of (str, str)
        Columns that the user added, and what is in them.
    """

    said: Said
    first: Named
    second: Named
    when: str = ""
    by: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OddLine:
    """A line that cannot be understood: it is kept, told, and not heeded."""

    number: int
    cells: tuple[tuple[str, str], ...]  # by the names of their columns
    why: str


class AnswerList(NamedTuple):
    """What the list holds, in its order."""

    lines: tuple[Line, ...] = ()
    odd: tuple[OddLine, ...] = ()


State = tuple[int, int, int]
_KEPT: dict[Path, tuple[State | None, AnswerList]] = {}
_MOST_KEPT = 4


def file_state(path: Path) -> State | None:
    """Return what changes when the list does; None where there is none."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_mtime_ns, now.st_size, now.st_ino


def read_answers(path: Path) -> AnswerList:
    """Return the list; what was read last is kept as long as the file stays as it is.

    Raises
    ------
    WorkbenchError
        It cannot be read, or is another table that happens to be called so.
    """
    state = file_state(path)
    if state is None:
        return AnswerList()
    known = _KEPT.get(path)
    if known is None or known[0] != state:
        known = _keep(path, state, _read(path))
    return known[1]


def _keep(path: Path, state: State | None, found: AnswerList) -> tuple[State | None, AnswerList]:
    """Keep what a file says in this state; of few projects, one of which is open."""
    if len(_KEPT) > _MOST_KEPT:
        _KEPT.clear()
    _KEPT[path] = state, found
    return _KEPT[path]


def _read(path: Path) -> AnswerList:
    try:
        text = read_text(path, _WHAT, _MOST_BYTES)
    except MissingFileError:
        return AnswerList()
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    lines: list[Line] = []
    odd: list[OddLine] = []
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = [cell.strip() for cell in next(rows, [])]
        columns = [name.casefold() if name.casefold() in _COLUMNS else name for name in names]
        absent = [name for name in _NEEDED if name not in columns]
        if absent:
            raise ValueError(f"it has no column “{absent[0]}”")
        for cells in rows:
            if any(cells):
                named = dict(zip(columns, cells, strict=False))
                try:
                    lines.append(_line(named))
                except ValueError as error:
                    odd.append(OddLine(rows.line_num, tuple(named.items()), str(error)))
    except (ValueError, csv.Error) as error:
        raise WorkbenchError(
            f"{_WHAT} {path} cannot be read: {error}. Move the file away if it is none of the "
            "workbench’s, or repair it."
        ) from None
    return AnswerList(tuple(lines), tuple(odd))


def _line(given: dict[str, str]) -> Line:
    cells = {**dict.fromkeys(_COLUMNS, ""), **given}
    said = _said(cells["answer"])
    first, second = (
        Named(_modality(cells[f"{side}_modality"]), cells[side], cells[f"{side}_name"])
        for side in ("first", "second")
    )
    if said == "no partner":
        second = second._replace(path="")
    if not first.path or (not second.path and said in ("pair", "no pair")):
        raise ValueError("it does not name two items")
    if first.modality == second.modality:
        raise ValueError("its two items are of one modality")
    more = tuple((name, cell) for name, cell in given.items() if name not in _COLUMNS)
    return Line(said, first, second, cells["when"].strip(), cells["proposed_by"], more)


def _said(cell: str) -> Said:
    for said in _ANSWERS:
        if cell.strip() == said:
            return said
    raise ValueError(f"“{cell[:40]}” is none of the answers {', '.join(_ANSWERS)}")


def _modality(cell: str) -> Modality:
    for modality in MODALITIES:
        if cell.strip() == modality:
            return modality
    raise ValueError(f"“{cell[:40]}” is no modality")


@contextmanager
def change_answers(path: Path) -> Iterator[list[Line]]:
    """Give the lines to be changed, and write them in one step while nobody else changes them.

    Raises
    ------
    WorkbenchError
        The list cannot be read or written; it is as it was then.
    """
    with changed_alone(path):
        found = read_answers(path)
        lines = list(found.lines)
        yield lines
        if lines != list(found.lines):
            _write(path, lines, found.odd)
            _KEPT.pop(path, None)
            if not found.odd:  # which have other numbers now
                _keep(path, file_state(path), AnswerList(tuple(lines)))


def follow_moved(path: Path, moved: Mapping[tuple[Modality, str], str]) -> None:
    """Let the list name items by the paths that they have now.

    Parameters
    ----------
    path : Path
        Of the list; there may be none.
    moved : mapping of (modality, path) to path
        Kept paths from before, and those of now.

    Raises
    ------
    WorkbenchError
        The list cannot be read or written.
    """
    if not moved or file_state(path) is None:
        return
    with change_answers(path) as lines:
        lines[:] = [
            replace(line, first=_moved(line.first, moved), second=_moved(line.second, moved))
            for line in lines
        ]


def _moved(item: Named, moved: Mapping[tuple[Modality, str], str]) -> Named:
    return item._replace(path=moved.get((item.modality, item.path), item.path))


def _write(path: Path, lines: Sequence[Line], odd: Sequence[OddLine]) -> None:
    rows = [_cells(line) for line in lines] + [dict(each.cells) for each in odd]
    columns = dict.fromkeys([*_COLUMNS, *(name for row in rows for name in row)])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    # with a byte order mark, by which spreadsheets know UTF-8
    write_text(path, f"\N{ZERO WIDTH NO-BREAK SPACE}{text.getvalue()}")


def _cells(line: Line) -> dict[str, str]:
    first, second = line.first, line.second
    cells = (
        line.said, first.path, first.modality, second.path, second.modality, line.when,
        for_cell(line.by), for_cell(first.name), for_cell(second.name),
    )  # fmt: skip
    return {**dict(zip(_COLUMNS, cells, strict=True)), **dict(line.more)}
