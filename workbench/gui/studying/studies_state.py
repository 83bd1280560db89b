"""What the Studies page shows: the studies of the project, one of them, and the work at one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.studying.study_jobs import (
    Listed,
    ShownStudy,
    Studying,
    go_on_job,
    list_job,
    report_job,
    show_job,
    start_job,
    train_best_job,
)
from workbench.jobs import Event

if TYPE_CHECKING:
    from workbench.project import Run

_MILLISECONDS_A_LOOK = 400  # at a study that grows


class StudiesState(QObject):
    """The studies of the open project, without any widget.

    Attributes
    ----------
    listed : Listed or None
        None until they are read.
    chosen : str
        The name of the study that is shown; empty for none.
    shown : ShownStudy or None
        None until it is read.
    problem : str
        Why the chosen study cannot be shown.
    working_at : str
        The name of the study that is worked at; empty before it has one.
    where : callable
        Asked as work begins: returns the address of the cluster that takes the cells, "" for this
        computer, or None where nothing may begin.

    Signals
    -------
    listed_changed, shown_changed, work_changed
    """

    listed_changed = Signal()
    shown_changed = Signal()
    work_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.listed: Listed | None = None
        self.chosen = self.problem = self.working_at = ""
        self.shown: ShownStudy | None = None
        self.where: Callable[[], str | None] = lambda: ""
        self._listing = JobSlot(session, self)
        self._showing = JobSlot(session, self, one_at_a_time=True)
        self._working = JobSlot(session, self)
        self._training = JobSlot(session, self)
        self._reporting = JobSlot(session, self)
        self._clock = QTimer(self, interval=_MILLISECONDS_A_LOOK, singleShot=True)
        self._clock.timeout.connect(self._look)
        session.project_changed.connect(self._forget)
        for slot in (self._working, self._training, self._reporting):
            slot.changed.connect(self.work_changed)

    @property
    def job(self) -> RunningJob | None:
        """The job that works at a study."""
        return self._working.job

    @property
    def busy(self) -> bool:
        """Whether a study is worked at."""
        return self._working.busy

    @property
    def training_best(self) -> bool:
        """Whether the best of a study is being trained."""
        return self._training.busy

    @property
    def reporting(self) -> bool:
        """Whether a report is being written."""
        return self._reporting.busy

    def _forget(self) -> None:
        self.listed, self.shown = None, None
        self.chosen = self.problem = self.working_at = ""
        self._clock.stop()
        self.listed_changed.emit()
        self.shown_changed.emit()

    # --- reading ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read what there is, and the chosen study, anew."""
        project = self.session.project
        if project is not None:
            self._listing.ask("Studies", list_job(project), self._take_list)
            self._look()

    def _take_list(self, listed: Listed) -> None:
        self.listed = listed
        names = [name for name, _ in listed.studies]
        self.listed_changed.emit()
        if self.chosen not in names and names and not self.busy:
            self.choose(names[0])

    def choose(self, name: str) -> None:
        """Show a study."""
        if name != self.chosen:
            self.chosen, self.shown, self.problem = name, None, ""
            self.shown_changed.emit()
        self._look()

    def _look(self) -> None:
        project, name = self.session.project, self.chosen
        if project is None or not name:
            return

        def take(shown: ShownStudy) -> None:
            self.shown, self.problem = shown, ""
            self.shown_changed.emit()

        def fail(sentence: str) -> None:
            self.shown, self.problem = None, sentence
            self.shown_changed.emit()

        self._showing.ask("Reading a study", show_job(project, name), take, on_error=fail)

    # --- working ---------------------------------------------------------------------------------

    def start(self, kind: str, seeds: int) -> None:
        """Start a ready-made study, or go on with it and extend it to so many seeds."""
        project = self.session.project
        if project is not None and not self.busy and (where := self.where()) is not None:
            self._work(start_job(project, kind, seeds, where or None), f"Studying {kind}")

    def go_on(self) -> None:
        """Train the cells of the chosen study that have no figures."""
        project, name = self.session.project, self.chosen
        if project is None or not name or self.busy:
            return
        if (where := self.where()) is not None:
            self._work(go_on_job(project, name, where or None), f"Studying {name}")

    def _work(self, studying: Studying, title: str) -> None:
        self.working_at = ""
        self._working.ask(
            title, studying, lambda _: self._ended(), on_event=self._hear, on_error=self._failed,
            quiet=False,
        )  # fmt: skip

    def _hear(self, event: Event) -> None:
        from workbench.stations import CellDone, StudyBegun

        if isinstance(event, StudyBegun):
            self.working_at = event.name
            self.choose(event.name)
            self.refresh()  # it may be a new one
            self.work_changed.emit()
        elif isinstance(event, CellDone) and self.chosen == self.working_at:
            if not self._clock.isActive():
                self._clock.start()
            self.work_changed.emit()

    def _ended(self) -> None:
        self.working_at = ""
        self.refresh()

    def _failed(self, sentence: str) -> None:
        self.session.noticed.emit("error", sentence)
        self._ended()

    # --- what follows ----------------------------------------------------------------------------

    def train_best(self) -> None:
        """Train the best settings of the chosen study as a run."""
        project, name = self.session.project, self.chosen
        if project is None or not name:
            return

        def take(found: "tuple[Run, str]") -> None:
            run, sentence = found
            self.session.set_current_run(run.name)
            self.session.noticed.emit("info", f"The run “{run.name}” is trained. {sentence}")

        job = train_best_job(project, name)
        self._training.ask(f"Training the best of {name}", job, take, quiet=False)

    def save_report(self, path: Path) -> None:
        """Write the report of the chosen study, with its figures beside it."""
        project, name = self.session.project, self.chosen
        if project is None or not name:
            return

        def take(written: Path) -> None:
            self.session.noticed.emit("info", f"The report is {written}, its figures beside it.")

        self._reporting.ask(
            f"Writing {path.name}", report_job(project, name, path), take, quiet=False
        )
