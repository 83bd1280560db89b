"""What was found, in tables: the figures of each run, and the classes of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.points.canvas import mode_of
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import ElidedLabel, label, line

if TYPE_CHECKING:
    from workbench.evaluation import Difference
    from workbench.stations import ClassRow, RunClassified, ZeroShot

_FIGURES = (("Top-1", "top1"), ("Top-5", "top5"), ("Balanced", "balanced"))
_CHANCE = (
    ("chance", "What a random order of the classes scores"),
    ("largest class", "What always naming the largest class scores"),
)
_FEW = 10  # items, of which a recall says little


class Headline(QWidget):
    """A row a run: its figures with intervals, and below them the difference to the first run."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("classify-figures")
        self._inside = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._inside)

    def show_found(self, found: "ZeroShot | None") -> None:
        """Show the figures of all runs."""
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        if found is not None:
            for column, (title, _) in enumerate(_FIGURES, 1):
                grid.addWidget(_right(f"{title} %", "caption"), 0, column)
            for number, run in enumerate(found.runs):
                grid.addWidget(line(), 1 + 4 * number, 0, 1, 4)
                _add_run(grid, 2 + 4 * number, run)
            _add_chance(grid, 1 + 4 * len(found.runs), found.runs)
        self._column.replaceWidget(self._inside, inside)
        self._inside.setParent(None)
        self._inside.deleteLater()
        self._inside = inside

    def needed_height(self) -> int:
        """Return how high the figures are, before they are laid out too."""
        return self._inside.sizeHint().height()


def _add_run(grid: QGridLayout, row: int, run: "RunClassified") -> None:
    name = ElidedLabel(run.words, "heading")
    grid.addWidget(name, row, 0)
    told = label(f"{len(run.ids):,} items", "caption")
    told.setToolTip(f"{run.found.classes:,} classes to choose from")
    grid.addWidget(told, row + 1, 0)
    for column, (_, figure) in enumerate(_FIGURES, 1):
        value, (low, high) = run.found.figures()[figure], run.intervals[figure]
        grid.addWidget(_right(f"{100 * value:.1f}", "heading"), row, column)
        grid.addWidget(_right(f"{100 * low:.0f}–{100 * high:.0f}", "caption"), row + 1, column)
        if figure in run.differences:
            difference = run.differences[figure]
            grid.addWidget(_right(_signed(difference), _tone(difference)), row + 2, column)
    if run.differences:
        grid.addWidget(label("to the first", "caption"), row + 2, 0)
    elif run.sentence:
        grid.addWidget(label(run.sentence, "caption", wrap=True), row + 2, 0, 1, 4)


def _add_chance(grid: QGridLayout, row: int, runs: "Sequence[RunClassified]") -> None:
    """Say what needs no classifier: of the first run, as its classes are those of all."""
    found = runs[0].found
    grid.addWidget(line(), row, 0, 1, 4)
    for place, (name, tip) in enumerate(_CHANCE, 1):
        figure = found.chance if name == "chance" else found.largest
        shares = [figure(1), figure(5), 1 / found.classes]
        words = label(name, "muted")
        words.setToolTip(tip)
        grid.addWidget(words, row + place, 0)
        for column, share in enumerate(shares, 1):
            grid.addWidget(_right(f"{100 * share:.1f}", "muted"), row + place, column)


def _signed(found: "Difference") -> str:
    words = f"{100 * found.value:+.1f} ({100 * found.low:+.0f}…{100 * found.high:+.0f})"
    return words.replace("-", "−")


def _tone(found: "Difference") -> str:
    if not found.clear:
        return "caption"
    return "good" if found.value > 0 else "bad"


def _right(text: str, role: str) -> QLabel:
    made = label(text, role)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


# ---------------------------------------------------------------- classes


class ClassTable(RowsTable["ClassRow"]):
    """The classes of a run: sorted by a click, copied by Ctrl+C; a row selects its items.

    Signals
    -------
    class_chosen (label, mode)
    """

    class_chosen = Signal(str, str)

    def __init__(self) -> None:
        model: RowsModel[ClassRow] = RowsModel(_COLUMNS, lambda row: row.label, _tip)
        super().__init__(model, "Classes", several=True)
        self.setObjectName("classes")
        self.clicked.connect(lambda _: self._choose())
        self.chosen.connect(self._choose)
        model.modelReset.connect(self.clearSelection)  # none has been chosen by hand

    def show_rows(self, rows: "Sequence[ClassRow]") -> None:
        """Show other rows."""
        self.rows.set_rows(rows)

    def _choose(self) -> None:
        row = self.current()
        if row is not None:
            self.class_chosen.emit(row.label, mode_of(QApplication.keyboardModifiers()))


def _share(value: float) -> str:
    return "–" if value != value else f"{100 * value:.0f}"


def _known(value: float) -> float | None:
    return None if value != value else value


def _recall(row: "ClassRow") -> str:
    """Say a recall with its interval."""
    low, high = row.interval
    return "–" if low != low else f"{100 * row.recall:.0f} ({100 * low:.0f}–{100 * high:.0f})"


def _faint(row: "ClassRow") -> str:
    return "muted" if row.items < _FEW else "text"


_COLUMNS: "tuple[Column[ClassRow], ...]" = (
    Column("Class", lambda row: row.label, tone=_faint),
    Column("n", lambda row: f"{row.items:,}", lambda row: row.items, numeric=True, width=42),
    Column("Recall %", _recall, lambda row: _known(row.recall), numeric=True, width=92,
           tone=_faint),
    Column("Precision", lambda row: _share(row.precision), lambda row: _known(row.precision),
           numeric=True, width=74, tone=_faint),
    Column("Most often taken for",
           lambda row: f"{row.confused_with} ({row.confused:,})" if row.confused else "",
           lambda row: row.confused),
)  # fmt: skip


def _tip(row: "ClassRow") -> str:
    few = "\nFew items: the interval is wide." if row.items < _FEW else ""
    return f"{row.label}: {row.items:,} items{few}"
