"""Cards of items: a picture, a text or the outline of a sound, and a line of words."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QTextOption
from PySide6.QtWidgets import QApplication

from workbench.gui.items.previews import Missing
from workbench.gui.look import theme

if TYPE_CHECKING:
    from workbench.project import Item

CARD = QSize(112, 124)
CAPTION = 20
_WORDS = 160  # of a text on the smallest cards


def paint_card(
    painter: QPainter, area: QRectF, item: "Item | None", content: Any, *, over: bool = False,
    caption: bool = True,
) -> None:  # fmt: skip
    """Paint an item as a card: its content, and below it a line of words if so wished."""
    now = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    upper = area.adjusted(0, 0, 0, -CAPTION if caption else 0)
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
    line = area.adjusted(2, area.height() - CAPTION, -2, 0)
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
        larger = 2 if area.width() > CARD.width() + 8 else 0
        painter.setFont(card_font(larger + (11 if missing or len(words) > 60 else 12)))
        how = QTextOption(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        how.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        most = max(_WORDS, int(area.width() * area.height() / 60))
        painter.drawText(area.adjusted(8, 6, -6, -4), words[:most], how)


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


def paint_rank(painter: QPainter, area: QRectF, rank: int, score: float | None) -> None:
    """Paint on a card which one it is, and its score if it has one."""
    now = theme.current()
    painter.setFont(card_font(11, bold=True))
    words = str(rank)
    box = QRectF(area.left() + 5, area.top() + 5, 10 + 7 * len(words), 17)
    painter.setPen(QPen(QColor(now.surface), 1.5))
    painter.setBrush(QColor(now.text))
    painter.drawRoundedRect(box, 8.5, 8.5)
    painter.setPen(QColor(now.surface))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    if score is None:
        return
    painter.setFont(card_font(11))
    words = f"{score:.2f}"
    wide = painter.fontMetrics().horizontalAdvance(words) + 10
    box = QRectF(area.right() - wide - 4, area.bottom() - CAPTION - 20, wide, 16)
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
