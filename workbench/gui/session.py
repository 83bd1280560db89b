"""What the pages share: the open project, the selection, the current run and the running jobs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from workbench.crashes import remember, report_with
from workbench.errors import WorkbenchError
from workbench.gui.jobs.garbage import collect_here_while
from workbench.gui.jobs.job_thread import JobThread
from workbench.gui.jobs.running_job import KEPT, RunningJob, WindowControl, progress_of
from workbench.gui.road import Road
from workbench.gui.settings_history import SettingsHistory
from workbench.item_ids import as_set, difference, intersection, union
from workbench.jobs import Control, Event, Job, Notice

if TYPE_CHECKING:  # the project room brings scipy, which the first window does not wait for
    from workbench.project import Project, ProjectSettings
    from workbench.stations import RunStore

Ids = npt.NDArray[np.int64]
Mode = Literal["new", "add", "remove", "intersect"]

_COMBINE: Mapping[str, Callable[[Ids, Ids], Ids]] = {
    "new": lambda _, ids: ids,
    "add": union,
    "remove": difference,
    "intersect": intersection,
}
_UNDO_DEPTH = 100


class _Selected:
    """The selection, and the one that was told of last."""

    def __init__(self) -> None:
        self.ids: Ids = np.zeros(0, dtype=np.int64)
        self.told = self.ids


class _Selecting(QUndoCommand):
    """A change of the selection, from some ids to others."""

    # it knows no session: that would keep the one alive that keeps the history
    def __init__(self, selected: _Selected, after: Ids) -> None:
        super().__init__("selection")
        self._selected, self._before, self._after = selected, selected.ids, after

    def redo(self) -> None:
        """Make the change; the history does so too when it takes it."""
        self._selected.ids = self._after

    def undo(self) -> None:
        """Take it back."""
        self._selected.ids = self._before


class RunMemory(Protocol):
    """Remembers which run is the current one of a project."""

    def of(self, root: Path) -> str:
        """Return the name of the run; empty where nothing is remembered."""

    def keep(self, root: Path, name: str) -> None:
        """Remember a run."""


class Session(QObject):
    """The one object that pages share.

    Parameters
    ----------
    parent : QObject, optional
    run_memory : RunMemory, optional
        Without, a project begins with its newest run.

    Attributes
    ----------
    selection_history : QUndoStack
        Changes of the selection that can be undone and redone; it tells what can be done.
    answer_history : QUndoStack
        Answers of the Label page that can be taken back.
    settings_history : SettingsHistory
        Changes of the project's settings, likewise.
    begun : dict of (folder of a project, name) to JSON
        What is written or chosen in projects and not kept in them, see `Drafts`.
    road : Road
        How far the project has come.

    Signals
    -------
    project_changed (Project or None), settings_changed (ProjectSettings before another program or
    an undo changed them), catalogue_changed, answers_changed (Told), runs_changed,
    selection_changed, theme_changed,
    noticed (level, sentence), went_wrong (sentence, report) where nobody expected it, jobs_changed,
    job_begun (RunningJob), job_ended (RunningJob, and all has been said),
    page_wanted (name of a page), begun_changed.
    """

    project_changed = Signal(object)
    settings_changed = Signal(object)
    catalogue_changed = Signal()
    answers_changed = Signal(object)
    runs_changed = Signal()
    selection_changed = Signal()
    theme_changed = Signal()
    noticed = Signal(str, str)
    went_wrong = Signal(str, str)
    jobs_changed = Signal()
    job_begun = Signal(object)
    job_ended = Signal(object)
    page_wanted = Signal(str)
    begun_changed = Signal()

    def __init__(self, parent: QObject | None = None, run_memory: RunMemory | None = None) -> None:
        super().__init__(parent)
        collect_here_while(self)  # jobs bring threads
        self.project: Project | None = None
        self.current_run: str | None = None
        self._run_store: RunStore | None = None
        self._run_memory = run_memory
        self._selected = _Selected()
        self.selection_history = QUndoStack(self)
        self.selection_history.setUndoLimit(_UNDO_DEPTH)
        self.selection_history.indexChanged.connect(self._tell_of_selection)
        self._jobs: list[RunningJob] = []
        self.answer_history = QUndoStack(self)
        self.settings_history = SettingsHistory()
        self.begun: dict[tuple[Path, str], str] = {}
        self.road = Road(self)
        for signal in (
            self.project_changed, self.settings_changed, self.catalogue_changed, self.runs_changed,
        ):  # fmt: skip
            signal.connect(self.road.forget)  # before the pages: it hears first

    # --- the project -----------------------------------------------------------------------------

    def create_project(self, root: Path, settings: "ProjectSettings | None" = None) -> bool:
        """Make a project and open it; say in the notice bar when that cannot be done."""
        from workbench.project import Project

        return self._take(lambda: Project.create(Path(root), settings))

    def open_project(self, root: Path) -> bool:
        """Open a project; say in the notice bar when that cannot be done."""
        from workbench.project import Project

        return self._take(lambda: Project.open(Path(root)))

    def close_project(self) -> bool:
        """Close the project, if no job is at work on it."""
        return self._take(lambda: None)

    def _take(self, make: "Callable[[], Project | None]") -> bool:
        if self.jobs:
            self.noticed.emit(
                "warning",
                f"“{self.jobs[0].title}” is still running. "
                "Stop it or let it finish before you change the project.",
            )
            return False
        try:
            project = make()
            runs = project.runs() if project else []
            ready = [run.name for run in runs if run.has_heads()]
        except WorkbenchError as error:
            self.noticed.emit("error", str(error))
            return False
        self.project = project
        self._run_store = None  # that of the project before goes with the jobs that use it
        self.current_run = self._run_to_begin_with(ready)
        self.selection_history.clear()
        self.answer_history.clear()
        self.settings_history.clear()
        self._selected = _Selected()
        self.project_changed.emit(project)
        self.selection_changed.emit()
        return True

    @property
    def run_store(self) -> "RunStore":
        """What was read of the runs of the open project, for all that look at them."""
        if self._run_store is None:
            from workbench.stations import RunStore

            self._run_store = RunStore()
        return self._run_store

    def _run_to_begin_with(self, ready: list[str]) -> str | None:
        """Return the run that was chosen last, if it is still there, else the newest."""
        if self.project is None or not ready:
            return None
        chosen = "" if self._run_memory is None else self._run_memory.of(self.project.root)
        return chosen if chosen in ready else ready[-1]

    def set_current_run(self, name: str | None) -> None:
        """Choose the run that Explore and Export start from; it is so in this project again."""
        self.current_run = name
        if self.project is not None and self._run_memory is not None:
            self._run_memory.keep(self.project.root, name or "")
        self.runs_changed.emit()

    # --- the selection ---------------------------------------------------------------------------

    @property
    def selection(self) -> Ids:
        """Sorted item ids, shape (n,); treat it as read-only."""
        return self._selected.ids

    def select(self, ids: Iterable[int] | Ids, mode: Mode = "new") -> None:
        """Change the selection by combining it with item ids."""
        given = ids if isinstance(ids, np.ndarray) else list(ids)
        combined = _COMBINE[mode](self.selection, as_set(given))
        if not np.array_equal(combined, self.selection):
            self.selection_history.push(_Selecting(self._selected, combined))

    def undo_selection(self) -> None:
        """Go back to the selection before the last change."""
        self.selection_history.undo()

    def redo_selection(self) -> None:
        """Take back the last undo."""
        self.selection_history.redo()

    def _tell_of_selection(self) -> None:
        # by now the history is in order: who hears of it may change the selection again
        selected = self._selected
        if selected.ids is not selected.told:  # it is, where the history is cleared
            selected.told = selected.ids
            self.selection_changed.emit()

    # --- what is begun ---------------------------------------------------------------------------

    def begin(self, root: Path, name: str, json: str) -> None:
        """Take note of what is written or chosen in a project and kept nowhere else."""
        self.begun[root, name] = json
        self.begun_changed.emit()

    # --- jobs ------------------------------------------------------------------------------------

    @property
    def jobs(self) -> list[RunningJob]:
        """The running jobs that the status area shows, oldest first."""
        return [job for job in self._jobs if not job.quiet]

    def start(
        self,
        title: str,
        make_job: Callable[[Control], Job[Any]],
        *,
        control: Control | None = None,
        on_event: Callable[[Event], object] | None = None,
        on_result: Callable[[Any], object] | None = None,
        on_error: Callable[[str], object] | None = None,
        quiet: bool = False,
        notices: bool = True,
    ) -> RunningJob:
        """Run a job in a thread of its own; the callbacks are called in the window's thread.

        Parameters
        ----------
        title : str
            What the status area calls it, such as “Encoding images”.
        make_job : callable
            Called with the control, in the job's thread. Its attribute `kept`, if it has one, says
            in a sentence what becomes of its work when it is stopped.
        control : Control, optional
            Give one to keep a hand on live values.
        on_event, on_result : callable, optional
        on_error : callable, optional
            Receives a sentence; without it the sentence goes to the notice bar.
        quiet : bool
            Whether to keep the job, its progress and its notices out of the status area.
        notices : bool
            Whether the notice bar shows the job's notices; without, `on_event` has them all.
        """
        thread = JobThread(make_job, control or WindowControl(), self)
        job = RunningJob(title, thread, quiet, getattr(make_job, "kept", KEPT))

        def hear(events: list[Event]) -> None:
            with self._taking_down(job):
                for event in events:
                    job.progress = progress_of(event) or job.progress
                    if isinstance(event, Notice) and notices and not quiet:
                        self.noticed.emit(event.level, event.text)
                    if on_event is not None:
                        on_event(event)
            job.changed.emit()

        def complain(sentence: str) -> None:
            self._forget(job)
            job.error = thread.error
            remember(f"failed: {title}")
            report = report_with(f"{title}: {sentence}", thread.details) if thread.details else ""
            with self._taking_down(job):
                if report:
                    self.went_wrong.emit(sentence, report)
                if on_error is not None:
                    on_error(sentence)
                elif not report:
                    self.noticed.emit("error", sentence)
            self.job_ended.emit(job)

        def succeed(result: Any) -> None:
            self._forget(job)
            remember(f"done: {title}")
            with self._taking_down(job):
                if on_result is not None:
                    on_result(result)
            self.job_ended.emit(job)

        thread.events.connect(hear)
        thread.result.connect(succeed)
        thread.failed.connect(complain)
        thread.ended.connect(job.finished)
        thread.ended.connect(thread.deleteLater)
        self._jobs.append(job)
        remember(f"begun: {title}")
        thread.start()
        self.jobs_changed.emit()
        self.job_begun.emit(job)
        return job

    @contextmanager
    def _taking_down(self, job: RunningJob) -> Iterator[None]:
        """Let a job remember what is noticed meanwhile, as what it said."""

        def take(level: str, sentence: str) -> None:
            if (level, sentence) not in job.said:
                job.said.append((level, sentence))

        heard = self.noticed.connect(take)
        try:
            yield
        finally:
            self.noticed.disconnect(heard)

    def _forget(self, job: RunningJob) -> None:
        job.running = False
        self._jobs.remove(job)
        self.jobs_changed.emit()

    def stop_jobs(self, milliseconds: int = 30_000) -> bool:
        """Stop every job and wait for it; nothing is called back any more."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.thread_of_job.blockSignals(True)
            job.control.stop()
        ended = [job.thread_of_job.wait(milliseconds) for job in jobs]
        return all(ended)
