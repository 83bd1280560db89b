"""The curves of a run: a CSV file with a row a training step, which grows while it trains."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.writing import write_text
from workbench.whole_files import open_own

Row = Mapping[str, float]


def read_curves(path: Path) -> list[dict[str, float]]:
    """Return the rows, empty cells left out; none if there is no file.

    Raises
    ------
    WorkbenchError
        The file is damaged.
    """
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8")
        # a process killed while it wrote leaves part of a line behind
        whole = io.StringIO(text[: text.rfind("\n") + 1], newline="")
        return [
            {name: float(cell) for name, cell in row.items() if name and cell}
            for row in csv.DictReader(whole)
        ]
    except (OSError, TypeError, ValueError, csv.Error) as error:
        raise WorkbenchError(f"The curves {path} cannot be read: {error}.") from None


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
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines), [])


def _cells(row: Row) -> dict[str, float]:
    """Return a row as it is written: a step is a whole number, also one read from a file."""
    return {name: int(value) if name == "step" else value for name, value in row.items()}
