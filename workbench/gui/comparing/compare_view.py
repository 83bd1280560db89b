"""Two spaces compared, in the place of the maps: a plot of ranks, and what stands beside it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.comparing.choices import CompareChoices
from workbench.gui.comparing.measuring import Measuring, Wish
from workbench.gui.comparing.rank_scatter import RankScatter
from workbench.gui.comparing.side_panel import SidePanel
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.inspector_jobs import MEASURED_UNASKED
from workbench.gui.items.previews import Previews
from workbench.gui.state.drafts import Drafts
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import ComparedGroups, ItemOverlap, RankChanges, TwoSpaces

Ids = npt.NDArray[np.int64]
_Spaces = tuple[SpaceName, SpaceName] | None

_MILLISECONDS_TO_SETTLE = 200  # while somebody turns a number
_SAME = "Before and after are the same space. Choose another one for one of them."
_FROZEN = (
    "Frozen spaces cannot be compared with each other: partners have ranks only in the joint "
    "space of a run. Choose two runs to see whose rank changed; “Neighbours” shows how the heads "
    "changed each item’s neighbours."
)
_NO_RANKS = "No item has a partner in both spaces."
_NOT_TESTED = "Neither side has held-out pairs to measure."


class CompareView(QWidget):
    """Compares two spaces: of runs, of rungs of a sweep, or what encoders made.

    It measures only while it is shown.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("compare")
        self._state, session = state, state.session
        self.spaces: TwoSpaces | None = None  # that are shown
        self._overlap: Mapping[Modality, ItemOverlap] = {}
        self._groups: Mapping[str, ComparedGroups] | None = None  # until they are known
        self.measuring = Measuring(session, state.looking.figures, self)
        self.choices = CompareChoices()
        self.scatter = RankScatter(state, previews)
        self.side = SidePanel(session, previews)
        self._words = label("", "muted", wrap=True, name="compare-words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.progress = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self.progress.setObjectName("compare-progress")
        self._empty = EmptyState(
            "compare-horizontal", "Nothing to compare yet",
            "Train a run, and compare it with the frozen embeddings it began with, or with "
            "another run.",
        )  # fmt: skip
        self._empty.add_action("Train", lambda: session.page_wanted.emit("train"), "chart-line")
        self._stack = QStackedWidget()
        self._chosen = Drafts[_Spaces](session, "compared", None, _Spaces)
        self._soon = QTimer(self, interval=_MILLISECONDS_TO_SETTLE, singleShot=True)
        self._soon.timeout.connect(self.ask)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.setChildrenCollapsible(False)
        beside.addWidget(self.scatter)
        beside.addWidget(self.side)
        beside.setSizes([850, 1150])
        self.beside = beside
        for part in (beside, self._words, self._empty):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.choices)
        column.addWidget(self._stack, 1)
        column.addWidget(self.progress)
        self.progress.hide()

    def _connect(self) -> None:
        state, measuring = self._state, self.measuring
        state.forgotten.connect(self.forget)
        state.spaces_changed.connect(self._offer_spaces)
        state.items_changed.connect(self._ask_if_seen)
        self.choices.spaces_chosen.connect(self._choose)
        self.choices.shown_chosen.connect(self._show)
        self.side.neighbours_chosen.connect(self._soon.start)
        self.side.groups.column_chosen.connect(self.ask)
        measuring.spaces_known.connect(self._take_spaces)
        measuring.overlap_known.connect(self._take_overlap)
        measuring.groups_known.connect(self._take_groups)
        measuring.refused.connect(self.say)
        measuring.told.connect(self._tell)

    # ---------------------------------------------------------------- what there is

    def _offer_spaces(self) -> None:
        """Offer the spaces there are, and compare the joint one of the run looked at."""
        state, chosen = self._state, self._chosen.now
        self.choices.setVisible(self.choices.offer(state.spaces, state.run, chosen))
        self._ask_if_seen()

    def _choose(self) -> None:
        self._chosen.keep(self.choices.names())
        self.ask()

    def _ask_if_seen(self) -> None:
        if self.isVisible():
            self.ask()

    def forget(self) -> None:
        """Let go of what was measured, as when items have changed."""
        self.measuring.forget()
        self.spaces, self._overlap, self._groups = None, {}, None
        self._tell("")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.measuring.give_up()

    def ask(self) -> None:
        """Compare what is chosen."""
        names = self.choices.names()
        if names is None:
            self._stack.setCurrentWidget(self._empty)
            return
        table = self._state.table
        if table is None or not self.isVisible():
            return
        if names[0] == names[1]:
            self.measuring.forget()
            self.spaces = None
            self.say(_SAME)
            return
        if self.spaces is None or self.spaces.names != names:
            self.spaces, self._overlap, self._groups = None, {}, None
            self.say("Comparing…")
        self.measuring.ask(
            Wish(names, self.side.neighbours.value(), self.side.groups.chosen_column()),
            quiet=len(table.ids) <= MEASURED_UNASKED,
        )

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of everything."""
        self._words.setText(sentence)
        self._stack.setCurrentWidget(self._words)

    def _tell(self, sentence: str) -> None:
        if self._stack.currentWidget() is self._words and sentence:
            self._words.setText(sentence)
            sentence = ""
        self.progress.setText(sentence)
        self.progress.setVisible(bool(sentence))

    # ---------------------------------------------------------------- what has come

    def _take_spaces(self, spaces: "TwoSpaces") -> None:
        self.spaces = spaces
        self.choices.offer_directions(spaces.directions())
        self.choices.offer_tested(there=len(spaces.tested_ids()) > 0)
        if not spaces.both_joint and self.side.sheet() == "changed":
            self.side.show_sheet("overlap")
        self._stack.setCurrentWidget(self.beside)
        self._show()

    def _take_overlap(self, found: "Mapping[Modality, ItemOverlap]") -> None:
        self._overlap = found
        if self._state.table is not None:
            self.side.overlap.show_overlap(found, self._state.table)
        if self.spaces is not None and not self.spaces.both_joint:
            self._show_kept(self.spaces)

    def _take_groups(self, found: "Mapping[str, ComparedGroups]") -> None:
        self._groups = found
        self._show_groups()

    def _show(self) -> None:
        """Show the chosen direction and items everywhere."""
        table = self._state.table
        if self.spaces is None or table is None:
            return
        changes = self.changes()
        if changes is None:
            self._show_kept(self.spaces)
            self.side.changed.say(_FROZEN)
        else:
            before, after = (each.in_words() for each in self.spaces.sides)
            self.scatter.show_changes(changes, before, after)
            self.side.changed.show_changes(changes, table)
            self.side.changed.say("" if len(changes.ids) else _NO_RANKS)
        self._show_groups()

    def changes(self) -> "RankChanges | None":
        """Return how the ranks of what is shown differ; None where one side has no ranks."""
        if self.spaces is None:
            return None
        found = self.spaces.changes(self.choices.chosen_direction())
        if found is not None and self.choices.only_tested():
            return found.of(self.spaces.tested_ids())
        return found

    def _show_kept(self, spaces: "TwoSpaces") -> None:
        """Show neighbours kept against the ranks of the one side that has any."""
        place = 1 if spaces.names[0].frozen else 0
        direction = self.choices.chosen_direction()
        to = None if direction is None else direction[1]
        ids, kept, neighbours = _overlaps(self._overlap, None if to is None else direction)
        if self.choices.only_tested():
            wanted = np.isin(ids, spaces.tested_ids())
            ids, kept = ids[wanted], kept[wanted]
        ranks = spaces.figures[place].partner_rank_of(ids, to)
        if spaces.names[place].frozen:
            ranks = np.zeros_like(ranks)
        there = ranks > 0
        self.scatter.show_kept(
            ids[there], kept[there], ranks[there], neighbours, spaces.sides[place].in_words(),
            after=place == 1,
        )  # fmt: skip

    def _show_groups(self) -> None:
        from workbench.stations import BOTH_WAYS

        direction = self.choices.chosen_direction()
        name = BOTH_WAYS if direction is None else "→".join(direction)
        found = None if self._groups is None else self._groups.get(name)
        if found is not None and found.groups:
            self.side.groups.show_groups(found)
        elif self._groups is None:
            self.side.groups.say("Measuring groups…")
        else:
            self.side.groups.say((self.spaces and self.spaces.wrong) or _NOT_TESTED)


def _overlaps(
    found: "Mapping[Modality, ItemOverlap]", direction: "tuple[str, str] | None"
) -> tuple[Ids, npt.NDArray[np.float64], int]:
    """Return ids, ascending, the share of neighbours kept of each, and K."""
    chosen = [each for name, each in found.items() if direction is None or name == direction[0]]
    ids = np.concatenate([np.zeros(0, np.int64), *(each.ids for each in chosen)])
    kept = np.concatenate([np.zeros(0), *(each.overlap for each in chosen)])
    order = np.argsort(ids, kind="stable")
    return ids[order], kept[order], max((each.neighbours for each in chosen), default=0)
