"""What was found in help: a heading, and below it what stands there."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from workbench.gui.look import theme

Index = QModelIndex | QPersistentModelIndex

QUOTE = Qt.ItemDataRole.UserRole + 1
_SIDE, _ABOVE = 9, 6
_WRAPPED = (Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop).value


class HitDelegate(QStyledItemDelegate):
    """Paints a place as wide as its list and as high as its words.

    Parameters
    ----------
    listed : QListView
    """

    def __init__(self, listed: QListView) -> None:
        super().__init__(listed)
        self._list = listed

    def _parts(self, index: Index) -> list[tuple[QFont, str, QRect]]:
        wide = self._list.viewport().width() - 2 * _SIDE
        parts, top = [], _ABOVE
        for font, words in ((_font(13, heavy=True), index.data()), (_font(12), index.data(QUOTE))):
            free = QRect(0, 0, max(wide, 40), 4000)
            area = QFontMetrics(font).boundingRect(free, _WRAPPED, words)
            parts.append((font, words, QRect(_SIDE, top, wide, area.height())))
            top += area.height() + 2
        return parts

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40, self._parts(index)[-1][2].bottom() + _ABOVE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        now, area = theme.current(), option.rect  # type: ignore[attr-defined]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(area, QColor(now.blend(now.accent, 0.14)))
        for (font, words, place), tone in zip(
            self._parts(index), (now.text, now.muted), strict=True
        ):
            painter.setFont(font)
            painter.setPen(QColor(tone))
            painter.drawText(place.translated(area.topLeft()), _WRAPPED, words)
        painter.restore()


def _font(pixels: int, *, heavy: bool = False) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    if heavy:
        font.setWeight(QFont.Weight.DemiBold)
    return font
