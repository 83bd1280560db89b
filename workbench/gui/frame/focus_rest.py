"""Where the focus goes when the control that has it goes away."""

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget


class FocusRest(QObject):
    """Lets the focus rest where a control was that has vanished or cannot be used any more.

    Qt gives it to the next control, wherever that is: whoever presses a button twice by the
    keyboard would then press another one.

    Parameters
    ----------
    application : QApplication
    parent : QObject
    """

    def __init__(self, application: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        application.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is None or new is None or not shiboken6.isValid(old):
            return
        if (old.isVisible() and old.isEnabled()) or old.window() is not new.window():
            return  # it was led away, by the user or by who knows better
        rest = old.parentWidget()
        while rest is not None and not rest.isWindow():
            if rest.isVisible() and rest.isEnabled():
                rest.setFocus()
                return
            rest = rest.parentWidget()
