"""What is drawn over points: rings, their numbers, and stars where questions lie."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

_INNER = 0.42  # of a star's radius


class MarkPen:
    """Draws marks of one colour, each set off by a halo.

    Parameters
    ----------
    painter : QPainter
    colour, halo : QColor
    """

    def __init__(self, painter: QPainter, colour: QColor, halo: QColor) -> None:
        self._painter, self._colour, self._halo = painter, colour, halo
        font = QFont(painter.font())
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def ring(self, place: QPointF, radius: float, weight: float = 1.0) -> None:
        """Draw a ring."""
        for colour, width in ((self._halo, 4.0), (self._colour, 1.8)):
            self._painter.setPen(QPen(colour, width * weight))
            self._painter.drawEllipse(place, radius, radius)

    def number(self, place: QPointF, number: str) -> None:
        """Draw a number on a chip to the right of a place."""
        box = QRectF(0, 0, 8 + 7 * len(number), 14)
        box.moveCenter(place + QPointF(box.width() / 2, -5))
        self._painter.setPen(QPen(self._halo, 1.5))
        self._painter.setBrush(self._colour)
        self._painter.drawRoundedRect(box, 7, 7)
        self._painter.setPen(self._halo)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def star(self, place: QPointF, radius: float, colour: QColor) -> None:
        """Draw a star of five points, filled by a colour of its own."""
        corners = []
        for corner in range(10):
            angle, reach = math.pi * corner / 5, radius * (1.0 if corner % 2 == 0 else _INNER)
            corners.append(place + QPointF(reach * math.sin(angle), -reach * math.cos(angle)))
        outline = QPen(self._halo, 2.0)
        outline.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(outline)
        self._painter.setBrush(colour)
        self._painter.drawPolygon(QPolygonF(corners))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
