"""A list whose cards are all of one size: where they lie is reckoned, and nothing is kept of any.

`QListView` asks its model for every row whenever it lays them out, which takes seconds for a
million of them, each time the selection changes.
"""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.gui.widgets.table import Index

_Hint = QAbstractItemView.ScrollHint
_Action = QAbstractItemView.CursorAction


class CardView(QListView):
    """Cards in a row, or from left to right in as many lines as they need.

    What is drawn is up to the delegate, and how large it is to `card`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = -1
        self.setFlow(QListView.Flow.LeftToRight)
        self.setMouseTracking(True)

    def card(self) -> QSize:
        """Return how large a card is, without what lies between two."""
        raise NotImplementedError

    # ---------------------------------------------------------------- where cards lie

    def pitch(self) -> QSize:
        """Return how far two cards are from each other, across and down."""
        gap = 2 * self.spacing()
        return self.card() + QSize(gap, gap)

    def _count(self) -> int:
        model = self.model()
        return 0 if model is None else model.rowCount()

    def _in_a_line(self) -> int:
        if not self.isWrapping():
            return max(self._count(), 1)
        return max((self.viewport().width() - self.spacing()) // self.pitch().width(), 1)

    def _place(self, row: int) -> QRect:
        """Return where a card lies on the sheet that is scrolled."""
        line, column = divmod(row, self._in_a_line())
        pitch, gap = self.pitch(), self.spacing()
        corner = QPoint(column * pitch.width() + gap, line * pitch.height() + gap)
        return QRect(corner, self.card())

    def _offset(self) -> QPoint:
        return QPoint(self.horizontalOffset(), self.verticalOffset())

    def horizontalOffset(self) -> int:
        return self.horizontalScrollBar().value()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        return self._place(index.row()).translated(-self._offset())

    def indexAt(self, p: QPoint) -> QModelIndex:
        place, pitch, most = p + self._offset(), self.pitch(), self._in_a_line()
        line, column = place.y() // pitch.height(), place.x() // pitch.width()
        row = line * most + column
        if 0 <= column < most and 0 <= row < self._count() and self._place(row).contains(place):
            return self.model().index(row, 0)
        return QModelIndex()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    # ---------------------------------------------------------------- scrolling

    def doItemsLayout(self) -> None:
        # not the list's own, which would visit every row
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        pitch, count, most = self.pitch(), self._count(), self._in_a_line()
        seen, gap = self.viewport().size(), self.spacing()
        lines = -(-count // most)
        wide = min(count, most) * pitch.width() + gap
        high = lines * pitch.height() + gap
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        wrapping = self.isWrapping()
        across.setRange(0, 0 if wrapping else max(wide - seen.width(), 0))
        down.setRange(0, max(high - seen.height(), 0) if wrapping else 0)
        for bar, page, step in (
            (across, seen.width(), pitch.width()), (down, seen.height(), pitch.height())
        ):  # fmt: skip
            bar.setPageStep(page)
            bar.setSingleStep(max(step // 3, 1))
        QAbstractItemView.updateGeometries(self)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def scrollTo(self, index: Index, hint: Any = _Hint.EnsureVisible) -> None:
        if not index.isValid():
            return
        place, gap = self._place(index.row()), self.spacing()
        for bar, first, last, seen in (
            (self.horizontalScrollBar(), place.left(), place.right(), self.viewport().width()),
            (self.verticalScrollBar(), place.top(), place.bottom(), self.viewport().height()),
        ):
            if hint == _Hint.PositionAtCenter:
                bar.setValue((first + last - seen) // 2)
            elif first - gap < bar.value():
                bar.setValue(first - gap)
            elif last + gap >= bar.value() + seen:
                bar.setValue(last + gap + 1 - seen)

    # ---------------------------------------------------------------- keys

    def moveCursor(self, action: Any, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count, most = self._count(), self._in_a_line()
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        seen = max(self.viewport().height() // self.pitch().height(), 1)
        if not self.isWrapping():
            most, seen = 0, 1
        page = most * seen or max(self.viewport().width() // self.pitch().width(), 1)
        step = {
            _Action.MoveLeft: -1, _Action.MovePrevious: -1,
            _Action.MoveRight: 1, _Action.MoveNext: 1,
            _Action.MoveUp: -most, _Action.MoveDown: most,
            _Action.MovePageUp: -page, _Action.MovePageDown: page,
        }.get(action, 0)  # fmt: skip
        if action == _Action.MoveHome or row < 0:
            row = 0
        elif action == _Action.MoveEnd:
            row = count - 1
        elif 0 <= row + step < count or abs(step) == page:
            row = min(max(row + step, 0), count - 1)
        return self.model().index(row, 0)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: looking for a letter would ask the model for every row."""

    # ---------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        count, pitch, most = self._count(), self.pitch(), self._in_a_line()
        area = event.rect().translated(self._offset())
        columns = range(
            max(area.left() // pitch.width(), 0), min(area.right() // pitch.width() + 1, most)
        )
        lines = range(max(area.top() // pitch.height(), 0), area.bottom() // pitch.height() + 1)
        painter = QPainter(self.viewport())
        cursor = self.currentIndex().row() if self.hasFocus() else -1
        for row in (line * most + column for line in lines for column in columns):
            if row < count:
                self._paint(painter, row, over=row == self._hovered, cursor=row == cursor)
        painter.end()

    def _paint(self, painter: QPainter, row: int, *, over: bool, cursor: bool) -> None:
        index, option = self.model().index(row, 0), QStyleOptionViewItem()
        self.initViewItemOption(option)
        state = option.state  # type: ignore[attr-defined]
        state &= ~(QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus)
        if over:
            state |= QStyle.StateFlag.State_MouseOver
        if cursor:
            state |= QStyle.StateFlag.State_HasFocus
        option.state = state  # type: ignore[attr-defined]
        option.rect = self.visualRect(index)  # type: ignore[attr-defined]
        self.itemDelegate().paint(painter, option, index)

    def viewportEvent(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self._hover(-1)
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._hover(self.indexAt(event.position().toPoint()).row())
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()
