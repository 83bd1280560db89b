"""A page's scrolling column."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.widgets.text import label


class Sheet(QScrollArea):
    """A column of limited width in the middle, with a title; put cards into `column`.

    Parameters
    ----------
    title, explanation : str
        Nothing leaves them out.
    width : int
        Largest width of the column in pixels.
    """

    def __init__(self, title: str = "", explanation: str = "", width: int = 1100) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("role", "sheet")
        inside.setAutoFillBackground(False)
        sides = QHBoxLayout(inside)
        sides.setContentsMargins(28, 24, 28, 28)
        middle = QWidget()
        middle.setMaximumWidth(width)
        self.column = QVBoxLayout(middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(14)
        self.head = QHBoxLayout()
        self.head.setSpacing(10)
        if title:
            words = QVBoxLayout()
            words.setSpacing(3)
            words.addWidget(label(title, "title"))
            self.explanation = label(explanation, "muted", wrap=True)
            words.addWidget(self.explanation)
            self.head.addLayout(words, 1)
            self.column.addLayout(self.head)
        sides.addStretch(1)
        sides.addWidget(middle, 1000)
        sides.addStretch(1)
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)
