"""The choices above a map."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from workbench.gui.exploring.maps.map_making import METHODS
from workbench.gui.exploring.maps.map_options import MapOptions
from workbench.gui.exploring.state.map_layout import MapChoice
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.fields import ComboBox

_NARROWEST = 64
_NARROW = 400  # pixels of a head, below which it has two lines


class MapHead(QWidget):
    """Which space, and by which method; and buttons for more and fewer maps.

    Parameters
    ----------
    name : str
        Object names begin with it.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.space_choice = combo(f"{name}-space", "Space", narrowest=_NARROWEST)
        self.method_choice = combo(
            f"{name}-method", "Method of the map", METHODS, narrowest=_NARROWEST
        )
        self.options = MapOptions(name)
        self.add_button = IconButton("plus", "Another map beside this one", name=f"{name}-add")
        self.remove_button = IconButton("close", "Remove this map", name=f"{name}-remove")
        self.float_button = IconButton(
            "dock-window", "Show this map in its own window; closing that window brings it back",
            name=f"{name}-float",
        )  # fmt: skip
        for button in (self.add_button, self.float_button, self.remove_button):
            button.hide()  # until something holds several
        self.method_choice.currentIndexChanged.connect(lambda _: self._show_method())
        self._show_method()
        self._grid, self._buttons = QGridLayout(self), QHBoxLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self._buttons.setSpacing(0)
        for button in (self.options, self.add_button, self.float_button, self.remove_button):
            self._buttons.addWidget(button)
        self._narrow: bool | None = None
        self._arrange(narrow=False)

    def space(self) -> str | None:
        """Return the space chosen."""
        chosen: str | None = self.space_choice.currentData()
        return chosen

    def method(self) -> str:
        """Return the method chosen."""
        chosen: str = self.method_choice.currentData()
        return chosen

    def offer_spaces(self, spaces: Sequence[tuple[str, str]], wanted: str | None) -> None:
        """Offer spaces as (words, space), and choose one of them."""
        self.space_choice.clear()
        for words, space in spaces:
            self.space_choice.addItem(words, space)
        if spaces:
            self.space_choice.setCurrentIndex(max(self.space_choice.findData(wanted), 0))

    def forget(self) -> None:
        """Offer no space, and choose the first method: what takes long is never made unasked."""
        self.offer_spaces([], None)
        self.method_choice.setCurrentIndex(0)

    def copy(self, other: "MapHead") -> None:
        """Offer and choose what another one does."""
        self.offer_spaces(_entries(other.space_choice), other.space())
        self.take(other.choice())

    def choice(self) -> MapChoice:
        """Return what is chosen, to be taken again."""
        return self.options.taken.model_copy(
            update={"space": self.space() or "", "method": self.method()}
        )

    def take(self, choice: MapChoice) -> None:
        """Choose a method and its options; the space is one of those that are offered."""
        self.options.take(choice)
        self.method_choice.setCurrentIndex(self.method_choice.findData(choice.method))

    def set_places(self, *, add: bool, leave: bool, remove: bool) -> None:
        """Say what there is room for.

        Parameters
        ----------
        add, leave, remove : bool
            Whether another map can come beside this one, and whether this one can be put into a
            window of its own or be taken away.
        """
        self.add_button.setVisible(add)
        self.float_button.setVisible(leave)
        self.remove_button.setVisible(remove)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(narrow=event.size().width() < _NARROW)

    def _arrange(self, *, narrow: bool) -> None:
        """Put everything on one line, or on two where the names of spaces would be cut."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for part in (self.space_choice, self.method_choice):
            self._grid.removeWidget(part)
        self._grid.removeItem(self._buttons)
        if narrow:
            self._grid.addWidget(self.space_choice, 0, 0, 1, 2)
            self._grid.addWidget(self.method_choice, 1, 0)
            self._grid.addLayout(self._buttons, 1, 1)
        else:
            self._grid.addWidget(self.space_choice, 0, 0)
            self._grid.addWidget(self.method_choice, 0, 1)
            self._grid.addLayout(self._buttons, 0, 2)

    def _show_method(self) -> None:
        self.options.set_method(self.method())


def _entries(box: ComboBox) -> list[tuple[str, str]]:
    return [(box.itemText(number), box.itemData(number)) for number in range(box.count())]
