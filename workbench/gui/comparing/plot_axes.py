"""Axes for points: what lies behind them, and the scales beside them."""

from dataclasses import dataclass
from math import floor, log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from workbench.gui.items.cards import card_font
from workbench.gui.look import theme
from workbench.gui.points.canvas import Canvas

LEFT, BELOW = 48, 38  # pixels of the scales
_RIGHT, _ABOVE = 10, 10
_BETWEEN_LABELS = 6


@dataclass(frozen=True)
class Axis:
    """One axis of a plot.

    Attributes
    ----------
    title : str
    low, high : float
        Its ends, on the plane.
    ticks : tuple of (float, str)
        Where something stands, and what.
    """

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


def rank_axis(title: str, most: int) -> Axis:
    """Return an axis of ranks from 1 to `most`, on which each tenfold is as long as the next."""
    most = max(most, 10)
    decades = range(floor(log10(most)) + 1)
    steps = (1, 2, 5) if most < 200 else (1,)
    ranks = [step * 10**decade for decade in decades for step in steps]
    ticks = tuple((log10(rank), f"{rank:,}") for rank in ranks if rank <= most)
    return Axis(title, log10(0.5), log10(most + 0.5), ticks)


def share_axis(title: str, unit: float) -> Axis:
    """Return an axis of shares from 0 to 1, where 1 is so far from 0 on the plane.

    Points are drawn best where both sides of the plane are about as long.
    """
    ticks = tuple((share * unit, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1))
    return Axis(title, -0.06 * unit, 1.06 * unit, ticks)


class PlotCanvas(Canvas):
    """A canvas whose home is a frame with axes, filling its place."""

    def __init__(self) -> None:
        super().__init__()
        self.box.setAspectLocked(False)
        self.across = self.up = Axis("", 0.0, 1.0, ())
        self.halves: tuple[str, str] | None = None
        self._ground = _Ground(self)
        self._scales = _Scales(self)

    def show_axes(self, across: Axis, up: Axis, halves: tuple[str, str] | None = None) -> None:
        """Show other axes, all of them in view.

        Parameters
        ----------
        across, up : Axis
        halves : pair of str, optional
            Draw the diagonal, and say what lies below and what above.
        """
        self.across, self.up, self.halves = across, up, halves
        self.fit()
        self._ground.update()
        self._scales.update()

    def fit(self) -> None:
        """Show the whole frame."""
        if not hasattr(self, "across"):  # pyqtgraph's constructor resizes before ours has run
            return
        size = self.box.rect()
        wide = max(size.width() - LEFT - _RIGHT, 1.0)
        high = max(size.height() - BELOW - _ABOVE, 1.0)
        x = (self.across.high - self.across.low) / wide  # of the plane, a pixel
        y = (self.up.high - self.up.low) / high
        self.box.setRange(
            QRectF(
                self.across.low - LEFT * x, self.up.low - BELOW * y,
                size.width() * x, size.height() * y,
            ),
            padding=0, disableAutoRange=True,
        )  # fmt: skip
        self._at_home = True

    def pixel(self, x: float, y: float) -> QPointF:
        """Return where a point of the plane is, in logical pixels."""
        size, seen = self.box.rect(), self.box.viewRect()
        across = (x - seen.left()) / (seen.width() or 1.0) * size.width()
        down = (seen.bottom() - y) / (seen.height() or 1.0) * size.height()
        return QPointF(min(max(across, -1e5), 1e5), min(max(down, -1e5), 1e5))

    def frame(self) -> QRectF:
        """Return where the frame is, in logical pixels; it may reach beyond the canvas."""
        return QRectF(
            self.pixel(self.across.low, self.up.high), self.pixel(self.across.high, self.up.low)
        )


class _Layer(pg.GraphicsObject):  # type: ignore[misc]
    """Something drawn in logical pixels over the whole canvas."""

    def __init__(self, canvas: PlotCanvas, height: int) -> None:
        super().__init__()
        self.canvas = canvas
        self.setParentItem(canvas.box)
        self.setZValue(height)
        canvas.box.sigRangeChanged.connect(lambda *_: self.update())
        canvas.box.sigResized.connect(lambda *_: self._resized())

    def _resized(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self.canvas.box.rect())


class _Ground(_Layer):
    """Grid, diagonal, and what its two halves mean."""

    def __init__(self, canvas: PlotCanvas) -> None:
        super().__init__(canvas, -10)

    def paint(self, painter: QPainter, *_: Any) -> None:
        canvas, now = self.canvas, theme.current()
        frame = canvas.frame()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if canvas.halves is not None:
            self._paint_halves(painter, frame)
        painter.setPen(QPen(QColor(now.blend(now.border, 0.7)), 1))
        for place, _words in canvas.across.ticks:
            x = round(canvas.pixel(place, 0).x()) + 0.5
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))
        for place, _words in canvas.up.ticks:
            y = round(canvas.pixel(0, place).y()) + 0.5
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
        if canvas.halves is not None:
            painter.setPen(QPen(QColor(now.blend(now.muted, 0.7)), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(frame.bottomLeft(), frame.topRight())

    def _paint_halves(self, painter: QPainter, frame: QRectF) -> None:
        now = theme.current()
        share = 0.05 if now.name == "light" else 0.07
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, corner in ((now.good, frame.bottomRight()), (now.bad, frame.topLeft())):
            painter.setBrush(QColor(now.blend(colour, share)))
            painter.drawPolygon(QPolygonF([frame.bottomLeft(), frame.topRight(), corner]))


class _Scales(_Layer):
    """Numbers and titles at the left and below, over whatever would lie there."""

    def __init__(self, canvas: PlotCanvas) -> None:
        super().__init__(canvas, 10)

    def paint(self, painter: QPainter, *_: Any) -> None:
        now, size = theme.current(), QRectF(self.canvas.box.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface = QColor(now.surface)
        painter.fillRect(QRectF(0, 0, LEFT, size.height()), surface)
        painter.fillRect(QRectF(0, size.height() - BELOW, size.width(), BELOW), surface)
        painter.setPen(QPen(QColor(now.border), 1))
        inside = QRectF(LEFT, 0, size.width() - LEFT, size.height() - BELOW)
        frame = self.canvas.frame().intersected(inside)
        painter.drawLine(QPointF(LEFT + 0.5, frame.top()), QPointF(LEFT + 0.5, inside.bottom()))
        painter.drawLine(QPointF(LEFT, inside.bottom()), QPointF(frame.right(), inside.bottom()))
        self._paint_across(painter, inside)
        self._paint_up(painter, inside)
        if self.canvas.halves is not None:
            self._paint_halves(painter, frame, self.canvas.halves)

    def _paint_halves(self, painter: QPainter, frame: QRectF, halves: tuple[str, str]) -> None:
        """Say in the corners what lies below and above the diagonal."""
        now = theme.current()
        painter.setFont(_title_font())
        measure, back = QFontMetricsF(painter.font()), QColor(now.surface)
        back.setAlphaF(0.8)
        for words, tone, below in ((halves[0], now.good, True), (halves[1], now.bad, False)):
            plate = QRectF(0, 0, measure.horizontalAdvance(words) + 10, 18)
            if below:
                plate.moveBottomRight(frame.bottomRight() - QPointF(4, 4))
            else:
                plate.moveTopLeft(frame.topLeft() + QPointF(4, 4))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(plate, 5, 5)
            painter.setPen(QColor(tone))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter.value, words)

    def _paint_across(self, painter: QPainter, inside: QRectF) -> None:
        now, canvas = theme.current(), self.canvas
        painter.setFont(card_font(11))
        painter.setPen(QColor(now.muted))
        measure, free_from = QFontMetricsF(painter.font()), -1e9
        for place, words in canvas.across.ticks:
            x, wide = canvas.pixel(place, 0).x(), measure.horizontalAdvance(words)
            if x < inside.left() - 1 or x > inside.right() + 1 or x - wide / 2 < free_from:
                continue
            free_from = x + wide / 2 + _BETWEEN_LABELS
            left = min(x - wide / 2, canvas.box.rect().width() - wide)
            painter.drawText(QPointF(left, inside.bottom() + 14), words)
        line = QRectF(inside.left(), inside.bottom() + 18, inside.width(), 18)
        _paint_title(painter, line, canvas.across.title)

    def _paint_up(self, painter: QPainter, inside: QRectF) -> None:
        now, canvas = theme.current(), self.canvas
        painter.setFont(card_font(11))
        painter.setPen(QColor(now.muted))
        for place, words in canvas.up.ticks:
            y = canvas.pixel(0, place).y()
            if inside.top() - 1 <= y <= inside.bottom() + 1:
                line = QRectF(16, y - 8, LEFT - 22, 16)
                painter.drawText(line, (_RIGHTS | Qt.AlignmentFlag.AlignVCenter).value, words)
        painter.save()
        painter.translate(0, inside.bottom())
        painter.rotate(-90)
        _paint_title(painter, QRectF(0, 0, inside.height(), 16), canvas.up.title)
        painter.restore()


def _paint_title(painter: QPainter, line: QRectF, title: str) -> None:
    painter.setFont(_title_font())
    painter.setPen(QColor(theme.current().muted))
    words = QFontMetricsF(painter.font()).elidedText(
        title, Qt.TextElideMode.ElideMiddle, line.width()
    )
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter.value, words)


def _title_font() -> QFont:
    font = card_font(11)
    font.setWeight(QFont.Weight.DemiBold)  # which the program brings along; bold would be smeared
    return font


_RIGHTS = Qt.AlignmentFlag.AlignRight
