"""A ladder on the Train page: which rung is watched while it trains, and scrubbing then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.charts.training_curves import is_drawn
from workbench.gui.training.curves.curve_view import CurveView, chance_on_validation
from workbench.gui.training.curves.series import Series
from workbench.gui.training.sweep.sweep_panel import SweepPanel

if TYPE_CHECKING:
    from workbench.alignment import LiveChange, StepReport, SweepReport
    from workbench.project import Run


class SweepController:
    """Lets the α slider choose what is seen of a ladder.

    Parameters
    ----------
    curves : CurveView
    panel : SweepPanel
        Becomes a page of `curves`.
    alpha : callable
        Returns α of the slider.

    Attributes
    ----------
    panel : SweepPanel
    """

    def __init__(self, curves: CurveView, panel: SweepPanel, alpha: Callable[[], float]) -> None:
        self.panel = panel
        self._curves, self._alpha = curves, alpha
        curves.addWidget(panel)
        self._series: list[dict[str, Series]] = []
        self._changes: list[LiveChange] = []
        self._watched = -1

    # ---------------------------------------------------------------- training

    def begin(self) -> None:
        """Make ready for a training."""
        self._series, self._changes, self._watched = [], [], -1
        self.panel.clear()

    def hear(self, report: "SweepReport") -> "StepReport":
        """Take a step of all rungs, and return that of the rung that is watched."""
        from workbench.alignment.sweep.alpha_sweep import rung_place

        if not self._series:
            self._series = [{} for _ in report.rungs]
        for known, rung in zip(self._series, report.rungs, strict=True):
            for name, value in rung.row().items():
                if is_drawn(name):
                    known.setdefault(name, Series()).append(report.step, value)
        self._changes += report.changes
        alphas = [next(iter(rung.alpha.values())) for rung in report.rungs]
        watched = round(rung_place(self._alpha(), alphas))
        if watched != self._watched:
            self._watched = watched
            chance = chance_on_validation(self._curves.project)
            self._curves.show_series(self._series[watched], self._changes, chance)
        else:
            self._curves.panel.make_stale()
            self._curves.mark(report.changes)
        return report.rungs[watched]

    # ---------------------------------------------------------------- a run kept before

    def show_run(self, run: "Run") -> None:
        """Show the ladder of a run."""
        self.panel.show_run(run, self._alpha())
        self._curves.setCurrentWidget(self.panel)

    def leave(self) -> None:
        """Forget the ladder: another run is shown."""
        self.panel.clear()

    def scrub(self) -> None:
        """Go to the α of the slider, if a ladder is shown."""
        if self.panel.run is not None:
            self.panel.scrub(self._alpha())
