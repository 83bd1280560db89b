"""One to four maps beside each other, or in windows of their own."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.exploring.floating_map import FloatingMap
from workbench.gui.exploring.map_panel import MapPanel
from workbench.gui.exploring.previews import Previews
from workbench.gui.session import Session
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import Map

MOST_MAPS = 4
_NAMES = ("left", "right", "third", "fourth")
_IN_A_ROW = 3  # four are two and two


class MapGrid(QWidget):
    """Map panels, which come and go by the buttons in their heads.

    Signals
    -------
    picked (ids, mode)
        On any of the maps.
    added (panel)
        A panel that offers and chooses what the one beside it does, but has no table yet: give it
        one, and the highlights there are.

    Parameters
    ----------
    session : Session
    previews : Previews
    count : int
        How many there are at first.
    """

    picked = Signal(object, str)
    added = Signal(object)

    def __init__(self, session: Session, previews: Previews, count: int = 2) -> None:
        super().__init__()
        self.setObjectName("maps")
        self._session, self._previews = session, previews
        self._panels: list[MapPanel] = []
        self._windows: dict[MapPanel, FloatingMap] = {}
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._lines = [QSplitter(Qt.Orientation.Horizontal) for _ in range(2)]
        self._rows.setChildrenCollapsible(False)
        for line in self._lines:
            line.setChildrenCollapsible(False)
            self._rows.addWidget(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._rows)
        for number in range(max(1, min(count, MOST_MAPS))):
            self._insert(number)
        self._arrange()

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
        return panel

    def remove(self, panel: MapPanel) -> None:
        """Remove a panel, but never the last one."""
        if len(self._panels) < 2 or panel not in self._panels:
            return
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
        window = FloatingMap(panel, self._session, self)
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

    def set_count(self, count: int) -> None:
        """Add or remove panels at the end until there are so many, from one to four."""
        count = max(1, min(count, MOST_MAPS))
        while len(self._panels) < count:
            self.add()
        while len(self._panels) > count:
            self.remove(self._panels[-1])

    def _insert(self, place: int) -> MapPanel:
        used = {panel.objectName() for panel in self._panels}
        name = next(name for name in _NAMES if name not in used)
        panel = MapPanel(self._session, self._previews, name)
        panel.picked.connect(self.picked)
        panel.add_asked.connect(lambda: self.add(panel))
        panel.float_asked.connect(lambda: self.float_out(panel))
        panel.remove_asked.connect(lambda: self.remove(panel))
        panel.set_others(lambda: self._maps_before(panel))
        self._panels.insert(place, panel)
        return panel

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
            line.setSizes([1000] * len(panels))
        self._rows.setSizes([1000, 1000])
        room, several = len(self._panels) < MOST_MAPS, len(here) > 1
        for panel in here:
            panel.set_places(add=room, leave=several, remove=several)
        for panel in self._windows:
            panel.set_places(add=room, leave=False, remove=True)


def spaces_of(project: "Project", views: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Return the spaces of a project, as (words, name), and what went wrong; see `list_spaces`.

    Parameters
    ----------
    project : Project
    views : list of str
        The modalities that are encoded.
    """
    from workbench.stations import list_spaces

    spaces, wrong = list_spaces(project, views)
    return [(space_in_words(space), str(space)) for space in spaces], wrong


def space_in_words(space: SpaceName) -> str:
    """Return what a space is called where one is chosen."""
    if space.view is not None:
        return f"{words.PLURAL[space.view].capitalize()}, frozen encoder"
    if space.frozen:
        return f"Frozen spaces of {space.run}"
    at = "" if space.alpha is None else f", α = {space.alpha:g}"
    return f"Joint space of {space.run}{at}"
