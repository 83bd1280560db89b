"""A titled row of items, with small buttons: the selection, and the answers to a question."""

from PySide6.QtWidgets import QWidget

from workbench.gui.exploring.item_strip import ItemStrip
from workbench.gui.exploring.previews import Previews
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import ElidedLabel


class Shelf(Card):
    """A card with a heading, what there is to say about its items, and the items.

    Parameters
    ----------
    heading : str
    previews : Previews
    name : str
        Object name of the strip.
    """

    def __init__(self, heading: str, previews: Previews, name: str) -> None:
        super().__init__(heading)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(12, 8, 12, 4)
            layout.setSpacing(2)
        self.words = ElidedLabel("", "muted")
        self.words.setObjectName(f"{name}-words")
        self.strip = ItemStrip(previews, name)
        self.head.setStretchFactor(self.title, 0)
        self.head.addWidget(self.words, 1)
        self.body.addWidget(self.strip)

    def add_button(self, button: QWidget) -> None:
        """Put a small button at the right of the heading."""
        self.head.addWidget(button)
