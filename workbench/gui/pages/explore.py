"""Explore: two linked maps, the items selected on them, and questions."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.comparing.compare_view import CompareView
from workbench.gui.comparing.switch import MapsOrCompare
from workbench.gui.exploring.answer_desk import AnswerDesk
from workbench.gui.exploring.colour_desk import ColourDesk
from workbench.gui.exploring.found_clusters import FoundClusters
from workbench.gui.exploring.inspector_panel import InspectorPanel
from workbench.gui.exploring.looking import Looking
from workbench.gui.exploring.map_grid import MapGrid, spaces_of
from workbench.gui.exploring.map_panel import MapPanel
from workbench.gui.exploring.player import Player
from workbench.gui.exploring.previews import Previews
from workbench.gui.exploring.query_bar import QueryBar
from workbench.gui.exploring.selected_shelf import SelectedShelf
from workbench.gui.exploring.selection_tools import SelectionTools
from workbench.gui.exploring.shelf import Shelf
from workbench.gui.exploring.shelf_room import ShelfRoom
from workbench.gui.exploring.used_items import UsedItems
from workbench.gui.pages.page import Page, State
from workbench.gui.session import Session
from workbench.gui.training.readiness import NO_PROJECT, Missing, encoded_views
from workbench.gui.widgets.button import IconButton
from workbench.jobs import Control, Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.stations import ItemColumns

_NOTHING_ENCODED = Missing(
    "layers-triple-outline",
    "There is nothing to see yet",
    "Maps show the embeddings of encoded items. Encode at least one modality.",
    "Encode",
    "encode",
)


class ExplorePage(Page):
    """The page on which one looks at spaces."""

    name: ClassVar[str] = "explore"
    title: ClassVar[str] = "Explore"
    icon: ClassVar[str] = "compass-outline"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.previews = Previews(self)
        self.table: ItemColumns | None = None
        self.query = QueryBar()
        self.maps = MapGrid(session, self.previews)
        self.looking = Looking(session, self)
        self.used = UsedItems(session, self)
        self.clusters = FoundClusters(session, self)
        self.colours = ColourDesk(self.looking, self.used, self.clusters)
        self.compare = CompareView(session, self.looking, self.previews)
        self.maps_or_compare = MapsOrCompare(self.maps, self.compare)
        self.inspector = InspectorPanel(session, self.looking, self.previews)
        self.answers = Shelf("Answers", self.previews, "answers", session)
        self.selected = SelectedShelf(session, self.previews, self.looking, self.used)
        self._run: str | None = None  # the run that answers
        self.player = Player(session, self)
        self.tools = SelectionTools(session, self.looking)
        self.desk = AnswerDesk(session, self.query, self.answers, self.inspector, self.maps)
        self._missing: Missing | None = None
        self._stale = self._items_changed = True

        self._stack = QStackedWidget()
        self._stack.addWidget(self._lay_out())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()
        self.refresh()

    # ---------------------------------------------------------------- layout

    def _lay_out(self) -> QWidget:
        self.answers.add_button(
            IconButton("close", "Put the answers away", self.desk.clear, name="close-answers")
        )
        self.answers.hide()
        self.selected.strip.placeholder = (
            "Click a point, draw around some with the lasso, or click a colour of the legend."
        )
        session = self.session
        self.selected.add_button(self.tools.button)
        for icon, tip, pressed, name in (
            (
                "comment-question-outline",
                "Ask with the selected items",
                self._ask_with,
                "ask",
            ),
            ("undo", "Undo the last change of the selection", session.undo_selection, "undo"),
            ("redo", "Redo", session.redo_selection, "redo"),
            ("close", "Select nothing", lambda: session.select([]), "select-nothing"),
        ):
            button = IconButton(icon, tip, pressed, name=f"selection-{name}")
            self.selected.add_button(button)
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
        self.room = ShelfRoom(self.maps_or_compare, shelves)
        column.addWidget(self.room, 1)
        self._share_height(self.selected.is_tall())
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.setChildrenCollapsible(False)
        beside.addWidget(items)
        beside.addWidget(self.inspector)
        beside.setStretchFactor(0, 1)
        beside.setSizes([1000, 345])
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.query)
        column.addWidget(beside, 1)
        return whole

    def _share_height(self, tall: bool) -> None:
        self.answers.strip.set_wrapped(tall)
        self.room.set_tall(tall)

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
        session.project_changed.connect(self._project_changed)
        session.catalogue_changed.connect(self._make_stale)
        session.runs_changed.connect(self._runs_changed)
        session.selection_changed.connect(self._show_selection)
        session.theme_changed.connect(self._apply_theme)
        for source in (self.maps, self.answers.strip, self.selected, self.inspector,
                       self.colours, self.compare):  # fmt: skip
            source.picked.connect(session.select)
        self.maps.added.connect(self._map_added)
        self.selected.heightened.connect(self._share_height)
        self.colours.recoloured.connect(self._recolour)
        self.inspector.colour_asked.connect(lambda: self.colours.choose("distortion"))
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

    def state(self) -> State:
        """Return the state for the rail."""
        return "empty" if self._missing is not None else "ready"

    def shown(self) -> None:
        """Read and draw what has changed while the page was hidden."""
        if self._stale:
            self.refresh()

    def _make_stale(self) -> None:
        self._stale = self._items_changed = True
        self.previews.clear()  # a file may have changed, or be back
        self.desk.forget()
        self.looking.forget()
        self.used.forget()
        self.clusters.forget()
        self.compare.forget()
        if self.isVisible():
            self.refresh()

    def _project_changed(self, _project: object) -> None:
        self.table = None
        self.player.stop()
        self.inspector.set_table(None)
        self.colours.set_table(None)
        self.compare.set_table(None)
        self.desk.clear()
        self.desk.set_table(None)
        for panel in self.panels:
            panel.clear()
        self._make_stale()
        if not self.isVisible():
            self._find_missing()

    def _runs_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _find_missing(self) -> list[str]:
        project = self.session.project
        views = encoded_views(project) if project else []
        self._missing = NO_PROJECT if project is None else None if views else _NOTHING_ENCODED
        self.show_missing(self._stack, self._missing)
        return views

    def refresh(self) -> None:
        """Bring the page up to date with the project."""
        views = self._find_missing()
        if self._missing is not None or not self.isVisible():
            return
        self._stale = False
        self._offer_spaces(views)
        changed = self.table is None or self._items_changed
        if changed:
            self._read_items()
        for panel in self.panels:  # a map in work goes on, unless it is of items that have changed
            panel.load(again=changed or not panel.busy)
        self._show_selection()

    def _offer_spaces(self, views: list[str]) -> None:
        project, session = self.session.project, self.session
        if project is None:
            return
        spaces, wrong = spaces_of(project, views)
        if wrong:
            session.noticed.emit("error", wrong)
        runs = [
            name.run
            for name in (SpaceName.parse(space) for _, space in spaces)
            if not name.frozen and name.alpha is None
        ]
        before, self._run = self._run, None
        if runs:
            self._run = session.current_run if session.current_run in runs else runs[0]
        known = {space for _, space in spaces}
        joint = str(SpaceName(self._run)) if self._run else views[-1]
        for panel in self.panels:
            wanted = panel.space()
            if wanted not in known and panel is self.left:
                wanted = views[0]
            elif wanted not in known or wanted == str(SpaceName(before or "")):
                wanted = joint
            panel.offer_spaces(spaces, wanted)
        self.desk.set_run(self._run, runs)
        self.query.set_run(self._run, self._views_of_run(views))
        self.used.forget()
        self.looking.set_run(self._run)
        self.colours.set_runs(runs)
        self.compare.set_spaces(spaces, self._run)
        self.inspector.refresh()

    def _views_of_run(self, views: list[str]) -> list[str]:
        project = self.session.project
        if project is None or self._run is None:
            return []
        try:
            encoders = project.run(self._run).recipe().encoders
        except WorkbenchError:
            return views
        return [view for view in words.PLURAL if view in encoders]

    def _read_items(self) -> None:
        project = self.session.project
        if project is None:
            return

        def make_job(_control: Control) -> "Job[ItemColumns]":
            from workbench.stations import ItemColumns

            yield Progress(0, 0, "Reading the catalogue")
            return ItemColumns.read(project)

        def take(table: "ItemColumns") -> None:
            if project is self.session.project:
                self._take_table(table)

        self._items_changed = False
        self.session.start("Reading the catalogue", make_job, on_result=take, quiet=True)

    def _take_table(self, table: "ItemColumns") -> None:
        self.table = table
        self.inspector.set_table(table)
        for panel in self.panels:
            panel.set_table(table)
        self.colours.set_table(table)
        self.compare.set_table(table)
        self.desk.set_table(table)
        self._show_selection()

    def _ask_with(self) -> None:
        self.desk.ask_with(self.session.selection)

    def _recolour(self) -> None:
        for panel in self.panels:
            panel.set_colouring(self.colours.colouring)
        self.compare.set_colouring(self.colours.colouring)

    def _map_added(self, panel: MapPanel) -> None:
        self._let_space_play(panel.view.canvas)
        if self.table is not None:
            panel.set_table(self.table)
        panel.set_colouring(self.colours.colouring)
        panel.set_highlights(self.answers.strip.items.ids)

    def _apply_theme(self) -> None:
        self.query.apply_theme()
        self.tools.apply_theme()
        for panel in self.panels:
            panel.apply_theme()

    def play(self) -> None:
        """Play the first recording that is selected, or stop."""
        ids = self.session.selection[:1000].tolist()  # not to look through a million pictures
        items = [self.table.item(each) for each in ids] if self.table is not None else []
        sounds = (item for item in items if item is not None and item.modality == "speech")
        self.player.toggle(next(sounds, None))

    def _show_playing(self, playing: int | None) -> None:
        sound = self.inspector.item.sound
        sound.set_playing(sound.item is not None and sound.item.id == playing)

    # ---------------------------------------------------------------- selection

    def _show_selection(self) -> None:
        ids = self.session.selection
        for panel in self.panels:
            panel.show_selection()
        self.inspector.show_selection()
        self.selected.show_selection(self.table, ids)
        if not len(ids) or self.table is None:
            self.selected.words.setText("nothing yet")
            return
        counts = self.table.count(ids)
        self.selected.words.setText(
            words.listed([words.items(count, modality) for modality, count in counts.items()])
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        self.player.stop()
        self.previews.finish()
        super().closeEvent(event)
