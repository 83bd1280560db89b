"""Several items, or all: how much they were bent, and which of them most."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.exploring.inspector.histogram import Histogram
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.picturing.source import PictureSource
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, ItemFigures

Ids = npt.NDArray[np.int64]


class GroupInspector(QWidget):
    """How the distortion of some items lies, and their worst tears.

    Signals
    -------
    measure_asked
        By the button.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    measure_asked = Signal()

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self.words = label("", "muted", wrap=True, name="group-words")
        self.histogram = Histogram("distortions", "Distribution of distortion")
        PictureSource(
            self.histogram, state.session, "Distribution of distortion", self.histogram.chart,
            self.histogram,
        )  # fmt: skip
        self.measure = Button(
            "Measure all items", "", "", self.measure_asked.emit, name="measure-items"
        )
        self.colour = Button(
            "Colour the maps by distortion", "palette-outline", "link",
            lambda: state.colours.choose(by="distortion"), name="colour-by-distortion",
        )  # fmt: skip
        self._tears_words = label("Most distorted", "muted", name="tears-words")
        self.tears = NeighbourList(state.session, previews, "tears", "Most distorted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.words, self.histogram, self.measure, self.colour, self._tears_words):
            column.addWidget(part)
        column.setAlignment(self.colour, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.tears)
        column.addStretch(1)

    def show_figures(
        self, figures: "ItemFigures", table: "ItemColumns", ids: Ids | None = None
    ) -> None:
        """Show the figures of some items, or of all."""
        shown = figures.distortions(ids)
        what = "item" if ids is None else "selected item"
        if shown.count:
            self.words.setText(
                f"Distortion of {words.several(shown.count, what)}: mean {shown.mean:.3g}, "
                f"from {shown.quantiles[0.1]:.3g} (a tenth below) to {shown.quantiles[0.9]:.3g} "
                "(a tenth above)"
            )
        else:
            self.words.setText("None of the selected items is in this run.")
        self.histogram.show_distribution(shown)
        worst = figures.worst(ids=ids)
        self.tears.show_rows(
            [
                Row(found, table.item(found), rank, f"distortion {value:.3g}", "muted")
                for rank, (found, value) in enumerate(worst, 1)
            ]
        )
        self._arrange(measured=True, any_=bool(shown.count), tears=bool(worst))

    def say(self, sentence: str, *, measure: bool = False) -> None:
        """Show a sentence in place of figures, and whether one can ask for them."""
        self.words.setText(sentence)
        self.tears.show_rows([])
        self._arrange(measured=False, any_=False, tears=False)
        self.measure.setVisible(measure)

    def _arrange(self, *, measured: bool, any_: bool, tears: bool) -> None:
        self.measure.hide()
        self.histogram.setVisible(any_)
        self.colour.setVisible(measured)
        self._tears_words.setVisible(tears)
