"""Query: which items of a run's joint space are nearest to a question in any modality."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Item, Project, absolute_path
from workbench.search import NearestRows
from workbench.stations.reading import read_medium
from workbench.stations.run_views import check_card, encoders_of, joint_rows

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    """Exactly one of a text, a picture file, a sound file, or an item's id."""

    text: str | None = None
    image: Path | None = None
    speech: Path | None = None
    item: int | None = None

    def check(self) -> None:
        """Refuse nothing and more than one thing.

        Raises
        ------
        WorkbenchError
        """
        given = [v for v in (self.text, self.image, self.speech, self.item) if v is not None]
        if len(given) != 1:
            raise WorkbenchError("Ask with one thing: a text, a picture, a sound, or an item.")
        if self.text is not None and not self.text.strip():
            raise WorkbenchError("The question is empty. Type a few words.")


@dataclass(frozen=True)
class Answer:
    """An item found; `rank` starts at 1, `score` is the cosine in the joint space."""

    rank: int
    score: float
    item: Item


class Searcher:
    """Answers questions about one run, keeping encoders and indices between them.

    Parameters
    ----------
    project : Project
    run_name : str

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads.
    """

    def __init__(self, project: Project, run_name: str) -> None:
        self.project = project
        self.run = project.run(run_name)
        self.space = self.run.space()
        self._encoder_names: dict[Modality, str] = encoders_of(self.run)
        self._encoders: dict[Modality, Encoder] = {}
        self._rows: dict[Modality, tuple[npt.NDArray[np.int64], Floats, NearestRows]] = {}
        self._items: dict[int, Item] = {item.id: item for item in project.catalogue.items()}

    def encoder(self, modality: Modality) -> Encoder:
        """Return the encoder the run was made with, loaded once.

        Raises
        ------
        WorkbenchError
            The run has no head for the modality, or the encoder is not the same any more.
        """
        self._check_holds(modality)
        if modality not in self._encoders:
            name = self._encoder_names[modality]
            trust = name in self.project.settings.trusted
            encoder = load_encoder(name, modality, trust_code=trust)
            if hasattr(encoder, "takes"):
                raise WorkbenchError(
                    f"The {modality} embeddings of the run “{self.run.name}” were computed "
                    f"elsewhere ({name}), so no new {modality} can be encoded. Ask with an item, "
                    "or in another modality."
                )
            check_card(self.run, modality, encoder.card.model_dump(mode="json"))
            self._encoders[modality] = encoder
        return self._encoders[modality]

    def embed(self, question: Question) -> Floats:
        """Return the place of a question in the joint space, shape (1, w)."""
        question.check()
        if question.item is not None:
            return self._place_of_item(question.item)
        modality, path, text = _medium(question)
        self._check_holds(modality)
        medium = read_medium(modality, path, text)  # before the encoder, which takes long to load
        return self.space.embed(modality, self.encoder(modality).encode([medium]))

    def ask(self, question: Question, to: Modality | None = None, top: int = 10) -> list[Answer]:
        """Return the nearest items, best first.

        Parameters
        ----------
        question : Question
        to : {"image", "text", "speech"}, optional
            Only items of this modality; None for all of the run.
        top : int
        """
        if top < 1:
            raise WorkbenchError(f"At least one answer must be asked for, not {top}.")
        if to is not None:
            self._check_holds(to)
        place = self.embed(question)
        found: list[tuple[float, int]] = []
        for view in self._encoder_names if to is None else (to,):
            ids, _, index = self._view(view)
            scores, rows = index.search(place, top + 1)
            found += zip(scores[0].tolist(), ids[rows[0]].tolist(), strict=True)
        best = sorted(found, key=lambda each: (-each[0], each[1]))
        items = [(s, self._items[i]) for s, i in best if i in self._items and i != question.item]
        return [Answer(rank, score, item) for rank, (score, item) in enumerate(items[:top], 1)]

    def _check_holds(self, modality: Modality) -> None:
        if modality not in self._encoder_names:
            raise WorkbenchError(
                f"The run “{self.run.name}” has no {modality} head. "
                f"It has: {', '.join(self._encoder_names)}."
            )

    def _view(self, modality: Modality) -> tuple[npt.NDArray[np.int64], Floats, NearestRows]:
        if modality not in self._rows:
            ids, rows = joint_rows(self.project, self.run, self.space, modality)
            self._rows[modality] = ids, rows, NearestRows(rows)
        return self._rows[modality]

    def _place_of_item(self, item: int) -> Floats:
        if item not in self._items:
            raise WorkbenchError(f"The project has no item {item}.")
        modality = self._items[item].modality
        self._check_holds(modality)
        ids, rows, _ = self._view(modality)
        place = np.flatnonzero(ids == item)
        if len(place) == 0:
            raise WorkbenchError(f"Item {item} is not encoded. Encode first.")
        return rows[place]


def query(
    project: Project,
    run_name: str,
    question: Question,
    *,
    to: Modality | None = None,
    top: int = 10,
    searcher: Searcher | None = None,
    control: Control | None = None,
) -> Job[list[Answer]]:
    """Answer a question from a run's joint space; see `Searcher.ask`.

    Parameters
    ----------
    searcher : Searcher, optional
        One used before: then nothing needs loading.

    Yields
    ------
    Progress

    Returns
    -------
    list of Answer
    """
    question.check()
    yield Progress(0, 1, "Reading the space")
    searcher = searcher or Searcher(project, run_name)
    if question.item is None:
        modality, _, _ = _medium(question)
        yield Progress(0, 1, f"Loading the {modality} encoder")
    answers = searcher.ask(question, to, top)
    yield Progress(1, 1, "Answered")
    return answers


def _medium(question: Question) -> tuple[Modality, str, str]:
    """Return modality, path and text of a question that is not an item."""
    if question.image is not None:
        return "image", str(absolute_path(question.image)), ""
    if question.speech is not None:
        return "speech", str(absolute_path(question.speech)), ""
    return "text", "", question.text or ""
