"""Questions answered behind the page, by one run or by two side by side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.asked import Asked
from workbench.gui.session import Session
from workbench.jobs import Control, Event, Job, Progress
from workbench.project import RUN_PREFIX

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import Map, Placer, Pull, RunAnswers, Searcher, TrainingPairs

ANSWERS = 20
_PULLS = 3
_MOST_PLACERS = 4  # there are no more maps


@dataclass(frozen=True, eq=False)
class Answered:
    """What was found.

    Attributes
    ----------
    asked : Asked
    runs : list of RunAnswers
        Of one run, or of two.
    places : list of ndarray or None, shape (1, 2)
        Where the question lies on each of the maps that were given; None where it has no place.
    """

    asked: Asked
    runs: "list[RunAnswers]"
    places: list[npt.NDArray[np.float32] | None]


class Asking(QObject):
    """Asks runs, and keeps what answering needs between questions.

    Signals
    -------
    told (sentence)
        What is being done.
    answered (Answered)
    failed (sentence)
    explained (item, list of Pull)
        Why an item is among the answers.
    unexplained (item, sentence)
        Why that is not known.
    """

    told = Signal(str)
    answered = Signal(object)
    failed = Signal(str)
    explained = Signal(int, object)
    unexplained = Signal(int, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._number = 0  # of the question that is wanted
        self.asked: Asked | None = None
        self.last: Answered | None = None
        # with when the heads were written that they are of; jobs put in, this thread takes out
        self._searchers: dict[str, tuple[int | None, Searcher]] = {}
        self._pairs: dict[str, tuple[int | None, TrainingPairs]] = {}
        self._placers: list[tuple[Map, Placer]] = []  # each has read a whole space

    def forget(self) -> None:
        """Let go of everything, as when items have changed or another project is opened."""
        self.give_up()
        self._searchers, self._pairs, self._placers = {}, {}, []

    def read_anew(self, run: str) -> None:
        """Read the space of a run again for the next question, as when it has an index now."""
        self._searchers.pop(run, None)

    def give_up(self) -> None:
        """Want no answer any more."""
        self._number += 1
        self.asked = self.last = None

    # ---------------------------------------------------------------- questions

    def ask(self, asked: Asked, runs: list[str], maps: "list[Map | None]") -> None:
        """Ask runs, the first before the others, and place the question on maps of the first."""
        project = self._session.project
        if project is None or not runs:
            return
        self._number += 1
        number, kept, placers = self._number, self._searchers, self._placers
        self.asked = asked

        def make_job(_control: Control) -> Job[Answered]:
            from workbench.stations import ask_runs

            searchers: list[Searcher] = []
            for name in runs:
                yield Progress(0, 0, f"Reading the space of {name}")
                searchers.append(_searcher(project, name, kept, searchers))
            yield Progress(0, 0, "Asking")
            question = asked.question()
            found = ask_runs(searchers, question, asked.modality(), ANSWERS)
            spaces = [each is not None and each.space == RUN_PREFIX + runs[0] for each in maps]
            place = searchers[0].embed(question) if any(spaces) else None
            return Answered(asked, found, [
                _placed(project, made, place, placers) if fits and made is not None else None
                for made, fits in zip(maps, spaces, strict=True)
            ])  # fmt: skip

        def hear(event: Event) -> None:
            if number == self._number and isinstance(event, Progress):
                self.told.emit(f"{event.message}…")

        def take(found: Answered) -> None:
            if number == self._number:
                self.last = found
                self.answered.emit(found)

        def fail(sentence: str) -> None:
            if number == self._number:
                self.failed.emit(sentence)

        self._session.start(
            "Answering", make_job, on_event=hear, on_result=take, on_error=fail, quiet=True
        )

    # ---------------------------------------------------------------- why

    def explain(self, item: int) -> None:
        """Ask which training pairs drew an item to the last question."""
        project, last = self._session.project, self.last
        if project is None or last is None:
            return
        found = [m.answer for m in last.runs[0].answers if m.answer.item.id == item]
        if not found:
            return
        run, number = last.runs[0].run_name, self._number
        searchers, kept = self._searchers, self._pairs

        def make_job(_control: Control) -> "Job[list[Pull]]":
            from workbench.stations import training_pairs

            searcher = _searcher(project, run, searchers, [])
            written = project.run(run).heads_written()
            if run not in kept or kept[run][0] != written:
                kept[run] = written, (yield from training_pairs(project, run))
            yield Progress(0, 0, "Looking for training pairs")
            return kept[run][1].why(searcher, last.asked.question(), found[0], _PULLS)

        def take(pulls: "list[Pull]") -> None:
            if number == self._number:
                self.explained.emit(item, pulls)

        def fail(sentence: str) -> None:
            if number == self._number:
                self.unexplained.emit(item, sentence)

        self._session.start("Explaining", make_job, on_result=take, on_error=fail, quiet=True)


def _searcher(
    project: "Project", run: str, kept: "dict[str, tuple[int | None, Searcher]]",
    before: "list[Searcher]",
) -> "Searcher":  # fmt: skip
    """Return the searcher of a run as it is now, which shares encoders with the others."""
    from workbench.stations import Searcher

    written = project.run(run).heads_written()
    known = kept.get(run)
    if known is not None and known[0] == written:
        return known[1]
    others = [*before, *(each for _, each in kept.values())]
    made = Searcher(project, run, others[0] if others else None)
    kept[run] = written, made
    return made


def _placed(
    project: "Project", made: "Map", place: Any, kept: "list[tuple[Map, Placer]]"
) -> npt.NDArray[np.float32] | None:
    from workbench.errors import WorkbenchError
    from workbench.stations import Placer

    placer = next((placer for known, placer in kept if known is made), None)
    try:
        if placer is None:
            placer = Placer(project, made)
            kept.append((made, placer))
            del kept[:-_MOST_PLACERS]
        return placer.place(place)
    except WorkbenchError:  # the map is of other heads than the run has now: it has no place there
        return None
