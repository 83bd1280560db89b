"""The jobs of the Studies page: reading is done in a thread, training in processes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cluster import in_cluster_process
from workbench.gui.training.blas_threads import blas_on_one_core
from workbench.job_process import in_kept_process, in_process
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.project import Project, Run
    from workbench.stations import Lines, Offer, StudySummary


@dataclass(frozen=True)
class Listed:
    """What has been studied in a project, by name with how far it is, and what could be."""

    studies: list[tuple[str, str]]
    offers: "list[Offer]"


@dataclass(frozen=True)
class CellRow:
    """A cell in the table of the page.

    Attributes
    ----------
    what : str
        The cell in words.
    seed : int
    figures : dict of str to float
        In the units of their titles.
    error : str
    """

    what: str
    seed: int
    figures: dict[str, float]
    error: str


@dataclass(frozen=True)
class ShownStudy:
    """A study, made ready to be drawn."""

    summary: "StudySummary"
    lines: "Lines"
    said: list[str]
    rows: list[CellRow]


@dataclass(frozen=True)
class Studying:
    """A study to be worked at, and what becomes of it when the window is closed meanwhile."""

    make_job: Callable[[Control], Job[Any]]
    kept: str = (
        "All finished cells of the study are kept; those that are being trained are lost. “Resume” "
        "on the Studies page continues it later."
    )

    def __call__(self, control: Control) -> Job[Any]:
        """Begin; called in the job's thread."""
        return self.make_job(control)


def list_job(project: "Project") -> Callable[[Control], Job[Listed]]:
    """Return what lists studies."""

    def look(_: Control) -> Job[Listed]:
        from workbench.errors import WorkbenchError
        from workbench.stations import StudyShelf, offered_studies, read_study

        yield from ()
        studies = []
        for study in StudyShelf(project).studies():
            try:
                studies.append((study.name, read_study(study).how_far()))
            except WorkbenchError as error:
                studies.append((study.name, str(error)))
        return Listed(studies, offered_studies(project))

    return look


def show_job(project: "Project", name: str) -> Callable[[Control], Job[ShownStudy]]:
    """Return what reads a study, and what it says."""

    def look(_: Control) -> Job[ShownStudy]:
        from workbench.stations import StudyShelf, findings, read_study

        yield from ()
        summary = read_study(StudyShelf(project).study(name))
        lines = summary.lines()
        with blas_on_one_core():
            return ShownStudy(summary, lines, findings(lines), rows_of(summary))

    return look


def rows_of(summary: "StudySummary") -> list[CellRow]:
    """Return the rows of a study's table: the cells that have a result."""
    from workbench.stations import cell_in_words, shown_figures

    rows = []
    for cell in summary.cells:
        result = summary.results.get(cell.key)
        if result is not None:
            what = cell_in_words(cell).rpartition(", seed")[0]
            rows.append(CellRow(what, cell.seed, shown_figures(result), result.error))
    return rows


def start_job(project: "Project", kind: str, seeds: int, cluster: str | None = None) -> Studying:
    """Return what starts a ready-made study, or extends it to so many seeds, here or there."""

    def make_job(control: Control) -> Job[Any]:
        from workbench.stations import find_ready_made, project_facts, study

        ready = find_ready_made(kind)
        assert ready is not None  # noqa: S101 - its button was there
        design = ready.design(project_facts(project)).varied(seeds=seeds)
        return (yield from _work(study, project, design, cluster, control))

    return Studying(make_job)


def go_on_job(project: "Project", name: str, cluster: str | None = None) -> Studying:
    """Return what trains the cells of a study that have no figures, here or there."""

    def make_job(control: Control) -> Job[Any]:
        from workbench.stations import resume_study

        return (yield from _work(resume_study, project, name, cluster, control))

    return Studying(make_job)


def _work(
    station: Callable[..., Job[Any]], project: "Project", what: Any, cluster: str | None,
    control: Control,
) -> Job[Any]:  # fmt: skip
    """Work at a study in a process, whose cells a cluster takes where one is given."""
    if cluster is None:
        return in_process(station, project, what, control=control)
    return in_cluster_process(
        station, project, what, address=cluster, control=control, cluster=cluster
    )


def train_best_job(project: "Project", name: str) -> Callable[[Control], Job["tuple[Run, str]"]]:
    """Return what trains the best of a study as a run."""

    def make_job(control: Control) -> "Job[tuple[Run, str]]":
        from workbench.stations import StudyShelf, align, request_of_best

        request, sentence = request_of_best(StudyShelf(project).study(name))
        run = yield from in_kept_process(align, project, request, control=control)
        return run, sentence

    return make_job


def report_job(project: "Project", name: str, path: Path) -> Callable[[Control], Job[Path]]:
    """Return what writes the report of a study."""

    def make_job(control: Control) -> Job[Path]:
        return (yield from in_process(report_station, project, name, path, control=control))

    return make_job


def report_station(project: "Project", name: str, path: Path, control: Control) -> Job[Path]:
    """Write a report, and the figures beside it; in a process, for drawing holds the lock."""
    from workbench.stations import StudyShelf, read_study, write_figures, write_report

    yield from ()
    study = StudyShelf(project).study(name)
    written = write_report(study, path)
    write_figures(read_study(study), path.with_name(f"{path.stem}-figures"))
    return written
