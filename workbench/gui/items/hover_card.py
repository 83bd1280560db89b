"""What lies under the mouse on a map: a small card beside the point."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.gui.items.cards import paint_card
from workbench.gui.items.previews import Previews
from workbench.gui.look import theme

if TYPE_CHECKING:
    from workbench.project import Item

_SIZE = QSize(138, 150)
_MARGIN = 8


class HoverCard(QWidget):
    """An item's preview, floating over its parent.

    Parameters
    ----------
    previews : Previews
    parent : QWidget
    """

    def __init__(self, previews: Previews, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("hover-card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(_SIZE)
        self._previews = previews
        self._item: Item | None = None
        previews.ready.connect(self._refresh)
        self.hide()

    def show_item(self, item: "Item", place: QPoint) -> None:
        """Show an item beside a place of the parent."""
        self._item = item
        x, y = place.x() + 14, place.y() + 14
        if x + _SIZE.width() > self._parent.width():
            x = place.x() - 14 - _SIZE.width()
        if y + _SIZE.height() > self._parent.height():
            y = place.y() - 14 - _SIZE.height()
        self.move(max(x, 0), max(y, 0))
        self.show()
        self.raise_()
        self.update()

    def _refresh(self, item: int) -> None:
        if self.isVisible() and self._item is not None and self._item.id == item:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._item is None:
            return
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(area, 10, 10)
        painter.fillPath(shape, QColor(now.surface))
        painter.setPen(QPen(QColor(now.border), 1))
        painter.drawPath(shape)
        inside = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -4)
        paint_card(painter, inside, self._item, self._previews.of(self._item))
        painter.end()
