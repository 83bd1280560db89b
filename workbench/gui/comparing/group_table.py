"""What label groups are worth in two spaces: recall with intervals, and the difference."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.items.item_looks import NONE
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import ElidedLabel, label

if TYPE_CHECKING:
    from workbench.evaluation import GroupRecall
    from workbench.stations import ComparedGroups, GroupOfTwo

Index = QModelIndex | QPersistentModelIndex

_COLUMNS = (("label", "label"), ("language", "language"), ("key", "file name"))
_CUTOFFS = (1, 10)
_INTERVALS = 3  # which column has them
_FEW = "Few queries: the intervals are wide."


class GroupTable(QWidget):
    """A row a group; a click selects its items.

    Signals
    -------
    column_chosen
        Other groups are wanted.

    Parameters
    ----------
    session : Session
    """

    column_chosen = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("group-table")
        self._groups: ComparedGroups | None = None
        self._cutoff = _CUTOFFS[0]
        self.column = combo("compare-column", "What items are grouped by", widest=120)
        for column, title in _COLUMNS:
            self.column.addItem(f"by {title}", column)
        self.column.activated.connect(lambda _: self.column_chosen.emit())
        self.words = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self.words.setObjectName("group-words")
        self.model: RowsModel[GroupOfTwo] = RowsModel(
            _columns(lambda: self._cutoff), lambda row: row.group, self._tip, self
        )
        self.table = RowsTable(self.model, "Recall of label groups")
        self.table.setObjectName("groups")
        self.table.setItemDelegateForColumn(_INTERVALS, _Intervals(self))
        self.table.clicked.connect(self._clicked)
        self.table.chosen.connect(lambda: self._clicked(self.table.currentIndex()))
        self.model.modelReset.connect(self._choose_none)
        self._sentence = label("", "muted", wrap=True, name="group-sentence")
        self._key = _Key()
        self._lay_out()
        self.say("")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(3)
        self._cutoffs = QButtonGroup(self)
        for cutoff in _CUTOFFS:
            button = Button(f"R@{cutoff}", "", "segment", name=f"recall-at-{cutoff}")
            button.setToolTip(
                f"Share of the queries with a correct partner among the first {cutoff}"
            )
            button.setCheckable(True)
            button.setChecked(cutoff == self._cutoff)
            button.clicked.connect(lambda _=False, cutoff=cutoff: self._show_cutoff(cutoff))
            self._cutoffs.addButton(button)
            head.addWidget(button)
        head.addWidget(self._key, 1)
        head.addWidget(self.column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self._sentence)
        column.addWidget(self.table, 1)

    # ---------------------------------------------------------------- content

    def chosen_column(self) -> str:
        """Return what makes groups."""
        return str(self.column.currentData())

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the table."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        for part in (self.table, self.words):
            part.setVisible(not sentence)
        self._key.setVisible(not sentence)

    def show_groups(self, groups: "ComparedGroups") -> None:
        """Show the groups of one direction."""
        self._groups = groups
        self.say("")
        self._show()

    def _show_cutoff(self, cutoff: int) -> None:
        self._cutoff = cutoff
        self._show()

    def _show(self) -> None:
        groups = self._groups
        if groups is None:
            return
        self.words.setText("" if groups.every is None else _every(groups.every, self._cutoff))
        self.model.set_rows(groups.groups)

    def _choose_none(self) -> None:
        """Leave no row chosen: none has been clicked."""
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())

    def _clicked(self, index: Index) -> None:
        if index.isValid():
            group = self.model.shown[index.row()]
            self._session.select(group.ids, mode_of(QApplication.keyboardModifiers()))

    def _tip(self, row: "GroupOfTwo") -> str:
        lines = [_name(row, self.chosen_column())[:400]]
        for title, side in (("before", row.before), ("after", row.after)):
            lines += [f"R@{k} {title}: {_recall(side[k])}" for k in side]
        lines += [
            f"R@{k} difference: {_difference(one)}"
            for k, one in row.after.items() if one.difference is not None
        ]  # fmt: skip
        return "\n".join([*lines, _FEW] if row.small else lines)


def _columns(cutoff: Callable[[], int]) -> "list[Column[GroupOfTwo]]":
    """Return the columns; each asks for the k that is shown."""

    def gain(row: "GroupOfTwo") -> float | None:
        found = row.after.get(cutoff())
        return found.difference.value if found and found.difference is not None else None

    def after(row: "GroupOfTwo") -> float:
        return (row.after.get(cutoff()) or row.before[cutoff()]).recall

    def shares(row: "GroupOfTwo") -> str:
        sides = [side[cutoff()].recall for side in (row.before, row.after) if cutoff() in side]
        return " → ".join(f"{100 * share:.0f}" for share in sides)

    def change(row: "GroupOfTwo") -> str:
        value = gain(row)
        return "–" if value is None else f"{100 * value:+.0f}".replace("-", "−")

    def tone(row: "GroupOfTwo") -> str:
        found = row.after.get(cutoff())
        difference = found.difference if found else None
        if difference is None or not difference.clear or row.small:
            return "muted"
        return "good" if difference.value > 0 else "bad"

    def faint(row: "GroupOfTwo") -> str:
        return "muted" if row.small else "text"

    return [
        Column("Group", lambda row: row.group or "none", tone=faint),
        Column("n", lambda row: f"{row.queries:,}{' !' if row.small else ''}",
               key=lambda row: row.queries, numeric=True, width=42,
               tone=lambda row: "warning" if row.small else "muted"),
        Column("Recall %", shares, key=after, numeric=True, width=70, tone=faint),
        Column("95 % interval", lambda _row: "", key=after, width=102),
        Column("Gain", change, key=gain, numeric=True, width=48, tone=tone),
    ]  # fmt: skip


class _Intervals(QStyledItemDelegate):
    """Paints both recalls of a row on a line from 0 to 100 %, each with its interval."""

    def __init__(self, table: GroupTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row, now = self._table.model.shown[index.row()], theme.current()
        cutoff = self._table._cutoff
        area = QRectF(option.rect).adjusted(8, 0, -8, 0)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.border), 1))
        for share in (0.0, 0.5, 1.0):
            x = round(area.left() + share * area.width()) + 0.5
            painter.drawLine(QPointF(x, area.top() + 5), QPointF(x, area.bottom() - 5))
        sides = [
            (side[cutoff], after)
            for side, after in ((row.before, False), (row.after, True)) if cutoff in side
        ]  # fmt: skip
        for found, after in sides:
            down = area.center().y() + (0.0 if len(sides) < 2 else 4.5 if after else -4.5)
            _paint_interval(painter, area, down, found, after=after, faint=row.small)
        painter.restore()


def _paint_interval(
    painter: QPainter, area: QRectF, down: float, found: "GroupRecall", *, after: bool, faint: bool
) -> None:
    now = theme.current()
    colour = QColor(now.blend(now.accent if after else now.muted, 0.5 if faint else 1.0))
    low, high, middle = (
        area.left() + share * area.width() for share in (found.low, found.high, found.recall)
    )
    painter.setPen(QPen(colour, 1.8))
    painter.drawLine(QPointF(low, down), QPointF(high, down))
    _paint_dot(painter, QPointF(middle, down), colour, after=after)


def _paint_dot(painter: QPainter, place: QPointF, colour: QColor, *, after: bool) -> None:
    """Paint a full dot for after, a hollow one for before."""
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(colour if after else QColor(theme.current().surface))
    painter.drawEllipse(place, 3.0, 3.0)


class _Key(QWidget):
    """Says which dot is which."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(20)
        self.setMinimumWidth(110)

    def paintEvent(self, event: object) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, middle = 10.0, self.height() / 2
        for words, colour, after in (("before", now.muted, False), ("after", now.accent, True)):
            _paint_dot(painter, QPointF(left, middle), QColor(colour), after=after)
            painter.setPen(QColor(now.muted))
            line = QRectF(left + 7, 0, 60, self.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
            left += painter.fontMetrics().horizontalAdvance(words) + 22
        painter.end()


# ---------------------------------------------------------------- words


def _name(row: "GroupOfTwo", column: str) -> str:
    return row.group or NONE.get(column, "none")


def _recall(found: "GroupRecall") -> str:
    return f"{found.recall:.1%} ({100 * found.low:.0f}–{100 * found.high:.0f}) of {found.queries:,}"


def _difference(found: "GroupRecall") -> str:
    difference = found.difference
    if difference is None:
        return "–"
    value, low, high = (
        f"{100 * each:+.1f}".replace("-", "−")
        for each in (difference.value, difference.low, difference.high)
    )
    return f"{value} ({low} … {high})"


def _every(every: "GroupOfTwo", cutoff: int) -> str:
    """Say what all held-out items are worth."""
    sides = [side[cutoff].recall for side in (every.before, every.after) if cutoff in side]
    shares = " → ".join(f"{share:.1%}" for share in sides)
    found = every.after.get(cutoff)
    gain = f", {_difference(found)}" if found is not None and found.difference is not None else ""
    return f"All {every.queries:,}: {shares}{gain}"
