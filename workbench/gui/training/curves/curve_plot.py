"""One plot of curves over training steps, with its key above it."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsItem, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.charts import Lines
from workbench.charts.training_curves import Plot, RunCurves, curve_chart
from workbench.gui.look import theme
from workbench.gui.points.legend import FlowLayout
from workbench.gui.training.curves.drawn_curve import DrawnCurve, DrawnRun, OtherRun, Style
from workbench.gui.training.curves.log_axis import LogAxis
from workbench.gui.training.curves.series import Series, decimated
from workbench.gui.widgets.text import label

_FEWEST_POINTS = 400  # a curve, however narrow its plot is
_AXIS_WIDTH = 58
_TITLE_STYLE = {"font-size": "11px"}


class CurvePlot(QWidget):
    """Curves that share axes.

    Signals
    -------
    pointed (step or None)
        Where the mouse is.
    moved
        The user has zoomed or dragged.
    menu_asked (place on the screen)
    appeared, double_clicked, chip_toggled

    Parameters
    ----------
    title, name : str
    up : str
        The title of its vertical axis.
    share : bool
        Whether values are shares, drawn in percent.
    """

    pointed = Signal(object)
    moved = Signal()
    menu_asked = Signal(object)
    appeared = Signal()
    double_clicked = Signal()
    chip_toggled = Signal()

    def __init__(self, title: str, name: str, up: str, *, share: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = title
        self._share = share
        self._curves: dict[str, DrawnCurve] = {}
        self._others: list[DrawnRun] = []
        self._only: set[str] | None = None
        self._markers: list[pg.InfiniteLine] = []
        self._marked: list[tuple[int, str, str]] = []  # what they say, and in which theme
        self._chance: list[tuple[float, pg.InfiniteLine, QLabel]] = []
        self._logarithmic = False
        self._kept: tuple[int, bool] | None = None
        self._kept_line: pg.InfiniteLine | None = None

        self.plot = pg.PlotWidget(useOpenGL=False, axisItems={"left": LogAxis()})
        self.plot.setObjectName(f"{name}-plot")
        for widget in (self.plot, self.plot.viewport()):
            widget.setAccessibleName(f"Curves: {title}")
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the mouse is all they know
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=True, y=False)
        self.plot.getAxis("left").setWidth(_AXIS_WIDTH)
        for axis in ("left", "bottom"):
            self.plot.getAxis(axis).enableAutoSIPrefix(False)
            # its words and lines cost as much as all curves, and stay as they are for many frames
            self.plot.getAxis(axis).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.plot.getAxis("bottom").setLabel("step", **_TITLE_STYLE)
        self.plot.getAxis("left").setLabel(up, **_TITLE_STYLE)
        self.plot.setMinimumHeight(80)
        self._show_figures(False)
        self.box = self.plot.getViewBox()
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(lambda *_: self.moved.emit())
        self.plot.viewport().installEventFilter(self)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)

        self._key = QWidget()
        self._flow = FlowLayout(self._key, spacing=2)
        self._runs_key = QWidget()
        self._runs_flow = FlowLayout(self._runs_key, spacing=2)
        self._runs_key.hide()
        self._title = label(title, "heading")
        self._title.setContentsMargins(4, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._key)
        column.addWidget(self._runs_key)
        column.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(132)

    # ---------------------------------------------------------------- content

    def clear(self) -> None:
        """Forget all curves, markers and lines."""
        for curve in self._curves.values():
            self._take_away(curve, self._flow)
        self._curves, self._only = {}, None
        self._show_figures(False)
        self.show_markers([])
        self.show_kept(None)
        self.show_others([])
        self.show_chance([])

    def _take_away(self, drawn: DrawnCurve | DrawnRun, key: FlowLayout) -> None:
        for item in drawn.items:
            self.plot.removeItem(item)
        key.removeWidget(drawn.chip)
        drawn.chip.hide()
        drawn.chip.deleteLater()

    def _put_up(self, drawn: DrawnCurve | DrawnRun, key: FlowLayout) -> None:
        for item in drawn.items:
            self.plot.addItem(item, ignoreBounds=True)
        drawn.chip.toggled.connect(self.chip_toggled)
        key.addWidget(drawn.chip)
        drawn.chip.show()

    def add(self, name: str, style: Style, series: Series) -> None:
        """Add a curve; the series may grow afterwards."""
        self._curves[name] = DrawnCurve(name, style, series, self.devicePixelRatioF())
        self._put_up(self._curves[name], self._flow)
        self._key.updateGeometry()

    def names(self) -> list[str]:
        """Return the names of the curves."""
        return list(self._curves)

    def restyle(self, name: str, style: Style) -> None:
        """Give a curve other colours."""
        self._curves[name].set_style(style, self.devicePixelRatioF())

    def show_markers(self, markers: list[tuple[int, str]]) -> None:
        """Mark steps by a thin line with words; the first ones, if they stay, are left alone."""
        now = theme.current()
        marked = [(step, text, now.name) for step, text in markers]
        before, self._marked = self._marked, marked
        kept = sum(
            1 for _ in takewhile(lambda two: two[0] == two[1], zip(before, marked, strict=False))
        )
        for line in self._markers[kept:]:
            self.plot.removeItem(line)
        del self._markers[kept:]
        for number, (step, text) in enumerate(markers[kept:], kept):
            line = pg.InfiniteLine(
                pos=step,
                angle=90,
                pen=pg.mkPen(now.warning, width=1, style=Qt.PenStyle.DashLine),
                label=text,
                labelOpts={
                    "position": 0.94 - 0.09 * (number % 3),
                    "color": now.warning,
                    "fill": pg.mkBrush(now.surface),
                    "anchors": [(0, 0.5), (0, 0.5)],
                },
            )
            self.plot.addItem(line, ignoreBounds=True)
            self._markers.append(line)

    def show_kept(self, step: int | None, *, words: bool = False) -> None:
        """Mark the step whose heads were kept, with words or without; None marks none."""
        if self._kept_line is not None:
            self.plot.removeItem(self._kept_line)
        self._kept = self._kept_line = None
        if step is None:
            return
        now = theme.current()
        self._kept = step, words
        self._kept_line = pg.InfiniteLine(
            pos=step, angle=90, pen=pg.mkPen(now.good, width=2),
            label=f"kept: step {step:,}" if words else "",
            labelOpts={
                "position": 0.1, "color": now.good, "fill": pg.mkBrush(now.surface),
                "anchors": [(0, 0.5), (1, 0.5)],
            },
        )  # fmt: skip
        self.plot.addItem(self._kept_line, ignoreBounds=True)

    def show_others(self, runs: Sequence[OtherRun]) -> None:
        """Draw the curves of other runs behind these; runs without any are left out."""
        hidden = {drawn.run.name for drawn in self._others if not drawn.chip.isChecked()}
        for drawn in self._others:
            self._take_away(drawn, self._runs_flow)
        self._others = [DrawnRun(run, self.devicePixelRatioF()) for run in runs if run.figures]
        for drawn in self._others:
            drawn.chip.setChecked(drawn.run.name not in hidden)
            self._put_up(drawn, self._runs_flow)
        self._runs_key.setVisible(bool(self._others))
        self._runs_key.updateGeometry()

    def others(self) -> list[DrawnRun]:
        """Return the other runs that are drawn behind."""
        return list(self._others)

    def show_only(self, names: Sequence[str]) -> None:
        """Hide the curves of all other figures, also those that only other runs have."""
        self._only = set(names)
        for name, curve in self._curves.items():
            curve.chip.setChecked(name in names)

    def is_hidden(self, name: str) -> bool:
        """Whether a figure is hidden, by its chip where it has one."""
        if name in self._curves:
            return not self._curves[name].chip.isChecked()
        return self._only is not None and name not in self._only

    def show_chance(self, values: list[tuple[float, str]]) -> None:
        """Draw level lines, such as what guessing would reach, and name them in the key."""
        for _, line, words in self._chance:
            self.plot.removeItem(line)
            self._flow.removeWidget(words)
            words.hide()
            words.deleteLater()
        self._chance = []
        for value, name in values:
            pen = pg.mkPen(theme.current().muted, width=1, style=Qt.PenStyle.DotLine)
            line = pg.InfiniteLine(pos=value, angle=0, pen=pen)
            self.plot.addItem(line, ignoreBounds=True)
            unit = "%" if self._share else ""
            words = label(f"┄ {name}  {value:.3g}{unit}", "caption")
            words.setContentsMargins(6, 3, 6, 0)
            self._flow.addWidget(words)
            words.show()
            self._chance.append((value, line, words))
        self._key.updateGeometry()

    def chart(self, plot: Plot) -> Lines | None:
        """Return what is seen as a chart to be printed; None without curves.

        Parameters
        ----------
        plot : str
            Which of the plots this is.
        """
        mine = {
            name: (curve.series.steps.copy(), curve.series.values.copy())
            for name, curve in self._curves.items()
            if not self.is_hidden(name) and len(curve.series)
        }
        others = [
            RunCurves(drawn.run.name, {
                name: (series.steps.copy(), series.values.copy())
                for name, (series, _) in drawn.run.figures.items()
                if not self.is_hidden(name)
            })
            for drawn in self._others
            if drawn.chip.isChecked()
        ]  # fmt: skip
        own = [RunCurves("this run" if others else "", mine)] if mine else []
        if not own and not others:
            return None
        chance = self._chance[0][0] / 100 if self._chance else None
        marks = [(step, words) for step, words, _ in self._marked if words]
        return curve_chart(
            plot, [*own, *others], marks=marks, chance=chance, logarithmic=self._logarithmic
        )

    # ---------------------------------------------------------------- drawing

    def redraw(self, smoothing: float, logarithmic: bool, span: tuple[float, float] | None) -> None:
        """Draw all curves as they are now.

        Parameters
        ----------
        smoothing : float
            0 shows the values as they are.
        logarithmic : bool
        span : tuple of float, optional
            Steps to show; None leaves the horizontal range to the user.
        """
        if logarithmic != self._logarithmic:
            self._logarithmic = logarithmic
            self.plot.getAxis("left").setLogMode(y=logarithmic)
        if span is not None:
            self.box.setXRange(*span, padding=0)
        for curve in self._curves.values():
            curve.draw(smoothing, self._points)
        for drawn in self._others:
            drawn.draw(smoothing, self._points, logarithmic, self.is_hidden)
        first, last = self.box.viewRange()[0]
        low, high = np.inf, -np.inf
        for series in self._shown_series():
            start, end = np.searchsorted(series.steps, (first, np.nextafter(last, np.inf)))
            if start < end:
                low = min(low, float(series.values[start:end].min()))
                high = max(high, float(series.values[start:end].max()))
        self._show_figures(bool(low <= high))
        if low <= high:
            self._set_heights(low, high)

    def _show_figures(self, there: bool) -> None:
        """Show the figures of the axes only where there is something that they are of."""
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            if axis.style["showValues"] != there:
                axis.setStyle(showValues=there)

    def _shown_series(self) -> list[Series]:
        mine = [curve.series for name, curve in self._curves.items() if not self.is_hidden(name)]
        return mine + [series for drawn in self._others for series in drawn.shown_series()]

    def _points(self, steps: Any, values: Any) -> tuple[Any, Any]:
        if self._logarithmic:
            positive = values > 0
            steps, values = steps[positive], np.log10(values[positive])
        elif self._share:
            values = values * 100
        # of every two pixels the highest and the lowest: a pen shows no more
        wide = round(self.plot.viewport().width() * self.devicePixelRatioF())
        return decimated(steps, values, max(wide, _FEWEST_POINTS))

    def _set_heights(self, low: float, high: float) -> None:
        if self._share:
            top = max([high * 100, *[value for value, _, _ in self._chance]])
            low, high = 0.0, min(10 * np.ceil((top + 4) / 10), 105.0)
        elif self._logarithmic:
            low, high = np.log10(max(low, high * 1e-9, 1e-12)), np.log10(max(high, 1e-12))
        margin = 0.08 * (high - low) or max(abs(high) * 0.1, 1e-3)
        if self._share:
            self.box.setYRange(0, high, padding=0)
        else:
            self.box.setYRange(low - margin, high + margin, padding=0)

    def point_at(self, step: float | None) -> None:
        """Show the vertical line and the values at a step; None shows the newest values."""
        self._cross.setVisible(step is not None)
        if step is not None:
            self._cross.setValue(step)
        for curve in self._curves.values():
            curve.tell(step)
        for drawn in self._others:
            drawn.tell(step)

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        now = theme.current()
        self.plot.setBackground(now.surface)
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(now.border)
            axis.setTextPen(now.muted)
            axis.setTickPen(pg.mkPen(now.border))
        self.plot.showGrid(x=False, y=True, alpha=0.6)
        self._cross.setPen(pg.mkPen(now.muted, width=1))
        if self._kept is not None:
            self.show_kept(self._kept[0], words=self._kept[1])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.appeared.emit()

    # ---------------------------------------------------------------- mouse

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            place = self.box.mapSceneToView(self.plot.mapToScene(event.position().toPoint()))
            inside = self.box.sceneBoundingRect().contains(QPointF(event.position()))
            self.pointed.emit(place.x() if inside else None)
        elif kind == QEvent.Type.ContextMenu and isinstance(event, QContextMenuEvent):
            self.menu_asked.emit(event.globalPos())
            return True
        elif kind == QEvent.Type.Leave:
            self.pointed.emit(None)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self.double_clicked.emit()
        return super().eventFilter(watched, event)
