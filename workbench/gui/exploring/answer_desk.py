"""Where a question goes, and where its answers are shown: shelf, inspector and maps."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from workbench.gui.exploring.asked import Asked
from workbench.gui.exploring.asking import Answered, Asking
from workbench.gui.exploring.index_making import IndexMaking
from workbench.gui.exploring.inspector_panel import InspectorPanel
from workbench.gui.exploring.items import Ids
from workbench.gui.exploring.map_grid import MapGrid
from workbench.gui.exploring.query_bar import QueryBar
from workbench.gui.exploring.shelf import Shelf
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, Map

_MOST_ITEMS = 8  # to ask with at once: more chips than one can read say nothing any more


class AnswerDesk(QObject):
    """Hands questions to the current run, and its answers to all who show them.

    Parameters
    ----------
    session : Session
    query : QueryBar
    shelf : Shelf
    inspector : InspectorPanel
    maps : MapGrid
    """

    def __init__(
        self, session: Session, query: QueryBar, shelf: Shelf, inspector: InspectorPanel,
        maps: MapGrid,
    ) -> None:  # fmt: skip
        super().__init__(query)
        self._session, self._query, self._shelf = session, query, shelf
        self._inspector, self._maps = inspector, maps
        self._sheet = inspector.answers
        self._table: ItemColumns | None = None
        self._run: str | None = None
        self._asked_of: list[Map | None] = []  # maps that a place was asked for
        self.asking = Asking(session, self)
        self.indices = IndexMaking(session, self)
        query.asked.connect(self.ask)
        query.wrong.connect(lambda sentence: session.noticed.emit("warning", sentence))
        self._sheet.other_chosen.connect(lambda _: self._ask_again())
        inspector.explain_asked.connect(self._explain)
        inspector.ask_asked.connect(self.ask_with)
        for source in (shelf.strip, inspector):
            source.picked.connect(self._picked)
        self.asking.told.connect(shelf.words.setText)
        self.asking.answered.connect(self._show)
        self.asking.failed.connect(self._fail)
        self.asking.explained.connect(self._sheet.show_why)
        self.asking.unexplained.connect(lambda _, sentence: self._sheet.say_why(sentence))

    # ---------------------------------------------------------------- what is there

    def set_run(self, run: str | None, runs: list[str]) -> None:
        """Say which run answers, and which there are; answers of another one are put away."""
        if run != self._run:
            self._run = run
            self.clear()
        self._sheet.set_runs([each for each in runs if each != run])

    def set_table(self, table: "ItemColumns | None") -> None:
        """Take what is known of the items."""
        self._table = table

    def forget(self) -> None:
        """Let go of what was read, as when items have changed."""
        self.asking.forget()
        self.indices.forget()
        self.clear()

    # ---------------------------------------------------------------- asking

    def ask(self, asked: Asked) -> None:
        """Ask; the answers appear when they are found."""
        if self._run is None:
            return
        self._query.set_busy(True)
        self._shelf.show()
        self._shelf.words.setText("Searching…")
        other = self._sheet.other_run()
        runs = [self._run, *([other] if other is not None else [])]
        self._asked_of = [panel.shown_map for panel in self._maps.panels]
        self.asking.ask(asked, runs, self._asked_of)

    def ask_with(self, ids: Ids) -> None:
        """Ask with items, and with nothing else."""
        items = [self._table.item(each) for each in ids.tolist()] if self._table else []
        known = [item for item in items if item is not None][:_MOST_ITEMS]
        if known and self._query.button.isEnabled():
            self._query.clear()
            self._query.add_items(known)
            self._query.ask()

    def _ask_again(self) -> None:
        if self.asking.asked is not None and self._query.button.isEnabled():
            self.ask(self.asking.asked)

    def _show(self, found: Answered) -> None:
        self._query.set_busy(False)
        if self._table is not None:
            most = max(self._table.count(self._table.ids).values(), default=0)
            self.indices.ask_for(found.runs[0].run_name, most)
        answers = [moved.answer for moved in found.runs[0].answers]
        ids = np.array([answer.item.id for answer in answers], np.int64)
        self._shelf.strip.items.show(self._table, ids, [answer.score for answer in answers])
        self._shelf.strip.scrollToTop()
        what = found.asked.in_words()
        self._shelf.words.setText(f"to {what}" if answers else f"Nothing was found for {what}.")
        self._sheet.show_answers(found)
        self._inspector.show_answers()
        for panel in self._maps.panels:
            panel.set_highlights(ids)
        # maps may have come, gone or changed their space while it was asked
        places = list(zip(self._asked_of, found.places, strict=True))
        for panel in self._maps.panels:
            there = [place for made, place in places if made is panel.shown_map]
            place = there[0] if there else None
            panel.set_markers(np.zeros((0, 2), np.float32) if place is None else place)

    def _fail(self, sentence: str) -> None:
        self.clear()
        self._shelf.show()
        self._shelf.words.setText(sentence)

    def clear(self) -> None:
        """Put the answers away."""
        self.asking.give_up()
        self._query.set_busy(False)
        nothing = np.zeros(0, np.int64)
        self._shelf.strip.items.show(self._table, nothing, [])
        self._shelf.hide()
        self._sheet.say("")
        self._inspector.hide_answers()
        for panel in self._maps.panels:
            panel.set_highlights(nothing)
            panel.set_markers(np.zeros((0, 2), np.float32))

    def _picked(self, ids: Ids, _mode: str) -> None:
        # it is selected already, so that nothing changes; but it may be another question's answer
        if np.array_equal(ids, self._session.selection):
            self._inspector.show_selection()

    def _explain(self, item: int) -> None:
        self._sheet.say_why("Looking for training pairs…")
        self.asking.explain(item)
