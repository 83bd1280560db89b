"""Explore: two linked maps, the items selected on them, and questions."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.comparing.compare_view import CompareView
from workbench.gui.comparing.switch import MapsOrCompare
from workbench.gui.exploring.colours.colour_choice import ColourBox
from workbench.gui.exploring.inspector.inspector_panel import InspectorPanel
from workbench.gui.exploring.maps.map_grid import MapGrid
from workbench.gui.exploring.maps.map_panel import MapPanel
from workbench.gui.exploring.query.query_bar import QueryBar
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.tray.answers_tray import AnswersTray
from workbench.gui.exploring.tray.selected_tray import SelectedTray
from workbench.gui.exploring.tray.selection_tools import SelectionTools
from workbench.gui.exploring.tray.tray_room import TrayRoom
from workbench.gui.items.previews import Previews
from workbench.gui.pages.page import Page
from workbench.gui.session import Session
from workbench.gui.sounds.player import Player
from workbench.gui.state.kept_sizes import KeptSizes
from workbench.gui.widgets.button import IconButton

if TYPE_CHECKING:
    from workbench.stations import ItemColumns


class ExplorePage(Page):
    """The page on which one looks at spaces."""

    name: ClassVar[str] = "explore"
    title: ClassVar[str] = "Explore"
    icon: ClassVar[str] = "compass-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.explored = state = ExploreState(session, self)
        self.previews = Previews(self)
        self.query = QueryBar(session, state.query)
        self.maps = MapGrid(state, self.previews)
        self.colours = ColourBox(state)
        self.compare = CompareView(state, self.previews)
        self.maps_or_compare = MapsOrCompare(self.maps, self.compare)
        self.inspector = InspectorPanel(state, self.previews)
        self.answers = AnswersTray(state, self.previews)
        self.selected = SelectedTray(state, self.previews)
        self.player = Player(session, self)
        self.tools = SelectionTools(session, state.looking)

        self._selecting: dict[str, IconButton] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._lay_out())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()
        self.refresh()

    # ---------------------------------------------------------------- layout

    def _lay_out(self) -> QWidget:
        session = self.session
        self.selected.add_button(self.tools.button)
        for icon, tip, pressed, name in (
            (
                "comment-question-outline",
                "Ask with the selected items",
                lambda: self.explored.ask_with(session.selection),
                "ask",
            ),
            ("undo", "Undo the last change of the selection", session.undo_selection, "undo"),
            ("redo", "Redo", session.redo_selection, "redo"),
            ("close", "Select nothing", lambda: session.select([]), "select-nothing"),
        ):
            self._selecting[name] = IconButton(icon, tip, pressed, name=f"selection-{name}")
            self.selected.add_button(self._selecting[name])
        history = session.selection_history
        for name, can, changed in (
            ("undo", history.canUndo(), history.canUndoChanged),
            ("redo", history.canRedo(), history.canRedoChanged),
        ):
            self._selecting[name].setEnabled(can)
            changed.connect(self._selecting[name].setEnabled)
        self._show_what_can_be_done()
        shelves = QSplitter(Qt.Orientation.Horizontal)
        shelves.setChildrenCollapsible(False)
        shelves.addWidget(self.answers)
        shelves.addWidget(self.selected)
        shelves.setSizes([1000, 1000])
        items = QWidget()
        column = QVBoxLayout(items)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.maps_or_compare.buttons)
        above.addWidget(self.colours, 1)
        above.addWidget(self.tools.search)
        column.addLayout(above)
        self.room = TrayRoom(self.maps_or_compare, shelves)
        column.addWidget(self.room, 1)
        self._share_height(self.selected.is_tall())
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.setChildrenCollapsible(False)
        beside.addWidget(items)
        beside.addWidget(self.inspector)
        beside.setStretchFactor(0, 1)
        beside.setSizes([1000, 345])
        self._keep_sizes(beside, shelves)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.query)
        column.addWidget(beside, 1)
        return whole

    def _show_what_can_be_done(self) -> None:
        for name in ("ask", "select-nothing"):
            self._selecting[name].setEnabled(len(self.session.selection) > 0)

    def _keep_sizes(self, beside: QSplitter, shelves: QSplitter) -> None:
        kept = KeptSizes(self.session, self)
        kept.follow(
            "explore", {"inspector": beside, "shelves": shelves, "compare": self.compare.beside}
        )
        kept.follow("explore", self.maps.splitters)
        tables = {"items": self.selected.table.view, "groups": self.compare.side.groups.table}
        kept.follow("explore", {name: each.horizontalHeader() for name, each in tables.items()})

    def _share_height(self, tall: bool) -> None:
        self.answers.strip.set_wrapped(tall)
        self.room.set_tall(tall)

    @property
    def table(self) -> "ItemColumns | None":
        """The items; None until they are read."""
        return self.explored.table

    @property
    def panels(self) -> tuple[MapPanel, ...]:
        """The maps, from left to right."""
        return self.maps.panels

    @property
    def left(self) -> MapPanel:
        """The first map."""
        return self.panels[0]

    @property
    def right(self) -> MapPanel:
        """The last map."""
        return self.panels[-1]

    def _connect(self) -> None:
        session = self.session
        session.project_changed.connect(self._change_project)
        session.selection_changed.connect(self._show_what_can_be_done)
        session.catalogue_changed.connect(self.previews.clear)  # a file may be another, or be back
        self.explored.outdated.connect(self._refresh_if_seen)
        self.maps.added.connect(lambda panel: self._let_space_play(panel.view.canvas))
        self.selected.heightened.connect(self._share_height)
        self.inspector.item.sound.play_asked.connect(self.play)
        self.player.changed.connect(self._show_playing)
        for widget in (self.answers.strip, self.selected.strip, self.selected.table.view):
            self._let_space_play(widget)
        for panel in self.panels:
            self._let_space_play(panel.view.canvas)

    def _let_space_play(self, widget: QWidget) -> None:
        # not on the whole page, where the space bar presses buttons and parts words
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_Space), widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.play)

    # ---------------------------------------------------------------- state

    def shown(self) -> None:
        """Read and draw what has changed while the page was hidden."""
        if self.explored.is_outdated:
            self.refresh()

    def _change_project(self, _project: object) -> None:
        self.player.stop()
        self.previews.clear()
        if not self.isVisible():
            self.show_missing(self._stack)

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Bring the page up to date with the project, if it is seen."""
        if self.show_missing(self._stack) is None and self.isVisible():
            self.explored.refresh()

    def play(self) -> None:
        """Play the first recording that is selected, or stop."""
        ids = self.session.selection[:1000]  # not to look through a million pictures
        sounds = (item for item in self.explored.items(ids) if item.modality == "speech")
        self.player.toggle(next(sounds, None))

    def _show_playing(self, playing: int | None) -> None:
        sound = self.inspector.item.sound
        sound.set_playing(sound.item is not None and sound.item.id == playing)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.player.stop()
        self.previews.finish()
        super().closeEvent(event)
