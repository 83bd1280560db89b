"""The list of jobs that have ended: when, how long, how, and what they said."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.state.job_history import JobHistory, PastJob
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.table import Column, RowsModel, RowsTable

_TONES = {"done": "text", "stopped": "warning", "failed": "bad"}
_NOTHING = "It said nothing beside its progress."


class JobHistoryWindow(QDialog):
    """Jobs that have ended, beside the window.

    Parameters
    ----------
    history : JobHistory
    parent : QWidget
    """

    def __init__(self, history: JobHistory, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("job-history")
        self.setWindowTitle("History of jobs")
        self.resize(760, 480)
        self._history = history
        self._model: RowsModel[PastJob] = RowsModel(
            (
                Column("Job", lambda job: job.title),
                Column("Project", lambda job: job.project, width=130),
                Column("Began", _began, lambda job: job.began, width=120),
                Column("Took", lambda job: words.duration(job.seconds), lambda job: job.seconds,
                       numeric=True, width=90),
                Column("Ended", lambda job: job.end, width=90, tone=lambda job: _TONES[job.end]),
            ),
            text=lambda job: job.title, tip=said_in_words, parent=self,
        )  # fmt: skip
        self.table = RowsTable(self._model, "Jobs that have ended")
        self.table.setObjectName("job-history-table")
        self.said = QPlainTextEdit(readOnly=True)
        self.said.setObjectName("job-history-said")
        self.said.setAccessibleName("What the job said")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.said)
        split.setSizes([300, 150])
        self._stack = QStackedWidget()
        self._stack.addWidget(split)
        self._stack.addWidget(
            EmptyState("history", "No job has ended yet", "What this window does is listed here.")
        )
        column = QVBoxLayout(self)
        column.addWidget(self._stack)
        self.table.current_changed.connect(self._tell)
        history.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the jobs that have ended by now."""
        self._model.set_rows(self._history.past)
        self._stack.setCurrentIndex(0 if self._model.total() else 1)
        self._tell()

    def _tell(self) -> None:
        job = self.table.current()
        self.said.setPlainText("" if job is None else said_in_words(job))


def said_in_words(job: PastJob) -> str:
    """Return what a job said, a line a sentence."""
    return "\n".join(sentence for _, sentence in job.said) or _NOTHING


def _began(job: PastJob) -> str:
    return words.moment(job.began)
