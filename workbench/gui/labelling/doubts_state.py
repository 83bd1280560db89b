"""Pairs in doubt: those that all the others speak against, to be kept or taken apart."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.labelling.labelling_jobs import Doubts, suspicious_job
from workbench.gui.session import Session
from workbench.gui.state.answering import Told, answer
from workbench.gui.state.job_slot import JobSlot

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations.labelling.suspicious import SuspiciousPair

_BY = "suspicious"


@dataclass(frozen=True)
class Judged:
    """What was said of a pair: that it is one, or none."""

    first: int
    second: int
    kept: bool


class DoubtsState(QObject):
    """The suspicious pairs of the current run.

    Signals
    -------
    listed_changed
        The pairs, or what was said of them.
    told_changed
        `problem` or `busy`.

    Attributes
    ----------
    doubts : Doubts or None
        None until they are looked for.
    said : dict of (int, int) to bool
        By the ids of a pair, whether it was kept.
    problem : str
    """

    listed_changed = Signal()
    told_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.doubts: Doubts | None = None
        self.said: dict[tuple[int, int], bool] = {}
        self.problem = ""
        self._looking = JobSlot(session, self)
        self._looking.changed.connect(self.told_changed)
        session.project_changed.connect(self._forget)
        session.catalogue_changed.connect(self._forget)
        session.answers_changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether pairs are being looked at."""
        return self._looking.busy

    @property
    def pairs(self) -> "tuple[SuspiciousPair, ...]":
        """The pairs, the most suspicious first."""
        return () if self.doubts is None else self.doubts.pairs.pairs

    def items(self, pair: "SuspiciousPair") -> "tuple[Item, Item]":
        """Return the items of a pair."""
        assert self.doubts is not None  # noqa: S101 - it has the pair
        return self.doubts.items[pair.first], self.doubts.items[pair.second]

    def nearest(self, pair: "SuspiciousPair") -> "tuple[Item, Item]":
        """Return what each half finds first."""
        assert self.doubts is not None  # noqa: S101 - it has the pair
        return self.doubts.items[pair.nearest[0]], self.doubts.items[pair.nearest[1]]

    def _forget(self) -> None:
        self._looking.cancel()
        self.doubts, self.problem = None, ""
        self.said.clear()
        self.listed_changed.emit()
        self.told_changed.emit()

    def look(self) -> None:
        """Look at all pairs; what was found before is replaced."""
        project = self.session.project
        if project is None or self.busy:
            return

        def take(found: Doubts | None) -> None:
            self.doubts, self.problem = found, ""
            self.said.clear()
            self.listed_changed.emit()
            self.told_changed.emit()

        def fail(sentence: str) -> None:
            self.doubts, self.problem = None, sentence
            self.listed_changed.emit()
            self.told_changed.emit()

        job = suspicious_job(project, self.session.current_run)
        self._looking.ask("Looking for suspicious pairs", job, take, on_error=fail, quiet=False)

    def judge(self, pair: "SuspiciousPair", *, keep: bool) -> None:
        """Keep a pair, so that it is not listed again, or take it apart."""
        from workbench.stations.labelling.answers import say_no_pair, say_pair

        project = self.session.project
        if project is not None:
            say = partial(say_pair if keep else say_no_pair, project, pair.first, pair.second, _BY)
            step = Judged(pair.first, pair.second, keep)
            words = "keeping a pair" if keep else "taking a pair apart"
            answer(self.session, self.session.answer_history, words, say, step)

    def _follow(self, told: Told) -> None:
        step = told.step
        if isinstance(step, Judged):
            if told.done:
                self.said[step.first, step.second] = step.kept
            else:
                self.said.pop((step.first, step.second), None)
            self.listed_changed.emit()
