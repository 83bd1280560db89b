"""A run as the parts of the Train page show it."""

from workbench.gui.session import Session
from workbench.gui.training.curves.curve_view import CurveView
from workbench.gui.training.felt.numbers_feed import NumbersFeed
from workbench.gui.training.form.alpha_slider import AlphaSliders
from workbench.gui.training.live_map.map_feed import MapFeed
from workbench.gui.training.runs.results_card import ResultsCard
from workbench.gui.training.runs.runs_card import RunsCard
from workbench.gui.training.sweep.sweep_controller import SweepController

_NO_RUN = "When a run is trained, it is measured here."
_NO_CURVES = "Choose a method and train: losses and held-out figures appear here, step by step."


class ShownRun:
    """Shows the run that is chosen in all parts, and does what its figures offer next.

    Parameters
    ----------
    session : Session
    runs_card, results_card, curves, ladder, map_feed, numbers, alpha
        The parts.
    """

    def __init__(
        self, session: Session, *, runs_card: RunsCard, results_card: ResultsCard,
        curves: CurveView, ladder: SweepController, map_feed: MapFeed, numbers: NumbersFeed,
        alpha: AlphaSliders,
    ) -> None:  # fmt: skip
        self._session, self._runs, self._results = session, runs_card, results_card
        self._curves, self._ladder, self._alpha = curves, ladder, alpha
        self._map_feed, self._numbers = map_feed, numbers
        results_card.explore_asked.connect(lambda: session.page_wanted.emit("explore"))
        results_card.compare_asked.connect(self._compare_with)

    def show(self, name: str | None, *, after_a_training: bool) -> None:
        """Show a run, or that there is none.

        Parameters
        ----------
        name : str or None
        after_a_training : bool
            Whether the curves of one are here, which stay where there is no run.

        Raises
        ------
        WorkbenchError
            The run cannot be read.
        """
        project, row = self._session.project, self._runs.row(name)
        if project is None or row is None:
            self._map_feed.clear()
            self._numbers.clear()
            self._results.say(_NO_RUN)
            if not after_a_training:
                self._curves.say(_NO_CURVES)
            return
        run = project.run(row.name)
        self._results.show_run(run)
        others = [each.name for each in self._runs.rows() if each.has_heads and each is not row]
        self._results.offer_next(row.has_heads, others)
        if row.has_ladder:
            self._ladder.show_run(run)
        else:
            self._ladder.leave()
            self._curves.show_run(run)
        self._curves.panel.can_keep = row.has_heads and not row.has_ladder
        self._map_feed.show_run(run)
        self._numbers.show_run(run)

    def mark_sweep(self, name: str | None) -> None:
        """Mark below the sliders where the newest sweep has looked, or that of the run shown."""
        swept = [row for row in self._runs.rows() if row.has_ladder]
        chosen = [row for row in swept if row.name == name] or swept
        project = self._session.project
        if project is None or not chosen:
            self._alpha.mark([], None)
            return
        from workbench.stations import sweep_marks

        self._alpha.mark(*sweep_marks(project, chosen[0].name))

    def _compare_with(self, other: str) -> None:
        """Compare the run that is shown with another one."""
        if self._session.current_run is not None:
            self._runs.compare([other, self._session.current_run])
