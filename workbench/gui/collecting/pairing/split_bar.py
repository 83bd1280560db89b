"""A bar that shows how pairs are divided."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.look import theme

_NAMES = ("Training", "Validation", "Test", "Not used")
_TONES = (0.30, 0.18, 0.09)


class SplitBar(QWidget):
    """Parts of a bar: training, validation, test, and what the budget leaves unused."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[float] = (70, 10, 20, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, training: float, validation: float, test: float, unused: float) -> None:
        """Show other parts, in percent."""
        self._parts = (training, validation, test, unused)
        said = (f"{part:.0f} % {name}" for part, name in zip(self._parts, _NAMES, strict=True))
        self.setAccessibleName(", ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setClipPath(shape)
        fills = [colours.blend(colours.accent, tone) for tone in _TONES] + [colours.raised]
        left = 0.0
        for part, fill, name in zip(self._parts, fills, _NAMES, strict=True):
            width = self.width() * part / 100
            if width <= 0:
                continue
            area = QRectF(left, 0, width - 1, self.height())
            painter.fillRect(area, QColor(fill))
            for text in (f"{name} {part:.0f} %", f"{part:.0f} %"):
                if painter.fontMetrics().horizontalAdvance(text) + 10 < width:
                    painter.setPen(QColor(colours.text))
                    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
                    break
            left += width
        painter.end()
