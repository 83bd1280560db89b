"""Next pairs: one item, who may be its partner, and the keys that answer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.items.previews import Previews
from workbench.gui.labelling.big_item import BigItem
from workbench.gui.labelling.labelling_jobs import Wish
from workbench.gui.labelling.labelling_state import LabellingState
from workbench.gui.labelling.partner_cards import COLUMNS, PartnerCards
from workbench.gui.road import pages_named
from workbench.gui.sounds.player import Player
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.choice import combo
from workbench.gui.widgets.empty import EmptyState
from workbench.gui.widgets.text import ElidedLabel, label

_KEYS = Qt.Key


class NextPairs(QWidget):
    """Asks about items, and takes answers by keys and buttons.

    Parameters
    ----------
    state : LabellingState
    previews : Previews
    player : Player
    """

    def __init__(self, state: LabellingState, previews: Previews, player: Player) -> None:
        super().__init__()
        self.setObjectName("next-pairs")
        self.setAccessibleName("Next pairs; answered by keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._state, self._player = state, player
        self.item = BigItem(state.session, player, "asked-item")
        self.cards = PartnerCards(previews)
        self.search = QLineEdit()
        self.search.setObjectName("partner-search")
        self.search.setPlaceholderText("Look for the partner by words  ( / )")
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.ask = Button(
            "Ask the run",
            "comment-question-outline",
            "",
            self._ask,
            name="ask-run",
            tip="Look for the partner by what the words mean, as the chosen run has "
            "it (Ctrl+Enter). Typing alone looks for the words themselves.",
        )
        self.ask.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sides = combo("label-sides", "What is asked about, and where its partner is")
        self.strategy = combo("label-strategy", "How the items to ask about are chosen")
        self.ring = BusyRing("Choosing what to ask about")
        self.left = label("", "muted", name="label-left")
        self._heading = ElidedLabel("", "heading", Qt.TextElideMode.ElideRight)
        self._empty = EmptyState("check-circle-outline", "Nothing to ask about", "")
        self._to_data = self._empty.add_action(
            "Go to Data", lambda: state.session.page_wanted.emit("data")
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self.search.textEdited.connect(state.seek)
        self.cards.chosen.connect(state.choose)
        self.cards.confirmed.connect(state.confirm)
        self.sides.activated.connect(self._wish)
        self.strategy.activated.connect(self._wish)
        state.shown_changed.connect(self.show_asked)
        state.told_changed.connect(self.show_told)
        self.show_asked()
        self.show_told()

    def _lay_out(self) -> None:
        asked = Card()
        asked.body.addWidget(self._heading)
        asked.body.addWidget(self.item, 1)
        offered = Card()
        offered.body.addLayout(row(self.search, self.ask))
        offered.body.addWidget(self.cards, 1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(asked, 4)
        both.addWidget(offered, 5)
        state = self._state
        self.buttons = {
            name: Button(text, icon, kind, pressed, name=f"label-{name}", tip=tip)
            for name, text, icon, kind, pressed, tip in (
                ("pair", "Pair  ⏎", "link-variant", "primary", state.confirm,
                 "They belong together. Enter for the chosen card, 1 to 9 for another."),
                ("refuse", "Not this one  N", "link-variant-off", "", state.refuse,
                 "The chosen card is not its partner; it is not proposed again."),
                ("none", "Not in the collection  X", "help-rhombus-outline", "", state.no_partner,
                 "It has no partner in this view; it is not asked about again."),
                ("skip", "Skip  S", "skip-next-outline", "", state.skip,
                 "Nothing is said; it comes again another day."),
            )
        }  # fmt: skip
        for button in self.buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys where they are
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(both, 1)
        column.addLayout(row(*self.buttons.values(), None))
        self._stack.addWidget(shown)
        self._stack.addWidget(self._empty)
        above = row(self.sides, self.strategy, self.ring, self.left, None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(above)
        column.addWidget(self._stack, 1)

    # --- what is shown ---------------------------------------------------------------------------

    def show_choices(self, views: Sequence[str], strategies: Sequence[tuple[str, str]]) -> None:
        """Offer views to ask about and to look in, and strategies by name with their words."""
        self.sides.clear()
        self.sides.addItem("What is most unpaired", (None, None))
        for view in views:
            for other in views:
                if view != other:
                    said = f"{words.PLURAL[view].capitalize()} → {words.PLURAL[other]}"
                    self.sides.addItem(said, (view, other))
        self.strategy.clear()
        for name, tip in strategies:
            self.strategy.addItem(name.capitalize(), name)
            self.strategy.setItemData(self.strategy.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def _wish(self) -> None:
        view, other = self.sides.currentData() or (None, None)
        self._state.set_wish(Wish(view, other, self.strategy.currentData() or ""))
        self.setFocus()

    def show_asked(self) -> None:
        """Show who is asked about, and who may be the partner."""
        state = self._state
        self.item.show_item(state.item)
        self.cards.show_cards(state.cards, state.chosen)
        if not state.sought and not self.search.hasFocus():
            self.search.clear()
        self._heading.setText(self._question())
        several = len(state.cards) < state.found
        self.cards.placeholder = (
            "Choosing what to ask about…"
            if state.item is None
            else f"Nothing has “{state.sought}” in it."
            if state.sought
            else "All that were proposed are refused, or have a partner by now. Look for the "
            "partner by words, or skip it."
        )
        self.search.setToolTip(
            f"The first {len(state.cards)} of {state.found:,}" if state.sought and several else ""
        )
        for name, button in self.buttons.items():
            button.setEnabled(bool(state.cards if name in ("pair", "refuse") else state.item))
        self.show_told()

    def _question(self) -> str:
        batch, item = self._state.batch, self._state.item
        if batch is None or item is None:
            return ""
        other = words.SINGULAR[batch.proposals.other]
        return f"Which {other} belongs to this {words.SINGULAR[item.modality]}?"

    def show_told(self) -> None:
        """Show how many are left, or why nothing is asked."""
        state = self._state
        self.ring.setVisible(state.busy or state.seeking)
        self.ask.setEnabled(not state.seeking)
        batch = state.batch
        if batch is not None:
            left = words.items(batch.proposals.free, batch.proposals.view)
            self.left.setText(f"{left} without a partner")
        else:
            self.left.setText("")
        nothing = state.item is None and not state.busy
        if nothing:
            self._empty.sentence.setText(state.problem or "Proposals come when a run is chosen.")
            self._to_data.setVisible("data" in pages_named(state.problem))
        self._stack.setCurrentIndex(1 if nothing else 0)

    # --- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        state, key = self._state, event.key()
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier,
        )  # fmt: skip
        steps: dict[int, int] = {
            _KEYS.Key_Left: -1, _KEYS.Key_Right: 1, _KEYS.Key_Up: -COLUMNS,
            _KEYS.Key_Down: COLUMNS,
        }  # fmt: skip
        does: dict[int, Callable[[], object]] = {
            _KEYS.Key_Return: state.confirm, _KEYS.Key_Enter: state.confirm,
            _KEYS.Key_N: state.refuse, _KEYS.Key_S: state.skip, _KEYS.Key_X: state.no_partner,
            _KEYS.Key_Slash: self.search.setFocus, _KEYS.Key_F: self.search.setFocus,
            _KEYS.Key_Space: self._play,
        }  # fmt: skip
        if not plain:
            super().keyPressEvent(event)
        elif _KEYS.Key_1 <= key <= _KEYS.Key_9:
            state.confirm(key - _KEYS.Key_1)
        elif key in steps:
            state.choose(state.chosen + steps[key])
        elif key in does:
            does[key]()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        """Ask the run with the words that are typed; the cards have the keys then."""
        self._state.ask(self.search.text())
        self.setFocus()

    def _play(self) -> None:
        """Play what there is to hear: the item, or the chosen card."""
        cards, chosen = self._state.cards, self._state.chosen
        heard = [self._state.item, *(card.item for card in cards[chosen : chosen + 1])]
        sounds = (item for item in heard if item is not None and item.modality == "speech")
        self._player.toggle(next(sounds, None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter and the arrows choose among what is found, Escape give it up."""
        if watched is self.search and isinstance(event, QKeyEvent) and (
            event.type() == QEvent.Type.KeyPress
        ):  # fmt: skip
            if event.key() == _KEYS.Key_Escape:
                self.search.clear()
                self._state.seek("")
                self.setFocus()
                return True
            enter = event.key() in (_KEYS.Key_Return, _KEYS.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._ask()
                return True
            if enter or event.key() in (_KEYS.Key_Down, _KEYS.Key_Up):
                self.setFocus()  # the cards have the keys now
                return True
        return super().eventFilter(watched, event)
