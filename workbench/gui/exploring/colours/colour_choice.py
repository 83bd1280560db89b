"""By what all maps are coloured, and what the colours of a scale mean."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.gui.exploring.colours.colour_bar import ColourBar
from workbench.gui.exploring.state.colour_state import FEWEST_CLUSTERS, Offers
from workbench.gui.exploring.state.colouring import ByValue
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import ElidedLabel, label

_MOST_CLUSTERS = 40
_MILLISECONDS_TO_SETTLE = 250  # while somebody turns the number of clusters
_WIDEST = 180  # pixels of a choice: runs may have long names


class ColourBox(QWidget):
    """One choice for all maps.

    Parameters
    ----------
    state : ExploreState
    """

    def __init__(self, state: ExploreState) -> None:
        super().__init__()
        self._state, self._colours = state, state.colours
        self.choice = combo("colours", "What points are coloured by", narrowest=90, widest=_WIDEST)
        self.other = combo(
            "colours-other-run", "The run to compare with", narrowest=90, widest=_WIDEST
        )
        self.rows = combo(
            "colours-cluster-rows",
            "Which vectors are clustered",
            narrowest=90,
            widest=_WIDEST,
        )
        self.rows.setMinimumWidth(116)
        self.count = _count()
        self.bar = ColourBar()
        self._words = ElidedLabel("", "caption")
        self._words.setObjectName("colours-words")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Colour by", "muted"))
        for part in (self.choice, self.other, self.rows, self.count, self.bar):
            row.addWidget(part)
        row.addWidget(self._words, 1)
        self._soon = QTimer(self, interval=_MILLISECONDS_TO_SETTLE, singleShot=True)
        self._soon.timeout.connect(self._choose_count)
        self.count.valueChanged.connect(lambda _: self._soon.start())
        for box, field in ((self.choice, "by"), (self.other, "other"), (self.rows, "rows")):
            box.currentIndexChanged.connect(
                lambda _, box=box, field=field: self._colours.choose(**{field: box.currentData()})
            )
        self.bar.picked.connect(state.session.select)
        self._colours.choice_changed.connect(self._show)
        self._colours.changed.connect(self._show_scale)
        self._show_scale()
        self._show()

    def choose(self, by: str) -> None:
        """Choose what to colour by: ``modality``, ``label``, ``distortion`` and so on."""
        self.choice.setCurrentIndex(max(self.choice.findData(by), 0))

    def _choose_count(self) -> None:
        count = self.count.value()
        self._colours.choose(clusters=None if count < FEWEST_CLUSTERS else count)

    def _show(self) -> None:
        """Show what can be chosen, and what is."""
        colours, chosen = self._colours, self._colours.choice
        _fill(self.choice, colours.offers(), chosen.by)
        _fill(self.other, colours.other_offers(), chosen.other)
        _fill(self.rows, colours.row_offers(), chosen.rows)
        self.rows.setToolTip(
            f"Which vectors are clustered: the aligned ones of all views of {self._state.run}, or "
            "the frozen ones of one view. All maps show the same clusters."
        )
        if not self._soon.isActive():  # somebody is turning it
            self.count.blockSignals(True)
            self.count.setValue(chosen.clusters or self.count.minimum())
            self.count.blockSignals(False)
        self.count.setSpecialValueText(f"k = {colours.usual_clusters}, auto")
        self.other.setVisible(chosen.by == "change")
        for part in (self.rows, self.count):
            part.setVisible(chosen.by == "cluster")
        self._words.setText(colours.waits_for)

    def _show_scale(self) -> None:
        shown = self._colours.colouring
        self.bar.show_scale(shown if isinstance(shown, ByValue) else None)


def _count() -> SpinBox:
    """Return the choice of how many clusters there are; its lowest place is as many as usual."""
    count = SpinBox()
    count.setObjectName("colours-clusters")
    count.setAccessibleName("Number of clusters")
    count.setToolTip(
        "Number of clusters of k-means, by cosine. The lowest value chooses it by the number of "
        "items."
    )
    count.setRange(FEWEST_CLUSTERS - 1, _MOST_CLUSTERS)
    count.setPrefix("k = ")
    count.setKeyboardTracking(False)
    return count


def _fill(box: ComboBox, offers: Offers, chosen: str | None) -> None:
    """Offer choices as (words, key), and show the one that is chosen, telling nobody."""
    box.blockSignals(True)
    if [(box.itemText(place), box.itemData(place)) for place in range(box.count())] != offers:
        box.clear()
        for words, key in offers:
            box.addItem(words, key)
    box.setCurrentIndex(box.findData(chosen))
    box.blockSignals(False)
