"""By what all maps and plots are coloured."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.state.colouring import (
    ByColumn,
    ByGroup,
    Colouring,
    Ids,
    Values,
    by_distortion,
    by_rank,
    by_rank_change,
)
from workbench.gui.exploring.state.found_clusters import FoundClusters
from workbench.gui.exploring.state.inspector_jobs import InspectorJobs
from workbench.gui.exploring.state.split_roles import SplitRoles
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.words import PLURAL

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, ItemFigures

JOINT = "joint"
FEWEST_CLUSTERS = 2

Offers = list[tuple[str, str]]

_OF_A_RUN: Offers = [
    ("split", "split"),
    ("distortion", "distortion"),
    ("partner’s rank", "rank"),
    ("cluster", "cluster"),
]


@dataclass(frozen=True)
class ColourChoice:
    """What is chosen.

    Attributes
    ----------
    by : str
        ``modality``, ``label``, ``language``, ``pairing``, ``split``, ``distortion``, ``rank``,
        ``cluster``, or ``change`` of rank.
    other : str or None
        The run that a change is one to.
    rows : str
        Which rows are divided into clusters: `JOINT`, or the frozen ones of a modality.
    clusters : int or None
        How many; by the number of items where not given.
    """

    by: str = "modality"
    other: str | None = None
    rows: str = JOINT
    clusters: int | None = None


class ColourState(QObject):
    """One choice for all; every project has its own.

    Signals
    -------
    changed
        `colouring` is another one.
    choice_changed
        Something else is chosen, or can be, or is waited for.

    Attributes
    ----------
    colouring : Colouring or None
        None as long as nothing is known of the items.
    waits_for : str
        In a sentence, what is missing before points have the colours that are chosen.
    usual_clusters : int
        How many there are where no number is chosen.

    Parameters
    ----------
    session : Session
    looking : InspectorJobs
        Knows the figures of runs, and is asked for those that are missing.
    used : SplitRoles
        Knows for what the run used items.
    clusters : FoundClusters
        Divides the run's items into clusters.
    """

    changed = Signal()
    choice_changed = Signal()

    def __init__(
        self, session: Session, looking: InspectorJobs, used: SplitRoles, clusters: FoundClusters,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._looking, self._used, self._clusters = looking, used, clusters
        self._chosen = Drafts(session, "colours", ColourChoice())
        self._table: ItemColumns | None = None
        self._other_runs: list[str] = []
        self._run: str | None = None  # that was looked at when the colouring was made
        self.colouring: Colouring | None = None
        self.waits_for = ""
        self.usual_clusters = 0
        looking.measured.connect(lambda _: self._colour_by_figures())
        looking.readied.connect(self.colour)
        looking.told.connect(self._hear)
        used.known.connect(self.colour)
        clusters.known.connect(self.colour)

    # ---------------------------------------------------------------- what there is

    def set_table(self, table: "ItemColumns | None") -> None:
        """Take what is known of the items."""
        self._table = table
        if table is None:
            self.colouring = None
            self.changed.emit()
        self.colour()

    def set_runs(self, runs: list[str]) -> None:
        """Say which runs there are; the one that is looked at is the current one."""
        self._other_runs = [run for run in runs if run != self._looking.run]
        self.colour()

    def offers(self) -> Offers:
        """Return what can be coloured by, as (words, by)."""
        table, offered = self._table, [("modality", "modality")]
        if table is not None:
            name = "label, or the partner’s" if table.borrows.any() else "label"
            offered += [(name, "label")] if table.has_labels() else []
            offered += [("language", "language")] if table.has_languages() else []
            offered += [("paired or not", "pairing")] if len(table.pairs) else []
        if self._looking.run is not None:
            offered += _OF_A_RUN
            offered += [("change of rank", "change")] if self._other_runs else []
        return offered

    def other_offers(self) -> Offers:
        """Return which runs a change can be one to, as (words, run)."""
        return [(f"compared with {run}", run) for run in self._other_runs]

    def row_offers(self) -> Offers:
        """Return which rows can be divided into clusters, as (words, rows)."""
        space = self._looking.space()
        frozen = [] if space is None else [(f"frozen {PLURAL[v]}", str(v)) for v in space.views]
        return [("joint space", JOINT), *frozen]

    # ---------------------------------------------------------------- choices

    @property
    def choice(self) -> ColourChoice:
        """What is chosen, as far as it is offered."""
        chosen = self._chosen.now
        return replace(
            chosen,
            by=_offered(chosen.by, self.offers()) or "modality",
            other=_offered(chosen.other, self.other_offers()),
            rows=_offered(chosen.rows, self.row_offers()) or JOINT,
        )

    def choose(self, **changes: Any) -> None:
        """Choose something else; what is not given stays.

        Parameters
        ----------
        **changes
            Fields of `ColourChoice`.
        """
        choice = replace(self._chosen.now, **changes)
        if choice != self._chosen.now:
            self._chosen.keep(choice)
            self.colour()

    # ---------------------------------------------------------------- colours

    def colour(self) -> None:
        """Make the colouring that is chosen, where all is known that it needs."""
        self.waits_for = ""
        made = self._make(self.choice)
        if made is None and self._table is not None and self._run != self._looking.run:
            made = ByColumn(self._table, "modality")  # colours of the run before say nothing now
        if made is not None:
            self._run = self._looking.run
            self.colouring = made
            self.changed.emit()
        self.choice_changed.emit()

    def _make(self, choice: ColourChoice) -> Colouring | None:
        """Return the colouring, or None where it waits for figures."""
        table, run = self._table, self._looking.run
        if table is None:
            return None
        if choice.by == "split":
            return self._by_split(table)
        if choice.by == "cluster":
            return self._by_cluster(table, choice)
        if choice.by in ("distortion", "rank"):
            figures = self._figures(run)
            if figures is None:
                return None
            if choice.by == "distortion":
                return by_distortion(table, figures.distortion_of)
            return by_rank(table, figures.partner_rank_of)
        if choice.by == "change":
            first, second = self._figures(choice.other), self._figures(run)
            if first is None or second is None:
                return None
            return by_rank_change(table, _changes(first, second), str(choice.other))
        return ByColumn(table, choice.by)

    def _figures(self, run: str | None) -> "ItemFigures | None":
        figures = self._looking.figures(run) if run is not None else None
        if figures is None and run is not None:
            self.waits_for = f"Measuring {run}…"
            self._looking.measure(run)
        return figures

    def _by_split(self, table: "ItemColumns") -> Colouring | None:
        used, run, space = self._used, self._looking.run, self._looking.space()
        if run is None or not used.is_known(run):
            used.find(run)
            self.waits_for = "Reading the recipe…"
            return None
        if used.changed:
            self.waits_for = used.changed
            return None
        if space is None:
            self.waits_for = "Reading the run…"
            return None
        return ByGroup(table, used.names, used.groups_of(space), "not in the run")

    def _by_cluster(self, table: "ItemColumns", choice: ColourChoice) -> Colouring | None:
        """Colour by clusters of the aligned rows of all views, or of the frozen ones of one."""
        from workbench.stations import usual_count

        space = self._looking.space()
        if space is None:
            self.waits_for = "Reading the run…"
            return None
        view = next((view for view in space.views if view == choice.rows), None)
        views = space.views if view is None else [view]
        self.usual_clusters = usual_count(sum(len(space.views[name].ids) for name in views))
        found = self._clusters.of(space, choice.clusters, view, table)
        if found is None:
            self.waits_for = self._clusters.wrong or "Finding clusters…"
            return None
        return ByGroup(table, self._clusters.names, found.of_items, "not clustered")

    def _colour_by_figures(self) -> None:
        if self.choice.by in ("distortion", "rank", "change"):
            self.colour()

    def _hear(self, sentence: str) -> None:
        if sentence and self.waits_for:
            self.waits_for = sentence
            self.choice_changed.emit()


def _offered(chosen: str | None, offers: Offers) -> str | None:
    """Return what is chosen where it is offered, and the first of what is offered otherwise."""
    keys = [key for _, key in offers]
    return chosen if chosen in keys else next(iter(keys), None)


def _changes(first: "ItemFigures", second: "ItemFigures") -> "_Changes":
    from workbench.stations import rank_changes

    found = rank_changes(first, second)
    return _Changes(found.ids, found.gain, second)


class _Changes:
    """Looks changes up by id; copies of an item have what the first of them has."""

    def __init__(self, ids: Ids, gain: Values, figures: "ItemFigures") -> None:
        self._ids, self._gain, self._space = ids, gain, figures.space

    def __call__(self, ids: Ids) -> Values:
        first = ids.copy()
        for view in self._space.views.values():
            rows = view.rows_of(ids)
            first[rows >= 0] = view.ids[rows[rows >= 0]]
        if not len(self._ids):
            return np.full(len(ids), np.nan)
        places = np.minimum(np.searchsorted(self._ids, first), len(self._ids) - 1)
        return np.where(self._ids[places] == first, self._gain[places], np.nan)
