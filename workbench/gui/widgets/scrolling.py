"""Content that is scrolled up and down where its place is too low."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class ScrollingSheet(QScrollArea):
    """Scrolls what is higher than its place, and is as wide as that.

    Parameters
    ----------
    content : QWidget
    beside : int
        Pixels between it and what scrolls.
    """

    def __init__(self, content: QWidget, beside: int = 8) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies on it is focused
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("role", "sheet")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, beside, 0)
        column.addWidget(content)
        self._inside = inside
        self.setWidgetResizable(True)
        self.setWidget(inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._inside.setMaximumWidth(self.viewport().width())
