"""Why: the training pairs that drew an answer to a question."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.jobs import Job, Progress
from workbench.media import Modality
from workbench.project import Item, Project
from workbench.stations.query import Answer, Searcher
from workbench.stations.questions import Asked
from workbench.stations.runs.data import data_of_run

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


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
    """Training pairs of one relation: ids and places of both halves, by view."""

    ids: dict[str, Ids]
    places: dict[str, Floats]


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

    def why(self, searcher: Searcher, asked: Asked, answer: Answer, count: int = 3) -> list[Pull]:
        """Return the pairs that most likely drew an answer to a question, strongest first.

        Parameters
        ----------
        searcher : Searcher
            Of the same run, which answered.
        asked : Question or Combination
        answer : Answer
        count : int
        """
        place, there = searcher.embed(asked), searcher.place_of_item(answer.item.id)
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
            to_question = halves.places[other] @ question
            to_answer = halves.places[modality] @ answer
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


def training_pairs(project: Project, run_name: str) -> Job[TrainingPairs]:
    """Read the training pairs of a run into its joint space.

    Parameters
    ----------
    project : Project
    run_name : str

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads, or the data have changed since it was made.
    """
    run = project.run(run_name)
    yield Progress(0, 0, f"Reading the training pairs of {run_name}")
    recipe, space = run.recipe(), run.space()
    data = data_of_run(
        project, run, recipe,
        lost="so its training pairs are not the same any more. Align again to see why it answers "
        "so.",
    )  # fmt: skip
    halves = []
    for relation, rows in data.split(recipe.split, recipe.pairs).training.items():
        ids: dict[str, Ids] = {}
        places: dict[str, Floats] = {}
        for view, side in zip(relation, rows.T, strict=True):
            ids[view] = data.views[view].ids[side]
            places[view] = space.embed(view, data.views[view].embeddings[side])
        halves.append(_Halves(ids, places))
    return TrainingPairs(project, run_name, halves)
