"""One to four maps beside each other, or in windows of their own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.gui.exploring.maps.floating_map import FloatingMap
from workbench.gui.exploring.maps.map_panel import MapPanel
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.map_layout import MOST_MAPS, MapChoice, MapLayout
from workbench.gui.items.previews import Previews
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.stations import Map

_AT_FIRST = 2
_NAMES = ("left", "right", "third", "fourth")
_IN_A_ROW = 3  # four are two and two


class MapGrid(QWidget):
    """Map panels, which come and go by the buttons in their heads.

    Every project has maps of its own, which are kept for it as soon as somebody has chosen any.

    Signals
    -------
    added (panel)

    Attributes
    ----------
    splitters : dict of str to QSplitter
        Those that can be dragged, by name.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    added = Signal(object)

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("maps")
        self._state, self._previews = state, previews
        self._run: str | None = None  # whose space is shown where nothing else is chosen
        self._laid_out = False  # whether there are the maps of the open project
        self._items_changed = True  # since maps were asked for
        self._panels: list[MapPanel] = []
        self._windows: dict[MapPanel, FloatingMap] = {}
        self._shared_by = (0, 0)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._lines = [QSplitter(Qt.Orientation.Horizontal) for _ in range(2)]
        self.splitters = {"maps": self._rows, "maps-1": self._lines[0], "maps-2": self._lines[1]}
        self._rows.setChildrenCollapsible(False)
        for line in self._lines:
            line.setChildrenCollapsible(False)
            self._rows.addWidget(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ScrollingSheet(self._rows, beside=0))
        for number in range(_AT_FIRST):
            self._insert(number)
        self._arrange()
        state.items_changed.connect(self._leave_project)
        state.forgotten.connect(self._forget)
        state.spaces_changed.connect(self._offer_spaces)
        state.query.shown_maps = lambda: [
            panel.shown_map for panel in self._panels if panel.shown_map is not None
        ]

    @property
    def panels(self) -> tuple[MapPanel, ...]:
        """The panels, from left to right and down."""
        return tuple(self._panels)

    def add(self, beside: MapPanel | None = None) -> MapPanel | None:
        """Add a panel that shows what another does, after it; the last by default.

        Returns
        -------
        MapPanel or None
            None when there are as many as can be.
        """
        if len(self._panels) >= MOST_MAPS:
            return None
        beside = self._panels[-1] if beside is None else beside
        panel = self._insert(self._panels.index(beside) + 1)
        panel.copy_choices(beside)
        self._arrange()
        self.added.emit(panel)
        panel.load()
        self._keep()
        return panel

    def remove(self, panel: MapPanel) -> None:
        """Remove a panel, but never the last one."""
        if len(self._panels) >= 2 and panel in self._panels:
            self._drop(panel)
            self._keep()

    def _drop(self, panel: MapPanel) -> None:
        self._panels.remove(panel)
        self._take_in(panel)
        panel.clear()
        panel.hide()
        panel.setParent(None)
        panel.deleteLater()
        if len(self._windows) == len(self._panels):  # one stays here
            self._take_in(self._panels[0])
        self._arrange()

    def float_out(self, panel: MapPanel) -> None:
        """Put a panel into a window of its own, but never the last one here."""
        if panel in self._windows or len(self._windows) + 1 >= len(self._panels):
            return
        window = FloatingMap(panel, self._state.session, self)
        window.closed.connect(lambda: self.dock(panel))
        self._windows[panel] = window
        self._arrange()
        window.show()

    def dock(self, panel: MapPanel) -> None:
        """Bring a panel back from its window."""
        self._take_in(panel)
        self._arrange()

    def _take_in(self, panel: MapPanel) -> None:
        window = self._windows.pop(panel, None)
        if window is not None:
            panel.setParent(self)
            window.hide()
            window.deleteLater()

    def _insert(self, place: int) -> MapPanel:
        used = {panel.objectName() for panel in self._panels}
        name = next(name for name in _NAMES if name not in used)
        panel = MapPanel(self._state, self._previews, name)
        panel.rechosen.connect(self._keep)
        panel.add_asked.connect(lambda: self.add(panel))
        panel.float_asked.connect(lambda: self.float_out(panel))
        panel.remove_asked.connect(lambda: self.remove(panel))
        panel.set_others(lambda: self._maps_before(panel))
        self._panels.insert(place, panel)
        return panel

    # ---------------------------------------------------------------- of the open project

    def _leave_project(self) -> None:
        if self._state.table is not None:
            return
        self._laid_out, self._run = False, None
        for panel in self._panels:
            panel.clear()

    def _forget(self) -> None:
        self._items_changed = True

    def _offer_spaces(self) -> None:
        """Offer the spaces there are, and show the maps of this project."""
        state, kept = self._state, self._kept()
        wanted: Sequence[str | None]
        if self._laid_out:
            wanted = [panel.space() for panel in self._panels]
        else:
            self._laid_out = True
            wanted = self._lay_out(kept)
        known = {space for _, space in state.spaces}
        joint = str(SpaceName(state.run)) if state.run else state.views[-1]
        for number, (panel, space) in enumerate(zip(self._panels, wanted, strict=True)):
            follows = space == str(SpaceName(self._run or ""))
            usual = state.views[0] if number == 0 else joint
            panel.offer_spaces(
                state.spaces, usual if space not in known else joint if follows else space
            )
        self._run = state.run
        if kept.maps:  # a map that follows the run is kept as it is now
            self._keep()
        for panel in self._panels:  # a map in work goes on, unless it is of items that have changed
            panel.load(again=self._items_changed or not panel.busy)
        self._items_changed = False

    def _lay_out(self, layout: MapLayout) -> list[str]:
        """Have the maps that were kept, or two as at first; return of which spaces they are."""
        maps = layout.maps or (MapChoice(),) * _AT_FIRST
        while len(self._panels) > len(maps):
            self._drop(self._panels[-1])
        while len(self._panels) < len(maps):
            self.added.emit(self._insert(len(self._panels)))
        self._arrange()
        for panel, choice in zip(self._panels, maps, strict=True):
            panel.choices.take(choice)
        return [choice.space for choice in maps]

    def _kept(self) -> MapLayout:
        project = self._state.session.project
        return MapLayout() if project is None else self._state.layouts.of(project.root)

    def _keep(self) -> None:
        """Keep the maps for this project: somebody has chosen them."""
        project = self._state.session.project
        layout = MapLayout(maps=tuple(panel.choices.choice() for panel in self._panels))
        if project is not None and self._laid_out and layout != self._kept():
            self._state.layouts.keep(project.root, layout)

    def _maps_before(self, panel: MapPanel) -> "list[Map]":
        """Return the maps of the panels before one: each map is like an earlier one, not both."""
        panels = list(self._panels)
        before = panels[: panels.index(panel)] if panel in panels else []
        return [each.made_map for each in before if each.made_map is not None]

    def _arrange(self) -> None:
        here = [panel for panel in self._panels if panel not in self._windows]
        first = len(here) if len(here) <= _IN_A_ROW else (len(here) + 1) // 2
        for line, panels in zip(self._lines, (here[:first], here[first:]), strict=True):
            for place, panel in enumerate(panels):
                line.insertWidget(place, panel)
                panel.show()
            line.setVisible(bool(panels))
        shared_by = (first, len(here) - first)
        if shared_by != self._shared_by:  # else they stay as they were dragged
            self._shared_by = shared_by
            for line, count in zip(self._lines, shared_by, strict=True):
                line.setSizes([1000] * count)
            self._rows.setSizes([1000, 1000])
        room, several = len(self._panels) < MOST_MAPS, len(here) > 1
        for panel in here:
            panel.set_places(add=room, leave=several, remove=several)
        for panel in self._windows:
            panel.set_places(add=room, leave=False, remove=True)
