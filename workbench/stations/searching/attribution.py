"""Why: the training pairs that drew an answer to a question."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Job, Progress
from workbench.media import Modality
from workbench.project import Item, Project
from workbench.stations.runs.data import data_have_changed, data_of_run, split_of_run
from workbench.stations.runs.store import RunStore, StoredRun
from workbench.stations.searching.query import Answer, Searcher
from workbench.stations.searching.questions import Asked

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_LOST = "so its training pairs are no longer the same. Align again to see what caused this answer."


@dataclass(frozen=True)
class Pull:
    """A training pair with one half near the question and the other near the answer.

    Attributes
    ----------
    near_question, near_answer : Item
        The halves; the second is of the answer's modality.
    to_question, to_answer : float
        Cosines of each half to what it is near to.
    """

    near_question: Item
    near_answer: Item
    to_question: float
    to_answer: float

    @property
    def strength(self) -> float:
        """The lesser of both cosines: a pair draws only where both its halves are near."""
        return min(self.to_question, self.to_answer)


@dataclass(frozen=True, eq=False)
class _Halves:
    """Training pairs of one relation, by view: ids of the halves, their rows, and all rows."""

    ids: dict[str, Ids]
    rows: dict[str, Ids]
    joint: dict[str, Floats]

    def cosines(self, view: str, place: Floats) -> Floats:
        """Return the cosine of each half to a place, shape (w,)."""
        # of all rows, which are there, and not of a copy of those that are wanted
        found: Floats = (self.joint[view] @ place)[self.rows[view]]
        return found

    @property
    def bytes(self) -> int:
        """How much memory is taken beside the rows of the run."""
        return sum(each.nbytes for each in (*self.ids.values(), *self.rows.values()))


class TrainingPairs:
    """The pairs that a run was trained with, in its joint space; made by `training_pairs`.

    A run puts a question near an answer because it was told that things like the one belong to
    things like the other. The nearest such pairs are shown as the likely cause; they are no proof,
    since every pair has moved everything a little.
    """

    def __init__(self, project: Project, run_name: str, halves: list[_Halves]) -> None:
        self.run_name = run_name
        self._catalogue = project.catalogue
        self._halves = halves

    def __len__(self) -> int:
        return sum(len(next(iter(each.ids.values()))) for each in self._halves)

    @property
    def bytes(self) -> int:
        """How much memory is taken beside the rows of the run."""
        return sum(each.bytes for each in self._halves)

    def why(
        self, searcher: Searcher, asked: Asked, answer: Answer, count: int = 3,
        place: Floats | None = None,
    ) -> list[Pull]:  # fmt: skip
        """Return the pairs that most likely drew an answer to a question, strongest first.

        Parameters
        ----------
        searcher : Searcher
            Of the same run, which answered.
        asked : Question or Combination
        answer : Answer
        count : int
        place : ndarray, shape (1, w), optional
            Of the question, where it is known.
        """
        place = searcher.embed(asked) if place is None else place
        there = searcher.place_of_item(answer.item.id)
        return self.between(place[0], there[0], answer.item.modality, count)

    def between(
        self, question: Floats, answer: Floats, modality: Modality, count: int = 3
    ) -> list[Pull]:
        """Return the same by places, shape (w,), for an answer of a modality."""
        found: list[tuple[float, float, int, int]] = []
        for halves in self._halves:
            if modality not in halves.ids:
                continue
            (other,) = (view for view in halves.ids if view != modality)
            to_question = halves.cosines(other, question)
            to_answer = halves.cosines(modality, answer)
            strength = np.minimum(to_question, to_answer)
            for row in np.argsort(-strength, kind="stable")[: max(count, 0)].tolist():
                near = float(to_question[row]), float(to_answer[row])
                found.append((*near, int(halves.ids[other][row]), int(halves.ids[modality][row])))
        found.sort(key=lambda each: -min(each[:2]))
        pulls = []
        for near_question, near_answer, first, second in found[: max(count, 0)]:
            items = self._catalogue.items_of([first, second])
            pulls.append(Pull(items[0], items[1], near_question, near_answer))
        return pulls


def training_pairs(
    project: Project, run_name: str, *, store: RunStore | None = None
) -> Job[TrainingPairs]:
    """Find the training pairs of a run in its joint space.

    Parameters
    ----------
    project : Project
    run_name : str
    store : RunStore, optional
        Where the run may have been read before.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads, or the data have changed since it was made.
    """
    stored = (store or RunStore()).of(project, run_name)
    yield Progress(0, 0, f"Reading the training pairs of {run_name}")

    def make() -> tuple[TrainingPairs, int]:
        found = TrainingPairs(project, run_name, _halves(stored))
        return found, found.bytes

    pairs = stored.part("training pairs", make)
    assert pairs is not None  # noqa: S101 - only a stop gives none
    return pairs


def _halves(stored: StoredRun) -> list[_Halves]:
    recipe = stored.run.recipe()
    data = data_of_run(stored.project, stored.run, recipe, lost=_LOST)
    found = []
    for relation, pairs in split_of_run(data, recipe).training.items():
        ids = {view: data.views[view].ids[pairs[:, side]] for side, view in enumerate(relation)}
        of_views = {view: stored.all_rows(cast("Modality", view)) for view in relation}
        rows = {view: of_views[view].rows_of(ids[view]) for view in relation}
        if any((each < 0).any() for each in rows.values()):  # just now
            raise WorkbenchError(data_have_changed(stored.run.name, _LOST))
        found.append(_Halves(ids, rows, {view: of_views[view].joint for view in relation}))
    return found
