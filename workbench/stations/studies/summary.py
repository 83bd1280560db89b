"""A study as it stands: what is finished, its lines, and all of it as plain data."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.evaluation import Means
from workbench.stations.studies.cell_words import cell_in_words
from workbench.stations.studies.findings import findings
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.lines import Line, Lines, lines_of
from workbench.stations.studies.study_folder import Study, StudyRecipe
from workbench.stations.studies.table import Results


@dataclass(frozen=True)
class StudySummary:
    """What is known of a study.

    Attributes
    ----------
    study : Study
    recipe : StudyRecipe
    cells : list of Cell
    results : dict of cell key to CellResult
    """

    study: Study
    recipe: StudyRecipe
    cells: list[Cell]
    results: Results

    @property
    def title(self) -> str:
        """What the study is called."""
        return self.recipe.design.title or self.study.name

    def waiting(self) -> list[Cell]:
        """Return the cells that have no figures."""
        return [cell for cell in self.cells if cell.key not in self._finished()]

    def failed(self) -> list[tuple[Cell, str]]:
        """Return the cells that failed, and why."""
        found = ((cell, self.results.get(cell.key)) for cell in self.cells)
        return [(cell, result.error) for cell, result in found if result and result.error]

    def lines(self) -> Lines:
        """Return the lines of its figures."""
        return lines_of(self.recipe, self.cells, self.results)

    def how_far(self) -> str:
        """Say how much of it is done."""
        done, failed = len(self._finished()), len(self.failed())
        words = f"{done:,} of {len(self.cells):,} cells are finished"
        return f"{words}, {failed:,} failed." if failed else f"{words}."

    def plain(self, target: float | None = None) -> dict[str, Any]:
        """Return it as JSON has it; figures in the units of their titles."""
        lines = self.lines()
        return {
            "name": self.study.name, "folder": str(self.study.folder), "title": self.title,
            "question": self.recipe.design.question, "cells": len(self.cells),
            "finished": len(self._finished()),
            "failed": [{"cell": cell_in_words(c), "error": why} for c, why in self.failed()],
            "x": lines.axis,
            "lines": [
                {"name": line.name, "points": list(_points(lines, line))} for line in lines.lines
            ],
            "findings": findings(lines, target),
        }  # fmt: skip

    def _finished(self) -> set[str]:
        return {key for key, result in self.results.items() if result.finished}


def read_study(study: Study) -> StudySummary:
    """Read a study as it stands.

    Raises
    ------
    WorkbenchError
        Its recipe or its table is damaged, or a method of it is not installed here.
    """
    recipe = study.recipe()
    cells = recipe.cells()
    return StudySummary(study, recipe, cells, study.results(cells))


def mean_in_words(found: Means, place: int, digits: int = 1) -> str:
    """Say a mean and its deviation over seeds: “40.3 ± 1.6”; empty where there is none."""
    if not found.count[place]:
        return ""
    mean, deviation = found.mean[place], found.deviation[place]
    words = f"{mean:.{digits}f}"
    return words if math.isnan(deviation) else f"{words} ± {deviation:.{digits}f}"


def _points(lines: Lines, line: Line) -> Iterator[dict[str, Any]]:
    known = {figure: line.means(figure) for figure in lines.figures()}
    for place, point in enumerate(lines.points):
        found = {
            figure: {
                "seeds": int(each.count[place]),
                **{
                    name: _plain(getattr(each, name)[place])
                    for name in ("mean", "deviation", "low", "high")
                },
            }
            for figure, each in known.items()
            if each.count[place]
        }
        if found:
            yield {"x": point.words, **found}


def _plain(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
