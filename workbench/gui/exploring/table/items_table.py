"""All items of the project in a table, filtered and sorted behind the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.table.table_filter import FilterDraft, TableFilter
from workbench.gui.exploring.table.table_model import TableModel
from workbench.gui.exploring.table.table_view import TableView
from workbench.gui.items.previews import Previews
from workbench.gui.session import Mode
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.gui.items.item_looks import Ids
    from workbench.stations import ItemColumns, ItemFigures, ItemFilter, RunSpace

_OF_A_RUN = {"split", "distortion", "rank"}


@dataclass(frozen=True, eq=False)
class _Facts:
    """What columns are made of: other facts make other columns."""

    table: "ItemColumns"
    space: "RunSpace | None"  # where the split is known
    figures: "ItemFigures | None"

    def are(self, other: "_Facts | None") -> bool:
        """Whether they are the same objects."""
        return other is not None and (
            self.table is other.table
            and self.space is other.space
            and self.figures is other.figures
        )


@dataclass(frozen=True, eq=False)
class _Arranged:
    """Columns made, and the rows to show of them."""

    facts: _Facts
    columns: "ItemColumns"
    order: Any  # all rows as they are sorted
    sorted_by: tuple[str | None, bool]
    rows: Any


class ItemsTable(QWidget):
    """The table with its filter. Nothing is read or sorted while it is hidden.

    The figures of the current run are asked for when rows are to be filtered or sorted by them.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self._state, self._session = state, state.session
        self._looking, self._used = looking, used = state.looking, state.used
        self._table: ItemColumns | None = None
        self._done: _Arranged | None = None
        self._arranging = JobSlot(state.session, self, one_at_a_time=True)
        self._mode: Mode | None = None  # how to select what is shown, once that is known
        self._own = False  # whether the selection is being changed from here
        self.filter = TableFilter()
        self._filters = Drafts(state.session, "filter", FilterDraft())
        self._restored = True  # whether the filter is that of the project
        self.rows = TableModel(previews)
        self.view = TableView(self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.filter)
        column.addWidget(self.view, 1)
        # a new table, its run and its figures come one after the other
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._arrange)
        self.filter.changed.connect(self._filter_changed)
        self.filter.select_asked.connect(self._select_shown)
        self.rows.sort_asked.connect(self.refresh)
        self.view.picked.connect(self._pick)
        previews.ready.connect(self._preview_ready)
        looking.readied.connect(self.refresh)
        looking.measured.connect(lambda _: self.refresh())
        used.known.connect(self.refresh)
        state.items_changed.connect(self._items_changed)
        self._session.selection_changed.connect(self.show_selection)

    # ---------------------------------------------------------------- what is shown

    def _items_changed(self) -> None:
        self._table = self._state.table
        self._arranging.cancel()
        if self._table is None:
            self._done, self._mode, self._restored = None, None, False
            self.filter.restore(FilterDraft())
            self.rows.show(None, np.zeros(0, np.int64), np.zeros(0, np.int64))
        self.refresh()

    def _filter_changed(self) -> None:
        self._restored = True
        self._filters.keep(self.filter.draft())
        self.refresh()

    def _select_shown(self, mode: Mode) -> None:
        """Select what the filter leaves; where it is still at work, when it has ended."""
        if self._soon.isActive() or self._arranging.busy:
            self._mode = mode
        else:
            self._pick(self.rows.ids(), mode)

    def show_selection(self) -> None:
        """Mark the selection of the session, and scroll to it when it was made elsewhere."""
        if not self.isVisible():
            return
        if self.filter.only_selected.isChecked():
            self.refresh()
            return
        self.rows.set_selection(self._session.selection)
        self.view.viewport().update()
        if not self._own:
            self.view.show_selected()

    def refresh(self) -> None:
        """Show what is asked for, soon; when it is hidden, once it is shown."""
        if self.isVisible():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _pick(self, ids: "Ids", mode: Mode) -> None:
        self._own = True
        try:
            self._session.select(ids, mode)
        finally:
            self._own = False

    def _preview_ready(self, item: int) -> None:
        if self.isVisible():
            self.view.update_row(self.rows.place_of(item))

    # ---------------------------------------------------------------- filtering and sorting

    def _arrange(self) -> None:
        table = self._table
        if table is None or not self.isVisible():
            return
        wanted, facts = self.filter.wanted(), self._facts(table)
        self._ask_for_figures(wanted, facts)
        done, by = self._done, (self.rows.by, self.rows.descending)
        only = self._session.selection if self.filter.only_selected.isChecked() else None
        used = self._used

        def make_job(_control: Control) -> "Job[_Arranged]":
            yield Progress(0, 0, "Sorting")
            same = done is not None and facts.are(done.facts)
            if done is not None and same:
                columns = done.columns
            else:
                role_of = used.groups_of(facts.space) if facts.space is not None else None
                columns = table.with_run(role_of, facts.figures)
            if done is not None and same and done.sorted_by == by:
                order = done.order
            else:
                order = _order(columns, *by)
            kept = wanted.keeps(columns)
            if only is not None:
                chosen = np.zeros(len(columns), dtype=bool)
                chosen[columns.rows_of(only)] = True
                kept &= chosen
            return _Arranged(facts, columns, order, by, order[kept[order]])

        def fail(sentence: str) -> None:
            self._mode = None
            self._session.noticed.emit("error", sentence)

        self._arranging.ask("Sorting items", make_job, self._take, on_error=fail)

    def _facts(self, table: "ItemColumns") -> _Facts:
        """Return what is known now; what the split needs is asked for."""
        run, used, space = self._looking.run, self._used, None
        if run is not None:
            if used.is_known(run):
                space = None if used.changed else self._looking.space()
            else:
                used.find(run)
        return _Facts(table, space, self._looking.figures())

    def _ask_for_figures(self, wanted: "ItemFilter", facts: _Facts) -> None:
        needed = wanted.needs_figures or self.rows.by in ("distortion", "rank")
        if needed and facts.figures is None:
            self._looking.measure()

    def _take(self, found: _Arranged) -> None:
        has_run = self._looking.run is not None
        if self._done is None or found.columns is not self._done.columns:
            columns = found.columns
            hidden = set() if has_run else set(_OF_A_RUN)
            hidden |= set() if any(columns.label.names) else {"label"}
            hidden |= set() if len(columns.language.names) > 1 else {"language"}
            self.view.hide_columns(hidden)
            self.filter.offer(columns, has_run)
            roles_known = not has_run or columns.split is not None or self._used.changed
            if not self._restored and roles_known:  # now there is all to choose from
                self._restored = True
                self.filter.restore(self._filters.now)
                self.refresh()
        self._done = found
        self.view.placeholder = self._why_nothing()
        self.rows.show(found.columns, found.rows, self._session.selection)
        self.filter.say(len(found.rows), len(found.columns))
        if not self._own:
            self.view.show_selected()
        if self._mode is not None and not self._soon.isActive():
            mode, self._mode = self._mode, None
            self._pick(self.rows.ids(), mode)

    def _why_nothing(self) -> str:
        """Return what is said where no row is shown."""
        asked = self.filter.wanted()
        if asked.needs_figures and self._looking.figures() is None:
            return f"{self._looking.run} has not been measured yet, which takes a while."
        if self.filter.only_selected.isChecked() and not len(self._session.selection):
            return "Nothing is selected."
        return "No item matches all of these conditions."


def _order(columns: "ItemColumns", by: Any, descending: bool) -> Any:
    if by is None:
        return np.arange(len(columns))
    return columns.order(by, descending=descending)
