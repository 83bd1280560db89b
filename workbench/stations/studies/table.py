"""The table of a study: a row a cell, as its file has it and as it is read again."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.project.writing import write_text
from workbench.received.small import MissingFileError, read_text
from workbench.received.words import for_cell
from workbench.stations.studies.grid import Cell

FIGURES = (
    "recall@1", "recall@10", "mrr", "csls_recall@10", "kept", "within", "within_frozen",
    "validation_mrr", "seconds", "step_seconds", "wall", "peak_memory",
)  # fmt: skip
"""Shares from 0 to 1, but for processor and wall seconds, and the peak memory in bytes."""

_KEY, _ERROR = "cell", "error"
_MOST_BYTES = 64 << 20
_LONGEST_ERROR = 600
_WHAT = "The table"


@dataclass(frozen=True)
class CellResult:
    """What became of a cell.

    Attributes
    ----------
    figures : dict of str to float
        Of `FIGURES`; what could not be measured is left out.
    error : str
        Why there are none.
    """

    figures: dict[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def finished(self) -> bool:
        """Whether it has figures: what failed is tried again when the study goes on."""
        return not self.error


Results = dict[str, CellResult]
"""By the keys of cells."""


def write_table(path: Path, cells: Sequence[Cell], results: Results) -> None:
    """Replace the table: the cells that have a result, in the order of the study.

    Raises
    ------
    WorkbenchError
        It cannot be written; it is as it was then.
    """
    text = io.StringIO(newline="")
    columns = [_KEY, *_columns(cells), *FIGURES, _ERROR]
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    for cell in cells:
        found = results.get(cell.key)
        if found is not None:
            writer.writerow({_KEY: cell.key, **_settings(cell), **_figures(found)})
    write_text(path, text.getvalue())


def read_table(path: Path, keys: Iterable[str]) -> Results:
    """Read the results of cells; none if there is no file.

    Raises
    ------
    WorkbenchError
        The file is damaged, or has rows of other cells.
    """
    try:
        text = read_text(path, _WHAT, _MOST_BYTES)
    except MissingFileError:
        return {}
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if _KEY not in (rows.fieldnames or ()):
            raise ValueError(f"it has no column “{_KEY}”")
        found = {row[_KEY]: _result(row) for row in rows}
    except (TypeError, ValueError, csv.Error) as error:
        raise _damaged(path, str(error)) from None
    strange = found.keys() - set(keys)
    if strange:
        raise _damaged(path, f"{len(strange):,} of its rows are of no cell of the recipe beside it")
    return found


def _damaged(path: Path, why: str) -> WorkbenchError:
    return WorkbenchError(
        f"{_WHAT} {path} cannot be read: {why}. Repair it, or move the study's folder away and run "
        "the study again."
    )


def setting_columns(cells: Iterable[Cell]) -> list[str]:
    """Return the names of the methods' settings that cells set, in their order."""
    return list(dict.fromkeys(name for cell in cells for name in cell.settings))


def _columns(cells: Sequence[Cell]) -> list[str]:
    views = list(dict.fromkeys(view for cell in cells for view in cell.encoders))
    common = ["method", "labels", "seed", "validation", "unpaired_times", "only_tested", "measured"]
    return common + [f"encoder_{view}" for view in views] + _named(setting_columns(cells))


def _named(settings: Iterable[str]) -> list[str]:
    """Set the methods' settings apart from the columns that all cells have."""
    return [f"set_{name}" for name in settings]


def _settings(cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {
        "method": cell.method, "seed": cell.seed, "validation": cell.validation,
        "labels": "all" if cell.labels is None else cell.labels,
        "unpaired_times": "all" if cell.unpaired_times is None else cell.unpaired_times,
        "only_tested": " ".join("-".join(relation) for relation in cell.only_tested),
        "measured": cell.measured,
        **{f"encoder_{view}": name for view, name in cell.encoders.items()},
        **dict(zip(_named(cell.settings), cell.settings.values(), strict=True)),
    }  # fmt: skip
    return {name: for_cell(value) for name, value in found.items()}


def _figures(result: CellResult) -> dict[str, str]:
    error = " ".join(result.error.split())[:_LONGEST_ERROR]
    return {name: f"{value:.7g}" for name, value in result.figures.items()} | {
        _ERROR: str(for_cell(error))
    }


def _result(row: dict[str, Any]) -> CellResult:
    """Return what a row says; whatever it is, it is a number or no figure at all."""
    if None in row or None in row.values():
        raise ValueError("a row has too many or too few cells")
    figures = {name: float(row[name]) for name in FIGURES if row.get(name)}
    if not all(map(math.isfinite, figures.values())):
        raise ValueError("a figure is not finite")
    error = str(row.get(_ERROR, ""))[:_LONGEST_ERROR]
    if not error and not figures:
        raise ValueError("a row has neither figures nor an error")
    return CellResult({} if error else figures, error)
