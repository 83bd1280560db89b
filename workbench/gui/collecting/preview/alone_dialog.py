"""The items of a modality that are in no pair."""

from collections.abc import Sequence
from pathlib import Path, PurePath

from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import desktop, words
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import label
from workbench.media import Modality
from workbench.project import Found

_COLUMNS: tuple[Column[Found], ...] = (
    Column("Key", lambda item: item.key, width=190),
    Column("Label", lambda item: item.label or "", width=120),
    Column("Text", lambda item: " ".join(item.text.split())[:200], width=220),
    Column("Path", lambda item: item.path),
)


class AloneDialog(QDialog):
    """A table of items without a partner: searched, sorted, opened, copied and saved.

    Parameters
    ----------
    session : Session
    modality : {"image", "text", "speech"}
    items : sequence of Found
        The first ones, where there are very many.
    count : int
        How many there are in all.
    parent : QWidget
    """

    def __init__(
        self, session: Session, modality: Modality, items: Sequence[Found], count: int,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session = session
        self.setObjectName("alone")
        self.setWindowTitle(f"{words.items(count, modality).capitalize()} without a pair")
        self.resize(860, 520)
        told = "Their keys have no partner of another modality, by the rules on the Data page."
        if len(items) < count:
            told += f" The first {len(items):,} are listed."
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by key, label, words or path")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search items without a pair")
        self.model: RowsModel[Found] = RowsModel(_COLUMNS, _searched, lambda item: item.path, self)
        self.table: RowsTable[Found] = RowsTable(self.model, f"{modality} items without a pair",
                                                 several=True)  # fmt: skip
        if modality != "text":
            self.table.setColumnHidden(2, True)
        self.search.textChanged.connect(self.model.search)
        self.table.chosen.connect(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        column.addWidget(label(told, "muted", wrap=True))
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        buttons = [
            Button("Open the file", "open-in-new", pressed=self._open),
            Button("Save as CSV…", "content-save-outline",
                   pressed=self.table.row_actions.save_action.trigger),
            Button("Close", pressed=self.reject),
        ]  # fmt: skip
        for button in buttons:
            button.setAutoDefault(False)  # Enter belongs to the table
        column.addLayout(row(buttons[0], buttons[1], None, buttons[2]))
        self.model.set_rows(items)

    def _open(self) -> None:
        item = self.table.current()
        if item is not None:
            try:
                desktop.open_file(Path(item.file))
            except WorkbenchError as error:
                self._session.noticed.emit("warning", str(error))


def _searched(item: Found) -> str:
    return f"{item.key} {item.label} {item.text} {PurePath(item.path).name} {item.path}"
