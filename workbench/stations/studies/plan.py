"""Before a study starts: whether a project has all that it asks for, and how much it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.alignment import OWN_WORDS
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project import Dataset, Project, now
from workbench.stations.encoding.caches import cache_state
from workbench.stations.studies.cell import StudyData, encoders_in_words
from workbench.stations.studies.design import Design
from workbench.stations.studies.facts import project_facts
from workbench.stations.studies.grid import ALL, Cell, Grid, expand, named_relation
from workbench.stations.studies.refusals import refusal
from workbench.stations.studies.study_folder import StudyRecipe
from workbench.words import several


@dataclass(frozen=True)
class Plan:
    """A study as a project can have it.

    Attributes
    ----------
    recipe : StudyRecipe
    cells : list of Cell
    """

    recipe: StudyRecipe
    cells: list[Cell]


def plan_study(data: StudyData, design: Design, device: str = "cpu") -> Plan:
    """Check a study against a project, before anything is trained.

    Raises
    ------
    WorkbenchError
        The project lacks something, or the study says something that nothing is known of: a
        sentence tells what, and what there is.
    """
    project = data.project
    facts = project_facts(project)
    if facts.missing:
        raise WorkbenchError(f"Nothing can be studied here: {facts.missing}")
    expand(design.grids, design.seeds)  # methods, settings and the number of cells
    fingerprints: dict[str, str] = {}
    grids = []
    for grid in design.grids:
        if OWN_WORDS.name in grid.methods:
            raise WorkbenchError(
                f"“{OWN_WORDS.name}” learns from no pairs: there is nothing to study. Leave it out."
            )
        choices = grid.encoders or [facts.chosen]
        labels: list[Any] = []
        for choice in choices:
            _check_encoded(project, choice)
            known = data.of(choice)
            fingerprints[encoders_in_words(choice)] = known.fingerprint
            _check_relations(grid, known)
            _check_methods(grid, choice, known)
            labels += _budgets(grid, known, project)
        own = {"encoders": choices, "labels": list(dict.fromkeys(labels))}
        grids.append(grid.model_copy(update=own))
    sure = design.model_copy(update={"grids": grids})
    recipe = StudyRecipe(
        design=sure, split=project.settings.split, data=fingerprints, device=device,
        created=data.until or now(),
    )  # fmt: skip
    return Plan(recipe, expand(sure.grids, sure.seeds))


def _check_encoded(project: Project, encoders: dict[Modality, str]) -> None:
    if len(encoders) < 2:
        raise WorkbenchError("Encoders of a study must be of two modalities or more.")
    for view, name in encoders.items():
        if cache_state(project, view, name) is None:
            raise WorkbenchError(
                f"No {view} items are encoded by {name}. Encode them on the Encode page or with "
                "“gera-workbench encode”."
            )


def _check_relations(grid: Grid, data: Dataset) -> None:
    there = {frozenset(relation) for relation, rows in data.pairs.items() if len(rows)}
    named = {name for names in grid.relations for name in names} | {grid.measured} - {""}
    listed = ", ".join(sorted("-".join(relation) for relation in data.pairs))
    for name in sorted(named):
        if frozenset(named_relation(name)) not in there:
            raise WorkbenchError(f"There are no pairs {name}. There are: {listed}.")


def _check_methods(grid: Grid, encoders: dict[Modality, str], data: Dataset) -> None:
    """Refuse what a method would refuse in every cell."""
    one = grid.model_copy(update={"encoders": [encoders], "labels": [ALL], "settings": {}})
    for cell in expand([one], [0]):
        left_out = set(cell.only_tested)
        relations = [each for each in data.pairs if each not in left_out]
        why = refusal(cell.method, data.views, relations)
        if why:
            raise WorkbenchError(f"This cannot be studied by {cell.method}: {why}")


def _budgets(grid: Grid, data: Dataset, project: Project) -> Iterable[int]:
    """Return the label budgets as numbers, none of them more than there are."""
    whole = {"labels": None, "budget": None, "validation": 0.0}
    split = data.split(project.settings.split.model_copy(update=whole))
    if not any(map(len, split.test.values())):
        raise WorkbenchError(
            "No pairs are held out for testing. Raise the test share on the Data page."
        )
    there = max(map(len, split.training.values()))
    for count in grid.labels:
        if count != ALL and count > there:
            raise WorkbenchError(
                f"The study asks for {count:,} labels, and there are {several(there, 'pair')} that "
                f"are not held out for the test. Ask for {there:,} or fewer."
            )
        yield there if count == ALL else count
