"""What the Label page knows: who is asked about, who may be the partner, and what was answered.

It can be driven and read without a widget::

    state = LabellingState(session)
    state.refresh()  # proposals arrive by and by
    state.confirm()  # the first card, or the chosen one
    state.refuse()
    state.skip()
    session.answer_history.undo()
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from workbench.gui.labelling.labelling_jobs import (
    Batch,
    Wish,
    asked_job,
    found_job,
    propose_job,
)
from workbench.gui.session import Session
from workbench.gui.state.answering import Told, answer
from workbench.gui.state.job_slot import JobSlot

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.project import Item
    from workbench.stations import LoadedEncoders
    from workbench.stations.labelling.answers import Given
    from workbench.stations.labelling.proposals import Proposal

MOST_CARDS = 9  # as there are keys for them

Kind = Literal["pair", "no pair", "no partner", "skip"]
_IN_WORDS: dict[Kind, str] = {
    "pair": "pair", "no pair": "refusal", "no partner": "no partner", "skip": "skip",
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """An item that may be the partner; its score is None where it was found by its words."""

    item: "Item"
    score: float | None = None


@dataclass(frozen=True)
class Step:
    """What was done, to go back to.

    Attributes
    ----------
    kind : str
    place : int
        Of the item in the queue.
    item, partner : int
        Ids; 0 for no partner.
    queue : int
        Number of the queue.
    """

    kind: Kind
    place: int
    item: int
    partner: int
    queue: int


class LabellingState(QObject):
    """Asks about one item after another.

    Signals
    -------
    shown_changed
        Another item is asked about, or other partners are offered, or another one is chosen.
    told_changed
        The counts, `problem` or `busy` are others.

    Attributes
    ----------
    wish : Wish
        What is to be asked about, and how.
    batch : Batch or None
        What came last; None before.
    chosen : int
        Which card is chosen, from 0.
    sought : str
        The words by which the partner is looked for; empty where the likeliest are offered.
    found : int
        How many items have these words.
    problem : str
        Why nothing is asked.
    answered, paired : int
        In this session of the program.
    """

    shown_changed = Signal()
    told_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.wish = Wish()
        self.batch: Batch | None = None
        self.problem = self.sought = ""
        self.answered = self.paired = self.found = 0
        self.chosen = 0
        self._queue: list[Proposal] = []
        self._run: str | None = None  # that proposed
        self._number = 0  # of the queue: steps of another one do not lead back into this
        self._place = 0
        self._known: dict[int, Item] = {}
        self._skipped: set[int] = set()
        self._refused: set[tuple[int, int]] = set()
        self._taken: set[int] = set()  # partners that were given since they were proposed
        self._found: list[Card] = []
        self._asking = JobSlot(session, self)
        self._seeking = JobSlot(session, self)
        self._encoders: LoadedEncoders | None = None  # that questions were asked by
        for slot in (self._asking, self._seeking):
            slot.changed.connect(self.told_changed)
        session.project_changed.connect(self._forget_all)
        session.catalogue_changed.connect(self._forget)
        session.answers_changed.connect(self._follow)

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether proposals are awaited."""
        return self._asking.busy

    @property
    def seeking(self) -> bool:
        """Whether a partner is looked for."""
        return self._seeking.busy

    @property
    def item(self) -> "Item | None":
        """The item that is asked about."""
        proposal = self._proposal
        return None if proposal is None else self._known[proposal.item]

    @property
    def cards(self) -> list[Card]:
        """Who may be its partner, the likeliest first, or those that were looked for."""
        proposal = self._proposal
        if proposal is None:
            return []
        offered = self._found if self.sought else [
            Card(self._known[each.item], each.score) for each in proposal.partners
        ]  # fmt: skip
        away = {partner for item, partner in self._refused if item == proposal.item}
        if not self.sought:
            away |= self._taken
        return [each for each in offered if each.item.id not in away][:MOST_CARDS]

    @property
    def _proposal(self) -> "Proposal | None":
        return self._queue[self._place] if self._place < len(self._queue) else None

    # --- what is asked ---------------------------------------------------------------------------

    def set_wish(self, wish: Wish) -> None:
        """Ask about other items, or choose them otherwise."""
        if wish != self.wish:
            self.wish = wish
            self._forget()
            self.refresh()

    def _forget_all(self) -> None:
        self.wish = Wish()
        self._skipped.clear()
        self._refused.clear()
        self.answered = self.paired = 0
        self._forget()

    def _forget(self) -> None:
        """Let go of what was proposed: it is of another state of the project."""
        self._asking.cancel()
        self._seeking.cancel()
        self.batch, self.problem = None, ""
        self._queue, self._place, self._known = [], 0, {}
        self._taken = set()
        self._number += 1
        self._turn_to(0)
        self.told_changed.emit()

    def refresh(self) -> None:
        """Ask for proposals, where there are none left or they are of another run."""
        project, run = self.session.project, self.session.current_run
        if run != self._run:
            self._run = run
            self._forget()
        if project is None or run is None or self._proposal is not None or self.busy:
            return
        job = propose_job(project, run, self.wish, sorted(self._skipped), self.session.run_store)
        self._asking.ask("Choosing what to ask about", job, self._take, on_error=self._fail)

    def _take(self, batch: Batch) -> None:
        self.batch, self.problem = batch, ""
        self._known.update(batch.items)
        # whoever went back meanwhile has some before them that are proposed again
        before_them = {each.item for each in self._queue[self._place :]}
        self._queue += [each for each in batch.proposals.proposals if each.item not in before_them]
        self._turn_to(self._place)
        self.told_changed.emit()

    def _fail(self, sentence: str) -> None:
        self.problem = sentence  # one can still go back to what was asked before
        self.told_changed.emit()

    # --- answers ---------------------------------------------------------------------------------

    def choose(self, card: int) -> None:
        """Choose a card by its place from 0; nothing where there is none."""
        if 0 <= card < len(self.cards) and card != self.chosen:
            self.chosen = card
            self.shown_changed.emit()

    def confirm(self, card: int | None = None) -> None:
        """Pair the item with a card, by default with the chosen one."""
        from workbench.stations.labelling.answers import say_pair

        partner = self._card(card)
        if partner is not None:
            self._do("pair", partner, say_pair)

    def refuse(self) -> None:
        """Say that the chosen card is not its partner."""
        from workbench.stations.labelling.answers import say_no_pair

        partner = self._card(None)
        if partner is not None:
            self._do("no pair", partner, say_no_pair)

    def no_partner(self) -> None:
        """Say that the item has no partner in the other view."""
        from workbench.stations.labelling.answers import say_no_partner

        if self.batch is not None:
            other = self.batch.proposals.other

            def say(project: object, item: int, _partner: int, by: str) -> "Given":
                return say_no_partner(project, item, other, by)  # type: ignore[arg-type]

            self._do("no partner", 0, say)

    def skip(self) -> None:
        """Ask about it another time."""
        self._do("skip", 0, None)

    def _card(self, card: int | None) -> int | None:
        cards, place = self.cards, self.chosen if card is None else card
        return cards[place].item.id if 0 <= place < len(cards) else None

    def _do(self, kind: Kind, partner: int, say: "Callable[..., Given] | None") -> None:
        proposal, project = self._proposal, self.session.project
        if proposal is None or project is None:
            return
        by = self.batch.proposals.strategy if self.batch is not None else ""
        step = Step(kind, self._place, proposal.item, partner, self._number)
        act = _nothing if say is None else partial(say, project, proposal.item, partner, by)
        answer(self.session, self.session.answer_history, _IN_WORDS[kind], act, step)

    def _follow(self, told: Told) -> None:
        """Go on after an answer, or back to where one was taken back."""
        step = told.step
        if not isinstance(step, Step):
            return
        sign = 1 if told.done else -1
        self.answered += sign * (step.kind != "skip")
        self.paired += sign * (step.kind == "pair")
        if step.kind == "skip":
            (self._skipped.add if told.done else self._skipped.discard)(step.item)
        elif step.kind == "pair":
            (self._taken.add if told.done else self._taken.discard)(step.partner)
        elif step.kind == "no pair":
            pair = step.item, step.partner
            (self._refused.add if told.done else self._refused.discard)(pair)
        if step.queue == self._number:
            # refused is a card, and not the item: others are left, or can be looked for
            stays = step.kind == "no pair" and step.place == self._place
            self._turn_to(step.place + (told.done and not stays), stays=stays)
        self.told_changed.emit()

    def _turn_to(self, place: int, *, stays: bool = False) -> None:
        """Ask about an item of the queue; at its end ask for more."""
        self._place = place
        self.chosen = min(self.chosen, max(len(self.cards) - 1, 0)) if stays else 0
        if not stays:
            self.sought, self._found, self.found = "", [], 0
        self.shown_changed.emit()
        if self._proposal is None and self.batch is not None:
            self.refresh()

    # --- looking for the partner -----------------------------------------------------------------

    def seek(self, words: str) -> None:
        """Offer the items of the other view that have some words, instead of the likeliest."""
        project = self.session.project
        if project is None or self.batch is None:
            return
        if not words.strip():
            self._seeking.cancel()
            self.sought, self._found, self.found, self.chosen = "", [], 0, 0
            self.shown_changed.emit()
            return

        def take(found: "tuple[list[Item], int]") -> None:
            self._offer(words, [Card(item) for item in found[0]], found[1])

        other: Modality = self.batch.proposals.other
        self._seeking.ask("Looking for a partner", found_job(project, words, other), take)

    def ask(self, words: str) -> None:
        """Offer the items of the other view that the run finds to some words by what they mean."""
        from workbench.stations import LoadedEncoders

        project, run = self.session.project, self.session.current_run
        if project is None or run is None or self.batch is None or not words.strip():
            return
        self._encoders = self._encoders or LoadedEncoders()

        def take(found: "list[tuple[Item, float]]") -> None:
            self._offer(words, [Card(item, score) for item, score in found], len(found))

        other: Modality = self.batch.proposals.other
        job = asked_job(project, run, words, other, self.session.run_store, self._encoders)
        self._seeking.ask("Asking the run for a partner", job, take)

    def _offer(self, words: str, cards: list[Card], count: int) -> None:
        self.sought, self.found, self.chosen, self._found = words, count, 0, cards
        self.shown_changed.emit()


def _nothing() -> None:
    """Say nothing."""
