"""The surface of a map: it shows points, and turns mouse and keys into picks."""

from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication

from workbench.gui.points.lasso import inside_polygon, inside_rectangle
from workbench.gui.points.points_item import PointsItem

Tool = Literal["pan", "lasso", "rectangle"]
Mode = Literal["new", "add", "remove", "intersect"]

_MARGIN = 0.06  # of the extent, around all points in the home view
_STEP_OF_A_LASSO = 2  # logical pixels between its corners
_MOST_MAGNIFICATION = 1e5


def mode_of(modifiers: Qt.KeyboardModifier) -> Mode:
    """Return how a pick combines with the selection: Shift adds, Alt removes, both intersect."""
    shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    if shift and alt:
        return "intersect"
    return "add" if shift else "remove" if alt else "new"


class Canvas(pg.GraphicsView):  # type: ignore[misc]
    """Points on a plane that one can move, zoom and pick from.

    Signals
    -------
    picked (ids, mode)
        By click, lasso or rectangle. A click beside all points picks none.
    hovered (id or None)
    """

    picked = Signal(object, str)
    hovered = Signal(object)

    def __init__(self) -> None:
        super().__init__(useOpenGL=False)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.box.setAspectLocked(True)
        self.box.disableAutoRange()
        self.setCentralItem(self.box)
        self.points = PointsItem(self.box)
        self.tool: Tool = "pan"
        self._accent = QColor("#4450c9")
        self._pressed_at: QPointF | None = None
        self._last = QPointF()
        self._outline: list[QPointF] = []
        self._drawing: Tool | None = None
        self._at_home = True
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for widget in (self, self.viewport()):
            widget.setAccessibleName("Map")

    # ---------------------------------------------------------------- view

    def fit(self) -> None:
        """Show all points."""
        home = self.points.home
        grow = _MARGIN * max(home.width(), home.height())
        self.box.setRange(home.adjusted(-grow, -grow, grow, grow), padding=0)
        self._at_home = True

    def zoom(self, factor: float, around: QPointF) -> None:
        """Magnify by a factor, keeping the point under a place (logical pixels) where it is."""
        home, seen = self.points.home, self.box.viewRect()
        magnification = max(home.width(), home.height()) / max(seen.width(), 1e-300)
        if (factor > 1 and magnification > _MOST_MAGNIFICATION) or (
            factor < 1 and magnification < 0.05
        ):
            return
        self.box.scaleBy((1 / factor, 1 / factor), center=self.plane(around))
        self._at_home = False

    def plane(self, place: QPointF) -> QPointF:
        """Return the point of the plane at a place of the canvas."""
        return QPointF(self.box.mapSceneToView(self.mapToScene(place.toPoint())))

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does."""
        self.tool = tool
        pan = tool == "pan"
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if pan else Qt.CursorShape.CrossCursor)

    def set_accent(self, colour: str) -> None:
        """Choose the colour of lasso and rectangle."""
        self._accent = QColor(colour)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # pyqtgraph's constructor resizes before ours has run
        if getattr(self, "_at_home", False):
            self.fit()

    # ---------------------------------------------------------------- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = self._last = event.position()
        self._outline = [event.position()]
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        tool = self.tool
        if event.button() != Qt.MouseButton.LeftButton:
            tool = "pan"
        elif tool == "pan" and shift:
            tool = "lasso"  # Shift asks for more points: so drag round them
        self._drawing = tool
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._pressed_at is None or not event.buttons():
            self._hover(event.position())
            return
        far = (event.position() - self._pressed_at).manhattanLength()
        if far < QApplication.startDragDistance() and len(self._outline) < 2:
            return
        self._hover(None)
        if self._drawing == "pan":
            self._outline.append(event.position())
            self._move(event.position() - self._last)
        elif (event.position() - self._outline[-1]).manhattanLength() >= _STEP_OF_A_LASSO:
            self._outline.append(event.position())
            self.viewport().update()
        self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        outline, drawing, started = self._outline, self._drawing, self._pressed_at
        self._outline, self._drawing, self._pressed_at = [], None, None
        event.accept()
        if started is None or drawing is None:
            return
        mode = mode_of(event.modifiers())
        if len(outline) < 2:
            if event.button() == Qt.MouseButton.LeftButton:
                self._click(event.position(), mode)
        elif drawing != "pan":
            self._pick(outline, drawing, mode)
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = self._drawing = None
        self.fit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        self.zoom(1.0015**turned, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = QPointF(self.viewport().rect().center())
        if event.key() == Qt.Key.Key_Home:
            self.fit()
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.25, middle)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(0.8, middle)
        elif event.key() == Qt.Key.Key_Escape:
            if self._outline:
                self._outline, self._drawing, self._pressed_at = [], None, None
                self.viewport().update()
            else:
                self.picked.emit(np.zeros(0, np.int64), "new")
        else:
            event.ignore()  # the window may know the key
            return
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def _move(self, by: QPointF) -> None:
        size, seen = self.box.rect(), self.box.viewRect()
        across = -by.x() * seen.width() / max(size.width(), 1.0)
        up = by.y() * seen.height() / max(size.height(), 1.0)
        self.box.translateBy((across, up))
        self._at_home = False

    def _hover(self, place: QPointF | None) -> None:
        found = None if place is None else self.points.hit(place)
        if found != self._hovered:
            self._hovered = found
            self.points.set_hovered(found)
            self.hovered.emit(found)

    def _click(self, place: QPointF, mode: Mode) -> None:
        found = self.points.hit(place)
        self.picked.emit(np.array([] if found is None else [found], dtype=np.int64), mode)

    def _pick(self, outline: list[QPointF], drawing: Tool, mode: Mode) -> None:
        positions = self.points.positions
        if drawing == "rectangle":
            first, last = self.plane(outline[0]), self.plane(outline[-1])
            mask = inside_rectangle(positions, (first.x(), first.y()), (last.x(), last.y()))
        else:
            corners = [self.plane(place) for place in outline]
            mask = inside_polygon(positions, np.array([(p.x(), p.y()) for p in corners]))
        self.picked.emit(self.points.ids[mask], mode)

    # ---------------------------------------------------------------- lasso and rectangle

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        if self._drawing in (None, "pan") or len(self._outline) < 2:
            return
        wash = QColor(self._accent)
        wash.setAlphaF(0.14)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._accent, 1.4))
        painter.setBrush(wash)
        if self._drawing == "rectangle":
            painter.drawRect(QRectF(self._outline[0], self._outline[-1]).normalized())
        else:
            painter.drawPolygon(QPolygonF(self._outline))
