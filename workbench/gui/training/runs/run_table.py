"""The table of runs: what made each, and what it is worth."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableView,
    QWidget,
)

from workbench.gui.look import theme
from workbench.gui.training.runs.run_model import COLUMNS, RunModel
from workbench.gui.widgets.table_rows import RowActions

if TYPE_CHECKING:
    from workbench.stations.runs.run_table import RunRow

_EMPTY = "No runs yet. Those made on the command line appear here too."
_NAME_WIDTH = 90
# What does not fit is hidden, from the last one on; it stands in the tool tip of the row.
_WIDTHS = {
    "recall_10": 60, "seconds": 84, "alpha": 100, "recall_1": 60, "preservation": 56,
    "kept_step": 76, "pairs": 52, "method": 84, "neighbours": 42, "note": 120, "state": 128,
}  # fmt: skip
_WIDTH_TO_TYPE_IN = 200
_STRETCHED = ("name", "note")
_PLACES = {column.field: place for place, column in enumerate(COLUMNS)}
# the row is lower than a line of a form
_STYLE = """
QTableView { border: none; border-radius: 0; }
QTableView QLineEdit { padding: 0 5px; min-height: 0; border-radius: 4px; }
"""


class RunTable(QTableView):
    """Runs to choose from, one or several.

    Signals
    -------
    chosen (name)
        A single run, by the user.
    selected_changed
        Others are selected, or none; by whomever.
    renamed (name, new name), noted (name, words)
        The user has typed it; nothing is changed yet.
    delete_asked
        By the key.
    """

    chosen = Signal(str)
    selected_changed = Signal()
    renamed = Signal(str, str)
    noted = Signal(str, str)
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setAccessibleName("Runs")
        self._model = RunModel()
        # queued: what follows may replace the rows, which an open editor does not survive
        queued = Qt.ConnectionType.QueuedConnection
        self._model.renamed.connect(self.renamed, queued)
        self._model.noted.connect(self.noted, queued)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self._sorted.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._sorted)
        self._telling = True
        self._current: str | None = None  # shown as such the last time
        self._waiting: list[RunRow] | None = None  # rows that came while something was typed
        self._edited = ""  # the field whose column is shown while it is edited
        self.row_actions = RowActions(self, "runs")
        self._look()
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def _look(self) -> None:
        modes = QAbstractItemView
        self.setSelectionBehavior(modes.SelectionBehavior.SelectRows)
        self.setSelectionMode(modes.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            modes.EditTrigger.DoubleClicked | modes.EditTrigger.EditKeyPressed  # F2
        )
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(_STYLE)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        self.setSortingEnabled(True)
        self._sorted.sort(-1)  # as given, until a heading is clicked
        header = self.horizontalHeader()
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionsMovable(True)
        for field, place in _PLACES.items():
            stretched = field in _STRETCHED
            header.setSectionResizeMode(
                place,
                QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.Interactive,
            )
            if not stretched:
                header.resizeSection(place, _WIDTHS[field])

    # ---------------------------------------------------------------- rows

    def rows(self) -> "list[RunRow]":
        """Return what is shown, in the order of the model."""
        return list(self._model.rows)

    def show_rows(self, rows: "list[RunRow]", current: str | None) -> None:
        """Show runs, newest first, and mark the current one.

        What is selected stays so, unless another run has become the current one. While a name or
        a note is typed, nothing moves; the rows are shown afterwards.
        """
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = rows
            return
        names, selected = [row.name for row in rows], self.selected()
        self._telling = False
        self._model.set_rows(rows)
        kept = [name for name in selected if name in names]
        if current != self._current or not kept:
            kept = [current] if current in names else []
        self._current = current
        self._select(kept, current)
        self._telling = True
        self.selected_changed.emit()
        self.viewport().update()

    def _select(self, names: list[str], current: str | None) -> None:
        flags, model = QItemSelectionModel.SelectionFlag, self.selectionModel()
        if names == self.selected():
            return
        wanted = QItemSelection()
        for name in names:
            index = self._index(name)
            wanted.select(index, index)
        model.select(wanted, flags.ClearAndSelect | flags.Rows)
        if current in names:
            model.setCurrentIndex(self._index(current), flags.NoUpdate)
            self.scrollTo(self._index(current))

    def _index(self, name: str | None, field: str = "name") -> QModelIndex:
        for place, row in enumerate(self._model.rows):
            if row.name == name:
                return self._sorted.mapFromSource(self._model.index(place, _PLACES[field]))
        return QModelIndex()

    # ---------------------------------------------------------------- selection

    def selected(self) -> list[str]:
        """Return the names of the selected runs, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._name_at(place) for place in places]

    def after(self, names: list[str]) -> str | None:
        """Return the run that comes below some, or else above them, as they are sorted now."""
        shown = self.names()
        places = [shown.index(name) for name in names if name in shown]
        if not places:
            return None
        below = [name for name in shown[places[0] :] if name not in names]
        above = [name for name in shown[: places[0]] if name not in names]
        return below[0] if below else above[-1] if above else None

    def names(self) -> list[str]:
        """Return the names of all runs, from top to bottom."""
        return [self._name_at(place) for place in range(self._sorted.rowCount())]

    def _name_at(self, place: int) -> str:
        row = self._sorted.mapToSource(self._sorted.index(place, 0)).row()
        return self._model.rows[row].name

    def _selection_changed(self, *_: object) -> None:
        if not self._telling:
            return
        self.selected_changed.emit()
        names = self.selected()
        if len(names) == 1:
            self._current = names[0]
            self.chosen.emit(names[0])

    # ---------------------------------------------------------------- editing

    def edit_field(self, name: str, field: str) -> None:
        """Let the user type the name or the note of a run, in its place."""
        self._edited = field
        self._fit_columns()
        index = self._index(name, field)
        if index.isValid():
            self.scrollTo(index)
            self.setFocus()
            self.setCurrentIndex(index)
            self.edit(index)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self._edited = ""
        self._fit_columns()
        if self._waiting is not None:
            rows, self._waiting = self._waiting, None
            self.show_rows(rows, self._current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typing = self.state() == QAbstractItemView.State.EditingState
        names = self.selected()
        if event.key() == Qt.Key.Key_F2 and len(names) == 1 and not typing:
            self.edit_field(names[0], "name")
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and names and not typing:
            self.delete_asked.emit()
        elif not self.row_actions.take(event):
            super().keyPressEvent(event)

    # ---------------------------------------------------------------- looks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        left = self.viewport().width() - _NAME_WIDTH
        order = sorted(_WIDTHS, key=lambda field: field != self._edited)  # that one first
        for field in order:
            left -= _WIDTH_TO_TYPE_IN if field == self._edited else _WIDTHS[field]
            self.setColumnHidden(_PLACES[field], left < 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._model.rows:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(12, 0, -12, 0), flags, _EMPTY)
            painter.end()
