"""Training again with own pairs, and what that has brought."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.labelling.labelling_jobs import TrainingAgain
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.stations.labelling.gain import Gain


class AgainState(QObject):
    """The training with own pairs.

    Signals
    -------
    changed

    Attributes
    ----------
    gain : Gain or None
        What the last one has brought.
    more, fewer : int
        Pairs that came by the user's word since the current run was begun, and that went.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.gain: Gain | None = None
        self.more = self.fewer = 0
        self._training = JobSlot(session, self)
        self._counting = JobSlot(session, self, one_at_a_time=True)
        self._training.changed.connect(self.changed)
        session.project_changed.connect(self._forget)

    @property
    def busy(self) -> bool:
        """Whether it is being trained."""
        return self._training.busy

    def count(self) -> None:
        """Count what was said since the current run was begun, behind the page."""
        project, run = self.session.project, self.session.current_run
        if project is None or run is None:
            return

        def make_job(_: Control) -> Job[tuple[int, int]]:
            from workbench.stations.labelling.gain import answered_since

            yield Progress(0, 0, "Counting answers")
            return answered_since(project, run)

        # what is wrong with the run or the list is told where it is used
        self._counting.ask("Counting answers", make_job, self._take, on_error=lambda _: None)

    def _take(self, counts: tuple[int, int]) -> None:
        self.more, self.fewer = counts
        self.changed.emit()

    def _forget(self) -> None:
        self.gain = None
        self.more = self.fewer = 0
        self.changed.emit()

    def train(self) -> None:
        """Train as the current run was trained, with what was said since."""
        project, run = self.session.project, self.session.current_run
        if project is None or run is None or self.busy:
            return

        def take(gain: "Gain") -> None:
            self.gain = gain
            self.more = self.fewer = 0
            self.session.set_current_run(gain.run)
            self.changed.emit()

        job = TrainingAgain(project, run)
        self._training.ask("Training with own pairs", job, take, quiet=False)
