"""What is shown over a page while something is dragged over it that it would take."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.gui.look import theme


class DropHint(QWidget):
    """A wash with a dashed frame and words, over the whole of its parent; hidden at first.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.words = ""
        # what is dragged is its parent's business
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, words: str) -> None:
        """Say what a drop would do."""
        self.words = words
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wash = QColor(now.background)
        wash.setAlphaF(0.82)
        painter.setBrush(wash)
        painter.setPen(QPen(QColor(now.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(6, 6, -6, -6), 12, 12)
        font = self.font()
        font.setPixelSize(17)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(40, 40, -40, -40)
        words = painter.boundingRect(room, flags, self.words)
        # what lies below shows through the wash: words do not stand among words
        painter.setPen(QPen(QColor(now.accent), 1))
        painter.setBrush(QColor(now.surface))
        painter.drawRoundedRect(QRectF(words).adjusted(-18, -12, 18, 12), 8, 8)
        painter.setPen(QColor(now.text))
        painter.drawText(words, flags, self.words)
        painter.end()
