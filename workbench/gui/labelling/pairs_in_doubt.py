"""Suspicious pairs: a list, and both halves of one of them, to be kept or taken apart."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.labelling.big_item import BigItem
from workbench.gui.labelling.doubts_state import DoubtsState
from workbench.gui.sounds.player import Player
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.stations.labelling.suspicious import SuspiciousPair

_SAID = {None: "", True: "kept", False: "apart"}


class PairsInDoubt(QWidget):
    """The list, and what was said of each pair.

    Parameters
    ----------
    state : DoubtsState
    player : Player
    """

    def __init__(self, state: DoubtsState, player: Player) -> None:
        super().__init__()
        self.setObjectName("pairs-in-doubt")
        self._state = state
        self.list = self._table()
        self.halves = BigItem(state.session, player, "first-half"), BigItem(
            state.session, player, "second-half"
        )  # fmt: skip
        self.told = label("", "muted", wrap=True, name="doubts-told")
        self.beside = label("", "caption", wrap=True, name="doubts-beside")
        self.ring = BusyRing("Looking for suspicious pairs")
        self.look = Button("Look again", "refresh", "", state.look, name="doubts-look")
        self.keep = Button("Keep  K", "check", "", self._keep, name="doubts-keep",
                           tip="It is a pair; it is not listed again.")  # fmt: skip
        self.apart = Button("Take apart  T", "link-variant-off", "danger", self._apart,
                            name="doubts-apart",
                            tip="It is no pair: nothing learns from it any more.")  # fmt: skip
        self._empty = EmptyState(
            "shield-search", "Which pairs may be wrong?",
            "Each pair is judged by all the others: heads that never saw it say how late its two "
            "halves find each other. What they contradict most is listed, to be looked at by you.",
        )  # fmt: skip
        self._begin = self._empty.add_action("Look for suspicious pairs", state.look)
        self._begin.setObjectName("doubts-begin")
        self._stack = QStackedWidget()
        self._lay_out()
        self.list.installEventFilter(self)
        self.list.current_changed.connect(self.show_pair)
        state.listed_changed.connect(self.show_list)
        state.told_changed.connect(self.show_told)
        self.show_list()
        self.show_told()

    def _table(self) -> "RowsTable[SuspiciousPair]":
        state = self._state

        def names(pair: "SuspiciousPair") -> str:
            return " – ".join(item.name for item in state.items(pair))

        columns: tuple[Column[SuspiciousPair], ...] = (
            Column("Pair", names),
            Column("Ranks", lambda pair: f"{pair.ranks[0]:,} / {pair.ranks[1]:,}",
                   key=lambda pair: -sum(pair.ranks), numeric=True, width=104),
            Column("", lambda pair: _SAID[state.said.get((pair.first, pair.second))], width=52),
        )  # fmt: skip
        table = RowsTable(RowsModel(columns, names, names), "Suspicious pairs")
        table.setObjectName("doubts-list")
        return table

    def _lay_out(self) -> None:
        listed = Card("Suspicious pairs", "shield-search")
        listed.head.addWidget(self.ring)
        listed.head.addWidget(self.look)
        listed.body.addWidget(self.told)
        listed.body.addWidget(self.list, 1)
        shown = Card()
        halves = QHBoxLayout()
        halves.setSpacing(10)
        for half in self.halves:
            halves.addWidget(half, 1)
        shown.body.addLayout(halves, 1)
        shown.body.addWidget(self.beside)
        shown.body.addLayout(row(self.keep, self.apart, None))
        sheet = QWidget()
        both = QHBoxLayout(sheet)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(12)
        both.addWidget(listed, 4)
        both.addWidget(shown, 5)
        self._stack.addWidget(sheet)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    # --- what is shown ---------------------------------------------------------------------------

    def show_list(self) -> None:
        """Show the pairs, and what was said of them; the cursor stays."""
        current = self.list.current()
        self.list.rows.set_rows(self._state.pairs)
        kept = next((pair for pair in self._state.pairs if pair == current), None)
        first = next(iter(self._state.pairs), None)
        if (wanted := kept or first) is not None:
            self.list.choose(wanted)
        self._stack.setCurrentIndex(0 if self._state.doubts is not None else 1)
        self.show_pair()

    def show_told(self) -> None:
        """Show what was found, or why nothing was."""
        state = self._state
        self.ring.setVisible(state.busy)
        self.look.setEnabled(not state.busy)
        self._begin.setEnabled(not state.busy)
        if state.doubts is not None:
            self.told.setText(state.doubts.pairs.sentence())
        if state.problem:
            self._empty.sentence.setText(state.problem)

    def show_pair(self) -> None:
        """Show both halves of the pair with the cursor."""
        pair = self.list.current()
        items = (None, None) if pair is None else self._state.items(pair)
        for half, item in zip(self.halves, items, strict=True):
            half.show_item(item)
        for button in (self.keep, self.apart):
            button.setEnabled(pair is not None)
        if pair is None or self._state.doubts is None:
            self.beside.setText("")
            return
        found = [item.name for item in self._state.nearest(pair)]
        among = self._state.doubts.pairs.among
        first, second = self._state.doubts.pairs.relation
        self.beside.setText(
            f"By the other pairs, this {words.SINGULAR[first]} finds its partner at place "
            f"{pair.ranks[0]:,} of {among[0]:,}, after “{found[0]}”; this {words.SINGULAR[second]} "
            f"at place {pair.ranks[1]:,} of {among[1]:,}, after “{found[1]}”."
        )

    # --- answers ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        self._judge(keep=True)

    def _apart(self) -> None:
        self._judge(keep=False)

    def _judge(self, *, keep: bool) -> None:
        pair = self.list.current()
        if pair is None:
            return
        shown = self.list.rows.shown
        after = shown.index(pair) + 1
        self._state.judge(pair, keep=keep)
        if after < len(shown):
            self.list.choose(shown[after])

    def _play(self) -> None:
        next((half for half in self.halves if half.sound.item is not None), self.halves[0]).play()

    # --- keys ------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the list, which takes letters for the beginning of a name."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._take_key(event):
            super().keyPressEvent(event)

    def _take_key(self, event: QKeyEvent) -> bool:
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_K: self._keep, Qt.Key.Key_T: self._apart, Qt.Key.Key_Space: self._play,
        }  # fmt: skip
        does = keys.get(event.key())
        if does is None or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        does()
        return True
