"""The status area: the running jobs, and a hand on each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.look import theme
from workbench.gui.session import Session
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.jobs import Transfer


def progress_in_words(job: RunningJob) -> str:
    """Say how far a job is: “312 of 1,021 · 45/s · 16 s left”, “35.0 MB of 352 MB · 4.1 MB/s”."""
    if job.control.stopping:
        return "stopping…"
    progress, parts = job.progress, []
    if progress is not None:
        in_bytes = isinstance(progress, Transfer)
        amount = words.size if in_bytes else "{:,}".format
        if progress.total:
            parts.append(f"{amount(progress.done)} of {amount(progress.total)}")
        elif progress.done:
            parts.append(amount(progress.done))
        if progress.rate and not job.control.paused:
            rate = progress.rate
            parts.append(words.transfer_rate(rate) if in_bytes else words.rate(rate))
            if progress.total > progress.done:
                left = (progress.total - progress.done) / progress.rate
                parts.append(f"{words.duration(left)} left")
    if job.control.paused:
        parts.append("paused")
    return " · ".join(parts)


_ROW = 32  # the height of a job's row, and of the line in its place


class JobStrip(QWidget):
    """A row a running job; one quiet line while there is none.

    Parameters
    ----------
    session : Session

    Signals
    -------
    history_asked
        For the jobs that have ended.
    """

    history_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._rows: dict[RunningJob, JobRow] = {}
        self.setObjectName("jobs")
        self.setAccessibleName("Running jobs")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(18, 2, 12, 1)
        # where one job follows another, no layout in between may give the height to the page
        self.setMinimumHeight(_ROW + 3)
        self._column.setSpacing(0)
        self._project = ElidedLabel("", "caption")
        self._idle = QWidget()
        self._idle.setFixedHeight(_ROW)
        line = QHBoxLayout(self._idle)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._project, 1)
        history = IconButton(
            "history", "Jobs that have ended (Ctrl+J)", self.history_asked.emit, name="history"
        )
        # else it has the focus whenever who had it goes, and what is typed then presses it
        history.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line.addWidget(history)
        self._column.addWidget(self._idle)
        session.jobs_changed.connect(self._show_jobs)
        session.project_changed.connect(self._show_project)
        self._show_project(session.project)

    def _show_project(self, project: object) -> None:
        root = getattr(project, "root", None)
        self._project.setText(str(root) if root else "No project is open")

    def _show_jobs(self) -> None:
        jobs = self._session.jobs
        for job in [each for each in self._rows if each not in jobs]:
            row = self._rows.pop(job)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for job in jobs:
            if job not in self._rows:
                self._rows[job] = JobRow(job)
                self._column.addWidget(self._rows[job])
        self._idle.setVisible(not jobs)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.blend(colours.background, 0.55)))
        painter.fillRect(0, 0, self.width(), 1, QColor(colours.border))
        painter.end()


class JobRow(QWidget):
    """One running job: its title, what it does, how far it is, pause and stop.

    Parameters
    ----------
    job : RunningJob
    """

    def __init__(self, job: RunningJob) -> None:
        super().__init__()
        self.job = job
        self.setFixedHeight(_ROW)
        self._title = label(job.title)
        self._message = ElidedLabel("", "caption", Qt.TextElideMode.ElideMiddle)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(200)
        self._bar.setAccessibleName(f"Progress of {job.title}")
        self._numbers = label("", "caption")
        self._numbers.setMinimumWidth(170)
        self._pause = IconButton("pause", "Pause", self._toggle_pause)
        self._stop = IconButton("stop", "Stop; what is finished is kept", job.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._title)
        row.addWidget(self._message, 1)
        row.addWidget(self._bar)
        row.addWidget(self._numbers)
        row.addWidget(self._pause)
        row.addWidget(self._stop)
        job.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how far the job is now."""
        job, progress = self.job, self.job.progress
        self._message.setText(progress.message if progress else "Starting…")
        if progress and progress.total:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(min(progress.done, progress.total))
        else:
            self._bar.setRange(0, 0)
        self._numbers.setText(progress_in_words(job))
        paused = job.control.paused
        self._pause.set_icon("play" if paused else "pause")
        self._pause.set_tip(f"{'Resume' if paused else 'Pause'}: {job.title}")
        self._stop.set_tip(f"Stop: {job.title}; what is finished is kept")
        for button in (self._pause, self._stop):
            button.setEnabled(not job.control.stopping)

    def _toggle_pause(self) -> None:
        if self.job.control.paused:
            self.job.resume()
        else:
            self.job.pause()
