"""Errors that nobody caught: they are logged, put into the black box and shown, and none is lost.

Qt calls Python for every click and every paint. What fails there has no caller that could hear of
it: Python's hook does. The window goes on, and says what happened.
"""

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from workbench.crashes import BlackBox, remember, report_of
from workbench.errors import WorkbenchError, unexpected

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Uncaught(QObject):
    """Hears of errors in slots and threads, and of what Qt has to say, from when it is made.

    Parameters
    ----------
    box : BlackBox or None
        None where none can be written.

    Signals
    -------
    went_wrong (sentence, report)
        An error came that did not come before; emitted in this object's thread.
    refused (sentence)
        An error that is meant for the user came out of a slot, such as that no program opens a
        file.
    """

    went_wrong = Signal(str, str)
    refused = Signal(str)

    def __init__(self, box: BlackBox | None) -> None:
        super().__init__()
        self._box = box
        self._seen: set[str] = set()
        sys.excepthook = self._hear
        threading.excepthook = self._hear_in_thread
        qInstallMessageHandler(self._hear_qt)

    def release(self) -> None:
        """Give all hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def _hear(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if sys.__stderr__ is not None:  # a program without a console has none
            sys.__excepthook__(kind, error, trace)
        if isinstance(error, KeyboardInterrupt):
            return
        if isinstance(error, WorkbenchError) and not error.details:
            self.refused.emit(str(error))
            return
        logging.getLogger(__name__).error("Uncaught", exc_info=(kind, error, trace))
        report = report_of(error.with_traceback(trace))
        where = report.partition("Traceback")[2]
        if where not in self._seen:  # a paint that fails does so many times a second
            self._seen.add(where)
            if self._box is not None:
                self._box.add_error(report)
            self.went_wrong.emit(unexpected(error), report)

    def _hear_in_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
            self._hear(told.exc_type, told.exc_value, told.exc_traceback)

    def _hear_qt(self, kind: QtMsgType, _where: QMessageLogContext, said: str) -> None:
        level = _LEVELS.get(kind, logging.WARNING)
        logging.getLogger("qt").log(level, "%s", said)
        if sys.stderr is not None:
            print(said, file=sys.stderr)
        if level >= logging.ERROR:
            remember(f"Qt: {said}")  # after a fatal one, Qt ends the program
