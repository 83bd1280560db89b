"""A dialog that asks for a name."""

from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.text import label

_NARROWEST = 420


class NameDialog(QDialog):
    """A line to type a name in; `ask_name` shows it.

    Parameters
    ----------
    parent : QWidget
    title : str
        Of its window.
    words : str
        What the name is for.
    name : str
        Proposed.
    done : str
        What the button says that takes the name.
    """

    def __init__(self, parent: QWidget, title: str, words: str, name: str, done: str) -> None:
        super().__init__(parent)
        self.setObjectName("name-dialog")
        self.setWindowTitle(title)
        self.setMinimumWidth(_NARROWEST)
        self.name = QLineEdit(name)
        self.name.setAccessibleName("Name")
        self.name.selectAll()
        self.take = Button(done, "check", "primary", self.accept)
        self.take.setDefault(True)
        self.name.textChanged.connect(self._look)
        cancel = Button("Cancel", pressed=self.reject)
        cancel.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        column.addWidget(label(words, "muted", wrap=True))
        column.addWidget(self.name)
        column.addLayout(row(None, cancel, self.take))
        self._look()

    def _look(self) -> None:
        self.take.setEnabled(bool(self.name.text().strip()))


def ask_name(parent: QWidget, title: str, words: str, name: str, done: str = "Save") -> str | None:
    """Ask for a name, see `NameDialog`; None when they think better of it."""
    dialog = NameDialog(parent, title, words, name, done)
    given = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.name.text().strip() if given else None
