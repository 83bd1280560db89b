"""A study as lines: figures over an axis, a row a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.evaluation import Means, means
from workbench.stations.studies.cell_words import (
    axis_title,
    axis_value,
    plain_value,
    value_in_words,
    varied_axes,
)
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.study_folder import StudyRecipe
from workbench.stations.studies.table import CellResult, Results

Figures = npt.NDArray[np.float64]

FIGURE_TITLES = {
    "recall@1": "R@1", "recall@10": "R@10", "mrr": "MRR", "csls_recall@10": "R@10 by CSLS",
    "kept": "Neighbours kept", "within": "Same label within a modality",
    "within_frozen": "Same label, frozen", "validation_mrr": "MRR, validation",
    "seconds": "Processor seconds", "step_seconds": "Milliseconds a step",
    "peak_memory": "Peak memory, MiB", "wall": "Seconds",
}  # fmt: skip
SHARES = (
    "recall@1", "recall@10", "mrr", "csls_recall@10", "kept", "within", "within_frozen",
    "validation_mrr",
)  # fmt: skip
"""Figures that are shown in per cent."""


@dataclass(frozen=True)
class Point:
    """A place on the horizontal axis.

    Attributes
    ----------
    position : float
        The value itself on a logarithmic axis, a number from 0 on among categories.
    words : str
        What stands below.
    said : str
        What it is in a sentence, such as “α = 3”.
    """

    position: float
    words: str
    said: str


@dataclass(frozen=True)
class Line:
    """One line of a figure.

    Attributes
    ----------
    name : str
    values : dict of figure to ndarray, shape (seeds, points)
        Not a number where a cell has none; in per cent, points of time or MiB, as titles say.
    """

    name: str
    values: dict[str, Figures]

    def means(self, figure: str) -> Means:
        """Return mean and spread at each point."""
        return means(self.values[figure])


@dataclass(frozen=True)
class Lines:
    """All lines of a study over one axis.

    Attributes
    ----------
    axis, title : str
    scale : {"log", "categories"}
    ordered : bool
        Whether points follow each other, so that a line may join them.
    points : list of Point
    lines : list of Line
    """

    axis: str
    title: str
    scale: Literal["log", "categories"]
    ordered: bool
    points: list[Point]
    lines: list[Line]

    @property
    def positions(self) -> Figures:
        """Where the points stand, shape (points,)."""
        return np.array([point.position for point in self.points])

    def figures(self) -> list[str]:
        """Return the figures of which anything is known."""
        return [
            name for name in FIGURE_TITLES
            if any(not np.isnan(line.values[name]).all() for line in self.lines)
        ]  # fmt: skip


def lines_of(recipe: StudyRecipe, cells: Sequence[Cell], results: Results) -> Lines:
    """Return the lines of a study, of the cells that are finished."""
    axis = recipe.design.x
    values = _values(cells, axis)
    numeric = all(_is_number(value) and value > 0 for value in values)
    scale: Literal["log", "categories"] = "log" if numeric and len(values) > 1 else "categories"
    if scale == "log":
        values = sorted(values)
    place = {_key(value): number for number, value in enumerate(values)}
    points = [
        Point(
            float(value) if scale == "log" else float(number),
            _point_words(axis, value),
            value_in_words(axis, value),
        )
        for number, value in enumerate(values)
    ]
    others = [each for each in varied_axes(cells) if each != axis]
    seeds = {seed: row for row, seed in enumerate(recipe.design.seeds)}
    shape = len(seeds), len(points)
    lines: dict[tuple[str, ...], Line] = {}
    for cell in cells:
        key = tuple(_key(axis_value(cell, each)) for each in others)
        if key not in lines:
            empty = {name: np.full(shape, np.nan) for name in FIGURE_TITLES}
            lines[key] = Line(_line_name(cell, others), empty)
        found = results.get(cell.key)
        if found is not None:
            column = place[_key(axis_value(cell, axis))]
            for name, figure in shown_figures(found).items():
                lines[key].values[name][seeds[cell.seed], column] = figure
    ordered = scale == "log" or axis == "unpaired_times" or all(map(_is_number, values))
    return Lines(axis, axis_title(axis), scale, ordered, points, list(lines.values()))


def shown_figures(result: CellResult) -> dict[str, float]:
    """Return the figures of a cell in the units of their titles."""
    return {name: in_unit(name, value) for name, value in result.figures.items()}


def in_unit(figure: str, value: float) -> float:
    """Return a figure in per cent, milliseconds or MiB, as its title says."""
    if figure in SHARES:
        return 100 * value
    if figure == "step_seconds":
        return 1000 * value
    return value / 2**20 if figure == "peak_memory" else value


def figure_title(figure: str) -> str:
    """Return what a figure is called, with its unit."""
    return f"{FIGURE_TITLES[figure]}, %" if figure in SHARES else FIGURE_TITLES[figure]


def _values(cells: Sequence[Cell], axis: str) -> list[Any]:
    """Return the values on an axis, each once, in the order of the study."""
    found: Mapping[str, Any] = {
        _key(value): value for value in (axis_value(c, axis) for c in cells)
    }
    return list(found.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(value: Any) -> str:
    return repr(value)


def _point_words(axis: str, value: Any) -> str:
    if axis == "unpaired_times":
        return "all" if value is None else f"{value:g}×"
    if axis == "validation":
        return f"{value:.0%}"
    if axis == "labels":
        return "all" if value is None else f"{value:,}"
    return value_in_words(axis, value) if axis == "method" else plain_value(value)


def _line_name(cell: Cell, axes: Sequence[str]) -> str:
    """Say in what a line differs from the others; of a cell that differs in nothing, the method."""
    parts = [(axis, axis_value(cell, axis)) for axis in axes]
    # a setting that a cell does not have says nothing of it
    said = [
        value_in_words(axis, value)
        for axis, value in parts
        if value is not None or axis in ("labels", "unpaired_times")
    ]
    return ", ".join(said) or value_in_words("method", cell.method)
