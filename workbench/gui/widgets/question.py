"""A question with a few answers, which looks as the rest of the window."""

from PySide6.QtWidgets import QMessageBox, QWidget

from workbench.gui.look import theme

_ICON = 40  # pixels


def question(parent: QWidget, title: str, text: str, more: str, name: str = "") -> QMessageBox:
    """Return a box that asks something; whoever makes it adds the answers.

    Parameters
    ----------
    parent : QWidget
    title, text, more : str
        Of its window, what is asked, and what one should know for it.
    name : str
        Object name.
    """
    box = QMessageBox(parent)
    box.setObjectName(name)
    now = theme.current()
    # the system's own picture would be of another set
    box.setIconPixmap(now.icon("help-circle-outline", now.accent).pixmap(_ICON, _ICON))
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    return box
