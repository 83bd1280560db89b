"""Fields whose value the wheel changes only while they have the focus.

Otherwise whoever scrolls a page changes, and saves, whatever happens to come under the mouse. The
wheel passes on to the page, and gives no focus. All fields of the window are made of these: an
event filter of the application would do the same, at the price of a call of Python's for every
event of the program.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QSlider,
    QSpinBox,
    QStyledItemDelegate,
    QWidget,
)

_ORDINARY = Qt.FocusPolicy.StrongFocus  # by a click or the tab key, never by the wheel


class ComboBox(QComboBox):
    """A choice; its open list scrolls as ever."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(_ORDINARY)
        self.setItemDelegate(QStyledItemDelegate(self))  # Qt's own knows no style for its rows

    def setCompleter(self, completer: QCompleter) -> None:
        """Take what completes; its list belongs to this field then, and wears its stylesheet.

        Qt leaves the list without a parent, where the stylesheet of no window reaches it.
        """
        super().setCompleter(completer)
        rows = completer.popup()
        rows.setParent(QWidget(self), rows.windowFlags())  # a combo box itself undresses it

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class SpinBox(QSpinBox):
    """A whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(_ORDINARY)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class DoubleSpinBox(QDoubleSpinBox):
    """A number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(_ORDINARY)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class Slider(QSlider):
    """A number by hand, from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(_ORDINARY)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
