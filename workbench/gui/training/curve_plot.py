"""One plot of curves over training steps, with its key above it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui import theme
from workbench.gui.points.legend import FlowLayout
from workbench.gui.training.series import Series, decimated, smoothed
from workbench.gui.widgets.text import label

_MOST_POINTS = 2400  # a curve; about two a pixel
_AXIS_WIDTH = 46


@dataclass(frozen=True)
class Style:
    """How a curve looks: its words, colour, whether dashed, and whether a share in per cent."""

    title: str
    colour: str
    dashed: bool = False
    share: bool = False


class CurvePlot(QWidget):
    """Curves that share axes.

    Signals
    -------
    pointed (step or None)
        Where the mouse is.
    moved
        The user has zoomed or dragged.
    double_clicked, chip_toggled
    """

    pointed = Signal(object)
    moved = Signal()
    double_clicked = Signal()
    chip_toggled = Signal()

    def __init__(self, title: str, name: str, *, share: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self._share = share
        self._curves: dict[str, _Curve] = {}
        self._markers: list[pg.InfiniteLine] = []
        self._chance: list[tuple[float, pg.InfiniteLine, QLabel]] = []
        self._ghosts: list[pg.PlotCurveItem] = []
        self._logarithmic = False

        self.plot = pg.PlotWidget(useOpenGL=False)
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
        self.plot.setMinimumHeight(90)
        self.box = self.plot.getViewBox()
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(lambda *_: self.moved.emit())
        self.plot.viewport().installEventFilter(self)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)

        self._key = QWidget()
        self._flow = FlowLayout(self._key, spacing=2)
        self._title = label(title, "heading")
        self._title.setContentsMargins(4, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._key)
        column.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(200)

    # ---------------------------------------------------------------- content

    def clear(self) -> None:
        """Forget all curves, markers and lines."""
        for curve in self._curves.values():
            self.plot.removeItem(curve.raw)
            self.plot.removeItem(curve.line)
            self._flow.removeWidget(curve.chip)
            curve.chip.hide()
            curve.chip.deleteLater()
        self._curves = {}
        self.show_markers([])
        self.show_ghosts([])
        self.show_chance([])

    def add(self, name: str, style: Style, series: Series) -> None:
        """Add a curve; the series may grow afterwards."""
        curve = _Curve(name, style, series, self.devicePixelRatioF())
        self._curves[name] = curve
        self.plot.addItem(curve.raw, ignoreBounds=True)
        self.plot.addItem(curve.line, ignoreBounds=True)
        curve.chip.toggled.connect(self.chip_toggled)
        self._flow.addWidget(curve.chip)
        curve.chip.show()
        self._key.updateGeometry()

    def names(self) -> list[str]:
        """Return the names of the curves."""
        return list(self._curves)

    def restyle(self, name: str, style: Style) -> None:
        """Give a curve other colours."""
        self._curves[name].set_style(style, self.devicePixelRatioF())

    def show_markers(self, markers: list[tuple[int, str]]) -> None:
        """Mark steps by a thin line with words."""
        for line in self._markers:
            self.plot.removeItem(line)
        now = theme.current()
        self._markers = []
        for number, (step, text) in enumerate(markers):
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

    def show_ghosts(self, ghosts: list[tuple[Series, Style]]) -> None:
        """Draw curves of an earlier run behind the others."""
        for item in self._ghosts:
            self.plot.removeItem(item)
        self._ghosts = []
        for series, style in ghosts:
            colour = QColor(style.colour)
            colour.setAlphaF(0.45)
            pen = pg.mkPen(colour, width=1.2, style=Qt.PenStyle.DotLine)
            item = pg.PlotCurveItem(pen=pen, antialias=True)
            item.setZValue(-5)
            item.series = series
            self.plot.addItem(item, ignoreBounds=True)
            self._ghosts.append(item)

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
            unit = " %" if self._share else ""
            words = label(f"┄ {name}  {value:.3g}{unit}", "caption")
            words.setContentsMargins(6, 3, 6, 0)
            self._flow.addWidget(words)
            words.show()
            self._chance.append((value, line, words))
        self._key.updateGeometry()

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
        first, last = self.box.viewRange()[0]
        low, high = np.inf, -np.inf
        for curve in self._curves.values():
            shown = curve.chip.isChecked()
            curve.raw.setVisible(shown and smoothing > 0)
            curve.line.setVisible(shown)
            if not shown or not len(curve.series):
                continue
            steps, values = curve.series.steps, curve.series.values
            line = smoothed(values, smoothing)
            for item, heights in ((curve.line, line), (curve.raw, values)):
                item.setData(*self._points(steps, heights))
            seen = (steps >= first) & (steps <= last)
            if seen.any():
                low = min(low, float(values[seen].min()))
                high = max(high, float(values[seen].max()))
        for item in self._ghosts:
            item.setData(*self._points(item.series.steps, item.series.values))
        if low <= high:
            self._set_heights(low, high)

    def _points(self, steps: Any, values: Any) -> tuple[Any, Any]:
        if self._logarithmic:
            positive = values > 0
            steps, values = steps[positive], np.log10(values[positive])
        elif self._share:
            values = values * 100
        return decimated(steps, values, _MOST_POINTS)

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

    # ---------------------------------------------------------------- mouse

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            place = self.box.mapSceneToView(self.plot.mapToScene(event.position().toPoint()))
            inside = self.box.sceneBoundingRect().contains(QPointF(event.position()))
            self.pointed.emit(place.x() if inside else None)
        elif kind == QEvent.Type.Leave:
            self.pointed.emit(None)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self.double_clicked.emit()
        return super().eventFilter(watched, event)


class _Curve:
    """A series, its two lines and its chip in the key."""

    def __init__(self, name: str, style: Style, series: Series, ratio: float) -> None:
        self.series, self.style = series, style
        self.raw = pg.PlotCurveItem(antialias=True)
        self.line = pg.PlotCurveItem(antialias=True)
        self.line.setZValue(2)
        self.chip = QPushButton()
        self.chip.setObjectName(f"curve-{name}")
        self.chip.setCheckable(True)
        self.chip.setChecked(True)
        self.chip.setProperty("kind", "quiet")
        self.chip.setToolTip("Click to hide or show this curve.")
        self.chip.setIconSize(QSize(16, 10))
        self.set_style(style, ratio)

    def set_style(self, style: Style, ratio: float) -> None:
        self.style = style
        faint = QColor(style.colour)
        faint.setAlphaF(0.28)
        dash = Qt.PenStyle.DashLine if style.dashed else Qt.PenStyle.SolidLine
        # pyqtgraph's pens are in device pixels
        self.raw.setPen(pg.mkPen(faint, width=ratio))
        self.line.setPen(pg.mkPen(style.colour, width=1.8 * ratio, style=dash))
        self.chip.setIcon(_line_icon(style))
        now = theme.current()
        self.chip.setStyleSheet(
            "QPushButton { background: transparent; border: 1px solid transparent;"
            f" border-radius: 6px; padding: 1px 6px; min-height: 16px; color: {now.text}; }}"
            f"QPushButton:hover {{ background: {now.raised}; }}"
            f"QPushButton:focus {{ border-color: {now.accent}; }}"
            f"QPushButton:!checked {{ color: {now.blend(now.muted, 0.6)}; }}"
        )
        self.tell(None)

    def tell(self, step: float | None) -> None:
        """Say the value at a step, or the newest."""
        value = self.series.at(np.inf if step is None else step)
        words = "–"
        if value is not None:
            words = f"{value:.1%}" if self.style.share else f"{value:.3g}"
        text = f"{self.style.title}  {words}"
        if self.chip.text() != text:
            self.chip.setText(text)


def _line_icon(style: Style) -> QIcon:
    picture = QPixmap(32, 20)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(style.colour), 2.2, c=Qt.PenCapStyle.FlatCap)
    if style.dashed:
        pen.setDashPattern([2.2, 1.5])  # in widths of the pen: two dashes
    painter.setPen(pen)
    painter.drawLine(QPointF(0, 5), QPointF(13, 5))
    painter.end()
    return QIcon(picture)
