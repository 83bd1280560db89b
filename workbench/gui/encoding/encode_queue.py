"""Encodes, one after another, each in a process of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.cluster import in_cluster_process
from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.encoding.inspection import fetch_and_encode
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.session import Session
from workbench.job_process import in_process
from workbench.jobs import Control, Event, Job, Notice
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import EncodeReport, EncodeRequest


def _job(project: "Project", request: "EncodeRequest", control: Control) -> "Job[EncodeReport]":
    """Encode in a process of its own, which fetches what this machine needs for it."""
    if request.cluster is None:
        return in_process(fetch_and_encode, project, request, control=control)
    from workbench.stations import encode

    address = request.cluster.address
    return in_cluster_process(encode, project, request, address=address, control=control)


@dataclass(frozen=True)
class _AtWork:
    request: "EncodeRequest"
    job: RunningJob


class EncodeQueue(QObject):
    """Runs one encode at a time: two would take memory and cores from each other.

    Signals
    -------
    changed
        What runs, or what waits.
    progressed
        The running one has come further.
    noticed (modality, Notice)
    finished (EncodeRequest, EncodeReport)
    failed (EncodeRequest, sentence, WorkbenchError or None)
    """

    changed = Signal()
    progressed = Signal()
    noticed = Signal(str, object)
    finished = Signal(object, object)
    failed = Signal(object, str, object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._at_work: _AtWork | None = None
        self._waiting: list[EncodeRequest] = []

    @property
    def running(self) -> "EncodeRequest | None":
        """What is encoded now."""
        return self._at_work.request if self._at_work else None

    @property
    def job(self) -> RunningJob | None:
        """The job that encodes it."""
        return self._at_work.job if self._at_work else None

    def waits(self, modality: Modality) -> bool:
        """Whether a modality waits for its turn."""
        return any(request.modality == modality for request in self._waiting)

    def add(self, request: "EncodeRequest") -> None:
        """Encode now, or when what runs has finished; a modality that is in is not added twice."""
        running = self.running
        if self.waits(request.modality) or (running and running.modality == request.modality):
            return
        self._waiting.append(request)
        self._start_next()
        self.changed.emit()

    def cancel(self, modality: Modality) -> None:
        """Take a modality that waits out again."""
        self._waiting = [each for each in self._waiting if each.modality != modality]
        self.changed.emit()

    def clear(self) -> None:
        """Let nothing wait any more."""
        self._waiting.clear()
        self.changed.emit()

    def _start_next(self) -> None:
        project = self._session.project
        if self._at_work is not None or not self._waiting or project is None:
            return
        request = self._waiting.pop(0)

        def hear(event: Event) -> None:
            if isinstance(event, Notice):
                self.noticed.emit(request.modality, event)

        job = self._session.start(
            f"Encoding {words.PLURAL[request.modality]}",
            lambda control: _job(project, request, control),
            on_event=hear,
            on_result=lambda report: self._finish(project, request, report),
            on_error=lambda sentence: self._fail(project, request, job, sentence),
            notices=False,  # the card shows them
        )
        job.changed.connect(self.progressed)
        self._at_work = _AtWork(request, job)

    def _finish(self, project: "Project", request: "EncodeRequest", report: "EncodeReport") -> None:
        self._at_work = None
        self._read_settings(project)
        if not report.complete:
            self._waiting.clear()  # a stop means all of them
        self._start_next()
        self.changed.emit()
        self.finished.emit(request, report)

    def _read_settings(self, project: "Project") -> None:
        """Follow the other process, which changed the project's choice of encoder."""
        try:
            project.refresh()
        except WorkbenchError as error:
            self._session.noticed.emit("error", str(error))

    def _fail(
        self, project: "Project", request: "EncodeRequest", job: RunningJob, sentence: str
    ) -> None:
        self._at_work = None
        self._read_settings(project)
        self._start_next()
        self.changed.emit()
        self.failed.emit(request, sentence, job.error)
