"""A few hundred points that glide to where they are told, with lines between pairs."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from workbench.gui.look import theme
from workbench.gui.points.legend import LegendEntry, draw_shape
from workbench.gui.points.points_item import radius_of_points
from workbench.gui.points.raster import Shape

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MILLISECONDS_A_MOVE = 220
_MILLISECONDS_A_FRAME = 34
_REST = 14  # times what a frame took: a training that has the cores keeps them
_MARGIN = 12
_LEGEND = 18  # its height
_REACH_OF_A_HIT = 9
_LEAST_EXTENT = 0.1  # of unit rows: closer ones are one dot, not magnified rounding
_NO_ROWS = np.zeros(0, np.int64)


class _Related(NamedTuple):
    """Rows that belong to the chosen one."""

    partners: Rows = _NO_ROWS
    kept: Rows = _NO_ROWS
    lost: Rows = _NO_ROWS
    gained: Rows = _NO_ROWS

    def all(self) -> Rows:
        """Return all of them."""
        return np.concatenate(self)


class MovingPoints(QWidget):
    """Points on a plane whose middle and scale are given.

    Nothing is drawn, and no timer runs, while it is hidden.

    Attributes
    ----------
    hovered, pinned : int or None
        The point under the mouse, and the one that was clicked on: it stays chosen while the mouse
        is elsewhere.

    Signals
    -------
    pointed
        Another point is chosen; see `chosen`.
    """

    pointed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("moving-points")
        self.setAccessibleName("Map of the shared space")
        self.setMouseTracking(True)
        self.setMinimumSize(150, 90)
        self.sentence = ""
        self.positions: Doubles = np.zeros((0, 2))
        self._bounds = np.array([[-1.0, -1.0], [1.0, 1.0]])
        self._path: tuple[Doubles, Doubles, Doubles, Doubles] | None = None
        self._marks: list[tuple[Shape, str, Rows]] = []  # shape and colour of some rows
        self._legend: list[LegendEntry] = []
        self._pairs: Rows = np.zeros((0, 2), np.int64)
        self._meet: Mask = np.zeros(0, bool)
        self.hovered: int | None = None
        self.pinned: int | None = None
        self._related = _Related()
        self._mouse: QPointF | None = None
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=_MILLISECONDS_A_FRAME)
        self._timer.timeout.connect(self._glide)

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    # ---------------------------------------------------------------- content

    def set_items(self, count: int, pairs: Rows) -> None:
        """Show other points, as soon as they are moved for the first time."""
        self._timer.stop()
        self._path = None
        self.positions = np.zeros((0, 2))
        self._pairs = pairs.reshape(-1, 2)
        self._meet = np.ones(len(self._pairs), bool)
        self._marks = [("disc", theme.current().muted, np.arange(count))]
        self._choose(None, None)
        self.update()

    def set_marks(
        self, marks: Sequence[tuple[Shape, str, Rows]], legend: Sequence[LegendEntry]
    ) -> None:
        """Give shapes and colours to rows, those last in the list above the others."""
        self._marks, self._legend = list(marks), list(legend)
        self.update()

    def set_meet(self, meet: Mask) -> None:
        """Tell which pairs are where they should be."""
        self._meet = meet
        self.update()

    def set_related(self, partners: Rows, kept: Rows, lost: Rows, gained: Rows) -> None:
        """Tell who belongs to the point that is chosen; see `LiveMap`."""
        self._related = _Related(partners, kept, lost, gained)
        self.update()

    @property
    def chosen(self) -> int | None:
        """The point under the mouse, else the pinned one."""
        return self.pinned if self.hovered is None else self.hovered

    def move_to(self, positions: Doubles, bounds: Doubles) -> None:
        """Let the points glide to other positions.

        Parameters
        ----------
        positions : ndarray, shape (n, 2)
            As many as `set_items` was told.
        bounds : ndarray, shape (2, 2)
            The lowest and the highest place along each axis that is to be in the picture.
        """
        if len(positions) != len(self.positions) or not self.isVisible():
            self._arrive(positions, bounds)
            return
        self._path = (self.positions, positions, self._bounds, bounds)
        self._clock.start()
        self._timer.start()

    @property
    def moving(self) -> bool:
        """Whether the points are on their way."""
        return self._timer.isActive()

    def _glide(self) -> None:
        if self._path is None:
            self._timer.stop()
            return
        start, end, bounds_before, bounds = self._path
        share = min(self._clock.elapsed() / _MILLISECONDS_A_MOVE, 1.0)
        if share == 1:
            self._arrive(end, bounds)
            return
        share = 1 - (1 - share) ** 3  # quick first, then gently to rest
        self.positions = start + share * (end - start)
        self._bounds = bounds_before + share * (bounds - bounds_before)
        self.update()

    def _arrive(self, positions: Doubles, bounds: Doubles) -> None:
        self._timer.stop()
        self._path = None
        self.positions, self._bounds = positions, bounds
        self.update()
        if self._mouse is not None:
            self._point_at(self.row_at(self._mouse))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._path is not None:
            self._arrive(self._path[1], self._path[3])

    # ---------------------------------------------------------------- places

    def places(self) -> Doubles:
        """Return where the points are now, in logical pixels, shape (n, 2)."""
        top = _MARGIN + _LEGEND
        width, height = self.width() - 2 * _MARGIN, self.height() - top - _MARGIN
        low, high = self._bounds
        across, up = np.maximum(high - low, _LEAST_EXTENT)
        scale = max(min(width / across, height / up), 1e-9)
        middle = np.array([_MARGIN + width / 2, top + height / 2])
        placed: Doubles = middle + scale * (self.positions - (low + high) / 2) * [1, -1]
        return placed

    def row_at(self, place: QPointF) -> int | None:
        """Return the point at a place, or None."""
        if not len(self.positions):
            return None
        distance = np.linalg.norm(self.places() - [place.x(), place.y()], axis=1)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= _REACH_OF_A_HIT else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self._point_at(self.row_at(self._mouse))

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse = None
        self._point_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the point under the mouse; on the pinned one, or beside all points, unpin."""
        if event.button() == Qt.MouseButton.LeftButton:
            row = self.row_at(event.position())
            self._choose(row, None if row == self.pinned else row)

    def _point_at(self, row: int | None) -> None:
        self._choose(row, self.pinned)

    def _choose(self, hovered: int | None, pinned: int | None) -> None:
        if (hovered, pinned) != (self.hovered, self.pinned):
            self.hovered, self.pinned = hovered, pinned
            self._related = _Related()
            self.update()
            self.pointed.emit()

    # ---------------------------------------------------------------- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        self._paint()
        took = 1000 * (time.perf_counter() - began)
        self._timer.setInterval(max(_MILLISECONDS_A_FRAME, round(_REST * took)))

    def _paint(self) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self.positions):
            painter.setPen(QColor(theme.current().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            place = self.rect().adjusted(16, 8, -16, -8)
            if painter.boundingRect(place, flags, self.sentence).height() > place.height():
                flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap  # from its beginning
            painter.drawText(place, flags, self.sentence)
            painter.end()
            return
        places = self.places()
        self._paint_pairs(painter, places)
        self._paint_points(painter, places)
        if self.chosen is not None:
            self._paint_related(painter, places, self.chosen)
        self._paint_legend(painter)
        painter.end()

    def _paint_pairs(self, painter: QPainter, places: Doubles) -> None:
        now = theme.current()
        strength = 0.4 if self.chosen is None else 0.12
        for some, colour in ((self._meet, now.muted), (~self._meet, now.bad)):
            painter.setPen(QPen(_faint(colour, strength), 1.0))
            painter.drawPath(_lines(places[self._pairs[some]]))

    def _paint_points(self, painter: QPainter, places: Doubles) -> None:
        radius = self._radius()
        painter.setOpacity(1.0 if self.chosen is None else 0.35)
        for shape, colour, rows in self._marks:
            stamp = _stamp(shape, colour, radius, self.devicePixelRatioF())
            half = stamp.deviceIndependentSize().width() / 2
            for x, y in (places[rows] - half).tolist():
                painter.drawPixmap(QPointF(x, y), stamp)
        painter.setOpacity(1.0)

    def _paint_related(self, painter: QPainter, places: Doubles, chosen: int) -> None:
        """Draw the chosen point, its partners, and its neighbours kept, lost and gained."""
        now, related = theme.current(), self._related
        for rows, colour, style in (
            (related.gained, now.accent, Qt.PenStyle.DashLine),
            (related.lost, now.bad, Qt.PenStyle.DotLine),
            (related.kept, now.good, Qt.PenStyle.SolidLine),
        ):
            painter.setPen(QPen(QColor(colour), 1.3, style))
            painter.drawPath(_lines(places[[(chosen, row) for row in rows.tolist()]]))
        partners = related.partners.tolist()
        painter.setPen(QPen(QColor(now.text), 2.0))
        painter.drawPath(_lines(places[[(chosen, row) for row in partners]]))
        radius = self._radius()
        bright = {chosen, *related.all().tolist()}
        for shape, colour, rows in self._marks:
            stamp = _stamp(shape, colour, radius, self.devicePixelRatioF())
            half = stamp.deviceIndependentSize().width() / 2
            for row in bright.intersection(rows.tolist()):
                painter.drawPixmap(QPointF(*(places[row] - half).tolist()), stamp)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row in (chosen, *partners):
            for colour, width in ((now.surface, 4.0), (now.text, 1.6)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(QPointF(*places[row].tolist()), radius + 3, radius + 3)

    def _paint_legend(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        left, middle = 4.0, 9.0
        for entry in self._legend:
            width = painter.fontMetrics().horizontalAdvance(entry.label)
            if left + 14 + width > self.width():
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(entry.colour))
            painter.save()
            painter.translate(left, middle - 5)
            draw_shape(painter, entry.shape, 5, 3.8)
            painter.restore()
            painter.setPen(QColor(theme.current().muted))
            line = QRectF(left + 14, middle - 8, width + 2, 16)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, entry.label)
            left += 14 + width + 12
        words = "apart"
        width = painter.fontMetrics().horizontalAdvance(words)
        if self._meet.all() or left + 18 + width > self.width():
            return
        painter.setPen(QPen(QColor(theme.current().bad), 1.2))
        painter.drawLine(QPointF(left, middle), QPointF(left + 13, middle))
        painter.setPen(QColor(theme.current().muted))
        line = QRectF(left + 18, middle - 8, width + 2, 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)

    def _radius(self) -> float:
        return max(
            2.0, 0.75 * radius_of_points(len(self.positions), self.width() * self.height(), 1)
        )


def _faint(colour: str, strength: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(strength)
    return made


def _lines(ends: Doubles) -> QPainterPath:
    """Return lines between pairs of places, shape (p, 2, 2)."""
    path = QPainterPath()
    for (x, y), (other_x, other_y) in ends.tolist():
        path.moveTo(x, y)
        path.lineTo(other_x, other_y)
    return path


def _stamp(shape: Shape, colour: str, radius: float, ratio: float) -> QPixmap:
    """Return a point as a picture, with a rim that sets it off from those below."""
    size = 2 * radius * 1.45 + 3  # a triangle reaches farthest
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.current().surface), 0.8))
    painter.setBrush(QColor(colour))
    draw_shape(painter, shape, picture.deviceIndependentSize().width() / 2, radius)
    painter.end()
    return picture
