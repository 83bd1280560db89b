"""The list of runs: what made each, and what it is worth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.training.live_values import changes_made
from workbench.gui.words import duration

if TYPE_CHECKING:
    from workbench.project import Project, Run

Index = QModelIndex | QPersistentModelIndex
_WIDTHS = {
    "method": 86, "pairs": 54, "alpha": 80, "recall_1": 66, "recall_10": 66, "preservation": 66,
    "seconds": 88, "state": 110,
}  # fmt: skip
_WIDTH_NEEDED = {"method": 496, "seconds": 592, "state": 702}
_STATES = {"running": "training or cut off", "finished": "finished", "stopped": "stopped early"}


@dataclass(frozen=True)
class RunRow:
    """A run as the table shows it; figures are None where they are not known."""

    name: str
    method: str
    pairs: int | None
    alpha: str
    recall_1: float | None
    recall_10: float | None
    preservation: float | None
    seconds: float
    state: str
    can_go_on: bool = False


# title, field, sentence of help
_COLUMNS = (
    ("Run", "name", "Its folder in the project"),
    ("Method", "method", "How it was aligned"),
    ("Pairs", "pairs", "Budget of training pairs of each relation"),
    ("α", "alpha", "Weight of the geometric loss; → where it was moved while training"),
    ("R@1", "recall_1", "Held-out pairs whose partner comes first, mean of all directions"),
    ("R@10", "recall_10", "Held-out pairs whose partner is among ten, mean of all directions"),
    ("Kept", "preservation", "Nearest neighbours that are still neighbours, mean of the views"),
    ("Time", "seconds", "Of training"),
    ("State", "state", "How the training ended"),
)


def read_row(run: "Run") -> RunRow:
    """Read a run's recipe and report."""
    try:
        recipe, report = run.recipe(), run.report()
    except WorkbenchError:
        return RunRow(run.name, "?", None, "", None, None, None, 0.0, "damaged")
    can_go_on = recipe.state != "finished" and run.has_training()
    state = _STATES[recipe.state] if run.has_heads() or can_go_on else "no heads"
    return RunRow(
        name=run.name,
        method=recipe.method,
        pairs=recipe.pairs,
        alpha=_alpha_words(recipe.settings.get("alpha"), {c.name: c for c in changes_made(recipe)}),
        recall_1=mean_recall(report, "recall@1"),
        recall_10=mean_recall(report, "recall@10"),
        preservation=_mean(list(report.get("preservation", {}).values())),
        seconds=recipe.seconds,
        state=state,
        can_go_on=can_go_on,
    )


def mean_recall(report: dict[str, Any], name: str) -> float | None:
    """Return a measure's mean over all directions of a report, None where there is none."""
    return _mean([each[name] for each in report.get("retrieval", {}).values() if name in each])


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _alpha_words(alpha: Any, changes: dict[str, Any]) -> str:
    if alpha is None:
        return ""
    values = list(alpha.values()) if isinstance(alpha, dict) else [alpha]
    words = " / ".join(f"{value:g}" for value in dict.fromkeys(values))
    moved = [c.value for name, c in changes.items() if name.startswith("alpha")]
    return words + (f" → {moved[-1]:.3g}" if moved else "")


class RunModel(QAbstractTableModel):
    """The rows of the table; the newest run comes first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []

    def set_rows(self, rows: list[RunRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _COLUMNS[section][2]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_alignment(_COLUMNS[section][1]))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, field = self.rows[index.row()], _COLUMNS[index.column()][1]
        value = getattr(row, field)
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(field, value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(
                f"{title}: {_words(field, getattr(row, field))}" for title, field, _ in _COLUMNS
            )
        if role == Qt.ItemDataRole.UserRole:  # what is sorted by
            return -1.0 if value is None else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_alignment(field))
        return None


def _words(field: str, value: Any) -> str:
    if field == "pairs":
        return "all" if value is None else f"{value:,}"
    if value is None:
        return "–"
    if field in ("recall_1", "recall_10", "preservation"):
        return f"{value:.1%}"
    if field == "seconds":
        return duration(value) if value >= 1 else f"{value:.1f} s"
    return str(value)


def _alignment(field: str) -> Qt.AlignmentFlag:
    numeric = field in ("pairs", "recall_1", "recall_10", "preservation", "seconds")
    side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RunTable(QTableView):
    """Runs to choose from.

    Signals
    -------
    chosen (name)
        By the user.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setAccessibleName("Runs")
        self._model = RunModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self._sorted.sort(-1)  # as given, until a heading is clicked
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTableView { border: none; border-radius: 0; }")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(44)
        for number, (_, field, _) in enumerate(_COLUMNS):
            if field in _WIDTHS:
                header.resizeSection(number, _WIDTHS[field])
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        self._telling = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The figures matter most: what does not fit stands in the tool tip of the row.
        for number, (_, field, _) in enumerate(_COLUMNS):
            if field in _WIDTH_NEEDED:
                self.setColumnHidden(number, self.viewport().width() < _WIDTH_NEEDED[field])

    def show_runs(self, project: "Project | None", current: str | None) -> None:
        """Read all runs of a project, and mark the current one."""
        rows = [read_row(run) for run in reversed(project.runs())] if project else []
        self._telling = False
        if rows != self._model.rows:
            self._model.set_rows(rows)
        names = [row.name for row in rows]
        if current in names:
            index = self._sorted.mapFromSource(self._model.index(names.index(current), 0))
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)
        else:
            self.clearSelection()
        self._telling = True

    def rows(self) -> list[RunRow]:
        """Return what is shown, in the order of the model."""
        return list(self._model.rows)

    def _row_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if self._telling and now.isValid():
            row = self._sorted.mapToSource(now).row()
            self.chosen.emit(self._model.rows[row].name)
