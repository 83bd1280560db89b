"""What a map is made with: a button, and the small form that it opens."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QMenu, QVBoxLayout, QWidget, QWidgetAction

from workbench.gui.exploring.state.map_layout import (
    FEWEST_NEIGHBOURS,
    HIGHEST_SEED,
    MOST_NEIGHBOURS,
    MapChoice,
)
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.fields import ComboBox, DoubleSpinBox, SpinBox
from workbench.gui.widgets.text import label
from workbench.maps import METRICS, MapMetric

if TYPE_CHECKING:
    from workbench.stations import UmapOptions

_WIDTH = 128


class MapOptions(IconButton):
    """A button that opens the options of a map.

    Signals
    -------
    chosen (anew)
        The map shall be made by the options shown; where they are those it has, from nothing.

    Parameters
    ----------
    name : str
        Object names begin with it.

    Attributes
    ----------
    taken : MapChoice
        The options that were last chosen; its space and method say nothing.
    """

    chosen = Signal(bool)

    def __init__(self, name: str) -> None:
        super().__init__("tune-variant", "Options of the map", self.open, name=f"{name}-options")
        self._umap = False
        self.taken = MapChoice()
        self._neighbours, self._seed = SpinBox(), SpinBox()
        self._neighbours.setRange(FEWEST_NEIGHBOURS, MOST_NEIGHBOURS)
        self._seed.setRange(0, HIGHEST_SEED)
        self._min_dist, self._metric = DoubleSpinBox(), ComboBox()
        self._min_dist.setRange(0.0, 1.0)
        self._min_dist.setSingleStep(0.05)
        self._min_dist.setDecimals(2)
        self._metric.addItems(METRICS)
        self.comparable = QCheckBox("Lay out like the maps before it")
        self.comparable.setObjectName(f"{name}-comparable")
        self.comparable.setToolTip(
            "Starts from the positions of another map and rotates the result to match it, so "
            "that what moved between two runs can be seen."
        )
        self.make = Button("Make the map", "", "primary", self._choose, name=f"{name}-make")
        self._form = self._lay_out(name)
        self._menu = QMenu(self)
        self._entry = QWidgetAction(self._menu)
        self._entry.setDefaultWidget(self._form)
        self._menu.addAction(self._entry)
        for signal in (
            self._neighbours.valueChanged, self._min_dist.valueChanged, self._seed.valueChanged,
            self._metric.currentIndexChanged, self.comparable.toggled,
        ):  # fmt: skip
            signal.connect(self._name_button)
        self.take(self.taken)

    def _lay_out(self, name: str) -> QWidget:
        form, self._rows = QWidget(), QWidget()
        grid = QGridLayout(self._rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(0, 1)
        for number, (words, tip, editor) in enumerate(
            (
                (
                    "Neighbours",
                    "Few neighbours show small groups, many show the overall structure.",
                    self._neighbours,
                ),
                ("Least distance", "How close together items may be drawn.", self._min_dist),
                ("Metric", "How distances in the space are measured.", self._metric),
                ("Seed", "Seed of the random numbers of UMAP.", self._seed),
            )
        ):
            editor.setObjectName(f"{name}-{words.lower().replace(' ', '-')}")
            editor.setAccessibleName(words)
            editor.setFixedWidth(_WIDTH)
            title = label(words)
            title.setToolTip(tip)
            editor.setToolTip(tip)
            grid.addWidget(title, number, 0)
            grid.addWidget(editor, number, 1)
        column = QVBoxLayout(form)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(10)
        column.addWidget(self._rows)
        column.addWidget(self.comparable)
        column.addWidget(self.make)
        return form

    def options(self) -> "UmapOptions":
        """Return the options of UMAP that were last chosen."""
        from workbench.stations import UmapOptions

        taken = self.taken
        return UmapOptions(taken.neighbours, taken.min_dist, taken.metric, taken.seed)

    def take(self, choice: MapChoice) -> None:
        """Take the options of a map."""
        self._show(choice)
        self.taken = self._values()
        self._name_button()

    def set_method(self, method: str) -> None:
        """Say which method the options are of."""
        self._umap = method == "umap"
        self._rows.setVisible(self._umap)
        self._form.adjustSize()
        self._menu.removeAction(self._entry)  # a menu measures what is put in, and never again
        self._menu.addAction(self._entry)
        self._name_button()

    def open(self) -> None:
        """Open the form below the button, as it was last chosen."""
        self._show(self.taken)
        below = self.mapToGlobal(self.rect().bottomRight())
        below.setX(below.x() - self._menu.sizeHint().width())
        self._menu.popup(below)

    def _values(self) -> MapChoice:
        return MapChoice(
            neighbours=self._neighbours.value(),
            min_dist=round(self._min_dist.value(), 2),
            metric=cast("MapMetric", self._metric.currentText()),
            seed=self._seed.value(),
            comparable=self.comparable.isChecked(),
        )

    def _show(self, choice: MapChoice) -> None:
        self._neighbours.setValue(choice.neighbours)
        self._min_dist.setValue(choice.min_dist)
        self._metric.setCurrentText(choice.metric)
        self._seed.setValue(choice.seed)
        self.comparable.setChecked(choice.comparable)

    def _choose(self) -> None:
        values = self._values()
        anew = self.taken == values
        self.take(values)
        self._menu.close()
        self.chosen.emit(anew)

    def _name_button(self, *_: object) -> None:
        same = self.taken == self._values()
        self.make.setText("Make it again" if same else "Make the map")
