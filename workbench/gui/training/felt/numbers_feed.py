"""What the two numbers are of: the training that runs, or the run that is shown."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.felt.two_numbers import TwoNumbers

if TYPE_CHECKING:
    from workbench.alignment import StepReport, SweepReport
    from workbench.gui.training.form.setup import Wish
    from workbench.project import Run
    from workbench.stations import Felt, FindsAndKeeps, Scrubbed

_NONE_YET = "measured while it trains"
_NO_PAIRS = "no validation pairs: measured on test pairs at the end"


class NumbersFeed:
    """Brings figures to the numbers; those of runs are read by quiet jobs.

    Parameters
    ----------
    session : Session
    numbers : TwoNumbers
    """

    def __init__(self, session: Session, numbers: TwoNumbers) -> None:
        self._session, self._numbers = session, numbers
        self._reading = JobSlot(session, numbers)
        self._training = False
        self._known: object = None  # the run that is shown, and its heads
        self._steps = 0  # that were told of without any figure
        self._forget()

    def _forget(self) -> None:
        self._now: FindsAndKeeps | None = None
        self._start: FindsAndKeeps | None = None
        self._zero: FindsAndKeeps | None = None
        self._stale = False

    # ---------------------------------------------------------------- training

    def begin(self, wish: "Wish | None") -> None:
        """Make ready for a training as the form says, or without a wish, for one that goes on."""
        project = self._session.project
        self._training, self._known, self._steps = True, None, 0
        self._forget()
        self._numbers.show_nothing(_NONE_YET)
        self._reading.cancel()
        if wish is None or wish.method != "gera" or project is None:
            return

        def make_job(_control: object) -> Any:
            from workbench.stations import felt_at_zero

            return felt_at_zero(project, wish.settings, wish.pairs, wish.seed, wish.words)

        # what cannot be found is not shown: the training says itself what is wrong with the data
        self._reading.ask(
            "Looking for heads of α = 0", make_job, self._take_zero, on_error=lambda _: None
        )

    def end(self) -> None:
        """Take note that no training runs any more."""
        self._training = False

    def _take_zero(self, found: "FindsAndKeeps | None") -> None:
        self._zero, self._stale = found, True

    def hear_rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        """Take the curves that a training goes on from."""
        from workbench.stations.runs.finds_and_keeps import looked_at, of_figures

        known = [of_figures(row) for row in looked_at(rows)]
        if known:
            self._start, self._now, self._stale = known[0], known[-1], True

    def hear(self, report: "StepReport") -> None:
        """Take a step; nothing is drawn."""
        self._steps += 1
        if report.validation:
            from workbench.stations.runs.finds_and_keeps import of_figures

            self._now = of_figures({**report.validation, "step": report.step})
            self._start = self._start or self._now
        self._stale = True

    def hear_sweep(self, report: "SweepReport", watched: "StepReport") -> None:
        """Take a step of a sweep, of which one rung is watched."""
        from workbench.stations.runs.finds_and_keeps import of_figures

        first = report.rungs[0]
        if first.validation and not any(first.alpha.values()):
            self._zero = of_figures(first.validation)
        self.hear(watched)

    def draw(self) -> None:
        """Show what was heard last, if it is news."""
        if not self._stale:
            return
        self._stale = False
        if self._now is not None:
            self._numbers.show_figures(self._now, self._start, self._zero)
        elif self._training and self._steps:
            self._numbers.show_nothing(_NO_PAIRS)

    # ---------------------------------------------------------------- a run kept before

    def clear(self) -> None:
        """Show nothing."""
        self._reading.cancel()
        self._known = None
        self._forget()
        self._numbers.show_nothing("")

    def show_run(self, run: "Run") -> None:
        """Show what the heads of a run find and keep, measured by a quiet job."""
        project, key = self._session.project, (run.folder, run.heads_written())
        is_awaited = self._now is not None and self._now.tested and self._now.finds is None
        if self._training or project is None or (key == self._known and not is_awaited):
            return
        self._forget()
        self._known = key
        if key[1] is None:
            self._reading.cancel()
            self._numbers.show_nothing("")
            return

        def make_job(_control: object) -> Any:
            from workbench.stations import felt

            return felt(project, run.name)

        self._reading.ask(
            f"Measuring {run.name}", make_job, self._take_felt, on_error=self._numbers.show_nothing
        )

    def _take_felt(self, found: "Felt") -> None:
        self._start, self._zero = found.start, found.zero
        self._now = self._now or found.now  # a sweep may have been moved through meanwhile
        self._stale = True
        self.draw()

    def scrubbed(self, seen: "Scrubbed") -> None:
        """Show the figures of another α of the sweep that is shown."""
        if seen.figures:
            from workbench.stations.runs.finds_and_keeps import of_figures

            self._now, self._stale = of_figures(seen.figures), True
            self.draw()
