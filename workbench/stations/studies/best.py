"""The best of a study, as a run that can be trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import WorkbenchError
from workbench.stations.studies.cell_words import cell_in_words
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.study_folder import Study, StudyRecipe
from workbench.stations.studies.table import Results
from workbench.stations.training.align_request import AlignRequest


@dataclass(frozen=True)
class Best:
    """The settings whose mean over seeds is best.

    Attributes
    ----------
    cell : Cell
        At the study's first seed.
    figure : str
        What it is best by: ``validation_mrr`` where all cells have it, else ``recall@10``.
    mean : float
    seeds : int
    """

    cell: Cell
    figure: str
    mean: float
    seeds: int

    def sentence(self) -> str:
        """Say it, with how far its figure can be trusted."""
        words = cell_in_words(self.cell).rpartition(", seed")[0]
        if self.figure == "validation_mrr":
            return (
                f"Best on validation pairs: {words}, MRR {self.mean:.3f} on the mean of "
                f"{self.seeds} seeds."
            )
        return (
            f"Best: {words}, R@10 {self.mean:.1%} on the mean of {self.seeds} seeds. It was chosen "
            "by the held-out pairs themselves, so this figure is a little too good."
        )


def best_of(recipe: StudyRecipe, cells: Sequence[Cell], results: Results) -> Best | None:
    """Return the best settings of a study; None before anything is finished.

    Only settings with as many finished seeds as any other are compared.
    """
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.key in results and results[cell.key].finished:
            found.setdefault(cell.without_seed().key, []).append(cell)
    if not found:
        return None
    most = max(map(len, found.values()))
    whole = [each for each in found.values() if len(each) == most]

    def has(figure: str) -> bool:
        return all(figure in results[cell.key].figures for group in whole for cell in group)

    figure = "validation_mrr" if has("validation_mrr") else "recall@10"
    if not has(figure):
        return None

    def mean(group: list[Cell]) -> float:
        return float(np.mean([results[cell.key].figures[figure] for cell in group]))

    best = max(whole, key=mean)
    return Best(best[0], figure, mean(best), most)


def request_of_best(study: Study) -> tuple[AlignRequest, str]:
    """Return the request that trains the best of a study as a run, and a sentence about it.

    Raises
    ------
    WorkbenchError
        No cell is finished yet, or the study is damaged.
    """
    recipe = study.recipe()
    cells = recipe.cells()
    best = best_of(recipe, cells, study.results(cells))
    if best is None:
        raise WorkbenchError(f"No cell of the study “{study.name}” is finished yet. Run it first.")
    request = best.cell.request(recipe.split, recipe.device)
    return request.model_copy(update={"name": f"{study.name}-best"}), best.sentence()
