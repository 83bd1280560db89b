"""Whether a model may run program code of its own."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label


class CodeQuestion(QFrame):
    """First a button, then in its place the question; hidden unless a model was refused.

    Signals
    -------
    allowed
        The user takes the risk.
    """

    allowed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.open_button = Button("Run its code anyway…", "", "", lambda: self._ask(True))
        self.yes_button = Button("Run its code and encode", "", "danger", self._allow)
        self.no_button = Button("Do not run it", "", "", lambda: self._ask(False))
        self._question = QFrame()
        self._question.setProperty("role", "well")
        inside = QVBoxLayout(self._question)
        inside.setContentsMargins(14, 11, 14, 12)
        inside.setSpacing(10)
        self.sentence = label("", wrap=True)
        line = row(Icon("alert-outline", 20, "warning"), spacing=12)
        line.addWidget(self.sentence, 1)
        inside.addLayout(line)
        inside.addLayout(row(None, self.no_button, self.yes_button))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row(self.open_button, None))
        column.addWidget(self._question)
        self.forget()

    def offer(self, encoder: str) -> None:
        """Offer to run an encoder's code after all."""
        self.sentence.setText(
            f"Run the program code that comes with {encoder}? It can do whatever you can do on "
            "this computer: read, change and send your files. Run it only if you trust its "
            "authors. Your answer is kept on this computer, for this code as it is now."
        )
        self._ask(False)
        self.show()

    def forget(self) -> None:
        """Offer nothing."""
        self._ask(False)
        self.hide()

    def _ask(self, wanted: bool) -> None:
        asked = not self._question.isHidden()
        self._question.setVisible(wanted)
        self.open_button.setVisible(not wanted)
        if wanted:
            self.no_button.setFocus()
        elif asked:
            self.open_button.setFocus()

    def _allow(self) -> None:
        self.forget()
        self.allowed.emit()
