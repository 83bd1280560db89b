"""By what all maps are coloured, and what the colours of a scale mean."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.gui.exploring.colour_bar import ColourBar
from workbench.gui.exploring.colouring import (
    ByColumn,
    ByGroup,
    ByValue,
    Colouring,
    Ids,
    Values,
    by_distortion,
    by_rank,
    by_rank_change,
)
from workbench.gui.exploring.found_clusters import FoundClusters
from workbench.gui.exploring.looking import Looking
from workbench.gui.exploring.used_items import UsedItems
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.gui.words import PLURAL

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, ItemFigures

_OF_A_RUN = (
    ("split", "split"),
    ("distortion", "distortion"),
    ("partner’s rank", "rank"),
    ("cluster", "cluster"),
)
_JOINT = "joint"
_FEWEST_CLUSTERS, _MOST_CLUSTERS = 2, 40
_MILLISECONDS_TO_SETTLE = 250  # while somebody turns the number of clusters

_WIDEST = 180  # pixels of a choice: runs may have long names


class ColourDesk(QWidget):
    """One choice for all maps.

    Signals
    -------
    recoloured
        `colouring` is another one now.
    picked (ids, mode)
        By dragging along the scale.

    Parameters
    ----------
    looking : Looking
        Knows the figures of runs, and is asked for those that are missing.
    used : UsedItems
        Knows for what the run used items.
    clusters : FoundClusters
        Divides the run's items into clusters.
    """

    recoloured = Signal()
    picked = Signal(object, str)

    def __init__(self, looking: Looking, used: UsedItems, clusters: FoundClusters) -> None:
        super().__init__()
        self._looking, self._used, self._clusters = looking, used, clusters
        self._table: ItemColumns | None = None
        self._runs: list[str] = []
        self.colouring: Colouring | None = None
        self._run: str | None = None  # that was looked at when it was made
        self.choice = combo("colours", "What points are coloured by", narrowest=90, widest=_WIDEST)
        self.other = combo(
            "colours-other-run", "The run to compare with", narrowest=90, widest=_WIDEST
        )
        self.rows = combo(
            "colours-cluster-rows",
            "Which vectors are clustered",
            narrowest=90,
            widest=_WIDEST,
        )
        self.rows.setMinimumWidth(116)
        self.count = _count()
        self.bar = ColourBar()
        self._words = ElidedLabel("", "caption")
        self._words.setObjectName("colours-words")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Colour by", "muted"))
        for part in (self.choice, self.other, self.rows, self.count, self.bar):
            row.addWidget(part)
        row.addWidget(self._words, 1)
        for part in (self.other, self.rows, self.count, self.bar):
            part.hide()
        self._soon = QTimer(self, interval=_MILLISECONDS_TO_SETTLE, singleShot=True)
        self._soon.timeout.connect(self._colour)
        self.count.valueChanged.connect(lambda _: self._soon.start())
        self.rows.currentIndexChanged.connect(lambda _: self._colour())
        clusters.known.connect(self._colour)
        self.choice.currentIndexChanged.connect(lambda _: self._colour())
        self.other.currentIndexChanged.connect(lambda _: self._colour())
        self.bar.picked.connect(self.picked)
        looking.measured.connect(self._measured)
        looking.readied.connect(self._colour)
        looking.told.connect(self._told)
        used.known.connect(self._colour)

    # ---------------------------------------------------------------- choices

    def set_table(self, table: "ItemColumns | None") -> None:
        """Take what is known of the items."""
        self._table = table
        if table is None:
            self.colouring = None
            self.bar.show_scale(None)
            self.recoloured.emit()
        self._offer()

    def set_runs(self, runs: list[str]) -> None:
        """Say which runs there are; the one that is looked at is the current one."""
        self._runs = [run for run in runs if run != self._looking.run]
        self._offer()

    def choose(self, by: str) -> None:
        """Choose what to colour by: ``modality``, ``label``, ``distortion`` and so on."""
        self.choice.setCurrentIndex(max(self.choice.findData(by), 0))

    def by(self) -> str:
        """Return what is chosen."""
        return str(self.choice.currentData() or "modality")

    def _offer(self) -> None:
        table = self._table
        offered = [("modality", "modality")]
        if table is not None:
            offered += [("label", "label")] if table.has_labels() else []
            offered += [("language", "language")] if table.has_languages() else []
            offered += [("paired or not", "pairing")] if len(table.pairs) else []
        if self._looking.run is not None:
            offered += _OF_A_RUN
            offered += [("change of rank", "change")] if self._runs else []
        _fill(self.choice, offered)
        _fill(self.other, [(f"compared with {run}", run) for run in self._runs])
        self._colour()

    # ---------------------------------------------------------------- colours

    def _colour(self) -> None:
        by = self.by()
        self.other.setVisible(by == "change")
        for part in (self.rows, self.count):
            part.setVisible(by == "cluster")
        made = self._make(by)
        if made is None and self._table is not None and self._run != self._looking.run:
            made = ByColumn(self._table, "modality")  # colours of the run before say nothing now
        if made is not None:
            self._run = self._looking.run
            self._words.setText("")
            self.colouring = made
            self.bar.show_scale(made if isinstance(made, ByValue) else None)
            self.recoloured.emit()

    def _make(self, by: str) -> Colouring | None:
        """Return the colouring, or None where it waits for figures."""
        table, looking = self._table, self._looking
        if table is None:
            return None
        if by == "split":
            return self._by_split(table)
        if by == "cluster":
            return self._by_cluster(table)
        if by in ("distortion", "rank"):
            figures = self._figures(looking.run)
            if figures is None:
                return None
            if by == "distortion":
                return by_distortion(table, figures.distortion_of)
            return by_rank(table, figures.partner_rank_of)
        if by == "change":
            other = self.other.currentData()
            first, second = self._figures(other), self._figures(looking.run)
            if first is None or second is None:
                return None
            return by_rank_change(table, _changes(first, second), str(other))
        return ByColumn(table, by)

    def _figures(self, run: str | None) -> "ItemFigures | None":
        figures = self._looking.figures(run) if run is not None else None
        if figures is None and run is not None:
            self._words.setText(f"Measuring {run}…")
            self._looking.measure(run)
        return figures

    def _by_split(self, table: "ItemColumns") -> Colouring | None:
        used = self._used
        if self._looking.run is None or not used.is_known(self._looking.run):
            used.find(self._looking.run)
            self._words.setText("Reading the recipe…")
            return None
        space = self._looking.space()
        if used.changed:
            self._words.setText(used.changed)
            return None
        if space is None:
            return None
        return ByGroup(table, used.names, used.groups_of(space), "not in the run")

    def _by_cluster(self, table: "ItemColumns") -> Colouring | None:
        """Colour by clusters of the aligned rows of all views, or of the frozen ones of one."""
        from workbench.stations import usual_count

        space = self._looking.space()
        if space is None:
            self._words.setText("Reading the run…")
            return None
        frozen = [(f"frozen {PLURAL[view]}", view) for view in space.views]
        _fill(self.rows, [("joint space", _JOINT), *frozen])
        self.rows.setToolTip(
            f"Which vectors are clustered: the aligned ones of all views of {space.run_name}, or "
            "the frozen ones of one view. All maps show the same clusters."
        )
        chosen = self.rows.currentData()
        view = None if chosen == _JOINT else chosen
        views = space.views if view is None else [view]
        usual = usual_count(sum(len(space.views[name].ids) for name in views))
        self.count.setSpecialValueText(f"k = {usual}, auto")
        wanted = self.count.value()
        count = None if wanted < _FEWEST_CLUSTERS else wanted
        found = self._clusters.of(space, count, view, table)
        if found is None:
            self._words.setText(self._clusters.wrong or "Finding clusters…")
            return None
        return ByGroup(table, self._clusters.names, found.of_items, "not clustered")

    def _measured(self, _run: str) -> None:
        if self.by() in ("distortion", "rank", "change"):
            self._colour()

    def _told(self, sentence: str) -> None:
        if sentence and self._words.text():
            self._words.setText(sentence)


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


def _count() -> SpinBox:
    """Return the choice of how many clusters there are; its lowest place is as many as usual."""
    count = SpinBox()
    count.setObjectName("colours-clusters")
    count.setAccessibleName("Number of clusters")
    count.setToolTip(
        "Number of clusters of k-means, by cosine. The lowest value chooses it by the number of "
        "items."
    )
    count.setRange(_FEWEST_CLUSTERS - 1, _MOST_CLUSTERS)
    count.setPrefix("k = ")
    count.setKeyboardTracking(False)
    return count


def _fill(box: ComboBox, choices: list[tuple[str, str]]) -> None:
    """Offer choices as (words, key), telling nobody; what was chosen stays if it can."""
    before = box.currentData()
    box.blockSignals(True)
    box.clear()
    for words, key in choices:
        box.addItem(words, key)
    box.setCurrentIndex(max(box.findData(before), 0) if choices else -1)
    box.blockSignals(False)
