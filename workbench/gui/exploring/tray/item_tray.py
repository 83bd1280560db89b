"""A titled row of items, with small buttons: the selection, and the answers to a question."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.items.item_strip import ItemStrip
from workbench.gui.items.opening import item_menu, open_item
from workbench.gui.items.previews import Previews
from workbench.gui.session import Session
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import ElidedLabel

if TYPE_CHECKING:
    from workbench.project import Item


class ItemTray(Card):
    """A card with a heading, what there is to say about its items, and the items.

    Parameters
    ----------
    heading : str
    previews : Previews
    name : str
        Object name of the strip.
    session : Session
        Selects what is asked for in the menu of an item, and hears of files that are gone.
    """

    def __init__(self, heading: str, previews: Previews, name: str, session: Session) -> None:
        super().__init__(heading)
        self._session = session
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(12, 8, 12, 4)
            layout.setSpacing(2)
        self.words = ElidedLabel("", "muted", narrowest=64)  # “1 image” is whole
        self.words.setObjectName(f"{name}-words")
        self.strip = ItemStrip(previews, name)
        self.strip.picked.connect(session.select)
        self.strip.open_asked.connect(self._open)
        self.strip.menu_asked.connect(self._show_menu)
        self.head.setStretchFactor(self.title, 0)
        self.head.setSpacing(2)  # of a row of small buttons
        fixed = QSizePolicy.Policy.Fixed
        self.title.setSizePolicy(fixed, fixed)  # the words give way, not the heading
        self.head.addSpacing(7)
        self.head.addWidget(self.words, 1)
        self.head.addSpacing(7)
        self.body.addWidget(self.strip)

    def add_button(self, button: QWidget) -> None:
        """Put a small button at the right of the heading."""
        self.head.addWidget(button)

    def _open(self, item: "Item") -> None:
        open_item(self._session, item)

    def _show_menu(self, item: "Item", place: QPoint) -> None:
        menu = item_menu(item, self, self._session)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)
