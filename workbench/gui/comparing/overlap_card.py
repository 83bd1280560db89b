"""Neighbourhoods of two spaces: how much of them is the same, and for whom least is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.comparing.overlap_bars import OverlapBars
from workbench.gui.exploring.neighbour_list import NeighbourList, Row
from workbench.gui.exploring.previews import Previews
from workbench.gui.widgets.card import clear
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import ItemColumns, ItemOverlap

Ids = npt.NDArray[np.int64]

_LEAST = 15


class OverlapCard(QWidget):
    """For each modality bars of the shared neighbours, and below the items that share least.

    Signals
    -------
    picked (ids, mode)

    Parameters
    ----------
    previews : Previews
    """

    picked = Signal(object, str)

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("overlap-card")
        self.bars: dict[str, OverlapBars] = {}
        self._selection: Ids = np.zeros(0, np.int64)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(3)
        self._least_words = label("Fewest in common", "muted", name="least-words")
        self.least = NeighbourList(
            previews, "least-shared", "Items with the fewest common neighbours"
        )
        self.least.picked.connect(self.picked)
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
                bars = self.bars[modality] = OverlapBars(modality)
                bars.show_overlap(shown)
                bars.show_selection(self._selection)
                bars.picked.connect(self.picked)
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

    def show_selection(self, ids: Ids) -> None:
        """Show how the selected items lie among all."""
        self._selection = ids
        for bars in self.bars.values():
            bars.show_selection(ids)


def _in_words(modality: str, shown: "ItemOverlap") -> str:
    if len(shown.ids) < 2:
        few = words.items(len(shown.ids), modality)
        return f"{few.capitalize()} in both spaces: too few for neighbours."
    sampled = "" if len(shown.ids) == shown.items else f" of {shown.items:,}"
    return (
        f"{words.items(len(shown.ids), modality).capitalize()}{sampled}: "
        f"{shown.overlap.mean():.1%} the same, {shown.chance:.1%} by chance"
    )
