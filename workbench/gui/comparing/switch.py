"""Maps or Compare: one place of the page, and two buttons that say which of both stands there."""

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QWidget

from workbench.gui.widgets.button import Button


class MapsOrCompare(QStackedWidget):
    """The maps, or the comparison of two spaces.

    Parameters
    ----------
    maps, comparison : QWidget
    """

    def __init__(self, maps: QWidget, comparison: QWidget) -> None:
        super().__init__()
        self._comparison = comparison
        self.addWidget(maps)
        self.addWidget(comparison)
        self.buttons = QWidget()
        self.buttons.setObjectName("maps-or-compare")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        for words, widget, tip in (
            ("Maps", maps, "Scatter plots of spaces"),
            ("Compare", comparison, "Two runs, or a run and what it started from, item by item"),
        ):
            button = Button(words, "", "segment", name=f"show-{words.lower()}", tip=tip)
            button.setCheckable(True)
            button.setChecked(widget is maps)
            button.clicked.connect(lambda _=False, widget=widget: self.setCurrentWidget(widget))
            self._group.addButton(button)
            row.addWidget(button)

    def compares(self) -> bool:
        """Whether the comparison is shown."""
        return self.currentWidget() is self._comparison

    def show_comparison(self, *, shown: bool = True) -> None:
        """Show the comparison, or the maps."""
        self._group.buttons()[1 if shown else 0].click()
