"""What a cell is, in words: for progress, lines of figures and tables."""

from collections.abc import Sequence
from typing import Any

from workbench.alignment import find_method
from workbench.errors import WorkbenchError
from workbench.stations.studies.design import AXES
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.table import setting_columns

AXIS_TITLES = {
    "labels": "Labelled pairs", "validation": "Share for validation",
    "unpaired_times": "Unpaired items a paired one", "encoders": "Encoders",
    "relations": "Pairs learned from", "method": "Method", "alpha": "α",
    "neighbours": "K, neighbours", "kernel": "Kernel", "bandwidth": "σ, bandwidth",
}  # fmt: skip

Value = str | int | float | None


def axis_title(axis: str) -> str:
    """Return what an axis is called."""
    return AXIS_TITLES.get(axis, axis.replace("_", " "))


def axis_value(cell: Cell, axis: str) -> Any:
    """Return where a cell stands on an axis; None where it has no value of its own there."""
    if axis == "encoders":
        return ", ".join(_short(name) for name in cell.encoders.values())
    if axis == "relations":
        return _relations(cell)
    if axis in AXES:
        return getattr(cell, axis)
    return cell.settings.get(axis)


def value_in_words(axis: str, value: Any) -> str:
    """Say a value of an axis."""
    if axis == "method":
        return _title(value)
    if axis == "validation":
        return f"{value:.0%} for validation"
    if axis == "labels":
        return "all labels" if value is None else f"{value:,} labels"
    if axis == "unpaired_times":
        return "all unpaired" if value is None else f"{value:g}× unpaired"
    if axis in ("encoders", "relations"):
        return str(value)
    return f"{_symbol(axis)} = {plain_value(value)}"


def plain_value(value: Any) -> str:
    """Write the value of a setting."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain_value(each)}" for name, each in value.items())
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def varied_axes(cells: Sequence[Cell]) -> list[str]:
    """Return the axes on which cells differ, seeds apart."""
    axes = ["method", *setting_columns(cells), *(axis for axis in AXES if axis != "method")]
    return [axis for axis in axes if len({repr(axis_value(cell, axis)) for cell in cells}) > 1]


def cell_in_words(cell: Cell) -> str:
    """Say what a cell is: “GeRA, α = 3, 50 labels, seed 0”."""
    parts = [_title(cell.method)]
    parts += [value_in_words(name, value) for name, value in cell.settings.items()]
    parts.append(value_in_words("labels", cell.labels))
    if cell.validation:
        parts.append(value_in_words("validation", cell.validation))
    if cell.unpaired_times is not None:
        parts.append(value_in_words("unpaired_times", cell.unpaired_times))
    return ", ".join([*parts, f"seed {cell.seed}"])


def _title(method: str) -> str:
    try:
        return find_method(method).title
    except WorkbenchError:  # of a plug-in that is not installed any more
        return method


def _symbol(axis: str) -> str:
    return {"alpha": "α", "neighbours": "K", "bandwidth": "σ"}.get(axis, axis.replace("_", " "))


def _short(encoder: str) -> str:
    """Return the end of an encoder's name, which says what it is."""
    return encoder.rstrip("/").rpartition("/")[2] or encoder


def _relations(cell: Cell) -> str:
    direct = set(cell.measured.split("-")) if cell.measured else set()
    if direct and direct == set(cell.encoders):
        return "directly"
    if direct and any(set(relation) == direct for relation in cell.only_tested):
        others = [view for view in cell.encoders if view not in direct]
        return f"through {' and '.join(others) or 'others'}"
    if cell.only_tested:
        return "without " + " ".join("–".join(each) for each in cell.only_tested)
    return "all pairs"
