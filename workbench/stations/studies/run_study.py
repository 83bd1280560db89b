"""Study: train and measure every cell that has no figures yet, and keep each as soon as it has."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.encoders import pick_device
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Notice, Progress, RecentRate, Stopwatch
from workbench.project import Project, now
from workbench.stations.studies.cell import StudyData
from workbench.stations.studies.cell_words import cell_in_words
from workbench.stations.studies.design import OWN, Design
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.on_cluster import on_cluster
from workbench.stations.studies.plan import Plan, plan_study
from workbench.stations.studies.study_folder import Sitting, Study, StudyRecipe, StudyShelf
from workbench.stations.studies.table import Results
from workbench.stations.studies.workers import (
    CellBegun,
    CellDone,
    Task,
    beside_each_other,
    one_after_another,
    usual_workers,
)

_WORTH_PROCESSES = 60.0  # seconds of work left: each process first imports for some


@dataclass(frozen=True)
class StudyBegun(Event):
    """A study has its folder, and cells to train."""

    name: str
    waiting: int
    cells: int


def study(
    project: Project,
    design: Design,
    control: Control | None = None,
    *,
    name: str | None = None,
    workers: int | None = None,
    device: str = "cpu",
    cluster: str | None = None,
) -> Job[Study]:
    """Make a study, or extend one of the same question, and train what it lacks.

    Parameters
    ----------
    project : Project
    design : Design
    control : Control, optional
        Paused, it waits between two steps. A stop loses the cells that are being trained, and a
        process that is killed loses no others either.
    name : str, optional
        Of the study; by default its kind, or its title. A study of this name and kind takes in the
        seeds and grids that it does not have.
    workers : int, optional
        Processes; by default as many as there are cores and memory for, once the first cell has
        shown that they are worth it.
    device : str
    cluster : str, optional
        Address of a Ray cluster whose CPUs take the cells, in place of processes here. Ray may end
        the process that does this: see `in_cluster_process`.

    Yields
    ------
    StudyBegun, CellBegun, CellDone, Progress, Notice

    Returns
    -------
    Study

    Raises
    ------
    WorkbenchError
        Before any work, when the study cannot be made or extended.
    """
    control = control or Control()
    yield Progress(0, 0, "Reading embeddings")
    wish = name_of(design, name)
    shelf = StudyShelf(project)
    found = shelf.find(wish)
    data = StudyData(project, now() if found is None else found.recipe().created)
    plan = plan_study(data, design, pick_device(device))
    if found is None:
        found = shelf.new(wish, plan.recipe)
    with found.worked_at_alone():
        recipe = extended(found, plan)
        found.write_recipe(recipe)
        yield from _go_on(found, recipe, data, control, workers, cluster)
    return found


def name_of(design: Design, name: str | None = None) -> str:
    """Return what a study is called: as wished, by its kind, or by its title."""
    return name or (design.title or "study" if design.kind == OWN else design.kind)


def resume_study(
    project: Project,
    name: str,
    control: Control | None = None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
) -> Job[Study]:
    """Train the cells of a study that have no figures; parameters and events as of `study`.

    Raises
    ------
    WorkbenchError
        There is no such study, it is damaged or being worked at, or the project has changed.
    """
    found = StudyShelf(project).study(name)
    with found.worked_at_alone():
        yield Progress(0, 0, "Reading embeddings")
        recipe = found.recipe()
        data = StudyData(project, recipe.created)
        _check_unchanged(found, recipe, plan_study(data, recipe.design).recipe)
        yield from _go_on(found, recipe, data, control or Control(), workers, cluster)
    return found


def extended(study: Study, plan: Plan) -> StudyRecipe:
    """Return the recipe of a study with what a plan has more: seeds and grids.

    Raises
    ------
    WorkbenchError
        It asks another question, or the project has changed since it was made.
    """
    recipe, new = study.recipe(), plan.recipe
    if recipe.design.kind != new.design.kind:
        raise WorkbenchError(
            f"The study “{study.name}” asks something else ({recipe.design.kind}). Choose another "
            "name for this one."
        )
    _check_unchanged(study, recipe, new)
    seeds = [*recipe.design.seeds, *(s for s in new.design.seeds if s not in recipe.design.seeds)]
    grids = [*recipe.design.grids, *(g for g in new.design.grids if g not in recipe.design.grids)]
    design = recipe.design.model_copy(update={"seeds": seeds, "grids": grids})
    return recipe.model_copy(update={"design": design, "data": {**new.data, **recipe.data}})


def _check_unchanged(study: Study, recipe: StudyRecipe, new: StudyRecipe) -> None:
    """Refuse to mix figures of two states of a project."""
    changed = [name for name, mark in new.data.items() if recipe.data.get(name, mark) != mark]
    what = "items, pairs or embeddings" if changed else ""
    if recipe.split.test != new.split.test:
        what = "share of pairs held out for the test"
    if what:
        raise WorkbenchError(
            f"The {what} changed since the study “{study.name}” was made, so new figures could not "
            "be compared with those it has. Begin a new study under another name; its table and "
            "report stay as they are."
        )


def _go_on(
    study: Study,
    recipe: StudyRecipe,
    data: StudyData,
    control: Control,
    workers: int | None,
    cluster: str | None,
) -> Job[None]:
    """Train what is not finished, and keep each cell when it is."""
    cells = recipe.cells()
    results = study.results(cells)
    waiting = [cell for cell in cells if not (cell.key in results and results[cell.key].finished)]
    yield StudyBegun(study.name, len(waiting), len(cells))
    if not waiting:
        yield Notice(f"All {len(cells):,} cells of the study “{study.name}” are finished.")
        return
    sitting = Sitting.now(workers or 1)
    yield from _other_program(recipe, sitting)
    _note_sitting(study, recipe, sitting)
    # a recipe that came with a project may name a device that is not here
    task = Task(data.project.root, recipe.split, pick_device(recipe.device), data.until)
    work = _Work(study, cells, results, len(cells) - len(waiting))
    if cluster is not None:
        yield from work.take(on_cluster(cluster, task, data, waiting, control))
        return
    if workers is None:
        clock = Stopwatch()
        yield from work.take(one_after_another(task, data, waiting[:1], control))
        waiting = [] if control.stopping else waiting[1:]
        workers = 1
        if clock.seconds() * len(waiting) >= _WORTH_PROCESSES:
            workers = usual_workers(len(waiting), data.bytes(), task.device)
    if workers > 1:
        _note_sitting(study, recipe, sitting.model_copy(update={"workers": workers}))
        yield from work.take(beside_each_other(task, waiting, workers, control))
    else:
        yield from work.take(one_after_another(task, data, waiting, control))


def _note_sitting(study: Study, recipe: StudyRecipe, sitting: Sitting) -> None:
    """Write into the recipe that the study is worked at."""
    study.write_recipe(recipe.model_copy(update={"sittings": [*recipe.sittings, sitting]}))


def _other_program(recipe: StudyRecipe, here: Sitting) -> Iterator[Notice]:
    """Tell where a study goes on by other versions, or on another machine, than before."""
    if not recipe.sittings:
        return
    before = recipe.sittings[-1]
    other = [name for name, each in here.versions.items() if before.versions.get(name) != each]
    if other:
        yield Notice(
            f"The study was begun with other versions of {', '.join(other)}: its cells may not be "
            "alike. The recipe tells both.",
            "warning",
        )
    if before.machine != here.machine:
        yield Notice("The study was begun on another machine: times and memory do not compare.")


class _Work:
    """What is done of a study, kept after each cell."""

    def __init__(self, study: Study, cells: list[Cell], results: Results, done: int) -> None:
        self._study, self._cells, self._results = study, cells, results
        self._done = self._before = done
        self._rate = RecentRate(600.0)

    def take(self, outcomes: Iterator[CellBegun | CellDone | Notice]) -> Job[None]:
        """Keep what comes, and tell of it."""
        for event in outcomes:
            if isinstance(event, Notice):
                yield event
                continue
            message = cell_in_words(event.cell)
            if isinstance(event, CellDone):
                self._results[event.cell.key] = event.result
                self._study.write_results(self._cells, self._results)
                self._done += 1
                if event.result.error:
                    yield Notice(f"{message}: {event.result.error}", "warning")
            yield event
            rate = self._rate.after(self._done - self._before)
            yield Progress(self._done, len(self._cells), message, rate)
