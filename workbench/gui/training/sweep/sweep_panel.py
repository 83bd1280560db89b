"""The finished ladder of a run: its plot, what is known at the α of the slider, and taking it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.picturing.source import PictureSource
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.form.alpha_slider import notch_of
from workbench.gui.training.sweep.sweep_plot import SweepPlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Run
    from workbench.stations import Scrubbed, Scrubber

_NEAR = 6  # notches of the slider


class SweepPanel(QWidget):
    """Moves through a ladder as the slider moves.

    Signals
    -------
    scrubbed (Scrubbed)
        Places and figures at another α.
    alpha_chosen (float)
        In the plot.
    picked (name of the run)
        The run has other heads now.

    Parameters
    ----------
    session : Session
    """

    scrubbed = Signal(object)
    alpha_chosen = Signal(float)
    picked = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("ladder")
        self._session = session
        self._run: Run | None = None
        self._moving: Scrubber | None = None
        self._seen: Scrubbed | None = None
        self._wanted: float | None = None
        self._asked: float | None = None
        self._reading = JobSlot(session, self)
        self._looking = JobSlot(session, self, one_at_a_time=True)
        self._taking = JobSlot(session, self, one_at_a_time=True)

        self.here = ElidedLabel("", "heading", Qt.TextElideMode.ElideRight)
        self.here.setObjectName("ladder-alpha")
        self.take = Button(
            "Use these heads", "check", "quiet", self._pick, name="ladder-pick",
            tip="Explore, search and export use the heads of this α from now on.",
        )  # fmt: skip
        self.words = label("", "muted", wrap=True, name="ladder-words")
        self.plot = SweepPlot()
        PictureSource(
            self.plot, session, "What α gives and costs", self.plot.chart,
            self.plot.plot.viewport(),
        )  # fmt: skip
        self.plot.alpha_chosen.connect(self.alpha_chosen)
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 0, 0, 0)
        bar.addWidget(self.here, 1)
        bar.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self.plot, 1)
        column.addWidget(self.words)
        session.theme_changed.connect(self.plot.draw)
        session.project_changed.connect(self.clear)
        self.clear()

    # ---------------------------------------------------------------- content

    @property
    def run(self) -> "Run | None":
        """The run whose ladder is shown."""
        return self._run

    def clear(self) -> None:
        """Forget the ladder."""
        self._reading.cancel()
        self._looking.cancel()
        self._run = self._moving = self._seen = self._wanted = self._asked = None
        self._say("")

    def show_run(self, run: "Run", alpha: float) -> None:
        """Read the ladder of a run, and stand at an α."""
        project = self._session.project
        if project is None or (self._run is not None and self._run.folder == run.folder):
            return
        self.clear()
        self._run = run
        self._say("Reading the sweep…")

        def make_job(_control: Control) -> Job["Scrubber"]:
            from workbench.stations import scrubber

            return scrubber(project, run.name)

        def ready(moving: "Scrubber") -> None:
            from workbench.stations import sweep_in_words

            self._moving = moving
            self.plot.show_ladder(moving.ladder)
            self.words.setText(sweep_in_words(moving.ladder))
            # the slider may have been moved while the sweep was read
            wanted, self._asked = alpha if self._wanted is None else self._wanted, None
            self.scrub(wanted)

        self._reading.ask(f"Reading the sweep of {run.name}", make_job, ready, on_error=self._say)

    def _say(self, sentence: str) -> None:
        self.plot.show_ladder(None)
        self.here.setText("")
        self.words.setText(sentence)
        self.take.hide()

    # ---------------------------------------------------------------- scrubbing

    def scrub(self, alpha: float) -> None:
        """Go to an α; of many wishes that come at once the last counts."""
        if alpha == self._asked:  # sliders that are tied tell of each view
            return
        self._wanted = self._asked = alpha
        self.plot.show_alpha(alpha)
        if not self._looking.busy:  # what it looks at now is shown, however fast the slider moves
            self._look()

    def _look(self) -> None:
        """Look at the α that is wanted; once none is, measure what was only glanced at."""
        moving, alpha, seen = self._moving, self._wanted, self._seen
        if moving is None:
            return
        measure = alpha is None
        if alpha is None:
            if seen is None or seen.figures or not moving.ladder.pairs:
                return
            alpha = seen.alpha
        self._wanted = None
        # a slider has no place of its own for every α: near a rung it means the rung
        near = [a for a in moving.ladder.alphas if abs(notch_of(a) - notch_of(alpha)) <= _NEAR]
        meant = near[0] if near else alpha

        def make_job(_control: Control) -> Job["Scrubbed"]:
            yield Progress(0, 0, "Looking")
            return moving.at(meant, measure=measure)

        def seen_here(found: "Scrubbed") -> None:
            self._show(found)
            self._look()

        def failed(sentence: str) -> None:
            self.words.setText(sentence)
            if self._wanted is not None:  # else the same would be tried for ever
                self._look()

        self._looking.ask("Moving through the sweep", make_job, seen_here, on_error=failed)

    def _show(self, seen: "Scrubbed") -> None:
        self._seen = seen
        if self._wanted is None:
            self.plot.show_alpha(seen.alpha)
        kind = "as trained" if seen.is_rung else "interpolated"
        self.here.setText(f"α = {seen.alpha:g}, {kind}")
        if seen.figures:  # else they follow, once the slider rests
            self.plot.show_figures(seen.figures)
        self.take.setVisible(self._run is not None and self._run.recipe().rung != seen.alpha)
        self.scrubbed.emit(seen)

    def _pick(self) -> None:
        project, run, seen = self._session.project, self._run, self._seen
        if project is None or run is None or seen is None:
            return

        def make_job(control: Control) -> Job["Run"]:
            from workbench.stations import pick

            return pick(project, run.name, seen.alpha, control)

        def done(_run: "Run") -> None:
            if self._run is run and self._seen is seen:  # what can be taken now is another one
                self.take.hide()
            self.picked.emit(run.name)

        self._taking.ask(f"Using the heads of α = {seen.alpha:g}", make_job, done, quiet=False)
