"""The figure of a study in the window: means with bands, filling while it is worked at."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.points.legend import FlowLayout
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.stations import Line, Lines, StudyChart

_AXIS_WIDTH = 52
_PIXELS_A_TICK = 46
_SYMBOLS = ("o", "s", "d", "t", "p", "star", "x", "+")
_SIGNS = ("●", "■", "◆", "▼", "⬟", "★", "✕", "✚")
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_MOST_IN_KEY = 30


class StudyPlot(QWidget):
    """Lines of a study: one figure over one axis."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("study-plot")
        self._lines: Lines | None = None
        self._figure = ""
        self.plot = pg.PlotWidget(useOpenGL=False)
        self.plot.setAccessibleName("Figure of the study")
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(150)
        self.plot.getAxis("left").setWidth(_AXIS_WIDTH)
        for name in ("left", "bottom"):
            self.plot.getAxis(name).enableAutoSIPrefix(False)
        self._key = QWidget()
        self._flow = FlowLayout(self._key, spacing=8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._key)
        column.addWidget(self.plot, 1)

    def show_lines(self, lines: "Lines | None", figure: str) -> None:
        """Draw a figure of a study, or nothing."""
        self._lines, self._figure = lines, figure
        self.draw()

    def chart(self, title: str) -> "StudyChart | None":
        """Return what is drawn, to be printed; None without a study."""
        if self._lines is None or self._figure not in self._lines.figures():
            return None
        from workbench.stations import StudyChart

        return StudyChart(self._lines, self._figure, title)

    def draw(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        from workbench.stations import figure_title

        now = theme.current()
        self.plot.clear()
        self.plot.setBackground(now.surface)
        while (item := self._flow.takeAt(0)) is not None:
            item.widget().deleteLater()
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(now.border))
            axis.setTextPen(pg.mkPen(now.muted))
        self.plot.showGrid(y=True, alpha=0.12)
        lines = self._lines
        if lines is None or self._figure not in lines.figures():
            self.plot.setLabels(left="", bottom="")
            return
        self.plot.setLabels(left=figure_title(self._figure), bottom=lines.title)
        for number, line in enumerate(lines.lines):
            self._draw_line(lines, line, number)
        places = _places(lines)
        margin = 0.06 * (places[-1] - places[0]) or 0.5
        self.plot.setXRange(places[0] - margin, places[-1] + margin, padding=0)
        self.plot.getViewBox().enableAutoRange(y=True)
        self._label_points()
        self._key.updateGeometry()

    def _draw_line(self, lines: "Lines", line: "Line", number: int) -> None:
        found = line.means(self._figure)
        known = np.flatnonzero(found.count)
        if not len(known):
            return
        colours = theme.current().categories
        colour = colours[number % len(colours)]
        places, mean = _places(lines)[known], found.mean[known]
        spread = np.nan_to_num(found.deviation[known])
        if not lines.ordered:  # side by side where they would hide each other
            places = places + 0.12 * (number - (len(lines.lines) - 1) / 2)
            bars = pg.ErrorBarItem(
                x=places, y=mean, height=2 * spread, beam=0.06, pen=pg.mkPen(colour, width=1.5)
            )
            self.plot.addItem(bars)
        pen = pg.mkPen(colour, width=2, style=_DASHES[number // len(_SYMBOLS) % len(_DASHES)])
        if lines.ordered and len(known) == 1 and len(lines.points) > 1:  # a control has no place
            self.plot.addItem(pg.InfiniteLine(pos=mean[0], angle=0, pen=pen))
        elif lines.ordered:
            self._draw_band(places, mean, spread, colour)
            self.plot.addItem(pg.PlotCurveItem(places, mean, pen=pen, antialias=True))
        symbol = _SYMBOLS[number % len(_SYMBOLS)]
        self.plot.addItem(
            pg.ScatterPlotItem(places, mean, size=8, symbol=symbol, brush=colour, pen=None)
        )
        if number < _MOST_IN_KEY:
            self._add_to_key(line.name, colour, _SIGNS[number % len(_SIGNS)])

    def _draw_band(
        self, places: np.ndarray, mean: np.ndarray, spread: np.ndarray, colour: str
    ) -> None:
        shade = QColor(colour)
        shade.setAlphaF(0.14)
        ends = [pg.PlotCurveItem(places, mean + sign * spread, pen=None) for sign in (-1, 1)]
        for end in ends:
            self.plot.addItem(end)
        self.plot.addItem(pg.FillBetweenItem(*ends, brush=pg.mkBrush(shade)))

    def _add_to_key(self, name: str, colour: str, sign: str) -> None:
        mark, words = label(sign, "muted"), label(name, "caption")
        mark.setStyleSheet(f"color: {colour};")
        chip = QWidget()
        chip.setAccessibleName(name)
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(mark)
        row.addWidget(words)
        self._flow.addWidget(chip)
        chip.show()

    def _label_points(self) -> None:
        """Label as many points as there is room for, the first and the last among them."""
        lines = self._lines
        if lines is None or not lines.points:
            return
        places = _places(lines)
        span = float(places[-1] - places[0]) or 1.0
        room = _PIXELS_A_TICK / max(self.plot.width() - _AXIS_WIDTH, 100) * span
        ticks: list[tuple[float, str]] = []
        for place, point in reversed(list(zip(places.tolist(), lines.points, strict=True))):
            if not ticks or ticks[-1][0] - place >= room:
                ticks.append((place, point.words))
        self.plot.getAxis("bottom").setTicks([ticks])


def _places(lines: "Lines") -> np.ndarray:
    """Return where points stand in the plot."""
    return np.log10(lines.positions) if lines.scale == "log" else lines.positions
