"""The curves of a run: losses above, held-out figures below, live or saved."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from workbench.charts.training_curves import PLOTS, curve_title, is_drawn, plot_of
from workbench.gui.picturing.source import PictureSource
from workbench.gui.session import Session
from workbench.gui.training.curves.curve_plot import CurvePlot
from workbench.gui.training.curves.curve_styles import (
    LEADING,
    run_colour,
    style_of,
)
from workbench.gui.training.curves.curves_bar import CurvesBar
from workbench.gui.training.curves.drawn_curve import OtherRun, Style
from workbench.gui.training.curves.series import Series, series_in

_MILLISECONDS_A_FRAME = 40  # one plot a frame, however fast the events come
_REST = 9  # times what a frame took: drawing has a tenth of the time, a training the rest
_LONGEST_REST = 2000  # milliseconds: a frame that waited for something else says nothing of drawing
_LARGEST_SMOOTHING = 0.99
_MERGED_MARKERS = 0.02  # of the steps so far: a drag of the slider leaves one marker


class CurvesPanel(QWidget):
    """Curves over training steps.

    Reports are only stored when they come; the plots are drawn by a timer, which runs while one
    that is seen is not drawn as it should be.

    Signals
    -------
    smoothing_changed (float)
    overlay_chosen (names of runs)
    keep_asked (step)
        To have the heads of a step.

    Attributes
    ----------
    can_keep : bool
        Whether steps can be kept of what is shown.
    """

    smoothing_changed = Signal(float)
    keep_asked = Signal(int)
    overlay_chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self._series: dict[str, Series] = {}
        self._markers: list[tuple[int, str, str]] = []  # step, name, words
        self._chance: dict[str, float] = {}
        self._others: dict[str, Mapping[str, Series]] = {}
        self._following = True
        self._stale: list[CurvePlot] = []
        self._pointed: float | None = None
        self.can_keep = False
        self._pictured: dict[CurvePlot, PictureSource] = {}
        self._words = ""  # the status, while no step is pointed at

        self.loss = CurvePlot("Loss", "loss-curves", "loss")
        self.validation = CurvePlot("Finds and keeps", "validation-curves", "%", share=True)
        self.spread = CurvePlot("Effective rank", "spread-curves", "directions")
        self.spread.setToolTip(
            "Effective rank of the mapped batch: the number of directions in which it spreads. "
            "It falls towards 1 in a collapse."
        )
        self.plots = (self.loss, self.validation, self.spread)
        for plot in self.plots:
            if plot is not self.loss:
                plot.plot.setXLink(self.loss.plot)
            plot.appeared.connect(self._draw_soon)
            plot.pointed.connect(self._point)
            plot.moved.connect(lambda plot=plot: self._moved(plot))
            plot.chip_toggled.connect(self.make_stale)
            plot.double_clicked.connect(self.follow)
            plot.menu_asked.connect(lambda place, plot=plot: self.menu(plot).popup(place))

        bar = CurvesBar()
        self.status, self.overlay = bar.status, bar.overlay
        self.slider, self.logarithmic = bar.slider, bar.logarithmic
        bar.fit.clicked.connect(lambda: self.follow())
        self.overlay.chosen.connect(self.overlay_chosen)
        self.slider.valueChanged.connect(self._smoothing_moved)
        self.logarithmic.toggled.connect(self.make_stale)

        self.splitter = splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        for plot in self.plots:
            splitter.addWidget(plot)
        splitter.setSizes([1000, 950, 500])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(bar)
        column.addWidget(splitter, 1)

        self._timer = QTimer(self, interval=_MILLISECONDS_A_FRAME)
        self._timer.timeout.connect(self._draw_next)
        self.apply_theme()

    # ---------------------------------------------------------------- content

    def clear(self) -> None:
        """Forget everything."""
        self._series, self._markers, self._chance = {}, [], {}
        for plot in self.plots:
            plot.clear()
        self._show_others()
        self.follow()

    def show_rows(
        self, rows: Iterable[Mapping[str, float]], chance: Mapping[str, float] | None = None
    ) -> None:
        """Show the saved curves of a run.

        Parameters
        ----------
        rows : iterable of mappings
            As `StepReport.row` makes them.
        chance : mapping, optional
            What guessing would reach, as for `set_chance`, where the rows do not tell it.
        """
        rows = list(rows)
        self.show_series(series_in(rows, is_drawn), chance_told(rows) or chance)

    def show_series(
        self, series: Mapping[str, Series], chance: Mapping[str, float] | None = None
    ) -> None:
        """Show the saved curves of a run, by the names of their figures."""
        self.clear()
        for name, each in series.items():
            self._show_series(name, each)
        self.set_chance(chance or {})

    def add_row(self, row: Mapping[str, float]) -> None:
        """Take the figures of one step."""
        step = row.get("step", 0.0)
        for name, value in row.items():
            if is_drawn(name):
                self._series_of(name).append(step, value)
        if "chance@10" in row and self._chance.get("recall@10") != row["chance@10"]:
            self.set_chance({"recall@10": row["chance@10"]})
        self.make_stale()

    def add_marker(self, step: int, name: str, words: str) -> None:
        """Mark a step at which a value changed; close ones of the same name become one."""
        near = max(5, int(_MERGED_MARKERS * step))
        for number in reversed(range(len(self._markers))):
            if self._markers[number][1] == name and step - self._markers[number][0] <= near:
                del self._markers[number]
                break
        self._markers.append((step, name, words))
        self._show_markers()

    def show_kept(self, step: int | None) -> None:
        """Mark the step whose heads were kept, or none."""
        for plot in self.plots:
            plot.show_kept(step, words=plot is self.loss)

    def let_be_pictured(self, session: Session) -> None:
        """Let pictures of the plots be taken, in a session that hears of them."""
        for plot, which in zip(self.plots, PLOTS, strict=True):
            self._pictured[plot] = PictureSource(
                plot, session, f"Curves: {plot.title}", partial(plot.chart, which)
            )

    def menu(self, plot: CurvePlot | None = None) -> QMenu:
        """Return what can be done at the step that is pointed at, and with the plot."""
        menu = QMenu(self)
        step = int(self._pointed or 0)
        keep = menu.addAction(f"Keep step {step:,}…" if step else "Keep this step…")
        keep.setObjectName("keep-step")
        keep.setToolTip(
            "Repeats the training up to this step as another run: it is the same to the bit, so "
            "these are exactly the heads."
        )
        keep.setEnabled(self.can_keep and step > 0)
        keep.triggered.connect(lambda: self.keep_asked.emit(step))
        menu.addAction("Show all steps").triggered.connect(self.follow)
        if plot in self._pictured:
            menu.addSeparator()
            self._pictured[plot].add_to(menu)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def markers(self) -> list[tuple[int, str]]:
        """Return the marked steps and their words."""
        return [(step, words) for step, _, words in self._markers]

    def set_chance(self, chance: Mapping[str, float]) -> None:
        """Say what guessing would reach, such as ``{"recall@10": 0.05}``."""
        self._chance = dict(chance)
        self._show_chance()
        self.make_stale()

    def show_others(self, runs: Mapping[str, Mapping[str, Series]]) -> None:
        """Draw the curves of other runs behind these, by their names, each in a colour of its own.

        Parameters
        ----------
        runs : mapping of name to mapping of figure to Series
        """
        self._others = dict(runs)
        self.overlay.show_chosen(list(runs))
        self._show_others()
        self.make_stale()

    def set_status(self, words: str) -> None:
        """Say in one line how the training stands."""
        self._words = words
        if self._pointed is None:
            self.status.setText(words)

    def offer_overlays(self, names: Sequence[str]) -> None:
        """Say which runs can be drawn behind, newest first; those drawn now stay chosen."""
        self.overlay.offer(names)

    def series(self, name: str) -> Series | None:
        """Return a series by name, such as ``recall@10``."""
        return self._series.get(name)

    def _series_of(self, name: str) -> Series:
        if name not in self._series:
            self._show_series(name, Series())
        return self._series[name]

    def _show_series(self, name: str, series: Series) -> None:
        self._series[name] = series
        self._plot_of(name).add(name, style_of(name), series)

    def _plot_of(self, name: str) -> CurvePlot:
        return {"spread": self.spread, "validation": self.validation}.get(plot_of(name), self.loss)

    # ---------------------------------------------------------------- drawing

    @property
    def smoothing(self) -> float:
        """How much a running mean keeps of the past: 0 for the values themselves."""
        return float(_LARGEST_SMOOTHING * (self.slider.value() / 100) ** 0.5)

    def follow(self) -> None:
        """Show all steps, also those to come."""
        self._set_following(True)
        self.make_stale()

    def _set_following(self, following: bool) -> None:
        self._following = following
        for plot in self.plots:
            # each takes its span when it is its turn: else all would be painted at once
            plot.box.blockLink(following)

    def make_stale(self, *_: object) -> None:
        """Let the next frames draw anew, a plot each."""
        self._stale += [plot for plot in self.plots if plot not in self._stale]
        self._draw_soon()

    def _draw_soon(self) -> None:
        """Let frames come if there is something to draw that is seen."""
        if not self._timer.isActive() and any(plot.isVisible() for plot in self._stale):
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def draw(self) -> None:
        """Draw now."""
        self._stale = []
        for plot in self.plots:
            self._draw_plot(plot)

    def _draw_plot(self, plot: CurvePlot) -> None:
        span = (0.0, rounded_up(max(self._last_step(), 2.0))) if self._following else None
        # held-out figures come rarely: a running mean over as many of them would lag far behind
        smoothing = self.smoothing * (0.5 if plot is self.validation else 1.0)
        plot.redraw(smoothing, plot is self.loss and self.logarithmic.isChecked(), span)
        plot.point_at(self._pointed)

    def _last_step(self) -> float:
        """Return the last step of all curves, 0 without any."""
        runs = [self._series, *self._others.values()]
        known = [series for run in runs for series in run.values() if len(series)]
        return float(max((series.steps[-1] for series in known), default=0.0))

    def _draw_next(self) -> None:
        """Draw one plot, and rest in proportion: clicks and the training come first."""
        hidden = [plot for plot in self._stale if not plot.isVisible()]
        shown = [plot for plot in self._stale if plot not in hidden]
        if not shown:
            self._timer.stop()
            return
        self._stale = [*shown[1:], *hidden]
        began = time.perf_counter()
        self._draw_plot(shown[0])
        QTimer.singleShot(0, self, lambda: self._rest(began))  # comes after what is painted now

    def _rest(self, began: float) -> None:
        took = 1000 * (time.perf_counter() - began)
        rest = min(round(_REST * took), _LONGEST_REST)
        self._timer.setInterval(max(_MILLISECONDS_A_FRAME, rest))

    def _show_markers(self) -> None:
        self.loss.show_markers(self.markers())
        for plot in (self.validation, self.spread):
            plot.show_markers([(step, "") for step, _ in self.markers()])

    def _show_chance(self) -> None:
        self.validation.show_chance(
            [
                (value * 100, f"chance of {curve_title(name)}")
                for name, value in self._chance.items()
            ]
        )

    def _show_others(self) -> None:
        for plot in self.plots:
            plot.show_others(
                [
                    OtherRun(name, run_colour(place), self._of_plot(plot, run))
                    for place, (name, run) in enumerate(self._others.items())
                ]
            )

    def _of_plot(
        self, plot: CurvePlot, run: Mapping[str, Series]
    ) -> dict[str, tuple[Series, Style]]:
        """Return what a plot draws of a run, the figure that matters most first."""
        names = [name for name in run if self._plot_of(name) is plot and len(run[name])]
        names.sort(key=lambda name: name not in LEADING)
        return {name: (run[name], style_of(name)) for name in names}

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        for plot in self.plots:
            plot.apply_theme()
            for name in plot.names():
                plot.restyle(name, style_of(name))
        self._show_markers()
        self._show_chance()
        self._show_others()
        self.make_stale()

    def _smoothing_moved(self) -> None:
        self.make_stale()
        self.smoothing_changed.emit(self.smoothing)

    def _moved(self, moved: CurvePlot) -> None:
        self._set_following(False)
        for plot in self.plots:
            if plot is not moved:
                plot.box.setXRange(*moved.box.viewRange()[0], padding=0)
        self.make_stale()

    def _point(self, step: float | None) -> None:
        if step is not None:
            last = self._last_step()
            step = float(min(max(round(step), 0), last)) if last else None
        for plot in self.plots:
            plot.point_at(step)
        self.status.setText(self._words if step is None else f"At step {step:,.0f}")
        self._pointed = step


def rounded_up(last: float) -> float:
    """Return the end of an axis that need not move at every step: at most a twentieth beyond."""
    grain = max(10.0 ** math.floor(math.log10(last)) / 20, 1.0)
    return grain * math.ceil(last / grain)


def chance_told(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return what guessing would reach, where the rows tell it."""
    told = [row["chance@10"] for row in rows if "chance@10" in row]
    return {"recall@10": told[-1]} if told else {}
