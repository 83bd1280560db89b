"""Questions answered behind the page, by one run or by two side by side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.asked import Asked
from workbench.gui.session import Session
from workbench.jobs import Control, Event, Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import LoadedEncoders, Map, Pull, RunAnswers, RunStore

ANSWERS = 20
_PULLS = 3


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
        self._encoders: LoadedEncoders | None = None

    def forget(self) -> None:
        """Let go of everything, as when items have changed or another project is opened."""
        self.give_up()
        self._encoders = None

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
        number = self._number
        store, encoders = self._session.run_store, self._loaded()
        self.asked = asked

        def make_job(_control: Control) -> Job[Answered]:
            from workbench.stations import Searcher, ask_runs

            yield Progress(0, 0, f"Reading the space of {' and '.join(runs)}")
            searchers = [Searcher(project, run, store=store, encoders=encoders) for run in runs]
            yield Progress(0, 0, "Asking")
            found = ask_runs(searchers, asked.question(), asked.modality(), ANSWERS)
            return Answered(asked, found, [
                _placed(project, made, found[0].place, store)
                if made is not None and made.space == str(SpaceName(runs[0])) else None
                for made in maps
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
        answers, number = last.runs[0], self._number
        run, store, encoders = answers.run_name, self._session.run_store, self._loaded()

        def make_job(_control: Control) -> "Job[list[Pull]]":
            from workbench.stations import Searcher, training_pairs

            searcher = Searcher(project, run, store=store, encoders=encoders)
            pairs = yield from training_pairs(project, run, store=store)
            yield Progress(0, 0, "Looking for training pairs")
            same = searcher.heads_written == answers.heads_written
            place = answers.place if same else None  # else asked again, by the heads of now
            return pairs.why(searcher, last.asked.question(), found[0], _PULLS, place)

        def take(pulls: "list[Pull]") -> None:
            if number == self._number:
                self.explained.emit(item, pulls)

        def fail(sentence: str) -> None:
            if number == self._number:
                self.unexplained.emit(item, sentence)

        self._session.start("Explaining", make_job, on_result=take, on_error=fail, quiet=True)

    def _loaded(self) -> "LoadedEncoders":
        if self._encoders is None:
            from workbench.stations import LoadedEncoders

            self._encoders = LoadedEncoders()
        return self._encoders


def _placed(
    project: "Project", made: "Map", place: npt.NDArray[np.float32], store: "RunStore"
) -> npt.NDArray[np.float32] | None:
    from workbench.errors import WorkbenchError
    from workbench.stations import kept_placer

    try:
        return kept_placer(project, made, store).place(place)
    except WorkbenchError:  # the map is of other heads than the run has now: it has no place there
        return None
