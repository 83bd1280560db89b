"""Items side by side: pictures, texts, outlines of sounds. Only what is visible is read."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.gui import theme
from workbench.gui.exploring.items import ItemTable
from workbench.gui.exploring.previews import Missing, Previews
from workbench.gui.points.canvas import mode_of

if TYPE_CHECKING:
    from workbench.project import Item

Index = QModelIndex | QPersistentModelIndex
Ids = npt.NDArray[np.int64]

CARD = QSize(112, 124)
_CAPTION = 20
ItemRole = Qt.ItemDataRole.UserRole
RankRole = Qt.ItemDataRole.UserRole + 1
ScoreRole = Qt.ItemDataRole.UserRole + 2


class StripModel(QAbstractListModel):
    """Item ids in order, with a score each where they are answers."""

    def __init__(self) -> None:
        super().__init__()
        self._table: ItemTable | None = None
        self.ids: Ids = np.zeros(0, np.int64)
        self._scores: list[float] | None = None

    def show(self, table: ItemTable | None, ids: Ids, scores: list[float] | None = None) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._table, self.ids, self._scores = table, ids, scores
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not index.isValid() or self._table is None or row >= len(self.ids):
            return None
        item = self._table.item(int(self.ids[row]))
        if role == ItemRole:
            return item
        if role == RankRole:
            return row + 1 if self._scores is not None else None
        if role == ScoreRole:
            return self._scores[row] if self._scores is not None else None
        if item is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.text or item.key
        if role == Qt.ItemDataRole.ToolTipRole:
            words = [item.text[:600] if item.text else item.key, item.label, item.path]
            return "\n".join(word for word in words if word)
        return None

    def row_of(self, item: int) -> int:
        """Return where an id stands, or -1."""
        places = np.flatnonzero(self.ids == item)
        return int(places[0]) if len(places) else -1


class ItemStrip(QListView):
    """A row of cards.

    Signals
    -------
    picked (ids, mode)
        A card was clicked.
    """

    picked = Signal(object, str)

    def __init__(self, previews: Previews, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(f"{name.capitalize()} items")
        self.items = StripModel()
        self.setModel(self.items)
        self.placeholder = ""  # what to say when there are no items
        previews.ready.connect(self._refresh)
        self.setItemDelegate(_CardPainter(previews, self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setSpacing(3)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: none; background: transparent; }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(CARD.height() + 18)
        self.setMouseTracking(True)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._clicked)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let an ordinary wheel move the row sideways."""
        turned = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not len(self.items.ids) and self.placeholder:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().blend(theme.current().muted, 0.8)))
            where = self.viewport().rect().adjusted(20, 0, -20, -20)
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(where, flags, self.placeholder)
            painter.end()

    def _clicked(self, index: QModelIndex) -> None:
        item = index.data(ItemRole)
        if item is not None:
            mode = mode_of(QApplication.keyboardModifiers())
            self.picked.emit(np.array([item.id], np.int64), mode)

    def _refresh(self, item: int) -> None:
        row = self.items.row_of(item)
        if row >= 0:
            self.update(self.items.index(row))


class _CardPainter(QStyledItemDelegate):
    def __init__(self, previews: Previews, parent: QWidget) -> None:
        super().__init__(parent)
        self._previews = previews

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(ItemRole)
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)  # type: ignore[attr-defined]
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)  # type: ignore[attr-defined]
        painter.save()
        paint_card(
            painter, area, item, None if item is None else self._previews.of(item), over=over
        )
        if (rank := index.data(RankRole)) is not None:
            _paint_rank(painter, area, rank, index.data(ScoreRole))
        painter.restore()


def paint_card(
    painter: QPainter, area: QRectF, item: "Item | None", content: Any, *, over: bool = False,
    caption: bool = True,
) -> None:  # fmt: skip
    """Paint an item as a card: its content, and below it a line of words if so wished."""
    now = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    upper = area.adjusted(0, 0, 0, -_CAPTION if caption else 0)
    shape = QPainterPath()
    shape.addRoundedRect(upper, 7, 7)
    picture = isinstance(content, QImage)
    painter.fillPath(shape, QColor("#ffffff") if picture else QColor(now.raised))
    painter.save()
    painter.setClipPath(shape)
    _paint_content(painter, upper, item, content)
    painter.restore()
    painter.setPen(QPen(QColor(now.accent if over else now.border), 1.4 if over else 1.0))
    painter.drawPath(shape)
    if item is None or not caption:
        return
    words = item.key if item.modality != "text" else item.label
    line = area.adjusted(2, area.height() - _CAPTION, -2, 0)
    painter.setFont(card_font(11))
    painter.setPen(QColor(now.muted))
    words = painter.fontMetrics().elidedText(
        words or item.modality, Qt.TextElideMode.ElideRight, int(line.width())
    )
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def _paint_content(painter: QPainter, area: QRectF, item: "Item | None", content: Any) -> None:
    now = theme.current()
    if isinstance(content, QImage) and not content.isNull():
        size = content.size().scaled(
            int(area.width() - 8), int(area.height() - 8), Qt.AspectRatioMode.KeepAspectRatio
        )
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(area.center())
        painter.drawImage(place, content)
    elif isinstance(content, np.ndarray):
        paint_wave(painter, area.adjusted(8, 12, -8, -12), content, now.modality["speech"])
    else:
        missing = item is None or isinstance(content, Missing)
        words = "No longer in the project" if item is None else content or "…"
        painter.setPen(QColor(now.warning if missing else now.text))
        painter.setFont(card_font(11 if missing or len(words) > 60 else 12))
        how = QTextOption(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        how.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        painter.drawText(area.adjusted(8, 6, -6, -4), words[:160], how)


def paint_wave(painter: QPainter, area: QRectF, outline: Any, colour: str) -> None:
    """Paint the outline of a sound, shape (bins, 2), as upright bars."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    loudest = max(float(np.abs(outline).max()), 1e-6)
    step = area.width() / max(len(outline), 1)
    for number, (low, high) in enumerate(outline / loudest):
        height = max(1.5, float(high - low) * area.height() / 2)
        top = area.center().y() - float(high) * area.height() / 2
        painter.drawRoundedRect(
            QRectF(area.left() + number * step, top, max(1.0, step * 0.65), height), 1, 1
        )


def _paint_rank(painter: QPainter, area: QRectF, rank: int, score: float) -> None:
    now = theme.current()
    painter.setFont(card_font(11, bold=True))
    words = str(rank)
    box = QRectF(area.left() + 5, area.top() + 5, 10 + 7 * len(words), 17)
    painter.setPen(QPen(QColor(now.surface), 1.5))
    painter.setBrush(QColor(now.text))
    painter.drawRoundedRect(box, 8.5, 8.5)
    painter.setPen(QColor(now.surface))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.setFont(card_font(11))
    words = f"{score:.2f}"
    wide = painter.fontMetrics().horizontalAdvance(words) + 10
    box = QRectF(area.right() - wide - 4, area.bottom() - _CAPTION - 20, wide, 16)
    back = QColor(now.surface)
    back.setAlphaF(0.88)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(QColor(now.text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def card_font(size: int, *, bold: bool = False) -> QFont:
    """Return the window's font at another size, in pixels."""
    font = QFont(QApplication.font())
    font.setPixelSize(size)
    font.setBold(bold)
    return font
