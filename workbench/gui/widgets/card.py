"""A card: a titled area on the page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel


class Card(QFrame):
    """A raised area with a heading; put widgets into `body`, and small controls into `head`.

    Parameters
    ----------
    title : str
        Nothing leaves the heading out.
    icon : str
    tone : str
        Colour of the icon, see `Icon`.
    """

    def __init__(self, title: str = "", icon: str = "", tone: str = "muted") -> None:
        super().__init__()
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 15, 18, 16)
        outer.setSpacing(12)
        self.head = QHBoxLayout()
        self.head.setSpacing(9)
        self.title = ElidedLabel(title, "heading", Qt.TextElideMode.ElideRight, narrowest=120)
        if title:
            self.setAccessibleName(title)
            if icon:
                self.head.addWidget(Icon(icon, 19, tone))
            self.head.addWidget(self.title, 1)
            outer.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        outer.addLayout(self.body)


def clear(layout: QLayout) -> None:
    """Take all widgets out of a layout, and delete them."""
    for _ in range(layout.count()):
        entry = layout.takeAt(0)
        widget = entry.widget() if entry else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def row(*widgets: QWidget | int | None, spacing: int = 8) -> QHBoxLayout:
    """Return a row of widgets; None is a stretch, a number that many pixels."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for each in widgets:
        if each is None:
            made.addStretch(1)
        elif isinstance(each, int):
            made.addSpacing(each)
        else:
            made.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)
    return made
