"""The jobs of this window that have ended, with what they said."""

import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from PySide6.QtCore import QObject, Signal

from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.session import Session

End = Literal["done", "stopped", "failed"]

_MOST = 200


@dataclass(frozen=True)
class PastJob:
    """A job that has ended.

    Attributes
    ----------
    title : str
    project : str
        Name of the project that was open; empty for none.
    began : datetime
    seconds : float
        How long it took, with its pauses.
    end : {"done", "stopped", "failed"}
    said : tuple of (level, sentence)
        In its order; of one that failed the last is why.
    """

    title: str
    project: str
    began: datetime
    seconds: float
    end: End
    said: tuple[tuple[str, str], ...]


class JobHistory(QObject):
    """Keeps what became of jobs, of those that the status area shows.

    Parameters
    ----------
    session : Session

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._begun: dict[RunningJob, tuple[datetime, float, str]] = {}
        self._past: deque[PastJob] = deque(maxlen=_MOST)
        session.job_begun.connect(self._begin)
        session.job_ended.connect(self._end)

    @property
    def past(self) -> list[PastJob]:
        """The jobs that have ended, the newest first."""
        return list(self._past)

    def _begin(self, job: RunningJob) -> None:
        if not job.quiet:
            project = self._session.project
            name = project.settings.name if project is not None else ""
            self._begun[job] = datetime.now(UTC), time.monotonic(), name

    def _end(self, job: RunningJob) -> None:
        if job not in self._begun:
            return
        began, clock, project = self._begun.pop(job)
        said = list(job.said)
        if job.error is not None and ("error", str(job.error)) not in said:
            said.append(("error", str(job.error)))
        failed = job.error is not None or any(level == "error" for level, _ in said)
        end: End = "stopped" if job.control.stopping else "failed" if failed else "done"
        self._past.appendleft(
            PastJob(job.title, project, began, time.monotonic() - clock, end, tuple(said))
        )
        self.changed.emit()
