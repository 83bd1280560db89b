"""A button whose menu picks other runs, to be drawn behind the curves."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workbench.gui.words import several

_MOST_OFFERED = 20
_NONE = "compare with…"
_LONGEST_NAME = 16


class RunPicker(QPushButton):
    """Runs to choose from, any number of them.

    Signals
    -------
    chosen (names)
        By the user, or because one that was chosen is not there any more.
    """

    chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_NONE, parent)
        self.setObjectName("overlay-run")
        self.setAccessibleName("Compare with the curves of other runs")
        self.setToolTip("Draws the curves of other runs behind these, each in its own colour.")
        self.setProperty("menu", "true")
        self._names: list[str] = []
        self._chosen: list[str] = []
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.hide()

    def offer(self, names: Sequence[str]) -> None:
        """Say which runs there are, newest first; those chosen stay so."""
        self._names = list(names)
        self.setVisible(bool(names))
        left = [name for name in self._chosen if name in self._names]
        if left != self._chosen:
            self.show_chosen(left)
            self.chosen.emit(left)

    def names(self) -> list[str]:
        """Return the runs that are offered."""
        return list(self._names)

    def chosen_names(self) -> list[str]:
        """Return the runs that are chosen, in the order in which they were."""
        return list(self._chosen)

    def show_chosen(self, names: Sequence[str]) -> None:
        """Show which runs are chosen, without telling anybody."""
        self._chosen = list(names)
        words = _NONE
        if len(names) == 1:
            name = names[0]
            short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
            words = f"with {short}".replace("&", "&&")
        elif names:
            words = f"with {several(len(names), 'run')}"
        self.setText(words)

    def choose(self, name: str, wanted: bool) -> None:
        """Choose a run, or leave it out, as the user does in the menu."""
        others = [each for each in self._chosen if each != name]
        self.show_chosen([*others, name] if wanted else others)
        self.chosen.emit(self.chosen_names())

    def _fill(self) -> None:
        self._menu.clear()
        first = dict.fromkeys([*self._chosen, *self._names[:_MOST_OFFERED]])
        for name in (each for each in self._names if each in first):
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in self._chosen)
            action.toggled.connect(lambda wanted, name=name: self.choose(name, wanted))
        if len(self._names) > len(first):
            self._menu.addSeparator()
            more = self._menu.addAction("Older ones: select them below, and compare")
            more.setEnabled(False)
        if self._chosen:
            self._menu.addSeparator()
            self._menu.addAction("None").triggered.connect(self._choose_none)

    def _choose_none(self) -> None:
        self.show_chosen([])
        self.chosen.emit([])
