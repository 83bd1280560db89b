"""Questions answered by one run or by two side by side, and why an answer is there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.gui.exploring.state.query import Query
from workbench.jobs import Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.project import Project
    from workbench.stations import LoadedEncoders, Map, Pull, RunAnswers, RunStore

ANSWERS = 20
_PULLS = 3

Place = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Answered:
    """What was found.

    Attributes
    ----------
    asked : Query
    runs : list of RunAnswers
        Of one run, or of two.
    places : list of (Map, ndarray of shape (1, 2))
        Where the question lies on the maps that it has a place on.
    """

    asked: Query
    runs: "list[RunAnswers]"
    places: "list[tuple[Map, Place]]"

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """The items that the first run answers with, best first."""
        return np.array([each.answer.item.id for each in self.runs[0].answers], np.int64)

    def place_on(self, made: "Map | None") -> Place | None:
        """Return where the question lies on a map, shape (1, 2); None where it has no place."""
        return next((place for known, place in self.places if known is made), None)


def answer(
    project: "Project", asked: Query, runs: list[str], maps: "Sequence[Map]",
    store: "RunStore", encoders: "LoadedEncoders",
) -> Job[Answered]:  # fmt: skip
    """Ask runs, the first before the others, and place the question on maps of the first.

    Parameters
    ----------
    project : Project
    asked : Query
    runs : list of str
    maps : sequence of Map
    store : RunStore
    encoders : LoadedEncoders
    """
    from workbench.stations import Searcher, ask_runs

    yield Progress(0, 0, f"Reading the space of {' and '.join(runs)}")
    searchers = [Searcher(project, run, store=store, encoders=encoders) for run in runs]
    missing = dict.fromkeys(n for each in searchers for n in each.to_load(asked.question()))
    said = f"Loading {' and '.join(missing)}, for the first question" if missing else "Asking"
    yield Progress(0, 0, said)
    found = ask_runs(searchers, asked.question(), asked.modality(), ANSWERS)
    fitting = [made for made in maps if made.space == str(SpaceName(runs[0]))]
    placed = [(made, _placed(project, made, found[0].place, store)) for made in fitting]
    return Answered(asked, found, [(made, place) for made, place in placed if place is not None])


def explain(
    project: "Project", answered: Answered, item: int, store: "RunStore",
    encoders: "LoadedEncoders",
) -> "Job[list[Pull]]":  # fmt: skip
    """Find the training pairs that drew one of the answers of the first run to its question."""
    from workbench.stations import Searcher, training_pairs

    first = answered.runs[0]
    (found,) = [moved.answer for moved in first.answers if moved.answer.item.id == item]
    searcher = Searcher(project, first.run_name, store=store, encoders=encoders)
    pairs = yield from training_pairs(project, first.run_name, store=store)
    yield Progress(0, 0, "Looking for training pairs")
    same = searcher.heads_written == first.heads_written
    place = first.place if same else None  # else asked again, by the heads of now
    return pairs.why(searcher, answered.asked.question(), found, _PULLS, place)


def _placed(project: "Project", made: "Map", place: Place, store: "RunStore") -> Place | None:
    from workbench.errors import WorkbenchError
    from workbench.stations import kept_placer

    try:
        return kept_placer(project, made, store).place(place)
    except WorkbenchError:  # the map is of other heads than the run has now: it has no place there
        return None
