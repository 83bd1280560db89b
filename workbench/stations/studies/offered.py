"""What studies a project could have: how many trainings each is, and about how long it takes."""

from dataclasses import dataclass

from workbench.project import Project
from workbench.stations.studies.cell import StudyData
from workbench.stations.studies.design import Design
from workbench.stations.studies.estimate import Known, estimated_seconds, known_times
from workbench.stations.studies.facts import ProjectFacts, project_facts
from workbench.stations.studies.grid import Cell, expand
from workbench.stations.studies.plan import plan_study
from workbench.stations.studies.ready_made import READY_MADE, ReadyMade
from workbench.stations.studies.run_study import extended, name_of
from workbench.stations.studies.study_folder import StudyShelf


@dataclass(frozen=True)
class Offer:
    """A ready-made study as a project can have it.

    Attributes
    ----------
    ready : ReadyMade
    trainings : int
        Of all seeds.
    seconds : float or None
        About how long they take, one after another; None where nothing like them was trained yet.
    missing : str
        Why it cannot be had, in a sentence; else empty.
    """

    ready: ReadyMade
    trainings: int = 0
    seconds: float | None = None
    missing: str = ""


def offered_studies(project: Project) -> list[Offer]:
    """Return all ready-made studies, without reading embeddings."""
    facts, known = project_facts(project), known_times(project)
    return [_offer(each, facts, known) for each in READY_MADE]


def _offer(ready: ReadyMade, facts: ProjectFacts, known: list[Known]) -> Offer:
    missing = ready.missing(facts)
    if missing:
        return Offer(ready, missing=missing)
    design = ready.design(facts)
    cells = expand(design.grids, design.seeds)
    return Offer(ready, len(cells), estimated_seconds(cells, known))


def cost_of_study(
    project: Project, design: Design, name: str | None = None, workers: int = 1
) -> tuple[int, float | None]:
    """Return how many trainings a study still is, and about how many seconds they take.

    Raises
    ------
    WorkbenchError
        It cannot be had, as when it is started.
    """
    plan = plan_study(StudyData(project), design)
    cells: list[Cell] = plan.cells
    study = StudyShelf(project).find(name_of(design, name))
    if study is not None:
        recipe = extended(study, plan)
        cells = recipe.cells()
        results = study.results(cells)
        cells = [cell for cell in cells if cell.key not in results or results[cell.key].error]
    return len(cells), estimated_seconds(cells, known_times(project), workers)
