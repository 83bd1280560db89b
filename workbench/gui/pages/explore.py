"""Explore: two linked maps, the items selected on them, and questions."""

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.exploring.items import ItemTable
from workbench.gui.exploring.map_panel import MapPanel
from workbench.gui.exploring.previews import Previews
from workbench.gui.exploring.query_bar import Asked, QueryBar
from workbench.gui.exploring.shelf import Shelf
from workbench.gui.pages.page import Page, State
from workbench.gui.session import Session
from workbench.gui.training.readiness import NO_PROJECT, Missing, encoded_views
from workbench.gui.widgets.button import IconButton
from workbench.jobs import Control, Event, Job, Progress

if TYPE_CHECKING:
    from workbench.stations import Answer, Searcher

_RUN = "run:"
_ANSWERS = 20
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
        self.table: ItemTable | None = None
        self.query = QueryBar()
        self.left = MapPanel(session, self.previews, "left")
        self.right = MapPanel(session, self.previews, "right")
        self.panels = (self.left, self.right)
        self.answers = Shelf("Answers", self.previews, "answers")
        self.selected = Shelf("Selected", self.previews, "selected")
        self._searcher: Searcher | None = None
        self._run: str | None = None  # the run that answers
        self._missing: Missing | None = None
        self._stale = True
        self._asking = 0

        self._stack = QStackedWidget()
        self._stack.addWidget(self._lay_out())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()
        self.refresh()

    # ---------------------------------------------------------------- layout

    def _lay_out(self) -> QWidget:
        maps = QSplitter(Qt.Orientation.Horizontal)
        maps.setChildrenCollapsible(False)
        for panel in self.panels:
            maps.addWidget(panel)
        maps.setSizes([1000, 1000])
        self.answers.add_button(
            IconButton("close", "Put the answers away", self.clear_answers, name="close-answers")
        )
        self.answers.hide()
        self.selected.strip.placeholder = (
            "Click a point, draw around some with the lasso, or click a colour of the legend."
        )
        session = self.session
        for icon, tip, pressed, name in (
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
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.query)
        column.addWidget(maps, 1)
        column.addWidget(shelves)
        return whole

    def _connect(self) -> None:
        session = self.session
        session.project_changed.connect(self._project_changed)
        session.catalogue_changed.connect(self._make_stale)
        session.runs_changed.connect(self._runs_changed)
        session.selection_changed.connect(self._show_selection)
        session.theme_changed.connect(self._apply_theme)
        self.query.asked.connect(self.ask)
        for source in (self.left, self.right, self.answers.strip, self.selected.strip):
            source.picked.connect(session.select)
        for keys, action in (
            (QKeySequence.StandardKey.Undo, session.undo_selection),
            (QKeySequence.StandardKey.Redo, session.redo_selection),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # ---------------------------------------------------------------- state

    def state(self) -> State:
        """Return the state for the rail."""
        return "empty" if self._missing is not None else "ready"

    def shown(self) -> None:
        """Read and draw what has changed while the page was hidden."""
        if self._stale:
            self.refresh()

    def _make_stale(self) -> None:
        self._stale = True
        self._searcher = None
        if self.isVisible():
            self.refresh()

    def _project_changed(self, _project: object) -> None:
        self.table = None
        self.previews.clear()
        self.clear_answers()
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
        self._read_items()
        self._show_selection()

    def _offer_spaces(self, views: list[str]) -> None:
        project, session = self.session.project, self.session
        if project is None:
            return
        try:
            runs = [run.name for run in reversed(project.runs()) if run.has_heads()]
        except WorkbenchError as error:
            session.noticed.emit("error", str(error))
            runs = []
        before, self._run = self._run, None
        if runs:
            self._run = session.current_run if session.current_run in runs else runs[0]
        spaces = [(f"{words.PLURAL[view].capitalize()}, frozen encoder", view) for view in views]
        spaces += [(f"Joint space of {name}", _RUN + name) for name in runs]
        known = {space for _, space in spaces}
        first = [views[0], _RUN + self._run if self._run else views[-1]]
        for panel, default in zip(self.panels, first, strict=True):
            wanted = panel.space()
            if wanted not in known or wanted == _RUN + (before or ""):
                wanted = default if wanted is None or not self._run else _RUN + self._run
            panel.offer_spaces(spaces, wanted)
        if self._run != before:
            self._searcher = None
            self.clear_answers()
        self.query.set_run(self._run, self._views_of_run(views))

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

        def make_job(_control: Control) -> Job[ItemTable]:
            yield Progress(0, 0, "Reading the catalogue")
            return ItemTable.read(project)

        def take(table: ItemTable) -> None:
            if project is self.session.project:
                self._take_table(table)

        self.session.start("Reading the catalogue", make_job, on_result=take, quiet=True)
        for panel in self.panels:
            panel.load(again=True)

    def _take_table(self, table: ItemTable) -> None:
        self.table = table
        for panel in self.panels:
            panel.set_table(table)
        self._show_selection()

    def _apply_theme(self) -> None:
        self.query.apply_theme()
        for panel in self.panels:
            panel.apply_theme()

    # ---------------------------------------------------------------- selection

    def _show_selection(self) -> None:
        ids = self.session.selection
        for panel in self.panels:
            panel.show_selection()
        self.selected.strip.items.show(self.table, ids)
        if not len(ids) or self.table is None:
            self.selected.words.setText("nothing yet")
            return
        counts = self.table.count(ids)
        self.selected.words.setText(
            words.listed([words.items(count, modality) for modality, count in counts.items()])
        )

    # ---------------------------------------------------------------- questions

    def ask(self, asked: Asked) -> None:
        """Ask the current run; the answers appear when they are found."""
        project, run = self.session.project, self._run
        if project is None or run is None:
            return
        self._asking += 1
        number, kept = self._asking, self._searcher
        self.query.set_busy(True)
        self.answers.show()
        self.answers.words.setText("Asking…")

        def make_job(control: Control) -> Job[Any]:
            from workbench.stations import Question, Searcher, query

            if asked.path is None:
                question = Question(text=asked.text)
            elif asked.modality == "image":
                question = Question(image=asked.path)
            else:
                question = Question(speech=asked.path)
            searcher = kept or Searcher(project, run)
            answers = yield from query(
                project, run, question, to=asked.to, top=_ANSWERS,  # type: ignore[arg-type]
                searcher=searcher, control=control,
            )  # fmt: skip
            return searcher, answers

        def hear(event: Event) -> None:
            if isinstance(event, Progress) and number == self._asking:
                self.answers.words.setText(f"{event.message}…")

        def take(found: tuple[Any, list[Any]]) -> None:
            self.query.set_busy(False)
            if number == self._asking and run == self._run:
                self._searcher = found[0]
                self._show_answers(asked, found[1])

        def fail(sentence: str) -> None:
            self.query.set_busy(False)
            self.clear_answers()
            self.answers.show()
            self.answers.words.setText(sentence)

        self.session.start(
            "Answering", make_job, on_event=hear, on_result=take, on_error=fail, quiet=True
        )

    def _show_answers(self, asked: Asked, answers: "list[Answer]") -> None:
        ids = np.array([answer.item.id for answer in answers], np.int64)
        self.answers.strip.items.show(self.table, ids, [answer.score for answer in answers])
        self.answers.strip.scrollToTop()
        what = f"“{asked.text}”" if asked.path is None else asked.path.name
        self.answers.words.setText(f"to {what}" if answers else f"Nothing was found for {what}.")
        for panel in self.panels:
            panel.set_highlights(ids)

    def clear_answers(self) -> None:
        """Put the answers away."""
        self._asking += 1
        empty = np.zeros(0, np.int64)
        self.answers.strip.items.show(self.table, empty, [])
        self.answers.hide()
        for panel in self.panels:
            panel.set_highlights(empty)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.previews.finish()
        super().closeEvent(event)
