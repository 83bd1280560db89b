"""What is asked, whom, and what was answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.state.query import Query, Term
from workbench.gui.exploring.state.query_jobs import Answered, answer, explain
from workbench.gui.exploring.state.recent_questions import (
    forget_questions,
    recent_questions,
    remember_question,
)
from workbench.gui.session import Session
from workbench.gui.state.drafts import Drafts
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Event, Progress

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations import LoadedEncoders, Map, Pull

EVERYTHING = ""  # is looked for


@dataclass(frozen=True)
class Draft:
    """What somebody is about to ask.

    Attributes
    ----------
    terms : tuple of Term
        On chips.
    words : str
        In the line.
    to : str or None
        The modality to look for, or `EVERYTHING`; None until somebody chooses.
    """

    terms: tuple[Term, ...] = ()
    words: str = ""
    to: str | None = None


@dataclass(frozen=True, eq=False)
class Why:
    """Why an item is among the answers.

    Attributes
    ----------
    item : int
    pulls : list of Pull or None
        None while they are looked for, and where they cannot be found.
    sentence : str
        Says that.
    """

    item: int
    pulls: "list[Pull] | None" = None
    sentence: str = ""


class QueryState(QObject):
    """A question of the open project, from the first letter to why an answer is there.

    Every project has a draft of its own, which waits while another one is open.

    Signals
    -------
    draft_changed
        `draft` is another one.
    run_changed
        `run`, `views`, `others` or `other`.
    asked (Query)
        It is on its way.
    busy_changed
    told
        `sentence` is another one.
    answers_changed
        `answers` are others, or none any more.
    why_changed
        `why` is another one.

    Attributes
    ----------
    run : str or None
        That answers.
    views : list of str
        The modalities that it has.
    others : list of str
        Runs that could answer beside it.
    other : str or None
        The one that does.
    shown_maps : callable
        Returns the maps that the question shall be placed on; whoever shows some sets it.
    answers : Answered or None
    why : Why or None
    sentence : str
        What is being done, and then to what the answers are, or why there are none.
    """

    draft_changed = Signal()
    run_changed = Signal()
    asked = Signal(object)
    busy_changed = Signal()
    told = Signal()
    answers_changed = Signal()
    why_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._drafts = Drafts(session, "question", Draft())
        self._encoders: LoadedEncoders | None = None  # that questions were asked by
        self._question = JobSlot(session, self)
        self._reason = JobSlot(session, self)
        self._last: Query | None = None
        self.run: str | None = None
        self.views: list[str] = []
        self.others: list[str] = []
        self.other: str | None = None
        self.shown_maps: Callable[[], Sequence[Map]] = tuple
        self.answers: Answered | None = None
        self.why: Why | None = None
        self.sentence = ""
        self._question.changed.connect(self.busy_changed)
        session.project_changed.connect(self._change_project)

    # ---------------------------------------------------------------- whom

    def set_run(self, run: str | None, views: Sequence[str], runs: Sequence[str]) -> None:
        """Say which run answers, which modalities it has, and which runs there are.

        Answers of another one are put away.
        """
        if run != self.run:
            self.clear()
        self.run, self.views = run, list(views)
        self.others = [each for each in runs if each != run]
        self.other = self.other if self.other in self.others else None
        self.run_changed.emit()

    def choose_other(self, run: str | None) -> None:
        """Let a run answer beside the current one, also to what was asked last."""
        self.other = run
        self.run_changed.emit()
        if self._last is not None:
            self._ask(self._last)

    def _change_project(self, _project: object) -> None:
        self.forget()
        self.other = None
        self.set_run(None, [], [])
        self.draft_changed.emit()

    # ---------------------------------------------------------------- what

    @property
    def draft(self) -> Draft:
        """What somebody is about to ask in the open project."""
        return self._drafts.now

    @property
    def to(self) -> str | None:
        """The modality looked for; None for any."""
        chosen = self.draft.to
        if chosen is None:  # words most often look for something else than words
            chosen = next((view for view in self.views if view != "text"), EVERYTHING)
        return chosen if chosen in self.views else None

    def write(self, words: str) -> None:
        """Take other words into the line."""
        self._change(replace(self.draft, words=words))

    def look_for(self, modality: str | None) -> None:
        """Look for one modality, or for any."""
        self._change(replace(self.draft, to=modality or EVERYTHING))

    def set_terms(self, terms: Sequence[Term]) -> None:
        """Ask with other chips."""
        self._change(replace(self.draft, terms=tuple(terms)))

    def add(self, *terms: Term) -> None:
        """Ask with more chips; of the same thing there is one."""
        # by what they stand for, added or taken away
        new = {term if not term.minus else term.turned(): term for term in terms}
        old = [term for term in self.draft.terms
               if (term.turned() if term.minus else term) not in new]  # fmt: skip
        self.set_terms((*old, *new.values()))

    def keep_words(self, *, minus: bool) -> bool:
        """Make a chip of the words in the line; return whether there were any."""
        words = self.draft.words.strip()
        if words:
            self.add(Term(words, text=words, minus=minus))
            self.write("")
        return bool(words)

    def _change(self, draft: Draft) -> None:
        if draft != self.draft:
            self._drafts.keep(draft)
            self.draft_changed.emit()

    # ---------------------------------------------------------------- asking

    @property
    def busy(self) -> bool:
        """Whether answers are awaited."""
        return self._question.busy

    @property
    def can_ask(self) -> bool:
        """Whether there is a run to ask, which is not answering already."""
        return bool(self.views) and not self.busy

    def ask(self) -> None:
        """Ask with the chips, and with the words in the line."""
        words = self.draft.words.strip()
        terms = (*self.draft.terms, *([Term(words, text=words)] if words else []))
        if terms and self.can_ask:
            if self._session.project is not None:
                remember_question(self._session.project.root, words)
            self._ask(Query(terms, self.to))

    def recent(self) -> list[str]:
        """Return the words that were asked with in this project, the newest first."""
        project = self._session.project
        return [] if project is None else recent_questions(project.root)

    def ask_again(self, words: str) -> None:
        """Ask with words, and with nothing else."""
        if self.can_ask:
            self._change(replace(self.draft, terms=(), words=words))
            self.ask()

    def forget_recent(self) -> None:
        """Forget what was asked in this project."""
        if self._session.project is not None:
            forget_questions(self._session.project.root)

    def ask_with(self, items: "Sequence[Item]") -> None:
        """Ask with items, and with nothing else."""
        if items and self.can_ask:
            self._change(replace(self.draft, terms=tuple(map(_term_of, items)), words=""))
            self.ask()

    def _ask(self, asked: Query) -> None:
        project = self._session.project
        self.asked.emit(asked)
        if project is None or self.run is None:
            return
        store, encoders = self._session.run_store, self._loaded_encoders()
        self._last = asked
        self._reason.cancel()
        runs = [self.run, *([self.other] if self.other is not None else [])]
        maps = list(self.shown_maps())
        self._say("Searching…")

        def hear(event: Event) -> None:
            if isinstance(event, Progress):
                self._say(f"{event.message}…")

        self._question.ask(
            "Answering",
            lambda _control: answer(project, asked, runs, maps, store, encoders),
            self._take, on_event=hear, on_error=self._fail,
        )  # fmt: skip

    def _take(self, found: Answered) -> None:
        self.answers, self.why = found, None
        what = found.asked.in_words()
        self._say(f"to {what}" if found.runs[0].answers else f"Nothing was found for {what}.")
        self.answers_changed.emit()

    def _fail(self, sentence: str) -> None:
        self.clear()
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        self.sentence = sentence
        self.told.emit()

    def clear(self) -> None:
        """Put the answers away, and want none any more."""
        self._question.cancel()
        self._reason.cancel()
        self._last = self.answers = self.why = None
        self._say("")
        self.answers_changed.emit()

    def forget(self) -> None:
        """Let go of the encoders too, as when another project is opened."""
        self._encoders = None
        self.clear()

    def _loaded_encoders(self) -> "LoadedEncoders":
        if self._encoders is None:
            from workbench.stations import LoadedEncoders

            self._encoders = LoadedEncoders()
        return self._encoders

    # ---------------------------------------------------------------- why

    def explain(self, item: int) -> None:
        """Ask which training pairs drew one of the answers to the question."""
        project, answers = self._session.project, self.answers
        if project is None or answers is None or item not in answers.ids:
            return
        store, encoders = self._session.run_store, self._loaded_encoders()
        self._tell_why(Why(item, sentence="Looking for training pairs…"))
        self._reason.ask(
            "Explaining", lambda _control: explain(project, answers, item, store, encoders),
            lambda pulls: self._tell_why(Why(item, pulls)),
            on_error=lambda sentence: self._tell_why(Why(item, sentence=sentence)),
        )  # fmt: skip

    def _tell_why(self, why: Why) -> None:
        self.why = why
        self.why_changed.emit()


def _term_of(item: "Item") -> Term:
    name = item.text[:200] if item.modality == "text" else item.key
    return Term(name, item=item.id, modality=item.modality)
