"""A job of the window that runs: what it is, how far it is, and a hand on it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.gui.jobs.job_thread import JobThread
from workbench.job_process import PromptControl
from workbench.jobs import Control, Event, Progress

if TYPE_CHECKING:
    from workbench.errors import WorkbenchError

KEPT = "What is finished is kept, and can be continued later."


def progress_of(event: Event) -> Progress | None:
    """Return how far an event says its job is; a training step counts as progress too."""
    if isinstance(event, Progress):
        return event
    step, steps = getattr(event, "step", None), getattr(event, "steps", None)
    if isinstance(step, int) and isinstance(steps, int):
        return Progress(step, steps, "Training", getattr(event, "steps_per_second", None) or None)
    return None


class WindowControl(PromptControl):
    """The control of a job of the window.

    What is set in one go, such as α of tied views, is told in one go: no step comes between.
    """

    def set(self, name: str, value: float) -> None:
        """Change a live value; only called in the window's thread."""
        Control.set(self, name, value)
        QTimer.singleShot(0, self.asked.set)


class RunningJob(QObject):
    """A job of the session, as the status area shows it.

    Attributes
    ----------
    progress : Progress or None
    error : WorkbenchError or None
        Why it failed, from when `on_error` is called.
    kept : str
        In a sentence, what becomes of its work when it is stopped now.
    said : list of (level, sentence)
        What was noticed because of it, also by those who took its result.
    """

    changed = Signal()
    finished = Signal()

    def __init__(
        self, title: str, thread: JobThread, quiet: bool = False, kept: str = KEPT
    ) -> None:
        super().__init__()  # no parent: whoever started it may keep it after its end
        self.title = title
        self.kept = kept
        self.control = thread.control
        self.progress: Progress | None = None
        self.error: WorkbenchError | None = None
        self.said: list[tuple[str, str]] = []
        self.quiet = quiet
        self.running = True
        self.thread_of_job = thread

    def pause(self) -> None:
        """Let it wait at its next safe point."""
        self.control.pause()
        self.changed.emit()

    def resume(self) -> None:
        """Let it go on."""
        self.control.resume()
        self.changed.emit()

    def stop(self) -> None:
        """Let it end at its next safe point."""
        self.control.stop()
        self.changed.emit()
