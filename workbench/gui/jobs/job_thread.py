"""One job in one thread, heard in the window's thread."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from workbench.errors import WorkbenchError, details_of, of_the_system, unexpected
from workbench.gui.jobs.import_order import keep_import_order
from workbench.jobs import Control, Event, Job, drain

_MILLISECONDS_BETWEEN_DELIVERIES = 40
_UNFINISHED = object()


class JobThread(QThread):
    """Run a job, and hand on its events in batches.

    All signals are emitted in the thread that made this object: first every event in order, in
    lists at most every 40 ms, then either `result` or `failed`, then `ended`.

    Parameters
    ----------
    make_job : callable
        Called in the new thread with the control, so that heavy imports happen there too.
    control : Control
    parent : QObject, optional

    Attributes
    ----------
    error : WorkbenchError or None
        What `failed` is the sentence of, where the job raised one: its class may matter.
    details : str
        Where in the program it went wrong, such as a traceback; empty where that is no news.
    """

    events = Signal(list)
    result = Signal(object)
    failed = Signal(str)
    ended = Signal()

    def __init__(
        self,
        make_job: Callable[[Control], Job[Any]],
        control: Control,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.control = control
        self.error: WorkbenchError | None = None
        self.details = ""
        self._make_job = make_job
        self._queue: deque[Event] = deque()
        self._result: Any = _UNFINISHED
        self._failure = ""
        # The window's side asks for events; so the last one before a long silence arrives too.
        self._timer = QTimer(self, interval=_MILLISECONDS_BETWEEN_DELIVERIES)
        self._timer.timeout.connect(self._deliver)
        self.started.connect(self._timer.start)
        self.finished.connect(self._finish)

    def run(self) -> None:
        """Do the work; called by Qt in the new thread."""
        keep_import_order()
        try:
            self._result = drain(self._make_job(self.control), self._queue.append)
        except WorkbenchError as error:
            self.error, self._failure, self.details = error, str(error), error.details
        except BaseException as error:  # a thread has no caller that could hear it
            logging.getLogger(__name__).exception("A job failed")
            self._failure = of_the_system(error) or unexpected(error)
            self.details = details_of(error)

    def _deliver(self) -> None:
        batch = []
        while self._queue:
            batch.append(self._queue.popleft())
        if batch:
            self.events.emit(batch)

    def _finish(self) -> None:
        self._timer.stop()
        self._deliver()
        if self._result is _UNFINISHED:
            self.failed.emit(self._failure)
        else:
            self.result.emit(self._result)
        self._result = None  # a result can be large, and this object lives on for a while
        self.ended.emit()
