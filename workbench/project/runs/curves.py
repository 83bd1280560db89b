"""The curves of a run: a CSV file with a row a training step, which grows while it trains."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.writing import write_text
from workbench.received.small import MissingFileError, check_regular, read_text
from workbench.whole_files import open_own

Row = Mapping[str, float]

_WHAT = "The file of curves"
_MOST_BYTES = 1 << 28  # a step takes some 300
_MOST_COLUMNS = 500


def read_curves(path: Path) -> list[dict[str, float]]:
    """Return the rows, empty cells left out; none if there is no file.

    Raises
    ------
    WorkbenchError
        The file is damaged.
    """
    try:
        text = read_text(path, _WHAT, _MOST_BYTES)
    except MissingFileError:
        return []
    try:
        # a process killed while it wrote leaves part of a line behind
        table = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
        if len(table.fieldnames or ()) > _MOST_COLUMNS:
            raise ValueError(f"they have more than {_MOST_COLUMNS} columns")
        rows = [{name: float(cell) for name, cell in row.items() if name and cell} for row in table]
        if not all(0 <= row.get("step", 0) < 2**53 for row in rows):
            raise ValueError("a step is none")
    except (TypeError, ValueError, csv.Error) as error:
        raise WorkbenchError(f"The curves {path} cannot be read: {error}.") from None
    return rows


def write_curves(path: Path, rows: Sequence[Row]) -> None:
    """Replace the file.

    Raises
    ------
    WorkbenchError
        It cannot be written.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_cells, rows))
    write_text(path, text.getvalue())


def add_to_curves(path: Path, rows: Sequence[Row]) -> None:
    """Add rows at the end; the whole file is written anew only for a column it does not have.

    Raises
    ------
    WorkbenchError
        It cannot be written; it is as it was then.
    """
    try:
        columns = _columns(path)
        if path.is_symlink() or any(name not in columns for row in rows for name in row):
            write_curves(path, [*read_curves(path), *rows])
            return
        text = io.StringIO(newline="")
        csv.DictWriter(text, columns, lineterminator="\n").writerows(map(_cells, rows))
        size = path.stat().st_size
        try:
            with os.fdopen(open_own(path, os.O_WRONLY | os.O_APPEND), "ab") as lines:
                lines.write(text.getvalue().encode())
        except OSError:
            os.truncate(path, size)  # on a full disk part of the rows are written
            raise
    except OSError as error:
        raise WorkbenchError(f"The curves {path} cannot be written: {error.strerror}.") from None


def _columns(path: Path) -> list[str]:
    try:
        check_regular(path, _WHAT)
        with path.open(encoding="utf-8", newline="") as lines:
            return next(csv.reader(lines), [])
    except MissingFileError:
        return []
    except (ValueError, csv.Error) as error:
        raise WorkbenchError(f"The curves {path} cannot be read: {error}.") from None


def _cells(row: Row) -> dict[str, float]:
    """Return a row as it is written: a step is a whole number, also one read from a file."""
    return {name: int(value) if name == "step" else value for name, value in row.items()}
