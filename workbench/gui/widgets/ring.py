"""A small ring that fills as a job goes on, or turns while nothing is known."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.gui.look import theme


def paint_ring(painter: QPainter, area: QRectF, share: float | None, turn: float) -> None:
    """Paint a progress ring.

    Parameters
    ----------
    painter : QPainter
    area : QRectF
    share : float or None
        0 to 1; None paints a turning arc.
    turn : float
        0 to 1, where the turning arc is.
    """
    colours = theme.current()
    thickness = max(1.8, area.width() / 7)
    inner = area.adjusted(thickness / 2, thickness / 2, -thickness / 2, -thickness / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.blend(colours.accent, 0.22)), thickness))
    painter.drawEllipse(inner)
    pen = QPen(QColor(colours.accent), thickness)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    start, length = (90.0, -360.0 * share) if share is not None else (90 - 360 * turn, -100.0)
    painter.drawArc(inner, round(start * 16), round(length * 16))
