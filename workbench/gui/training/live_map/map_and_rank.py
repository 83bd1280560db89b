"""The last column of the curves: the live map and the directions in use, by turns or together."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from workbench.gui.points.legend import FlowLayout
from workbench.gui.training.live_map.live_map import LiveMap
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.text import label

_WIDE_ENOUGH_FOR_BOTH = 540


class MapAndRank(QWidget):
    """The map, and the plot of the effective rank where it is wanted or there is room for it.

    Parameters
    ----------
    live_map : LiveMap
    rank : QWidget
    """

    def __init__(self, live_map: LiveMap, rank: QWidget) -> None:
        super().__init__()
        self.setObjectName("map-and-rank")
        self._map, self._rank = live_map, rank
        self._has_rank, self._both = True, False
        self._tabs = QButtonGroup(self)
        head_line = QWidget()
        head = FlowLayout(head_line, spacing=2)  # on two lines rather than with words cut
        head.setContentsMargins(4, 0, 0, 0)
        self.map_tab = self._tab("Map", "map-tab", "Some pairs in the shared space")
        self.rank_tab = self._tab(
            "Rank",
            "rank-tab",
            "Effective rank of the batch: the number of directions in which it spreads",
        )
        self.map_tab.setChecked(True)
        self._title = label("Shared space", "heading")
        for widget in (self._title, self.map_tab, self.rank_tab):
            head.addWidget(widget)
        head.addWidget(live_map.colours)
        self._tabs.buttonToggled.connect(lambda *_: self._arrange())

        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.addWidget(head_line, 0, 0)
        self._grid.addWidget(live_map, 1, 0)
        self._grid.addWidget(rank, 1, 0)
        self._grid.setRowStretch(1, 1)
        self._grid.setColumnStretch(0, 3)
        self.setMinimumWidth(168)
        self._arrange()

    def _tab(self, words: str, name: str, tip: str) -> Button:
        tab = Button(words, kind="segment", name=name, tip=tip)
        tab.setCheckable(True)
        self._tabs.addButton(tab)
        return tab

    def sizeHint(self) -> QSize:
        return QSize(260, 220)

    def set_has_rank(self, has_rank: bool) -> None:
        """Say whether there are curves: a method that is solved at once has none."""
        self._has_rank = has_rank
        if not has_rank:
            self.map_tab.setChecked(True)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        both = self._has_rank and self.width() >= _WIDE_ENOUGH_FOR_BOTH
        if both != self._both:
            self._both = both
            self._grid.removeWidget(self._rank)
            if both:
                self._grid.addWidget(self._rank, 0, 1, 2, 1)
            else:
                self._grid.addWidget(self._rank, 1, 0)
            self._grid.setColumnStretch(1, 2 if both else 0)
        rank = self._has_rank and (both or self.rank_tab.isChecked())
        tabs = self._has_rank and not both
        for widget, seen in (
            (self._title, not tabs),
            (self.map_tab, tabs),
            (self.rank_tab, tabs),
            (self._map, both or not rank),
            (self._map.colours, both or not rank),
            (self._rank, rank),
        ):
            widget.setVisible(seen)
