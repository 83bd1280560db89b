"""A read-only table of many rows: sorted by a click on a heading, searched by words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from workbench.gui.look import theme
from workbench.gui.widgets.table_rows import VALUE_ROLE, RowActions
from workbench.gui.widgets.text import plain_tip, term_tip

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column.

    Attributes
    ----------
    title : str
    words : callable
        What it shows of a row.
    key : callable, optional
        What it is sorted by: None, for what is not known, comes last either way. By default the
        words, upper and lower case alike.
    numeric : bool
        Whether it stands at the right.
    width : int
        Pixels; 0 shares what is left.
    tone : callable, optional
        A colour field of the theme, such as ``"warning"``.
    best_first : bool
        Whether a first click on its heading puts the largest on top.
    """

    title: str
    words: Callable[[R], str]
    key: Callable[[R], Any] | None = None
    numeric: bool = False
    width: int = 0
    tone: Callable[[R], str] | None = None
    best_first: bool = False

    def sort_key(self, row: R) -> Any:
        """Return what a row is sorted by."""
        return self.words(row).casefold() if self.key is None else self.key(row)


class RowsModel(QAbstractTableModel, Generic[R]):
    """Rows that Qt asks for.

    It sorts and searches by itself: a proxy model calls back into Python for every comparison, and
    holds the window up for some thousand rows already.

    Parameters
    ----------
    columns : sequence of Column
    text : callable
        What of a row is searched.
    tip : callable
        The tool tip of a row.
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        text: Callable[[R], str],
        tip: Callable[[R], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.shown: list[R] = []
        self._rows: list[R] = []
        self._texts: list[str] = []
        self._sortings: dict[tuple[int, Qt.SortOrder], list[int]] = {}
        self._text, self._tip = text, tip
        self._words: list[str] = []
        self._order: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def set_rows(self, rows: Sequence[R]) -> None:
        """Replace all rows."""
        self._rows = list(rows)
        self._texts = [self._text(row).casefold() for row in rows]
        self._sortings.clear()
        self._refresh()

    def search(self, text: str) -> None:
        """Show the rows that hold all of some words; upper and lower case are alike."""
        self._words = text.casefold().split()
        self._refresh()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort; column -1 shows the rows as they were given."""
        if (column, order) != self._order:  # Qt asks twice
            self._order = column, order
            self._refresh()

    def total(self) -> int:
        """Return how many rows there are, shown or not."""
        return len(self._rows)

    def _refresh(self) -> None:
        places: Iterable[int] = self._sorted()
        for word in self._words:
            places = [place for place in places if word in self._texts[place]]
        found = [self._rows[place] for place in places]
        self.beginResetModel()
        self.shown = found
        self.endResetModel()

    def _sorted(self) -> Iterable[int]:
        """Return the places of all rows in order; each order is found once."""
        column, order = self._order
        if not 0 <= column < len(self.columns):
            return range(len(self._rows))
        if self._order not in self._sortings:
            keys = list(map(self.columns[column].sort_key, self._rows))
            places = [place for place, key in enumerate(keys) if key is not None]
            places.sort(key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
            places += [place for place, key in enumerate(keys) if key is None]
            self._sortings[self._order] = places
        return self._sortings[self._order]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return term_tip(self.columns[section].title) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[section])
        if role == Qt.ItemDataRole.InitialSortOrderRole and self.columns[section].best_first:
            return Qt.SortOrder.DescendingOrder
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(row)
        if role == VALUE_ROLE and column.numeric and column.key is not None:
            return column.key(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tip(row))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            return QColor(getattr(theme.current(), column.tone(row)))
        return None


def _alignment(column: Column[Any]) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class RowsTable(QTableView, Generic[R]):
    """The view of a `RowsModel`.

    Parameters
    ----------
    model : RowsModel
    name : str
        Accessible name.
    several : bool
        Whether several rows can be selected.

    Signals
    -------
    chosen
        Enter, or a double click.
    current_changed
    """

    chosen = Signal()
    current_changed = Signal()

    def __init__(self, model: RowsModel[R], name: str, *, several: bool = False) -> None:
        super().__init__()
        self.rows = model
        self.setAccessibleName(name)
        self.setModel(model)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(40)
        for place, column in enumerate(model.columns):
            stretch = QHeaderView.ResizeMode.Stretch
            head.setSectionResizeMode(
                place, QHeaderView.ResizeMode.Interactive if column.width else stretch
            )
            if column.width:
                self.setColumnWidth(place, column.width)
        self.row_actions = RowActions(self, name.casefold())
        self.doubleClicked.connect(lambda _: self.chosen.emit())
        self.selectionModel().currentChanged.connect(lambda *_: self.current_changed.emit())
        model.modelReset.connect(self._keep_current)
        self._kept: R | None = None

    def current(self) -> R | None:
        """Return the row under the cursor."""
        place = self.currentIndex().row()
        return self.rows.shown[place] if 0 <= place < len(self.rows.shown) else None

    def selected(self) -> list[R]:
        """Return the selected rows, in the order shown."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.rows.shown[place] for place in places]

    def choose(self, row: R) -> None:
        """Put the cursor on a row, if it is shown."""
        if row in self.rows.shown:
            self.selectRow(self.rows.shown.index(row))

    def _keep_current(self) -> None:
        """Sorting and searching leave the cursor on its row; a first one is found otherwise."""
        shown = self.rows.shown
        if shown:
            kept = self._kept
            self.selectRow(shown.index(kept) if kept is not None and kept in shown else 0)
        self.current_changed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self._kept = self.current()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.row_actions.copy_action, self.row_actions.save_action])
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif not self.row_actions.take(event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.viewport().update()
