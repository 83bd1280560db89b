"""The jobs that the Train page starts; the stations are imported in the job's own thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.gui.training.live_values import changes_made
from workbench.gui.training.setup import Wish
from workbench.jobs import Control, Event, Job, Progress

if TYPE_CHECKING:
    from workbench.alignment import LiveChange
    from workbench.project import Project, Run


@dataclass(frozen=True)
class CurvesSoFar(Event):
    """The curves of a run that goes on, before it does: they may be long, so a job reads them."""

    rows: list[dict[str, float]]
    changes: list["LiveChange"]


def align_job(
    project: "Project", wish: Wish, alpha: dict[str, Any]
) -> Callable[[Control], Job["Run"]]:
    """Return what aligns a project as the page says."""

    def make_job(control: Control) -> Job["Run"]:
        from workbench.stations import AlignRequest, align

        request = AlignRequest.checked(
            method=wish.method,
            settings={**wish.settings, **alpha},
            pairs=wish.pairs,
            seed=wish.seed,
            name=wish.name,
        )
        return align(project, request, control)

    return make_job


def resume_job(project: "Project", run_name: str) -> Callable[[Control], Job["Run"]]:
    """Return what goes on with a run, and first tells of its curves."""

    def make_job(control: Control) -> Job["Run"]:
        from workbench.stations import resume

        run = project.run(run_name)
        yield Progress(0, 0, "Reading curves")
        yield CurvesSoFar(run.curves(), changes_made(run.recipe()))
        return (yield from resume(project, run_name, control))

    return make_job


def evaluate_job(project: "Project", run_name: str) -> Callable[[Control], Job[dict[str, Any]]]:
    """Return what measures a run on the held-out pairs."""

    def make_job(control: Control) -> Job[dict[str, Any]]:
        from workbench.stations import evaluate

        return evaluate(project, run_name, control)

    return make_job
