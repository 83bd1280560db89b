"""Items side by side, in a row or wrapped to a grid: pictures, texts, outlines of sounds.

Only what is visible is read.
"""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.gui.items.card_view import CardView
from workbench.gui.items.cards import CAPTION, CARD, paint_card, paint_rank
from workbench.gui.items.previews import Previews
from workbench.gui.items.strip_model import ItemRole, RankRole, ScoreRole, StripModel
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.widgets.table import Index

if TYPE_CHECKING:
    from workbench.project import Item

NARROWEST, WIDEST = 80, 224
_ANY_HEIGHT = 16_777_215  # what Qt takes for no limit


class ItemStrip(CardView):
    """Cards in one row, or in as many as they need.

    Signals
    -------
    picked (ids, mode)
        A card was clicked.
    open_asked (item)
        By a double click or Enter.
    menu_asked (item, place)
        By the right button; the place is on the screen.
    card_resized (width)
        By Ctrl and the wheel.
    """

    picked = Signal(object, str)
    open_asked = Signal(object)
    menu_asked = Signal(object, object)
    card_resized = Signal(int)

    def __init__(self, previews: Previews, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(f"{name.capitalize()} items")
        self.items = StripModel()
        self.setModel(self.items)
        self.placeholder = ""  # what to say when there are no items
        self._wide = CARD.width()  # of a card of the grid
        self._pressed: Item | None = None
        self._current: int | None = None  # the item of the card with the cursor
        previews.ready.connect(self._refresh)
        self.setItemDelegate(_CardPainter(previews, self))
        self.setSpacing(3)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: none; background: transparent; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._clicked)
        self.items.modelAboutToBeReset.connect(self._keep_current)
        self.items.modelReset.connect(self._restore_current)
        self.set_wrapped(False)

    # ---------------------------------------------------------------- row or grid

    def set_wrapped(self, wrapped: bool) -> None:
        """Show one row, or a grid that takes the height it is given."""
        policies = Qt.ScrollBarPolicy
        self.setWrapping(wrapped)
        self.setMinimumHeight(CARD.height() + 18)
        self.setMaximumHeight(_ANY_HEIGHT if wrapped else CARD.height() + 18)
        self.setHorizontalScrollBarPolicy(
            policies.ScrollBarAlwaysOff if wrapped else policies.ScrollBarAsNeeded
        )
        self.setVerticalScrollBarPolicy(
            # always there: cards would be laid out twice whenever it comes or goes
            policies.ScrollBarAlwaysOn if wrapped else policies.ScrollBarAlwaysOff
        )
        self.scheduleDelayedItemsLayout()

    def card(self) -> QSize:
        """Return how large a card is: in a row always `CARD`, in a grid so that lines are full."""
        if not self.isWrapping():
            return CARD
        gap = 2 * self.spacing()
        room = self.viewport().width() - self.spacing()
        wide = max(room // max(room // (self._wide + gap), 1) - gap, NARROWEST)
        picture = CARD.height() - CAPTION
        return QSize(wide, round(wide * picture / CARD.width()) + CAPTION)

    def card_width(self) -> int:
        """Return how wide a card of the grid shall be at least."""
        return self._wide

    def set_card_width(self, wide: int) -> None:
        """Choose how wide a card of the grid shall be at least, in pixels."""
        wide = max(NARROWEST, min(wide, WIDEST))
        if wide != self._wide:
            self._wide = wide
            self.scheduleDelayedItemsLayout()

    # ---------------------------------------------------------------- mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let an ordinary wheel move a row sideways; with Ctrl it resizes the cards of a grid."""
        turned = event.angleDelta()
        if not self.isWrapping():
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (turned.x() or turned.y()))
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_card_width(round(self._wide * 1.001 ** turned.y()))
            self.card_resized.emit(self._wide)
        else:
            super().wheelEvent(event)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self.indexAt(event.position().toPoint()).data(ItemRole)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # the first click may have selected the card, and moved it away from under the mouse
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            self.open_asked.emit(self._pressed)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentIndex().data(ItemRole)
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_asked.emit(item)
        elif item is not None and is_pick(event):
            self.picked.emit(np.array([item.id], np.int64), mode_of(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if (item := index.data(ItemRole)) is not None:
            beside = self.viewport().mapToGlobal(self.visualRect(index).center())
            self.menu_asked.emit(item, beside if by_key else event.globalPos())

    def _clicked(self, index: QModelIndex) -> None:
        item = index.data(ItemRole)
        if item is not None:
            mode = mode_of(QApplication.keyboardModifiers())
            self.picked.emit(np.array([item.id], np.int64), mode)

    # ---------------------------------------------------------------- what is shown

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not len(self.items.ids) and self.placeholder:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().blend(theme.current().muted, 0.8)))
            where = self.viewport().rect().adjusted(20, 0, -20, -20)
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(where, flags, self.placeholder)
            painter.end()

    def _refresh(self, item: int) -> None:
        row = self.items.row_of(item) if self.isVisible() else -1
        if row >= 0:
            self.update(self.items.index(row))

    def _keep_current(self) -> None:
        item = self.currentIndex().data(ItemRole)
        self._current = None if item is None else item.id

    def _restore_current(self) -> None:
        row = -1 if self._current is None else self.items.row_of(self._current)
        if row >= 0:
            self.setCurrentIndex(self.items.index(row))


def is_pick(event: QKeyEvent) -> bool:
    """Whether a key selects what the cursor is on: Ctrl and the space bar."""
    ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return ctrl and event.key() == Qt.Key.Key_Space


class _CardPainter(QStyledItemDelegate):
    def __init__(self, previews: Previews, strip: ItemStrip) -> None:
        super().__init__(strip)
        self._previews, self._strip = previews, strip

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._strip.card()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(ItemRole)
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)  # type: ignore[attr-defined]
        marked = QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
        over = bool(option.state & marked)  # type: ignore[attr-defined]
        painter.save()
        paint_card(
            painter, area, item, None if item is None else self._previews.of(item), over=over
        )
        if (rank := index.data(RankRole)) is not None:
            paint_rank(painter, area, rank, index.data(ScoreRole))
        painter.restore()
