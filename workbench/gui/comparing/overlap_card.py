"""Neighbourhoods of two spaces: how much of them is the same, and for whom least is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.comparing.overlap_bars import OverlapBars
from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.session import Session
from workbench.gui.widgets.card import clear
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import ItemColumns, ItemOverlap

_LEAST = 15


class OverlapCard(QWidget):
    """For each modality bars of the shared neighbours, and below the items that share least.

    Parameters
    ----------
    session : Session
    previews : Previews
    """

    def __init__(self, session: Session, previews: Previews) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("overlap-card")
        self.bars: dict[str, OverlapBars] = {}
        self._parts = QVBoxLayout()
        self._parts.setSpacing(3)
        self._least_words = label("Fewest in common", "muted", name="least-words")
        self.least = NeighbourList(
            session, previews, "least-shared", "Items with the fewest common neighbours"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._parts)
        column.addWidget(self._least_words)
        column.addWidget(self.least)
        column.addStretch(1)
        self._least_words.hide()

    def show_overlap(self, found: "Mapping[Modality, ItemOverlap]", table: "ItemColumns") -> None:
        """Show what two spaces share."""
        clear(self._parts)
        self.bars = {}
        for modality, shown in found.items():
            self._parts.addWidget(label(_in_words(modality, shown), "muted", wrap=True))
            if len(shown.ids) > 1:
                bars = self.bars[modality] = OverlapBars(self._session, modality)
                bars.show_overlap(shown)
                self._parts.addWidget(bars)
        least = sorted(
            ((share, item, shown.neighbours) for shown in found.values() if len(shown.ids) > 1
             for item, share in shown.least(_LEAST)),
        )[:_LEAST]  # fmt: skip
        self._least_words.setVisible(bool(least))
        self.least.show_rows(
            [
                Row(item, table.item(item), place,
                    f"{round(share * neighbours)} of {neighbours} the same")
                for place, (share, item, neighbours) in enumerate(least, 1)
            ]
        )  # fmt: skip


def _in_words(modality: str, shown: "ItemOverlap") -> str:
    if len(shown.ids) < 2:
        few = words.items(len(shown.ids), modality)
        return f"{few.capitalize()} in both spaces: too few for neighbours."
    sampled = "" if len(shown.ids) == shown.items else f" of {shown.items:,}"
    return (
        f"{words.items(len(shown.ids), modality).capitalize()}{sampled}: "
        f"{shown.overlap.mean():.1%} the same, {shown.chance:.1%} by chance"
    )
