"""The items that an encoder could not take, and why."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.desktop import open_file
from workbench.gui.encoding.inspection import MOST_PROBLEMS
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import label
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.stations import Problem


class ProblemsDialog(QDialog):
    """A table to sort and search; what is selected can be opened, copied, or tried again.

    Parameters
    ----------
    problems : list of Problem
    modality : {"image", "text", "speech"}
    encoder : str
    can_retry : bool
        Whether an encode can be started now.
    parent : QWidget, optional

    Signals
    -------
    retry_wanted
        All of them are to be tried again.
    """

    retry_wanted = Signal()

    def __init__(
        self,
        problems: "list[Problem]",
        modality: Modality,
        encoder: str,
        *,
        can_retry: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{words.PLURAL[modality].capitalize()} that could not be encoded")
        self.resize(920, 480)
        columns: tuple[Column[Problem], ...] = (
            Column("Item", lambda each: _name(each), width=300),
            Column("Why", _reason),
        )
        self.model: RowsModel[Problem] = RowsModel(
            columns,
            lambda each: f"{each.item.path} {each.reason}",
            lambda each: f"{each.item.path}\n{each.reason}",
            self,
        )
        self.table: RowsTable[Problem] = RowsTable(
            self.model, "Items that could not be encoded", several=True
        )
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search items and reasons")
        self.search.setAccessibleName("Search items and reasons")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.model.search)
        self._whole = label("", "muted", wrap=True)
        self.open_button = Button("Open", "open-in-new", "", self._open)
        self.copy_button = Button("Copy", "content-copy", "", self.copy)
        self.retry_button = Button("Try all again", "refresh", "primary", self._retry)
        self.retry_button.setEnabled(can_retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        count = words.items(len(problems), modality)
        first = "The first " if len(problems) == MOST_PROBLEMS else ""
        column.addWidget(label(f"{first}{count} could not be encoded by {encoder}.", wrap=True))
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addWidget(self._whole)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.open_button, self.copy_button):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(Button("Close", pressed=self.reject))
        foot.addWidget(self.retry_button)
        column.addLayout(foot)
        for button in self.findChildren(Button):
            button.setAutoDefault(False)
        self.table.chosen.connect(self._open)
        self.table.current_changed.connect(self._show_current)
        self.model.set_rows(problems)
        self.table.setFocus()

    def _show_current(self) -> None:
        problem = self.table.current()
        self._whole.setText(f"{problem.item.path}\n{_reason(problem)}" if problem else "")
        self.open_button.setEnabled(problem is not None)

    def copy(self) -> None:
        """Copy the selected rows, or all: a line each, path and reason parted by a tab."""
        rows = self.table.selected() or self.model.shown
        lines = [f"{each.item.path}\t{each.reason}" for each in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _open(self) -> None:
        problem = self.table.current()
        if problem is not None:
            open_file(Path(problem.item.file))

    def _retry(self) -> None:
        self.retry_wanted.emit()
        self.accept()


def _reason(problem: "Problem") -> str:
    """Leave the folder out of a reason: the item's path stands beside it."""
    item = problem.item
    return problem.reason.replace(item.file, Path(item.file).name)


def _name(problem: "Problem") -> str:
    name = Path(problem.item.file).name
    return f"{name}#{problem.item.place}" if problem.item.place else name
