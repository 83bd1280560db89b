"""Query: which items of a run's joint space are nearest to a question in any modality."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Item, Project
from workbench.search import ClusteredRows, NearestRows
from workbench.stations.questions import Asked, Question, items_in, terms_of
from workbench.stations.reading import read_medium
from workbench.stations.run_views import check_card, encoders_of, joint_rows
from workbench.stations.search_index import read_index

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_NOTHING_LEFT = 1e-4  # a sum of unit rows so short says nothing of a direction


@dataclass(frozen=True)
class Answer:
    """An item found; `rank` starts at 1, `score` is the cosine in the joint space."""

    rank: int
    score: float
    item: Item


@dataclass(frozen=True, eq=False)
class SearchedView:
    """The items of a modality: ids by row, ascending, and their rows to be searched."""

    ids: Ids
    rows: NearestRows | ClusteredRows


class Searcher:
    """Answers questions about one run, keeping encoders and indices between them.

    Parameters
    ----------
    project : Project
    run_name : str
    sharing : Searcher, optional
        Of another run: encoders that both have are loaded once.

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads.
    """

    def __init__(self, project: Project, run_name: str, sharing: "Searcher | None" = None) -> None:
        self.project = project
        self.run = project.run(run_name)
        self.space = self.run.space()
        self._encoder_names: dict[Modality, str] = encoders_of(self.run)
        self._encoders: dict[tuple[Modality, str], Encoder] = (
            {} if sharing is None else sharing._encoders
        )
        self._views: dict[Modality, SearchedView] = {}

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities that the run holds."""
        return tuple(self._encoder_names)

    def encoder(self, modality: Modality) -> Encoder:
        """Return the encoder the run was made with, loaded once.

        Raises
        ------
        WorkbenchError
            The run has no head for the modality, or the encoder is not the same any more.
        """
        self.check_holds(modality)
        name = self._encoder_names[modality]
        if (modality, name) not in self._encoders:
            trust = name in self.project.settings.trusted
            encoder = load_encoder(name, modality, trust_code=trust)
            if hasattr(encoder, "takes"):
                raise WorkbenchError(
                    f"The {modality} embeddings of the run “{self.run.name}” were computed "
                    f"elsewhere ({name}), so no new {modality} can be encoded. Ask with an item, "
                    "or in another modality."
                )
            self._encoders[modality, name] = encoder
        encoder = self._encoders[modality, name]
        check_card(self.run, modality, encoder.card.model_dump(mode="json"))
        return encoder

    def embed(self, asked: Asked) -> Floats:
        """Return the place of a question in the joint space, shape (1, w).

        Raises
        ------
        WorkbenchError
            A part of the question cannot be read or has no place, or its parts cancel out.
        """
        asked.check()
        if isinstance(asked, Question):
            return self._place(asked)
        places = [weight * self._place(question) for question, weight in terms_of(asked)]
        total = np.sum(places, axis=0, dtype=np.float64)
        length = np.linalg.norm(total)
        if length < _NOTHING_LEFT * sum(abs(weight) for _, weight in asked.terms):
            raise WorkbenchError(
                f"Nothing is left of {asked.in_words()}: its parts cancel each other out. Leave "
                "one of them out."
            )
        return np.asarray(total / length, dtype=np.float32)

    def ask(
        self, asked: Asked, to: Modality | None = None, top: int = 10, place: Floats | None = None
    ) -> list[Answer]:
        """Return the nearest items, best first.

        Parameters
        ----------
        asked : Question or Combination
        to : {"image", "text", "speech"}, optional
            Only items of this modality; None for all of the run, in one order.
        top : int
        place : ndarray, shape (1, w), optional
            Of the question, where it is known.

        Raises
        ------
        WorkbenchError
        """
        self.check(to, top)
        place = self.embed(asked) if place is None else place
        return self.answers_at(place, to, top, items_in(asked))

    def ask_each(
        self, asked: Asked, top: int = 10, place: Floats | None = None
    ) -> dict[Modality, list[Answer]]:
        """Return the nearest items of each modality, best first.

        Modalities lie a little apart in a joint space, so in one order those of the question's own
        come first; here each has its own ranks.
        """
        self.check(None, top)
        place, without = self.embed(asked) if place is None else place, items_in(asked)
        return {view: self.answers_at(place, view, top, without) for view in self.modalities}

    def answers_at(
        self, place: Floats, to: Modality | None, top: int, without: Collection[int] = ()
    ) -> list[Answer]:
        """Return the items nearest to a place, shape (1, w), but for some of them."""
        found: list[tuple[float, int]] = []
        for modality in self._encoder_names if to is None else (to,):
            view = self.view(modality)
            scores, rows = view.rows.search(place, top + len(without))
            found += zip(scores[0].tolist(), view.ids[rows[0]].tolist(), strict=True)
        best = sorted(found, key=lambda each: (-each[0], each[1]))
        best = [(score, item) for score, item in best if item not in without][:top]
        items = self.project.catalogue.items_of([item for _, item in best])
        return [
            Answer(rank, score, item)
            for rank, ((score, _), item) in enumerate(zip(best, items, strict=True), 1)
        ]

    def view(self, modality: Modality) -> SearchedView:
        """Return the items of a modality in the joint space, read once."""
        if modality not in self._views:
            ids, rows = joint_rows(self.project, self.run, self.space, modality)
            clusters = read_index(self.project, self.run, self.space, modality, ids, rows)
            search = NearestRows(rows) if clusters is None else ClusteredRows(rows, clusters)
            self._views[modality] = SearchedView(ids, search)
        return self._views[modality]

    def how(self, modality: Modality) -> str:
        """Say how items of a modality are searched: exactly, or by an index of which recall."""
        rows = self.view(modality).rows
        if isinstance(rows, ClusteredRows):
            return rows.clusters.sentence()
        return f"{len(rows):,} rows, searched exactly"

    def check_holds(self, modality: Modality) -> None:
        """Refuse a modality that the run has no head for.

        Raises
        ------
        WorkbenchError
        """
        if modality not in self._encoder_names:
            raise WorkbenchError(
                f"The run “{self.run.name}” has no {modality} head. "
                f"It has: {', '.join(self._encoder_names)}."
            )

    def check(self, to: Modality | None, top: int) -> None:
        """Refuse a number of answers below 1, and a modality the run does not hold.

        Raises
        ------
        WorkbenchError
        """
        if top < 1:
            raise WorkbenchError(f"At least one answer must be asked for, not {top}.")
        if to is not None:
            self.check_holds(to)

    def _place(self, question: Question) -> Floats:
        if question.item is not None:
            return self.place_of_item(question.item)
        modality, path, text = question.medium()
        self.check_holds(modality)
        medium = read_medium(modality, path, text)  # before the encoder, which takes long to load
        return self.space.embed(modality, self.encoder(modality).encode([medium]))

    def place_of_item(self, item: int) -> Floats:
        """Return the place of an item in the joint space, shape (1, w).

        Raises
        ------
        WorkbenchError
            There is no such item, the run has no head for it, or it is not encoded.
        """
        try:
            (known,) = self.project.catalogue.items_of([item])
        except (KeyError, OverflowError):
            raise WorkbenchError(f"The project has no item {item}.") from None
        self.check_holds(known.modality)
        view = self.view(known.modality)
        row = np.flatnonzero(view.ids == item)
        if len(row) == 0:
            raise WorkbenchError(
                f"Item {item} is not encoded, or its file is gone. Scan and encode first."
            )
        return view.rows.rows_at(row)


def query(
    project: Project,
    run_name: str,
    question: Asked,
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
    needed = {q.medium()[0] for q, _ in terms_of(question) if q.item is None}
    if needed:
        yield Progress(0, 1, f"Loading the {' and the '.join(sorted(needed))} encoder")
    answers = searcher.ask(question, to, top)
    yield Progress(1, 1, "Answered")
    return answers
