"""The row of an encode at work: how far it is, what it reads, pause and stop."""

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.job_strip import progress_in_words
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.media import Modality


class EncodeRow(QWidget):
    """Hidden while nothing runs.

    Parameters
    ----------
    modality : {"image", "text", "speech"}
    """

    def __init__(self, modality: Modality) -> None:
        super().__init__()
        self._noun = words.PLURAL[modality]
        self._job: RunningJob | None = None
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(f"Progress of encoding {self._noun}")
        self.numbers = label("", "")
        self.current = ElidedLabel("", "caption")
        self.pause_button = Button("Pause", "pause", "", self._toggle_pause)
        self.stop_button = Button(
            "Stop",
            "stop",
            "",
            self._stop,
            tip="What is finished is kept; Encode continues from here",
        )
        self.pause_button.setMinimumWidth(92)
        self.stop_button.setAccessibleName(f"Stop encoding {self._noun}; what is finished is kept")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(self.bar)
        line = row(self.numbers, spacing=12)
        line.addWidget(self.current, 1)
        line.addWidget(self.pause_button)
        line.addSpacing(-4)
        line.addWidget(self.stop_button)
        column.addLayout(line)
        self.hide()

    def show_job(self, job: RunningJob | None) -> None:
        """Show a running job, or none."""
        if self._job is not None and self._job is not job:
            self._job.changed.disconnect(self.refresh)
        self._job = job
        self.setVisible(job is not None)
        if job is not None:
            job.changed.connect(self.refresh)
            self.refresh()

    def refresh(self) -> None:
        """Show how far the job is now."""
        job = self._job
        if job is None or not job.running:
            return
        progress = job.progress
        if progress is not None and progress.total > 0 and progress.done:
            # in thousandths: bytes of a large download would not fit into Qt's numbers
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * min(progress.done, progress.total) / progress.total))
        else:
            self.bar.setRange(0, 0)
        self.numbers.setText(progress_in_words(job) or "Starting…")
        self.current.setText(progress.message if progress else "")
        paused = job.control.paused
        self.pause_button.setText("Resume" if paused else "Pause")
        self.pause_button.set_icon("play" if paused else "pause")
        verb = "Resume" if paused else "Pause"
        self.pause_button.setAccessibleName(f"{verb} encoding {self._noun}")
        for button in (self.pause_button, self.stop_button):
            button.setEnabled(not job.control.stopping)

    def _toggle_pause(self) -> None:
        if self._job is not None:
            (self._job.resume if self._job.control.paused else self._job.pause)()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
