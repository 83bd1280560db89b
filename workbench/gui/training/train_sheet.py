"""Where the parts of the Train page stand."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from workbench.gui.training.curves.curve_view import CurveView
from workbench.gui.training.felt.two_numbers import TwoNumbers
from workbench.gui.training.form.alpha_slider import AlphaSliders
from workbench.gui.training.live_map.live_map import LiveMap
from workbench.gui.training.live_map.map_and_rank import MapAndRank
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import label

_LOWEST_CURVES, _LOWEST_RUNS = 290, 176  # pixels: in a lower window the page scrolls
_WIDE = 640  # of the card of α, from where on its numbers stand beside the sliders


class TrainSheet(QWidget):
    """Settings at the left; at the right α, curves and map, and below them the runs.

    Attributes
    ----------
    alpha_card : Card
    map_and_rank : MapAndRank
    splitters : dict of str to QSplitter
        Those that can be dragged, by name.

    Parameters
    ----------
    setup, notices : QWidget
    alpha : AlphaSliders
    numbers : TwoNumbers
        Beside the sliders, or above them where there is little room.
    curves : CurveView
    live_map : LiveMap
    runs_card, results_card : Card
    """

    def __init__(
        self, *, setup: QWidget, alpha: AlphaSliders, numbers: TwoNumbers, curves: CurveView,
        live_map: LiveMap, notices: QWidget, runs_card: Card, results_card: Card,
    ) -> None:  # fmt: skip
        super().__init__()
        setup.setFixedWidth(300)
        self.alpha_card = _AlphaCard(alpha, numbers)
        self.map_and_rank = MapAndRank(live_map, curves.panel.spread)
        curves_card = Card()
        with_map = _Curves(curves, self.map_and_rank)
        with_map.setMinimumHeight(_LOWEST_CURVES)
        curves_card.body.addWidget(with_map, 1)
        curves_card.body.addWidget(notices)
        _tighten(curves_card, 12, 10, 12, 10)

        for card in (runs_card, results_card):
            _tighten(card, 14, 11, 14, 12)
        bottom = _splitter(Qt.Orientation.Horizontal, runs_card, results_card)
        bottom.setStretchFactor(0, 1)
        bottom.setSizes([424, 306])  # with room for the time that each run took
        results_card.setMinimumWidth(236)

        upper = QWidget()
        upper_column = QVBoxLayout(upper)
        upper_column.setContentsMargins(0, 0, 0, 0)
        upper_column.setSpacing(10)
        upper_column.addWidget(self.alpha_card)
        upper_column.addWidget(curves_card, 1)
        right = _splitter(Qt.Orientation.Vertical, upper, bottom)
        right.setStretchFactor(0, 3)
        right.setStretchFactor(1, 1)
        right.setSizes([540, 196])
        bottom.setMinimumHeight(_LOWEST_RUNS)
        self.splitters = {"curves": curves.panel.splitter, "bottom": bottom, "rows": right}

        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(12)
        row.addWidget(setup)
        row.addWidget(ScrollingSheet(right, beside=0), 1)


class _Curves(QWidget):
    """Curves with the map as their last column, or a sentence in their place and the map beside."""

    def __init__(self, curves: CurveView, last: MapAndRank) -> None:
        super().__init__()
        self._curves, self._last, self._plots = curves, last, curves.panel.splitter
        self._beside = QVBoxLayout()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(curves, 3)
        self._row.addLayout(self._beside, 0)
        curves.currentChanged.connect(lambda _: self._arrange())
        self._arrange()

    def _arrange(self) -> None:
        has_curves = self._curves.currentWidget() is self._curves.panel
        if has_curves:
            self._beside.removeWidget(self._last)
            self._plots.addWidget(self._last)
            self._plots.setSizes([780, 760, 780])
        else:
            self._beside.addWidget(self._last)
        # as wide as its hidden page wants to be, it would leave no room
        self._curves.setMinimumWidth(0 if has_curves else 200)
        self._row.setStretch(1, 0 if has_curves else 2)
        self._last.set_has_rank(has_curves)


class _AlphaCard(Card):
    """The sliders, and what their α gives and costs."""

    def __init__(self, alpha: AlphaSliders, numbers: TwoNumbers) -> None:
        super().__init__()
        self.setAccessibleName("α")
        self._alpha, self._numbers = alpha, numbers
        self._title = QWidget()
        title = QHBoxLayout(self._title)
        title.setContentsMargins(0, 0, 0, 0)
        title.addWidget(label("α", "heading"))
        self._words = label("weight of each encoder’s own geometry", "muted")
        title.addWidget(self._words, 1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(4)
        self.body.addLayout(self._grid)
        _tighten(self, 16, 11, 12, 8)
        self._arrange(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() >= _WIDE)

    def _arrange(self, wide: bool) -> None:
        """Put the numbers beside title and sliders, or beside the title alone."""
        for widget in (self._title, self._alpha, self._numbers):
            self._grid.removeWidget(widget)
        self._grid.addWidget(self._title, 0, 0)
        self._grid.addWidget(self._numbers, 0, 1, 2 if wide else 1, 1)
        self._grid.addWidget(self._alpha, 1, 0, 1, 1 if wide else 2)
        self._numbers.arrange(stacked=wide)
        self._words.setVisible(wide)


def _splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter


def _tighten(card: Card, *margins: int) -> None:
    """Give a card on this full page less air than one on a sheet."""
    layout = card.layout()
    if layout is not None:
        layout.setContentsMargins(*margins)
        layout.setSpacing(7)
