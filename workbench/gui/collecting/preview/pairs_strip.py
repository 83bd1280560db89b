"""Some of the pairs that were found, each with what it was found by."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.collecting.preview.overview import Key
from workbench.gui.collecting.preview.strip import paint_picture, paint_wave, shortened
from workbench.gui.look import theme
from workbench.gui.widgets.text import plain_tip
from workbench.media import Modality
from workbench.project import Found

Pair = tuple[Found, Found]

_COLUMNS, _GAP, _HIGH, _KEY_LINE = 2, 8, 84, 18
# pixels of the first of a pair
_LEFT: dict[Modality, float] = {"image": _HIGH, "text": 130, "speech": 110}


class PairsStrip(QWidget):
    """Pairs in two columns: the one item, the other, and below them the key that they share."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[Pair] = []
        self._contents: dict[Key, Any] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Some of the pairs")
        self.hide()

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Show other pairs; their contents come one by one."""
        self._pairs = list(pairs)
        known = {_key(item) for pair in pairs for item in pair}
        self._contents = {key: made for key, made in self._contents.items() if key in known}
        self.setVisible(bool(pairs))
        self.updateGeometry()
        self.update()

    def pairs(self) -> list[Pair]:
        """Return the pairs that are shown."""
        return list(self._pairs)

    def show_content(self, item: Key, content: Any) -> None:
        """Show what an item looks or sounds like, if it is in one of these pairs."""
        if any(_key(each) == item for pair in self._pairs for each in pair):
            self._contents[item] = content
            self.update()

    def contents(self) -> dict[Key, Any]:
        """Return the small pictures that have been made, by item."""
        return self._contents

    def sizeHint(self) -> QSize:
        rows = -(-len(self._pairs) // _COLUMNS)
        return QSize(300, max(0, rows * (_HIGH + _GAP) - _GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _tiles(self) -> list[tuple[QRectF, Pair]]:
        wide = (self.width() + _GAP) / _COLUMNS - _GAP
        return [
            (
                QRectF(
                    number % _COLUMNS * (wide + _GAP), number // _COLUMNS * (_HIGH + _GAP), wide,
                    _HIGH,
                ),
                pair,
            )
            for number, pair in enumerate(self._pairs)
        ]  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        now = theme.current()
        for area, (first, second) in self._tiles():
            shape = QPainterPath()
            shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            painter.fillPath(shape, QColor(now.background))
            painter.save()
            painter.setClipPath(shape)
            left, right, below = parts_of(area, first.modality)
            self._paint(painter, left, first)
            self._paint(painter, right, second)
            painter.setPen(QColor(now.muted))
            font = self.font()
            font.setPixelSize(11)
            painter.setFont(font)
            keys = " = ".join(dict.fromkeys((first.key, second.key)))
            fits = painter.fontMetrics().elidedText(
                keys, Qt.TextElideMode.ElideMiddle, int(below.width())
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, fits)
            painter.setFont(self.font())
            painter.restore()
            painter.setPen(QColor(now.border))
            painter.drawPath(shape)
        painter.end()

    def _paint(self, painter: QPainter, area: QRectF, item: Found) -> None:
        now, content = theme.current(), self._contents.get(_key(item))
        if isinstance(content, QImage):
            paint_picture(painter, area, content)
        elif isinstance(content, np.ndarray):
            paint_wave(painter, area, content, now.modality["speech"])
        elif item.text:
            painter.setPen(QColor(now.text))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
            inside = area.adjusted(10, 5, -8, -3)
            painter.drawText(inside, flags, shortened(painter, inside, flags, item.text))

    def event(self, event: QEvent) -> bool:
        """Tell of the pair under the mouse which files it is of."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            under = [pair for area, pair in self._tiles() if area.contains(event.pos().toPointF())]
            if under:
                lines = [f"{item.key}: {item.path}" for item in under[0]]
                QToolTip.showText(event.globalPos(), plain_tip("\n".join(lines)), self)
            return True
        return super().event(event)


def parts_of(area: QRectF, first: Modality) -> tuple[QRectF, QRectF, QRectF]:
    """Divide a tile: for the first of a pair, for the other, and for the key.

    A picture is as high as the tile, and the key beside it; below a text or a recording it has the
    whole width, as these share a narrow tile by halves.
    """
    wide, high = _LEFT[first], area.height()
    if first != "image":
        wide, high = min(wide, area.width() / 2), high - _KEY_LINE
    left = QRectF(area.left(), area.top(), wide, high)
    right = area.adjusted(wide, 0, 0, -_KEY_LINE)
    start = right.left() if first == "image" else area.left()
    below = QRectF(start + 10, right.bottom() - 2, area.right() - start - 16, _KEY_LINE)
    return left, right, below


def _key(item: Found) -> Key:
    return item.modality, item.path
