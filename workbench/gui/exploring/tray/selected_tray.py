"""The selected items: a strip of cards, a grid of them, or the table of all items."""

from typing import Literal, get_args

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QButtonGroup

from workbench.gui import words
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.table.items_table import ItemsTable
from workbench.gui.exploring.tray.item_tray import ItemTray
from workbench.gui.items.cards import CARD
from workbench.gui.items.item_strip import NARROWEST, WIDEST
from workbench.gui.items.previews import Previews
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.fields import Slider

View = Literal["strip", "grid", "table"]
VIEWS: tuple[View, ...] = get_args(View)

_KEY, _CARD_KEY = "explore/selected-view", "explore/card-width"
_BUTTONS = {
    "strip": ("view-carousel-outline", "Selected items in a row"),
    "grid": ("view-grid-outline", "Selected items in a grid"),
    "table": ("table", "All items in a table"),
}


class SelectedTray(ItemTray):
    """A shelf that can be looked at in three ways; the program remembers the last.

    Signals
    -------
    heightened (tall)
        A grid or a table wants more height than a row of cards.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    heightened = Signal(bool)

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__("Selected", previews, "selected", state.session)
        self._state = state
        self.strip.placeholder = (
            "Click a point, draw around some with the lasso, or click a colour of the legend."
        )
        self.table = ItemsTable(state, previews)
        self.view: View = "strip"
        self.body.addWidget(self.table)
        self.table.view.open_asked.connect(self._open)
        self.table.view.menu_asked.connect(self._show_menu)
        self.slider = Slider()
        self.slider.setObjectName("card-size")
        self.slider.setAccessibleName("Size of the cards")
        self.slider.setToolTip("Size of the cards; Ctrl and the wheel change it too")
        self.slider.setRange(NARROWEST, WIDEST)
        self.slider.setPageStep(24)
        self.slider.setFixedWidth(72)
        self.add_button(self.slider)
        self.head.addSpacing(4)
        self._group = QButtonGroup(self)
        self._buttons: dict[View, IconButton] = {}
        for name in VIEWS:
            self._add_toggle(name)
        self.head.addSpacing(6)
        self.slider.valueChanged.connect(self._resize_cards)
        self.strip.card_resized.connect(self.slider.setValue)
        self.slider.setValue(_remembered_size())
        remembered = str(QSettings().value(_KEY, "strip"))
        self._show(next((each for each in VIEWS if each == remembered), "strip"))
        state.session.selection_changed.connect(self._show_selection)
        state.items_changed.connect(self._show_selection)
        self._show_selection()

    def _add_toggle(self, name: View) -> None:
        button = IconButton(*_BUTTONS[name], lambda: self.set_view(name), name=f"selected-{name}")
        button.setProperty("kind", "quiet")
        button.setCheckable(True)
        self._group.addButton(button)
        self._buttons[name] = button
        self.add_button(button)

    # ---------------------------------------------------------------- views

    def set_view(self, view: View) -> None:
        """Look at the items in another way, and remember it."""
        QSettings().setValue(_KEY, view)
        if view != self.view:
            self._show(view)

    def is_tall(self) -> bool:
        """Whether it wants more height than a row of cards."""
        return self.view != "strip"

    def _show(self, view: View) -> None:
        self.view = view
        self._buttons[view].setChecked(True)
        self.strip.set_wrapped(view == "grid")
        self.strip.setVisible(view != "table")
        self.table.setVisible(view == "table")
        self.slider.setVisible(view == "grid")
        self.heightened.emit(self.is_tall())

    def _resize_cards(self, wide: int) -> None:
        self.strip.set_card_width(wide)
        QSettings().setValue(_CARD_KEY, wide)

    # ---------------------------------------------------------------- items

    def _show_selection(self) -> None:
        """Show the selected items, and say how many there are of each modality."""
        table, ids = self._state.table, self._state.session.selection
        self.strip.items.show(table, ids)
        counts = {} if table is None else table.count(ids)
        self.words.setText(
            words.listed([words.items(count, modality) for modality, count in counts.items()])
            or "nothing yet"
        )


def _remembered_size() -> int:
    try:
        return int(str(QSettings().value(_CARD_KEY, CARD.width())))
    except ValueError:
        return CARD.width()
