"""What is compared: two spaces, one direction of asking, and which items."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import label
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.stations import Direction

TESTED, ALL = "tested", "all"


class CompareChoices(QWidget):
    """One line of choices.

    Signals
    -------
    spaces_chosen
        One of the two spaces is another one.
    shown_chosen
        Direction or items.
    """

    spaces_chosen = Signal()
    shown_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.before = combo("compare-before", "The space before", widest=420)
        self.after = combo("compare-after", "The space after", widest=420)
        self.swap = IconButton(
            "swap-horizontal", "Swap before and after", self._swap, name="compare-swap"
        )
        self.direction = combo(
            "compare-direction", "Direction of the search: query and candidates", widest=150
        )
        self.direction.addItem("both ways", None)
        self.items = combo("compare-items", "Which items are shown", widest=150)
        self.items.addItem("held-out items", TESTED)
        self.items.addItem("all items", ALL)
        self.items.setToolTip(
            "Held-out items have pairs that no training has seen. Most of all items were trained "
            "on, and are found easily."
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (label("Before", "muted"), self.before, self.swap, label("After", "muted"),
                     self.after):  # fmt: skip
            row.addWidget(part, 1 if isinstance(part, ComboBox) else 0)
        for each in (self.direction, self.items):
            each.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(each)
        for each in (self.before, self.after):
            each.activated.connect(lambda _: self.spaces_chosen.emit())
        for each in (self.direction, self.items):
            each.activated.connect(lambda _: self.shown_chosen.emit())

    # ---------------------------------------------------------------- spaces

    def offer(
        self,
        spaces: Sequence[tuple[str, str]],
        run: str | None,
        chosen: tuple[SpaceName, SpaceName] | None,
    ) -> bool:
        """Offer spaces to choose from.

        Parameters
        ----------
        spaces : sequence of (str, str)
            Words and name of each.
        run : str or None
            That is looked at: its joint space is what is after, where nothing was chosen.
        chosen : tuple of SpaceName, optional
            What was chosen in this project before; it stays so as long as both are there.

        Returns
        -------
        bool
            Whether there is anything to compare: without a run there is not.
        """
        offered = [(words, SpaceName.parse(name)) for words, name in spaces]
        names = [name for _, name in offered]
        runs = [name for name in names if not name.frozen and name.alpha is None]
        if not runs:
            offered, names = [], []
        before, after = chosen if chosen is not None else (None, None)
        if before not in names or after not in names:
            after = next((name for name in runs if name.run == run), next(iter(runs), None))
            # another run, where there is one; what the run started from otherwise
            before = next((name for name in (*runs, *names) if name != after), None)
        for box, wanted in ((self.before, before), (self.after, after)):
            box.clear()
            for words, name in offered:
                box.addItem(words, name)
            box.setCurrentIndex(_place(box, wanted))
        return bool(offered)

    def names(self) -> tuple[SpaceName, SpaceName] | None:
        """Return the two spaces chosen."""
        before, after = self.before.currentData(), self.after.currentData()
        return None if before is None or after is None else (before, after)

    def choose(self, before: SpaceName, after: SpaceName) -> None:
        """Choose two spaces, as by hand."""
        self.before.setCurrentIndex(_place(self.before, before))
        self.after.setCurrentIndex(_place(self.after, after))
        self.spaces_chosen.emit()

    def _swap(self) -> None:
        names = self.names()
        if names is not None:
            self.choose(names[1], names[0])

    # ---------------------------------------------------------------- what is shown

    def offer_directions(self, directions: "Sequence[Direction]") -> None:
        """Offer ways to ask."""
        before = self.direction.currentData()
        self.direction.clear()
        self.direction.addItem("both ways" if len(directions) < 3 else "all ways", None)
        for each in directions:
            self.direction.addItem(f"{each[0]} → {each[1]}", "→".join(each))
        self.direction.setCurrentIndex(max(_place(self.direction, before), 0))
        self.direction.setEnabled(len(directions) > 0)

    def chosen_direction(self) -> "Direction | None":
        """Return the direction chosen; None for all of them."""
        chosen = self.direction.currentData()
        return None if chosen is None else tuple(chosen.split("→"))

    def offer_tested(self, *, there: bool) -> None:
        """Say whether there are held-out items; without, all items are shown."""
        self.items.setEnabled(there)

    def only_tested(self) -> bool:
        """Whether only held-out items are shown."""
        return self.items.isEnabled() and self.items.currentData() == TESTED


def _place(box: ComboBox, wanted: object) -> int:
    """Return where an entry is by its data, -1 without: Qt may compare objects by identity."""
    places = [n for n in range(box.count()) if box.itemData(n) == wanted]
    return places[0] if places else -1
