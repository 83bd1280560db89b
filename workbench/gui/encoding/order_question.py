"""In which order the vectors of a file without names lie."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.stations import OrderOpen

_WORDS, _NUMBERS = "words", "numbers"


class OrderQuestion(QFrame):
    """Lets the user say it by the first item that is another one; hidden unless it is open.

    Signals
    -------
    answered (name of the encoder that says the order)
    """

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._encoder = ""
        self.setProperty("role", "well")
        self.words_button = Button("", "sort-alphabetical-ascending", "", self._answer_words)
        self.numbers_button = Button("", "sort-numeric-ascending", "", self._answer_numbers)
        self.words_button.setAccessibleName("The files are sorted by letters")
        self.numbers_button.setAccessibleName("The files are sorted by numbers")
        self.question = label("", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 11, 14, 12)
        column.setSpacing(10)
        column.addWidget(self.question)
        column.addLayout(row(self.words_button, self.numbers_button, None, spacing=8))
        self.hide()

    def ask(self, encoder: str, error: "OrderOpen") -> None:
        """Ask about an encoder of given vectors."""
        self._encoder = encoder
        self.question.setText(
            f"Which item does the vector of row {error.row} belong to? The vectors have no names, "
            "and the files have two usual orders."
        )
        self.words_button.setText(f"{error.words}, sorted by letters")
        self.numbers_button.setText(f"{error.numbers}, sorted by numbers")
        self.show()

    def _answer_words(self) -> None:
        self._answer(_WORDS)

    def _answer_numbers(self) -> None:
        self._answer(_NUMBERS)

    def _answer(self, order: str) -> None:
        self.hide()
        self.answered.emit(f"{self._encoder}@order={order}")
