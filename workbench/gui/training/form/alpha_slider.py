"""Sliders for α, the weight of geometry: logarithmic, one a view, with a lock that ties them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.training.form.alpha_scale import AlphaScale
from workbench.gui.training.form.editors import NumberBox
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.fields import Slider
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label
from workbench.gui.words import ICONS

LARGEST = 1000.0
_SMALLEST, _MIDDLE = 0.001, 1.0  # above 0
# between 0 and 1 most happens, so that they have half of the way; the slider rests at 0, and from
# there to the smallest value is a gap
_FIRST, _HALF, _NOTCHES = 70, 500, 1000
_KNOWN = [math.log10(_SMALLEST), math.log10(_MIDDLE), math.log10(LARGEST)]
_PLACES = [_FIRST, _HALF, _NOTCHES]


_Acting = tuple[tuple[float, float] | None, str, Sequence[tuple[float, float]]]

_PROBE = (
    "Find where α acts: trains some seconds at several α on some of the items, and marks on the "
    "scale where most of what α does happens, and how many neighbours are kept there."
)


def alpha_at(notch: int) -> float:
    """Return α of a slider position: 0 at the left end, then three digits on two log scales."""
    if notch < _FIRST / 2:
        return 0.0
    return float(f"{10 ** np.interp(notch, _PLACES, _KNOWN):.3g}")


def notch_of(alpha: float) -> int:
    """Return the slider position nearest to α."""
    if alpha < _SMALLEST / 2:
        return 0
    return round(float(np.interp(math.log10(alpha), _KNOWN, _PLACES)))


class AlphaSliders(QWidget):
    """One slider a view.

    Signals
    -------
    changed (view, α)
        By the user; when the lock ties the views, once for each.
    probe_asked
        To look where α acts, or to stop looking.
    """

    changed = Signal(str, float)
    probe_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alpha-sliders")
        self._rows: dict[str, _Row] = {}
        self._default = 0.0  # until the method has said its own
        self._marks: tuple[Sequence[float], float | None] = ((), None)
        self._acting: _Acting = (None, "", ())
        self.scale: AlphaScale | None = None  # once there is a view
        self.lock = IconButton(
            "lock-outline",
            "Use one α for all views. Unlock to set one for each view.",
            self._lock_pressed,
            name="alpha-lock",
        )
        self._tied = True
        self.probe = IconButton(
            "chart-bell-curve", _PROBE, lambda: self.probe_asked.emit(), name="alpha-probe"
        )
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(2, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(self._grid, 1)
        beside = QVBoxLayout()
        beside.addWidget(self.lock)
        beside.addStretch(1)
        beside.addWidget(self.probe)
        row.addLayout(beside)

    def set_views(self, views: Sequence[str]) -> None:
        """Show a slider for each view; those that stay keep their α, and the lock ties new ones."""
        if list(views) == list(self._rows):
            return
        kept = self.values()
        first = next(iter(kept.values()), self._default) if self._tied else self._default
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        self._rows = {}
        for number, view in enumerate(views):
            row = _Row(view, kept.get(view, first))
            row.moved.connect(self._moved)
            for column, widget in enumerate((row.icon, row.name, row.slider, row.box)):
                self._grid.addWidget(widget, number, column)
            self._rows[view] = row
        if views:
            self.scale = AlphaScale(notch_of, _NOTCHES)
            self.scale.mark(*self._marks)
            self.scale.mark_acting(*self._acting)
            self._grid.addWidget(self.scale, len(views), 2)
        self.lock.setVisible(len(views) > 1)

    def set_default(self, alpha: float) -> None:
        """Set the α that views get when they first appear."""
        self._default = alpha

    def mark(self, rungs: Sequence[float], knee: float | None) -> None:
        """Mark below the sliders at which α a sweep has looked, and where its knee is."""
        self._marks = rungs, knee
        if self.scale is not None:
            self.scale.mark(rungs, knee)

    def show_probing(self, probing: bool) -> None:
        """Offer to look where α acts, or to stop looking."""
        self.probe.set_icon("stop" if probing else "chart-bell-curve")
        self.probe.set_tip("Stop looking where α acts." if probing else _PROBE)

    def mark_acting(
        self, span: tuple[float, float] | None, words: str, kept: Sequence[tuple[float, float]] = ()
    ) -> None:
        """Mark below the sliders between which α most happens, and what is kept; None unmarks."""
        self._acting = span, words, kept
        if self.scale is not None:
            self.scale.mark_acting(*self._acting)

    def values(self) -> dict[str, float]:
        """Return α of each view."""
        return {view: row.box.value() for view, row in self._rows.items()}

    def set_values(self, values: Mapping[str, float], *, tied: bool = True) -> None:
        """Show values without telling anybody; different ones open the lock."""
        for view, alpha in values.items():
            if view in self._rows:
                self._rows[view].show_value(alpha)
        self._tie(tied and len(set(self.values().values())) <= 1)

    def reset(self) -> None:
        """Show the default of the method in every view, with the lock closed."""
        self.set_values(dict.fromkeys(self._rows, self._default))

    def move_all(self, alpha: float) -> None:
        """Move the sliders of all views, as the user would with the lock closed."""
        for view, row in self._rows.items():
            row.show_value(alpha)
            self.changed.emit(view, alpha)

    @property
    def tied(self) -> bool:
        """Whether one α serves all views."""
        return self._tied

    def slider(self, view: str) -> Slider:
        """Return the slider of a view."""
        return self._rows[view].slider

    def _moved(self, view: str, alpha: float) -> None:
        views = list(self._rows) if self._tied else [view]
        for each in views:
            if each != view:
                self._rows[each].show_value(alpha)
            self.changed.emit(each, alpha)

    def _lock_pressed(self) -> None:
        self._tie(not self._tied)
        values = list(self.values().values())
        if self._tied and len(set(values)) > 1:
            first = next(iter(self._rows))
            self._moved(first, values[0])

    def _tie(self, tied: bool) -> None:
        self._tied = tied
        self.lock.set_icon("lock-outline" if tied else "lock-open-variant-outline")


class _Row(QObject):
    """The parts of one view's slider; they lie in the grid of their owner."""

    moved = Signal(str, float)

    def __init__(self, view: str, alpha: float) -> None:
        super().__init__()
        self._view = view
        self.icon = Icon(ICONS.get(view, "circle-small"), 17, view)
        self.name = label(view, "muted")
        self.slider = Slider()
        self.slider.setObjectName(f"alpha-{view}")
        self.slider.setAccessibleName(f"α of {view}")
        self.slider.setRange(0, _NOTCHES)
        self.slider.setPageStep(100)
        self.slider.setToolTip(
            "Weight of the geometric loss of this view. At 0 only the pairs count; larger values "
            "preserve the encoder’s neighbourhoods better. It can be moved while training."
        )
        self.box = NumberBox()
        self.box.setObjectName(f"alpha-{view}-value")
        self.box.setAccessibleName(f"α of {view}, as a number")
        self.box.setRange(0.0, LARGEST)
        self.box.setFixedWidth(78)
        self.show_value(alpha)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self.show_value(self.box.value()))
        self.box.valueChanged.connect(self._typed)

    def show_value(self, alpha: float) -> None:
        """Show a value without telling anybody."""
        for widget in (self.slider, self.box):
            widget.blockSignals(True)
        self.slider.setValue(notch_of(alpha))
        self.box.setValue(alpha)
        for widget in (self.slider, self.box):
            widget.blockSignals(False)

    def _slid(self, notch: int) -> None:
        if 0 < notch < _FIRST and not self.slider.isSliderDown():
            # a key or the wheel: at once over the gap, in the direction in which it goes
            notch = 0 if self.box.value() > 0 else _FIRST
            self.show_value(alpha_at(notch))
        self.box.blockSignals(True)
        self.box.setValue(alpha_at(notch))
        self.box.blockSignals(False)
        self.moved.emit(self._view, alpha_at(notch))

    def _typed(self, alpha: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(notch_of(alpha))
        self.slider.blockSignals(False)
        self.moved.emit(self._view, alpha)
