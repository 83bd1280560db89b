"""Which columns of a table make its items, with the table's first rows."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.collecting.source_files import Head, read_head
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import label, set_role
from workbench.media import Columns, Modality
from workbench.project import Source

_NONE = "—"
_ROLES: dict[str, tuple[str, str]] = {
    "text": ("Text", "The column with the texts"),
    "path": ("File", "The column that names a file"),
    "id": ("Id", "The column with a permanent id of the row, so that rows may be reordered"),
    "key": ("Pairs by", "The column that names the partner; without one, the file or the id does"),
    "label": ("Label", "The column with the item's label"),
    "language": ("Language", "The column with the item's language"),
}
_ROLES_OF: dict[Modality, tuple[str, ...]] = {
    "text": ("text", "path", "id", "key", "label", "language"),
    "image": ("path", "key", "label"),
    "speech": ("path", "key", "label", "language"),
}
_SAID = {
    "captions": "Names with their texts: each is paired with the file it names.",
    "lines": "Every line is a text; it is paired by its number.",
}
_LONGEST_CELL = 80
_COLUMNS_SHOWN = 40  # of thousands nobody would look at more, and Qt measures each


class ColumnsForm(QWidget):
    """The columns of a source's table; the guessed ones are chosen at first.

    Parameters
    ----------
    session : Session
    source : Source
    place : Path
        The absolute path of the file.
    """

    changed = Signal()

    def __init__(self, session: Session, source: Source, place: Path) -> None:
        super().__init__()
        self._source, self._place = source, place
        self._head: Head | None = None
        self._reading = JobSlot(session, self)
        self.combos = {role: ComboBox() for role in _ROLES_OF[source.modality]}
        self.news = label("Reading the file…", "caption", wrap=True)
        self.rows = _first_rows()
        self._fields = QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        for number, (role, combo) in enumerate(self.combos.items()):
            name, tip = _ROLES[role]
            combo.setAccessibleName(f"{name} column")
            combo.setAccessibleDescription(tip)
            combo.setToolTip(tip)
            combo.setMinimumContentsLength(6)
            combo.setSizeAdjustPolicy(
                ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.currentIndexChanged.connect(self._choose)
            grid.addWidget(label(name, "muted"), number // 2, number % 2 * 2)
            grid.addWidget(combo, number // 2, number % 2 * 2 + 1)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        self._fields.hide()
        self.rows.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 2)
        whole.setSpacing(8)
        whole.addWidget(self.news)
        whole.addWidget(self.rows)
        whole.addWidget(self._fields)

    def read(self) -> None:
        """Read the file's first rows, if that is not done."""
        if self._head is None and not self._reading.busy:
            self._reading.ask(
                "Reading a table",
                lambda _: read_head(self._place, self._source.modality),
                self._show,
                on_error=lambda sentence: self._say(sentence, "bad"),
            )

    def columns(self) -> Columns:
        """Return the chosen columns."""
        if self._head is None or self._head.kind != "table":
            return self._source.columns
        return Columns(**{role: combo.currentData() for role, combo in self.combos.items()})

    def _show(self, head: Head) -> None:
        self._head = head
        self._say(_SAID.get(head.kind, ""))
        self._fields.setVisible(head.kind == "table")
        chosen = self._source.columns
        if chosen == Columns():
            chosen = head.guess
        # “caption_*” stands for several columns and is none itself
        several = [name for name in chosen.chosen().values() if name not in head.names]
        offered = _offered([*several, *head.names], self)
        for role, combo in self.combos.items():
            combo.blockSignals(True)
            combo.setModel(offered)
            combo.setCurrentIndex(max(0, combo.findData(getattr(chosen, role))))
            combo.blockSignals(False)
        self._show_rows(head)
        self._complain()

    def _show_rows(self, head: Head) -> None:
        shown = head.names[:_COLUMNS_SHOWN]
        more = len(head.names) - len(shown)
        self.rows.setColumnCount(len(shown) + bool(more))
        self.rows.setRowCount(len(head.rows))
        self.rows.setHorizontalHeaderLabels([*shown, *([f"{more:,} more columns"] if more else [])])
        for number, cells in enumerate(head.rows):
            for column, cell in enumerate(cells[:_COLUMNS_SHOWN]):
                text = " ".join(cell[: 10 * _LONGEST_CELL].split())
                item = QTableWidgetItem(text[:_LONGEST_CELL])
                item.setToolTip(text)
                self.rows.setItem(number, column, item)
        self.rows.resizeColumnsToContents()
        for column in range(len(shown)):
            self.rows.setColumnWidth(column, min(220, self.rows.columnWidth(column)))
        self.rows.setFixedHeight(36 + 24 * len(head.rows))
        self.rows.setVisible(bool(head.rows))

    def _choose(self) -> None:
        if not self._complain():
            self.changed.emit()

    def _complain(self) -> bool:
        """Say which column is wanting, and whether one is."""
        head, columns = self._head, self.columns()
        if head is None or head.kind != "table":
            return False
        texts = self._source.modality == "text"
        wanting = not columns.path and not (texts and columns.text)
        what = "the texts" if texts else "the files’ names"
        if wanting:
            self._say(f"Choose the column with {what}.", "bad")
        else:
            self._say(" ".join(f"{each[:1].upper()}{each[1:]}." for each in head.assumed))
        return wanting

    def _say(self, sentence: str, role: str = "caption") -> None:
        set_role(self.news, role)
        self.news.setText(sentence)
        self.news.setVisible(bool(sentence))


def _offered(names: list[str], parent: QWidget) -> QStandardItemModel:
    """Return columns to choose from, once for all roles: there may be thousands."""
    model = QStandardItemModel(len(names) + 1, 1, parent)
    for row, name in enumerate(["", *names]):
        item = QStandardItem(name or _NONE)
        item.setData(name, Qt.ItemDataRole.UserRole)
        model.setItem(row, item)
    return model


def _first_rows() -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName("The first rows of the table")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.horizontalHeader().setStretchLastSection(True)
    return table
