"""A strip of small previews."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui import words
from workbench.gui.collecting.preview.overview import Key
from workbench.gui.look import theme

if TYPE_CHECKING:
    from workbench.project import Found

_GAP = 8
_ROWS = 2


class PreviewStrip(QWidget):
    """As many previews of a source's items as fit into two rows.

    Parameters
    ----------
    modality : str
    folder : str
        The name of the source.
    """

    def __init__(self, modality: str, folder: str = "") -> None:
        super().__init__()
        self.modality = modality
        self._items: list[Found] = []
        self._contents: dict[Key, Any] = {}
        self._tile = QSize(84, 84) if modality == "image" else QSize(148, 52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        below = f" in {folder}" if folder else ""
        self.setAccessibleName(f"Some of the {words.PLURAL[modality]}{below}")

    def show_items(self, items: "list[Found]") -> None:
        """Show other items; their contents come one by one."""
        self._items = items
        known = {(item.modality, item.path) for item in items}
        self._contents = {key: made for key, made in self._contents.items() if key in known}
        self._fit()
        self.update()

    def show_content(self, item: Key, content: Any) -> None:
        """Show what an item looks or sounds like, if it is one of those shown."""
        if any((each.modality, each.path) == item for each in self._items):
            self._contents[item] = content
            self.update()

    def contents(self) -> dict[Key, Any]:
        """Return the small pictures that have been made, by item."""
        return self._contents

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows = _ROWS if len(self._items) > self._columns() else 1
        self.setFixedHeight(rows * (self._tile.height() + _GAP) - _GAP)

    def _columns(self) -> int:
        return max(1, (self.width() + _GAP) // (self._tile.width() + _GAP))

    def _tiles(self) -> "list[tuple[QRectF, Found]]":
        # The tiles share the whole width, so that the strip ends flush with the card.
        count, height = self._columns(), self._tile.height()
        width = (self.width() + _GAP) / count - _GAP
        places = (
            QRectF(column * (width + _GAP), row * (height + _GAP), width, height)
            for row in range(_ROWS)
            for column in range(count)
        )
        return list(zip(places, self._items, strict=False))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colours = theme.current()
        for area, item in self._tiles():
            shape = QPainterPath()
            shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            content = self._contents.get((item.modality, item.path))
            painter.fillPath(shape, QColor(colours.background))
            painter.save()
            painter.setClipPath(shape)
            if isinstance(content, QImage):
                paint_picture(painter, area, content)
            elif isinstance(content, np.ndarray):
                paint_wave(painter, area, content, colours.modality["speech"])
            elif item.text:
                painter.setPen(QColor(colours.text))
                flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
                inside = area.adjusted(10, 5, -8, -5)
                painter.drawText(inside, flags, shortened(painter, inside, flags, item.text))
            painter.restore()
            painter.setPen(QColor(colours.border))
            painter.drawPath(shape)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            under = [item for area, item in self._tiles() if area.contains(event.pos().toPointF())]
            if under:
                item = under[0]
                name = f"{item.key} ({item.label})" if item.label else item.key
                QToolTip.showText(event.globalPos(), f"{name}\n{item.path}", self)
            return True
        return super().event(event)


def paint_picture(painter: QPainter, area: QRectF, image: QImage) -> None:
    """Paint a whole picture into the middle of an area."""
    painter.fillRect(area, QColor("#ffffff"))
    scale = min(area.width() / image.width(), area.height() / image.height())  # all of it
    size = image.size().toSizeF() * scale
    place = QRectF(area.topLeft(), size)
    place.moveCenter(area.center())
    painter.drawImage(place, image)


def paint_wave(painter: QPainter, area: QRectF, outline: Any, colour: str) -> None:
    """Paint the outline of a recording, shape (bins, 2), over an area."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    loudest = max(float(np.abs(outline).max()), 1e-6)
    inside = area.adjusted(10, 8, -10, -8)
    step = inside.width() / len(outline)
    for number, (low, high) in enumerate(outline / loudest):
        top = inside.center().y() - high * inside.height() / 2
        height = max(1.5, (high - low) * inside.height() / 2)
        painter.drawRoundedRect(
            QRectF(inside.left() + number * step, top, max(1.0, step * 0.6), height), 1, 1
        )


def shortened(painter: QPainter, area: QRectF, flags: int, text: str, length: int = 120) -> str:
    """Return as many of the first words as fit into an area."""
    shown = " ".join(text[:length].split())
    shown += "…" * (len(text) > length)
    while " " in shown and painter.boundingRect(area, flags, shown).height() > area.height():
        shown = shown.removesuffix("…").rpartition(" ")[0] + "…"
    return shown
