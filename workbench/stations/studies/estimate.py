"""How long cells will take, by what trainings like them have taken in this project."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from workbench.alignment import find_method
from workbench.errors import WorkbenchError
from workbench.project import Project
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.study_folder import Study, StudyShelf

_MOST_RUNS = 50  # read for this; the newest

Known = tuple[str, int, float]
"""A method, its steps, and the seconds that it took."""


def known_times(project: Project) -> list[Known]:
    """Return what trainings have taken in a project: cells of studies, and the newest runs."""
    found: list[Known] = []
    for study in StudyShelf(project).studies():
        try:
            found += times_of(study)
        except WorkbenchError:  # damaged: told where it is opened
            continue
    for run in project.runs()[-_MOST_RUNS:]:
        try:
            recipe = run.recipe()
            if recipe.state == "finished" and not recipe.ladder and recipe.seconds:
                steps = steps_of(recipe.method, recipe.settings)
                found.append((recipe.method, steps, recipe.seconds))
        except WorkbenchError:
            continue
    return found


def times_of(study: Study) -> list[Known]:
    """Return what the finished cells of a study have taken."""
    cells = study.recipe().cells()
    results = study.results(cells)
    return [
        (cell.method, steps_of(cell.method, cell.settings), results[cell.key].figures["wall"])
        for cell in cells
        if cell.key in results and "wall" in results[cell.key].figures
    ]


def estimated_seconds(
    cells: Sequence[Cell], known: Iterable[Known], workers: int = 1
) -> float | None:
    """Return about how long cells take; None where nothing like them has been trained.

    A cell takes what its method has taken on the mean, by steps where it has any. Of a method that
    has not been seen the mean of those stands in that train, or are solved, as it does.
    """
    by_method: dict[str, list[float]] = {}
    for method, steps, seconds in known:
        by_method.setdefault(method, []).append(seconds / steps)
    rate = {method: float(np.mean(each)) for method, each in by_method.items()}
    total = 0.0
    for cell in cells:
        steps = steps_of(cell.method, cell.settings)
        if cell.method not in rate:
            like = [each for method, each in rate.items() if _trains(method) == (steps > 1)]
            if not like:
                return None
            rate[cell.method] = float(np.mean(like))
        total += steps * rate[cell.method]
    return total / max(1, workers)


def steps_of(method: str, settings: dict[str, Any]) -> int:
    """Return how many steps a method takes; 1 of those that are solved at once."""
    if not _trains(method):
        return 1
    default = find_method(method).settings.model_fields["steps"].default
    steps = settings.get("steps", default)
    return max(1, steps) if isinstance(steps, int) else int(default)


def _trains(method: str) -> bool:
    try:
        return find_method(method).trains
    except WorkbenchError:  # of a plug-in that is not installed any more
        return False
