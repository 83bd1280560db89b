"""What Explore knows: items, run, spaces, colours, question and answers, figures.

It can be driven and read without a widget::

    state = ExploreState(session)
    session.open_project(root)
    state.refresh()  # what is read arrives by and by, each thing with its signal
    state.query.write("a red fruit")
    state.query.ask()
    session.select(state.table.ids[:10])
"""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.exploring.state.colour_state import ColourState
from workbench.gui.exploring.state.found_clusters import FoundClusters
from workbench.gui.exploring.state.index_making import IndexMaking
from workbench.gui.exploring.state.inspector_jobs import InspectorJobs
from workbench.gui.exploring.state.map_layout import MapLayout
from workbench.gui.exploring.state.mapped_spaces import spaces_of
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.exploring.state.split_roles import SplitRoles
from workbench.gui.items.item_looks import Ids
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.state.per_project import PerProject
from workbench.jobs import Control, Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.project import Item, Project
    from workbench.stations import ItemColumns

_MOST_ITEMS = 8  # to ask with at once: more chips than one can read say nothing any more


class ExploreState(QObject):
    """What is known of the open project, for all who show it.

    The selection is that of the session, to which also belongs `Session.select`.

    Signals
    -------
    items_changed
        `table` is another one, or none any more.
    spaces_changed
        `views`, `spaces`, `runs` and `run` were read.
    forgotten
        What was read holds no more: files, items or pairs have changed, or the project.
    outdated
        Something is to be read again: `refresh` does it, once somebody wants to see it.

    Attributes
    ----------
    table : ItemColumns or None
        The items and pairs; None until they are read.
    views : list of str
        The modalities that are encoded.
    spaces : list of (words, space)
        That can be mapped.
    runs : list of str
        With heads, last made first.
    run : str or None
        The one that is looked at, and answers.
    looking : InspectorJobs
        The figures of runs, and of single items.
    used : SplitRoles
    clusters : FoundClusters
    colours : ColourState
    query : QueryState
    layouts : PerProject
        Of `MapLayout`: which maps somebody has laid out, also before the program was started.
    """

    items_changed = Signal()
    spaces_changed = Signal()
    forgotten = Signal()
    outdated = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.table: ItemColumns | None = None
        self._paired: tuple[ItemColumns, Ids, Ids] | None = None
        self.views: list[str] = []
        self.spaces: list[tuple[str, str]] = []
        self.runs: list[str] = []
        self.run: str | None = None
        self.looking = InspectorJobs(session, self)
        self.used = SplitRoles(session, self)
        self.clusters = FoundClusters(session, self)
        self.colours = ColourState(session, self.looking, self.used, self.clusters, self)
        self.query = QueryState(session, self)
        self.layouts = PerProject("maps", MapLayout)
        self._indices = IndexMaking(session, self)
        self._reading = JobSlot(session, self)
        self._outdated = self._items_outdated = True
        session.project_changed.connect(self._change_project)
        session.catalogue_changed.connect(self._forget)
        session.runs_changed.connect(self._out_of_date)
        self.query.answers_changed.connect(self._want_index)

    # ---------------------------------------------------------------- what has changed

    @property
    def is_outdated(self) -> bool:
        """Whether something is to be read."""
        return self._outdated

    def _change_project(self, _project: object) -> None:
        self.table = self._paired = None
        self.views, self.spaces, self.runs, self.run = [], [], [], None
        self.colours.set_table(None)
        self.items_changed.emit()
        self._forget()

    def _forget(self) -> None:
        self._items_outdated = True
        self.query.forget()
        self._indices.forget()
        self.looking.forget()
        self.used.forget()
        self.clusters.forget()
        self.forgotten.emit()
        self._out_of_date()

    def _out_of_date(self) -> None:
        self._outdated = True
        self.outdated.emit()

    # ---------------------------------------------------------------- reading

    def refresh(self) -> None:
        """Bring everything up to date with the project, most of it behind the page."""
        project = self.session.project
        self.views = self.session.road.standing.views
        if project is None or not self.views:
            return
        self._outdated = False
        self._read_spaces(project)
        if self.table is None or self._items_outdated:
            self._items_outdated = False
            self._read_items(project)

    def _read_spaces(self, project: "Project") -> None:
        self.spaces, wrong = spaces_of(project, self.views)
        if wrong:
            self.session.noticed.emit("error", wrong)
        names = [SpaceName.parse(space) for _, space in self.spaces]
        self.runs = [name.run for name in names if not name.frozen and name.alpha is None]
        chosen = self.session.current_run
        self.run = chosen if chosen in self.runs else next(iter(self.runs), None)
        self.query.set_run(self.run, self._views_of_run(project), self.runs)
        self.used.forget()
        self.looking.set_run(self.run)
        self.colours.set_runs(self.runs)
        self.spaces_changed.emit()

    def _views_of_run(self, project: "Project") -> list[str]:
        if self.run is None:
            return []
        try:
            encoders = project.run(self.run).recipe().encoders
        except WorkbenchError:
            return self.views
        return [view for view in words.PLURAL if view in encoders]

    def _read_items(self, project: "Project") -> None:
        def make_job(_control: Control) -> "Job[ItemColumns]":
            from workbench.stations import ItemColumns

            yield Progress(0, 0, "Reading the catalogue")
            return ItemColumns.read(project)

        self._reading.ask("Reading the catalogue", make_job, self._take_items)

    def _take_items(self, table: "ItemColumns") -> None:
        self.table = table
        self.colours.set_table(table)
        self.items_changed.emit()

    # ---------------------------------------------------------------- the selection

    def selected_pairs(self) -> Ids:
        """Return pairs of the selected items, shape (p, 2); looked for once for all maps."""
        selection, table = self.session.selection, self.table
        if table is None or not len(selection):
            return np.zeros((0, 2), np.int64)
        if self._paired is None or self._paired[0] is not table or (
            self._paired[1] is not selection
        ):  # fmt: skip
            self._paired = table, selection, table.pairs_of(selection)
        return self._paired[2]

    # ---------------------------------------------------------------- asking with items

    def items(self, ids: Ids) -> "list[Item]":
        """Return the items of ids, without those that have vanished."""
        found = [self.table.item(each) for each in ids.tolist()] if self.table is not None else []
        return [item for item in found if item is not None]

    def ask_with(self, ids: Ids) -> None:
        """Ask with items, and with nothing else; of many with the first ones."""
        self.query.ask_with(self.items(ids[:_MOST_ITEMS]))

    def _want_index(self) -> None:
        """Have the run indexed once it is asked: the next question is answered faster."""
        if self.query.answers is not None and self.table is not None:
            most = max(self.table.count(self.table.ids).values(), default=0)
            self._indices.ask_for(self.query.answers.runs[0].run_name, most)
