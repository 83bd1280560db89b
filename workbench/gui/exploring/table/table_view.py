"""The view of the table of items: rows are picked as points of a map are."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from workbench.gui.exploring.table.table_model import HEADS, PLACES, THUMBNAIL, TableModel
from workbench.gui.items.item_strip import is_pick
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.widgets.table import Index
from workbench.gui.widgets.table_rows import RowActions

_ROW = 30
_STYLE = """
QTableView { border: none; border-radius: 0; background: transparent; }
QTableView::corner, QAbstractScrollArea::corner { background: transparent; border: none; }
"""


class TableView(QTableView):
    """Items as rows, of which the selected ones are marked.

    Qt's own selection keeps a range for every gap, which a selection among a million does not
    forgive; so it is not used, and the model knows what is selected.

    Signals
    -------
    picked (ids, mode)
        Rows were clicked, or dragged over.
    open_asked (item)
        By a double click or Enter.
    menu_asked (item, place)
        By the right button; the place is on the screen.

    Parameters
    ----------
    model : TableModel
    """

    picked = Signal(object, str)
    open_asked = Signal(object)
    menu_asked = Signal(object, object)

    def __init__(self, model: TableModel) -> None:
        super().__init__()
        self.setObjectName("items-table")
        self.setAccessibleName("Table of items")
        self.rows = model
        self.placeholder = ""  # what to say when there are no rows
        self._span: tuple[int, int] | None = None  # from where to where the mouse was dragged
        self._pressed: object = None
        self._current: int | None = None  # the item that has the cursor
        self.setModel(model)
        self.row_actions = RowActions(self, "items", lambda: model.selected_places().tolist())
        self.setItemDelegate(_RowPainter(self))
        self.setStyleSheet(_STYLE)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        size = self.iconSize()
        size.setWidth(THUMBNAIL)
        size.setHeight(THUMBNAIL)
        self.setIconSize(size)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(40)
        head.setStretchLastSection(True)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for place, each in enumerate(HEADS):
            self.setColumnWidth(place, each.width)
        model.modelAboutToBeReset.connect(self._keep_current)
        model.modelReset.connect(self._restore_current)

    def hide_columns(self, names: set[str]) -> None:
        """Hide the columns of these names, and show the others."""
        for name, place in PLACES.items():
            self.setColumnHidden(place, name in names)

    def show_selected(self) -> None:
        """Scroll to a selected row, unless one is seen already."""
        places = self.rows.selected_places()
        if not len(places):
            return
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = len(self.rows.rows) - 1 if last < 0 else last
        if not ((places >= first) & (places <= last)).any():
            index = self.rows.index(int(places[0]), 0)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def update_row(self, place: int) -> None:
        """Draw one row anew, if it is seen; previews come one by one, and all rows take long."""
        top, height = self.rowViewportPosition(place), self.rowHeight(place)
        self.viewport().update(0, top, self.viewport().width(), height)

    def is_marked(self, place: int) -> bool:
        """Whether a row is selected, or will be when the mouse is let go."""
        if self._span is not None and min(self._span) <= place <= max(self._span):
            return True
        return self.rows.is_selected(place)

    # ---------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._row_at(event.position().toPoint())
        self._pressed = self.rows.item(place)
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self._span = (place, place)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._span is None:
            super().mouseMoveEvent(event)
            return
        place = self._row_at(event.position().toPoint())
        if place >= 0 and place != self._span[1]:
            self._span = (self._span[0], place)
            self.setCurrentIndex(self.rows.index(place, max(self.currentIndex().column(), 0)))
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        span, self._span = self._span, None
        if span is not None and event.button() == Qt.MouseButton.LeftButton:
            self.viewport().update()
            self.picked.emit(self.rows.ids(min(span), max(span)), mode_of(event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # the first click may have selected the row, and moved it away from under the mouse
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            self.open_asked.emit(self._pressed)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.currentIndex().row() if by_key else self._row_at(event.pos())
        if (item := self.rows.item(place)) is not None:
            beside = self.visualRect(self.rows.index(place, 0)).center()
            self.menu_asked.emit(
                item, self.viewport().mapToGlobal(beside) if by_key else event.globalPos()
            )

    def _row_at(self, place: QPoint) -> int:
        return self.rowAt(place.y())

    # ---------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.currentIndex().row()
        item = self.rows.item(place)
        if self.row_actions.take(event):
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.picked.emit(self.rows.ids(), "new")
        elif item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_asked.emit(item)
        elif item is not None and is_pick(event):
            self.picked.emit(self.rows.ids(place, place), mode_of(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: looking for a letter would ask the model for every row."""

    def _keep_current(self) -> None:
        item = self.rows.item(self.currentIndex().row())
        self._current = self._current if item is None else item.id

    def _restore_current(self) -> None:
        self._span = None
        place = -1 if self._current is None else self.rows.place_of(self._current)
        if place >= 0:
            self.setCurrentIndex(self.rows.index(place, 0))

    # ---------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not len(self.rows.rows) and self.placeholder:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().blend(theme.current().muted, 0.8)))
            where = self.viewport().rect().adjusted(20, 0, -20, 0)
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(where, flags, self.placeholder)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.viewport().update()


class _RowPainter(QStyledItemDelegate):
    def __init__(self, view: TableView) -> None:
        super().__init__(view)
        self._view = view

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        state = option.state  # type: ignore[attr-defined]
        state &= ~QStyle.StateFlag.State_HasFocus  # a frame is drawn around the whole row
        if self._view.is_marked(index.row()):
            state |= QStyle.StateFlag.State_Selected
        option.state = state  # type: ignore[attr-defined]
        path = index.column() == PLACES["path"]
        modes = Qt.TextElideMode
        elide = modes.ElideMiddle if path else modes.ElideRight
        option.textElideMode = elide  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.row() == self._view.currentIndex().row() and self._view.hasFocus():
            area = option.rect  # type: ignore[attr-defined]
            painter.setPen(QColor(theme.current().accent))
            painter.drawLine(area.topLeft(), area.topRight())
            painter.drawLine(area.bottomLeft(), area.bottomRight())
