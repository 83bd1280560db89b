"""The rows of the table of runs, as Qt asks for them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from workbench.gui.look import theme
from workbench.gui.widgets.table_rows import VALUE_ROLE
from workbench.gui.widgets.text import term_tip
from workbench.gui.words import elapsed

if TYPE_CHECKING:
    from workbench.stations.runs.run_table import RunRow

Index = QModelIndex | QPersistentModelIndex
EDITABLE = ("name", "note")
SWEEP_ICON = "stairs"  # as on the button that begins one
_BEST_FIRST = ("recall_1", "recall_10", "preservation")


@dataclass(frozen=True)
class RunColumn:
    """A column: its heading, the field of `RunRow`, a sentence of help, and how it is shown."""

    title: str
    field: str
    help: str
    words: Callable[[Any], str] = str
    numeric: bool = False


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _pairs(value: int | None) -> str:
    return "all" if value is None else f"{value:,}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


COLUMNS = (
    RunColumn("Run", "name", "Its folder in the project. F2 renames it"),
    RunColumn("Method", "method", "How it was aligned"),
    RunColumn("α", "alpha", "Weight of the geometric loss; → where it was changed while training"),
    RunColumn("K", "neighbours", "Number of neighbours of the geometric loss", _number, True),
    RunColumn("Pairs", "pairs", "Training pairs of each relation, or labels in all", _pairs, True),
    RunColumn(
        "R@1", "recall_1",
        "Share of held-out pairs whose partner ranks first, mean of all directions",
        _share, True,
    ),
    RunColumn(
        "R@10", "recall_10",
        "Share of held-out pairs whose partner is among the first ten, mean of all directions",
        _share, True,
    ),
    RunColumn(
        "Kept", "preservation",
        "Share of nearest neighbours that are still neighbours, mean of the views",
        _share, True,
    ),
    RunColumn(
        "Kept step", "kept_step", "After which step of the training the heads were kept", _number,
        True,
    ),
    RunColumn("Time", "seconds", "Time of training", elapsed, True),
    RunColumn("Note", "note", "Your note on this run. A double click edits it"),
    RunColumn("State", "state", "How the training ended"),
)  # fmt: skip


class RunModel(QAbstractTableModel):
    """The runs, newest first.

    Signals
    -------
    renamed (name, new name), noted (name, words)
        What was typed into a cell; the rows stay as they are until they are set anew.
    """

    renamed = Signal(str, str)
    noted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []

    def set_rows(self, rows: "list[RunRow]") -> None:
        """Show other rows; where the runs are the same ones, selection and scrolling stay."""
        if rows == self.rows:
            return
        if [row.name for row in rows] != [row.name for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        changed = [place for place, row in enumerate(rows) if row != self.rows[place]]
        self.rows = rows
        for place in changed:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help or term_tip(column.title) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.InitialSortOrderRole and column.field in _BEST_FIRST:
            return Qt.SortOrder.DescendingOrder
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        value = getattr(row, column.field)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            swept = column.field == "alpha" and row.has_ladder
            return column.words(value) + (", sweep" if swept else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            told = [(each.title, each.words(getattr(row, each.field))) for each in COLUMNS]
            return "\n".join(f"{title}: {words}" for title, words in told if words)
        if role == Qt.ItemDataRole.DecorationRole and column.field == "name":
            # the column that says so may not fit into the window
            now = theme.current()
            if _is_damaged(row):
                return now.icon("alert-outline", now.warning)
            return now.icon(SWEEP_ICON, now.accent) if row.has_ladder else None
        if role == Qt.ItemDataRole.UserRole:
            return _sort_key(column.field, value)
        if role == VALUE_ROLE and column.numeric:
            return "" if value is None and column.field != "pairs" else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and COLUMNS[index.column()].field in EDITABLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        name, field = self.rows[index.row()].name, COLUMNS[index.column()].field
        if str(value) != getattr(self.rows[index.row()], field):
            (self.renamed if field == "name" else self.noted).emit(name, str(value))
        return False  # shown when the folder says so


def _is_damaged(row: "RunRow") -> bool:
    from workbench.stations.runs.run_table import DAMAGED

    return row.state == DAMAGED


def _sort_key(field: str, value: Any) -> Any:
    """Return what a cell is sorted by: what is not known comes before the smallest."""
    if value is None:
        return math.inf if field == "pairs" else -1.0
    if field == "alpha":  # of “1 / 3” and “10 → 1,000” the last number
        numbers = re.findall(r"\d[\d.,]*(?:e[+-]?\d+)?", value)
        return float(numbers[-1].replace(",", "")) if numbers else -1.0
    # one kind of number in a column: Qt does not order whole numbers among others
    return float(value) if isinstance(value, int) else value


def _alignment(column: RunColumn) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
