"""Items under each other in narrow rows: rank, what it looks like, its name, and a note on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from workbench.gui.items.cards import card_font, paint_wave
from workbench.gui.items.item_looks import name_of
from workbench.gui.items.previews import Missing, Previews
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.session import Session
from workbench.gui.widgets.table import Index
from workbench.gui.widgets.text import plain_tip

if TYPE_CHECKING:
    from workbench.project import Item

_HEIGHT = 38
_TILE = 28
RowRole = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes
    ----------
    id : int
    item : Item or None
        None when it has vanished from the project.
    rank : int
    note : str
        Such as “kept → 4”.
    tone : str
        A colour field of the theme for the note and the mark beside it; ``muted`` has no mark.
    strong : bool
        Whether it stands out, as the right partner does.
    tip : str
    short : str
        What is said instead of the note where it has no room: no figure is cut.
    """

    id: int
    item: "Item | None"
    rank: int
    note: str = ""
    tone: str = "muted"
    strong: bool = False
    tip: str = ""
    short: str = ""

    def name(self) -> str:
        """Return what it is called: a text by its words, a file by its name."""
        return name_of(self.item)


class _Rows(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def show(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.rank}. {row.name()}, {row.note}" if row.note else row.name()
        if role == Qt.ItemDataRole.ToolTipRole:
            text = row.item.text[:600] if row.item is not None and row.item.text else row.name()
            return plain_tip("\n".join(part for part in (text, row.note, row.tip) if part))
        return None


class NeighbourList(QListView):
    """Rows of items, as high as they need; a click selects one.

    Parameters
    ----------
    session : Session
    previews : Previews
    name : str
        Object name.
    title : str
        For those who do not see it.
    """

    def __init__(self, session: Session, previews: Previews, name: str, title: str) -> None:
        super().__init__()
        self._session = session
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._model = _Rows()
        self.setModel(self._model)
        self.setItemDelegate(_RowPainter(previews, self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: none; background: transparent; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setMinimumWidth(60)
        self.setFixedHeight(0)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._clicked)
        previews.ready.connect(self._refresh)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self._model.show(rows)
        self.setFixedHeight(_HEIGHT * len(rows))

    def rows(self) -> list[Row]:
        """Return what is shown."""
        return list(self._model.rows)

    def wheelEvent(self, event: Any) -> None:
        """Leave the wheel to the sheet that this lies on."""
        event.ignore()

    def _clicked(self, index: QModelIndex) -> None:
        row: Row | None = index.data(RowRole)
        if row is not None and row.item is not None:
            mode = mode_of(QApplication.keyboardModifiers())
            self._session.select([row.id], mode)

    def _refresh(self, item: int) -> None:
        for place, row in enumerate(self._model.rows):
            if row.id == item:
                self.update(self._model.index(place))


class _RowPainter(QStyledItemDelegate):
    def __init__(self, previews: Previews, parent: NeighbourList) -> None:
        super().__init__(parent)
        self._previews = previews

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(RowRole)
        now = theme.current()
        area = QRectF(option.rect).adjusted(0, 1, 0, -1)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        states = option.state  # type: ignore[attr-defined]
        over = bool(states & QStyle.StateFlag.State_MouseOver)
        if over or row.strong or states & QStyle.StateFlag.State_HasFocus:
            back = QPainterPath()
            back.addRoundedRect(area, 6, 6)
            painter.fillPath(back, QColor(now.raised if over else now.blend(now.accent, 0.10)))
        painter.setFont(card_font(11))
        painter.setPen(QColor(now.muted))
        number = QRectF(area.left(), area.top(), 18, area.height())
        painter.drawText(number, _RIGHT, f"{row.rank}" if row.rank < 1000 else "")
        tile = QRectF(area.left() + 23, area.center().y() - _TILE / 2, _TILE, _TILE)
        words_from = area.left() + 23
        if row.item is None or row.item.modality != "text":
            content = None if row.item is None else self._previews.of(row.item)
            _paint_tile(painter, tile, content)
            words_from = tile.right() + 6
        self._paint_words(painter, area, words_from, row)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRectF, left: float, row: Row) -> None:
        now = theme.current()
        wide = max(area.right() - left - 3, 1)
        upper = QRectF(left, area.top() + 2, wide, area.height() / 2 - 1)
        lower = QRectF(left, area.center().y() - 1, wide, area.height() / 2)
        painter.setFont(card_font(12, bold=row.strong))
        painter.setPen(QColor(now.text if row.item is not None else now.warning))
        line = painter.fontMetrics().elidedText(row.name(), _ELIDE, int(wide))
        painter.drawText(upper if row.note else area.adjusted(left - area.left(), 0, 0, 0), _LEFT,
                         line)  # fmt: skip
        if not row.note:
            return
        colour = QColor(getattr(now, row.tone))
        if row.tone != "muted":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QRectF(lower.left(), lower.center().y() - 3, 6, 6))
            lower.setLeft(lower.left() + 9)
        painter.setFont(card_font(11))
        painter.setPen(colour)
        metrics, room = painter.fontMetrics(), int(lower.width())
        fits = not row.short or metrics.horizontalAdvance(row.note) <= room
        line = metrics.elidedText(row.note if fits else row.short, _ELIDE, room)
        painter.drawText(lower, _LEFT, line)


_ELIDE = Qt.TextElideMode.ElideRight
_LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value
_RIGHT = (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value


def _paint_tile(painter: QPainter, area: QRectF, content: Any) -> None:
    now = theme.current()
    shape = QPainterPath()
    shape.addRoundedRect(area, 5, 5)
    picture = isinstance(content, QImage) and not content.isNull()
    painter.fillPath(shape, QColor("#ffffff") if picture else QColor(now.raised))
    painter.save()
    painter.setClipPath(shape)
    if picture:
        size = content.size().scaled(_TILE - 4, _TILE - 4, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(area.center())
        painter.drawImage(place, content)
    elif isinstance(content, np.ndarray):
        paint_wave(painter, area.adjusted(3, 6, -3, -6), content, now.modality["speech"])
    elif isinstance(content, Missing):
        painter.setPen(QColor(now.warning))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "?")
    painter.restore()
    painter.setPen(QPen(QColor(now.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)
