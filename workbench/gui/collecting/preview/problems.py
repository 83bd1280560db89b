"""The table of what was left out."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from workbench.gui import desktop, words
from workbench.gui.collecting.preview.left_out import LeftOut
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.table import Column, Index, RowsModel, RowsTable

_ROWS_SHOWN = 7
_COLUMNS = (
    Column[LeftOut]("File", lambda row: _one_line(row.shown or row.place), lambda row: row.keys[0]),
    Column[LeftOut](
        "Where it failed", lambda row: _one_line(row.where), lambda row: row.keys[1], width=130
    ),
    Column[LeftOut]("Reason", lambda row: _reason(row), lambda row: row.keys[2]),
)


class _Sentence(QStyledItemDelegate):
    """Cuts a sentence at its end, where a path gives way in its middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight  # type: ignore[attr-defined]


class LeftOutTable(RowsTable[LeftOut]):
    """The table; Enter or a double click opens a file, and a menu offers the rest.

    Signals
    -------
    open_wanted, folder_wanted, copy_wanted (LeftOut).
    """

    open_wanted = Signal(object)
    folder_wanted = Signal(object)
    copy_wanted = Signal(object)

    def __init__(self, model: RowsModel[LeftOut]) -> None:
        super().__init__(model, "Files that were left out, where that was, and why")
        self.setObjectName("data-problems")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(len(_COLUMNS) - 1, _Sentence(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.chosen.connect(lambda: self._wish(self.open_wanted))

    def _wish(self, signal: SignalInstance) -> None:
        row = self.current()
        if row is not None:
            signal.emit(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        at = event.pos() if by_mouse else self.visualRect(index).bottomLeft() + QPoint(12, 0)
        menu = self.menu(self.rows.shown[index.row()])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(at))

    def menu(self, row: LeftOut) -> QMenu:
        """Return what can be done with a row."""
        menu = QMenu(self)
        for text, signal, needs_file in (
            ("&Open", self.open_wanted, True),
            ("&Show in folder", self.folder_wanted, True),
            ("&Copy path and reason", self.copy_wanted, False),
        ):
            action = QAction(text, menu)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit(row))
            action.setEnabled(bool(row.file) or not needs_file)
            menu.addAction(action)
        menu.addSeparator()
        menu.addActions([self.row_actions.copy_action, self.row_actions.save_action])
        return menu


class ProblemsCard(Card):
    """What was left out, where and why; hidden while there is nothing.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Left out", "alert-outline", "warning")
        self._session = session
        self._source: int | None = None
        self._found: list[LeftOut] = []
        self.model = RowsModel(
            _COLUMNS,
            lambda row: row.words,
            lambda row: f"{row.place}\n{row.reason}",
            self,
        )
        self.table = LeftOutTable(self.model)
        self.table.open_wanted.connect(self._open)
        self.table.folder_wanted.connect(self._show_in_folder)
        self.table.copy_wanted.connect(_copy)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by file, encoder or reason")
        self.filter.setAccessibleName("Filter what was left out")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.model.search)
        self.only = Button("", "close", "segment", lambda: self.show_only(None, ""))
        self.only.setToolTip("Show what was left out of all sources")
        self.only.hide()
        self.again = Button(
            "Try again",
            "refresh",
            pressed=lambda: session.page_wanted.emit("encode"),
            tip="To the Encode page, where items that an encoder could not take can be tried again",
        )
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.filter, 1)
        line.addWidget(self.only)
        self.head.addWidget(self.again)
        self.body.addLayout(line)
        self.body.addWidget(self.table)
        self.hide()

    def show_problems(self, found: list[LeftOut]) -> None:
        """List what was left out."""
        self.title.setText(f"{words.several(len(found), 'thing')} left out")
        self._found = found
        if self._source is not None and not any(row.source == self._source for row in found):
            self.show_only(None, "")
        else:
            self._choose()
        self.again.setVisible(any(row.by_encoder for row in found))
        self._fit(len(found))
        self.setVisible(bool(found))

    def show_only(self, source: int | None, name: str) -> None:
        """Show what was left out of one source; None shows all."""
        self._source = source
        self.only.setText(f"Only of {name}")
        self.only.setVisible(source is not None)
        self._choose()

    def _choose(self) -> None:
        source, found = self._source, self._found
        if source is not None:
            found = [row for row in found if row.source == source]
        self.model.set_rows(found)

    def _fit(self, count: int) -> None:
        self.table.setFixedHeight(36 + 30 * min(max(count, 2), _ROWS_SHOWN))

    # --- what can be done with a row -------------------------------------------------------------

    def _open(self, row: LeftOut) -> None:
        if self._is_there(row.file):
            desktop.open_file(Path(row.file))

    def _show_in_folder(self, row: LeftOut) -> None:
        folder = Path(row.file).parent
        if self._is_there(str(folder)):
            desktop.show_in_files(folder)

    def _is_there(self, path: str) -> bool:
        if path and not Path(path).exists():
            self._session.noticed.emit("warning", f"{path} no longer exists.")
            return False
        return bool(path)


def _copy(row: LeftOut) -> None:
    QGuiApplication.clipboard().setText(f"{row.place}\t{row.where}\t{row.reason}")


def _one_line(text: str) -> str:
    return text.replace("\n", " ")  # names may hold a newline


def _reason(row: LeftOut) -> str:
    """Return the reason with the file’s name instead of its path, which the first column has."""
    return _one_line(row.reason.replace(row.file, Path(row.file).name) if row.file else row.reason)
