"""What a page shows when there is nothing yet."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from workbench.gui.widgets.button import Button
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label


class EmptyState(QFrame):
    """An icon, what is missing, and the buttons that lead on, in the middle of the space it gets.

    Parameters
    ----------
    icon, title, sentence : str
    framed : bool
        Whether a dashed frame says that things can be dropped here.
    """

    def __init__(self, icon: str, title: str, sentence: str, *, framed: bool = False) -> None:
        super().__init__()
        if framed:
            self.setProperty("role", "drop")
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 40)
        column.setSpacing(10)
        column.addStretch(2)
        column.addWidget(Icon(icon, 52, "muted"), 0, centre)
        column.addSpacing(4)
        self.title = label(title, "title")
        self.title.setAlignment(centre)
        column.addWidget(self.title, 0, centre)
        self.sentence = label(sentence, "muted", wrap=True)
        self.sentence.setAlignment(centre)
        self.sentence.setMaximumWidth(430)
        # not centred by an alignment: that would take the width before the lines are broken
        around = QHBoxLayout()
        around.addStretch(1)
        around.addWidget(self.sentence, 100)
        around.addStretch(1)
        column.addLayout(around)
        column.addSpacing(8)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(10)
        self._actions.addStretch(1)
        self._actions.addStretch(1)
        column.addLayout(self._actions)
        column.addStretch(3)

    def add_action(self, text: str, pressed: Callable[[], object], icon: str = "") -> Button:
        """Add a button; the first is the primary one."""
        count = self._actions.count() - 2
        button = Button(text, icon, "" if count else "primary", pressed)
        self._actions.insertWidget(1 + count, button)
        return button
