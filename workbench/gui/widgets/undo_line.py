"""A line that says what was just done, and takes it back."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label


class UndoLine(QWidget):
    """It stays until it is used, dismissed, or something else is done. Without any, it is away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo-line")
        self._undo: Callable[[], object] = lambda: None
        self.words = label("", "muted", wrap=True, name="undo-words")
        self.button = Button("Undo", "", "link", self._pressed, name="undo")
        self._close = IconButton("close", "Dismiss this line", self.hide, name="dismiss-undo")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Icon("information-outline", 16))
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        row.addWidget(self._close)
        self.hide()

    def offer(self, sentence: str, undo: Callable[[], object] | None = None) -> None:
        """Say what was done; `undo` takes it back, where that can be done."""
        self._undo = undo or (lambda: None)
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.setVisible(undo is not None)
        self.show()

    def _pressed(self) -> None:
        self.hide()
        self._undo()
