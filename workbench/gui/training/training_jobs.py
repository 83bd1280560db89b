"""The jobs that the Train page starts: a thread of the window drives each, a process works.

In a thread of the window's process the import of torch alone holds the interpreter's lock for
seconds, and so do faiss and scikit-learn (tests/bench/training_window.py). Heads are the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.gui.training.blas_threads import blas_on_one_core
from workbench.gui.training.curves.series import get_ready_to_smooth
from workbench.gui.training.form.setup import Wish
from workbench.gui.training.live_values import changes_made
from workbench.job_process import in_kept_process
from workbench.jobs import Control, Event, Job, Progress

if TYPE_CHECKING:
    from workbench.alignment import AlphaProbe, LiveChange
    from workbench.project import Project, Run

_LADDER_KEPT = (
    "The sweep stops at its next step and is kept as a run with the heads so far. It cannot be "
    "resumed."
)
SHOWN_PAIRS = 200
"""Of how many pairs the live map is."""


@dataclass(frozen=True)
class CurvesSoFar(Event):
    """The curves of a run that goes on, before it does: they may be long, so a job reads them."""

    rows: list[dict[str, float]]
    changes: list["LiveChange"]


@dataclass(frozen=True)
class Training:
    """A training to be started, and what becomes of it when the window is closed meanwhile."""

    make_job: Callable[[Control], Job["Run"]]
    kept: str = (
        "The training stops at its next step and is kept as a run with its heads so far. “Resume” "
        "on the Train page continues it later, as if it had never been stopped."
    )

    def __call__(self, control: Control) -> Job["Run"]:
        """Begin; called in the job's thread."""
        return self.make_job(control)


def align_job(
    project: "Project", wish: Wish, alpha: dict[str, Any], ladder: Sequence[float] = ()
) -> Training:
    """Return what aligns a project as the page says, at one α or at those of a ladder."""

    def make_job(control: Control) -> Job["Run"]:
        from workbench.stations import AlignRequest, align

        request = AlignRequest.checked(
            method=wish.method,
            settings={**wish.settings, **alpha},
            pairs=wish.pairs,
            seed=wish.seed,
            name=wish.name,
            ladder=list(ladder),
            words=wish.words,
            start_from=wish.start_from,
        )
        job = in_kept_process(align, project, request, control=control, show=SHOWN_PAIRS)
        with blas_on_one_core():
            return (yield from _ready_to_be_drawn(job))

    return Training(make_job, _LADDER_KEPT) if ladder else Training(make_job)


def probe_job(project: "Project", wish: Wish) -> Callable[[Control], Job["AlphaProbe | None"]]:
    """Return what looks where α acts on what the page would train."""

    def make_job(control: Control) -> Job["AlphaProbe | None"]:
        from workbench.stations import AlignRequest, where_alpha_acts

        request = AlignRequest.checked(
            settings=wish.settings, pairs=wish.pairs, seed=wish.seed, start_from=wish.start_from
        )
        with blas_on_one_core():
            job = in_kept_process(where_alpha_acts, project, request, control=control)
            return (yield from job)

    return make_job


def _ready_to_be_drawn(job: Job["Run"]) -> Job["Run"]:
    """Hand on a job; what draws its curves is imported while its process is at work already."""
    try:
        first = next(job)
    except StopIteration as end:
        run: Run = end.value
        return run
    get_ready_to_smooth()
    yield first
    return (yield from job)


def resume_job(project: "Project", run_name: str) -> Training:
    """Return what goes on with a run, and first tells of its curves."""

    def make_job(control: Control) -> Job["Run"]:
        from workbench.stations import resume

        run = project.run(run_name)
        yield Progress(0, 0, "Reading curves")
        # here, and not in the process: to take long curves out of a pipe holds the lock
        get_ready_to_smooth()
        yield CurvesSoFar(run.curves(), changes_made(run.recipe()))
        job = in_kept_process(resume, project, run_name, control=control, show=SHOWN_PAIRS)
        with blas_on_one_core():
            return (yield from job)

    return Training(make_job)


def keep_step_job(project: "Project", run_name: str, step: int) -> Training:
    """Return what repeats a run up to a step, to have the heads that it had then."""

    def make_job(control: Control) -> Job["Run"]:
        from workbench.stations import align, request_to_keep

        yield Progress(0, 0, "Reading the run")
        request = request_to_keep(project.run(run_name), step)
        job = in_kept_process(align, project, request, control=control, show=SHOWN_PAIRS)
        with blas_on_one_core():
            return (yield from _ready_to_be_drawn(job))

    return Training(make_job)


def evaluate_job(project: "Project", run_name: str) -> Callable[[Control], Job[dict[str, Any]]]:
    """Return what measures a run on the held-out pairs."""

    def make_job(control: Control) -> Job[dict[str, Any]]:
        from workbench.stations import evaluate

        with blas_on_one_core():
            return (yield from in_kept_process(evaluate, project, run_name, control=control))

    return make_job
