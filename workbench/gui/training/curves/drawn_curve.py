"""Curves as a plot draws them, with their chips: one of this run, or all of another run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter

from workbench.charts.training_curves import term_of
from workbench.gui.look import theme
from workbench.gui.training.curves.series import RunningMean, Series, smoothed
from workbench.gui.widgets.text import broken_tip
from workbench.help import meaning

Points = Callable[[Any, Any], tuple[Any, Any]]
_DASHES = (
    Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)  # fmt: skip
_LONGEST_NAME = 24
_GAP = "  "  # between a name and a value


@dataclass(frozen=True)
class Style:
    """How a curve looks: its words, colour, whether dashed, and whether a share in per cent."""

    title: str
    colour: str
    dashed: bool = False
    share: bool = False

    def words(self, value: float | None) -> str:
        """Say a value."""
        if value is None:
            return "–"
        return f"{value:.1%}" if self.share else f"{value:.3g}"


@dataclass(frozen=True)
class OtherRun:
    """Curves of another run: its name, its colour, and series and style of each figure.

    The first figure is the one that its chip tells.
    """

    name: str
    colour: str
    figures: Mapping[str, tuple[Series, Style]]


class DrawnCurve:
    """A series of this run, its two lines and its chip."""

    def __init__(self, name: str, style: Style, series: Series, ratio: float) -> None:
        self.series, self.style = series, style
        self._mean = RunningMean()
        # Lines one by one: Qt strokes a path that crosses itself at every step many times slower.
        self.raw = pg.PlotCurveItem(antialias=False)
        self.raw.setSegmentedLineMode("on")
        self.line = pg.PlotCurveItem(antialias=True)
        self.line.setZValue(2)
        self.items = (self.raw, self.line)
        explained = meaning(term_of(name))
        self.chip = _chip(
            f"curve-{name}", broken_tip(f"{explained} Click to hide or show this curve.".strip())
        )
        self.set_style(style, ratio)

    def set_style(self, style: Style, ratio: float) -> None:
        """Take other colours; pyqtgraph's pens are in device pixels, `ratio` to one of the view."""
        self.style = style
        faint = theme.current().blend(style.colour, 0.28)  # opaque: lines meet, and must not double
        dash = Qt.PenStyle.DashLine if style.dashed else Qt.PenStyle.SolidLine
        self.raw.setPen(pg.mkPen(faint, width=ratio))
        self.line.setPen(pg.mkPen(style.colour, width=1.8 * ratio, style=dash))
        self.line.setSegmentedLineMode("off" if style.dashed else "on")  # a dash runs on
        self.chip.setIcon(_line_icon(style.colour, dash))
        _colour_chip(self.chip)
        self.tell(None)

    def draw(self, smoothing: float, points: Points) -> None:
        """Draw the series as it is now."""
        shown = self.chip.isChecked()
        self.raw.setVisible(shown and smoothing > 0)
        self.line.setVisible(shown)
        if shown and len(self.series):
            steps, values = self.series.steps, self.series.values
            self.line.setData(*points(steps, self._mean.of(self.series, smoothing)))
            if smoothing > 0:
                self.raw.setData(*points(steps, values))

    def tell(self, step: float | None) -> None:
        """Say the value at a step, or the newest."""
        value = self.series.at(np.inf if step is None else step)
        _set_text(self.chip, f"{self.style.title}{_GAP}{self.style.words(value)}")


class DrawnRun:
    """The lines of another run in one colour, a dash a figure, and its chip."""

    def __init__(self, run: OtherRun, ratio: float) -> None:
        self.run = run
        self.lines: dict[str, pg.PlotCurveItem] = {}
        self._drawn: dict[str, object] = {}  # how, so that a line that stays is not drawn again
        for place, name in enumerate(run.figures):
            colour = QColor(run.colour)
            colour.setAlphaF(0.9 if place == 0 else 0.6)
            item = pg.PlotCurveItem(antialias=True)
            item.setPen(pg.mkPen(colour, width=1.4 * ratio, style=_DASHES[place % len(_DASHES)]))
            item.setZValue(-5)
            self.lines[name] = item
        self.items = tuple(self.lines.values())
        told = ", ".join(style.title for _, style in run.figures.values())
        self.chip = _chip(
            f"run-{run.name}", f"{run.name}: {told}. Click to hide or show it in this plot."
        )
        self.chip.setIcon(_line_icon(run.colour, Qt.PenStyle.SolidLine))
        _colour_chip(self.chip)
        self._visible: list[str] = list(run.figures)
        self.tell(None)

    def shown_series(self) -> list[Series]:
        """Return the series that are drawn now."""
        return [self.run.figures[name][0] for name in self._visible if self.chip.isChecked()]

    def draw(
        self, smoothing: float, points: Points, how: object, hidden: Callable[[str], bool]
    ) -> None:
        """Draw the figures that are not hidden.

        Parameters
        ----------
        smoothing : float
        points : callable
            From steps and values to what is drawn of them.
        how : object
            What else it depends on; as long as all is as it was, nothing is drawn again.
        hidden : callable
            Whether a figure's own curve is hidden.
        """
        self._visible = [name for name in self.lines if not hidden(name)]
        for name, item in self.lines.items():
            item.setVisible(self.chip.isChecked() and name in self._visible)
            if item.isVisible() and self._drawn.get(name) != (smoothing, how):
                self._drawn[name] = smoothing, how
                series = self.run.figures[name][0]
                item.setData(*points(series.steps, smoothed(series.values, smoothing)))

    def tell(self, step: float | None) -> None:
        """Say the value of the first figure shown at a step, or its last."""
        words = ""
        if self._visible:
            series, style = self.run.figures[self._visible[0]]
            words = f"{_GAP}{style.words(series.at(np.inf if step is None else step))}"
        name = self.run.name
        short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        _set_text(self.chip, short + words)


class _Chip(QPushButton):
    """A name and a value; where there is little room the name is shortened, never the value."""

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        metrics, (name, gap, value) = self.fontMetrics(), self.text().rpartition(_GAP)
        room = self.width() - (self.sizeHint().width() - metrics.horizontalAdvance(self.text()))
        if name and metrics.horizontalAdvance(self.text()) > room:
            room -= metrics.horizontalAdvance(gap + value)
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            option.text = short + gap + value  # type: ignore[attr-defined]
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


def _chip(name: str, tip: str) -> QPushButton:
    chip = _Chip()
    chip.setObjectName(name)
    chip.setCheckable(True)
    chip.setChecked(True)
    chip.setProperty("kind", "quiet")
    chip.setToolTip(tip)
    chip.setIconSize(QSize(16, 10))
    return chip


def _set_text(chip: QPushButton, text: str) -> None:
    if chip.text() != text:
        chip.setText(text)


def _colour_chip(chip: QPushButton) -> None:
    now = theme.current()
    chip.setStyleSheet(
        "QPushButton { background: transparent; border: 1px solid transparent;"
        " border-radius: 6px; padding: 1px 6px; min-height: 16px; text-align: left;"
        f" color: {now.text}; }}"
        f"QPushButton:hover {{ background: {now.raised}; }}"
        f"QPushButton:focus {{ border-color: {now.accent}; }}"
        f"QPushButton:!checked {{ color: {now.blend(now.muted, 0.6)}; }}"
    )


def _line_icon(colour: str, dash: Qt.PenStyle) -> QIcon:
    picture = QPixmap(32, 20)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colour), 2.2, c=Qt.PenCapStyle.FlatCap)
    if dash == Qt.PenStyle.DashLine:
        pen.setDashPattern([2.2, 1.5])  # in widths of the pen: two dashes
    painter.setPen(pen)
    painter.drawLine(QPointF(0, 5), QPointF(13, 5))
    painter.end()
    return QIcon(picture)
