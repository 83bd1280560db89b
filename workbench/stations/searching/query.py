"""Query: which items of a run's joint space are nearest to a question in any modality."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.encoders import Encoder, load_encoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality, read_medium
from workbench.project import Item, Project
from workbench.search import ClusteredRows, NearestRows
from workbench.stations.encoding.given_vectors import loaded_name
from workbench.stations.encoding.trusted_code import is_trusted
from workbench.stations.runs.run_views import check_card
from workbench.stations.runs.store import RunStore
from workbench.stations.searching.questions import Asked, Question, items_in, place_of, terms_of
from workbench.stations.searching.search_index import index_mark, read_index

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Encoded = dict[tuple[Modality, str, Question], Floats]
"""What parts of a question an encoder has made vectors of, so that none is encoded twice."""

MOST_ENCODERS = 4


@dataclass(frozen=True)
class Answer:
    """An item found; `rank` starts at 1, `score` is the cosine in the joint space."""

    rank: int
    score: float
    item: Item


@dataclass(frozen=True, eq=False)
class SearchedView:
    """The items of a modality: ids by row, and their rows to be searched."""

    ids: Ids
    rows: NearestRows | ClusteredRows


class LoadedEncoders:
    """Keeps the encoders that questions were asked by last, for all threads that ask."""

    def __init__(self) -> None:
        self._loading, self._encoding = threading.Lock(), threading.Lock()
        self._loaded: OrderedDict[tuple[Modality, str], Encoder] = OrderedDict()

    def load(self, modality: Modality, name: str) -> Encoder:
        """Return an encoder, loaded once; see `load_encoder`."""
        with self._loading:
            if (modality, name) not in self._loaded:
                trusted = is_trusted(name, modality)
                self._loaded[modality, name] = load_encoder(
                    name, modality, trust_code=trusted, fetch=False
                )
            self._loaded.move_to_end((modality, name))
            while len(self._loaded) > MOST_ENCODERS:
                self._loaded.popitem(last=False)
            return self._loaded[modality, name]

    def has(self, modality: Modality, name: str) -> bool:
        """Whether an encoder is loaded."""
        return (modality, name) in self._loaded

    def encode(self, encoder: Encoder, media: Sequence[Any]) -> Floats:
        """Return the vectors of media, shape (n, d)."""
        with self._encoding:  # tokenizers of transformers bear no two threads at once
            return encoder.encode(media)


class Searcher:
    """Answers questions about one run, as it is when this is made.

    Making one takes no time where the run is in the store.

    Parameters
    ----------
    project : Project
    run_name : str
    store : RunStore, optional
        Where the run may have been read before.
    encoders : LoadedEncoders, optional
        Of other searchers: encoders that both need are loaded once.

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads.
    """

    def __init__(
        self,
        project: Project,
        run_name: str,
        *,
        store: RunStore | None = None,
        encoders: LoadedEncoders | None = None,
    ) -> None:
        self.project = project
        self._stored = (store or RunStore()).of(project, run_name)
        self.run, self.space = self._stored.run, self._stored.heads
        self._encoders = encoders or LoadedEncoders()

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities that the run holds."""
        return tuple(self._stored.encoders)

    @property
    def heads_written(self) -> int | None:
        """When the heads were written that this answers by, see `Run.heads_written`."""
        return self._stored.written

    def to_load(self, question: Asked) -> list[str]:
        """Return the names of the encoders that a question has to load first."""
        needed = {each.medium()[0] for each, _ in terms_of(question) if each.item is None}
        names = {modality: self._stored.encoders.get(modality, "") for modality in needed}
        return [
            name
            for modality, name in sorted(names.items())
            if name and not self._encoders.has(modality, loaded_name(self.project, name))
        ]

    def encoder(self, modality: Modality) -> Encoder:
        """Return the encoder the run was made with, loaded once.

        Raises
        ------
        WorkbenchError
            The run has no head for the modality, or the encoder is not the same any more.
        """
        self.check_holds(modality)
        name = self._stored.encoders[modality]
        encoder = self._encoders.load(modality, loaded_name(self.project, name))
        if hasattr(encoder, "takes"):
            raise WorkbenchError(
                f"The {modality} embeddings of the run “{self.run.name}” were computed elsewhere "
                f"({name}), so no new {modality} can be encoded. Use an item as the query, or "
                "another modality."
            )
        check_card(self.run, modality, encoder.card.model_dump(mode="json"))
        return encoder

    def encode(self, encoder: Encoder, media: Sequence[Any]) -> Floats:
        """Return the vectors of media, shape (n, d), while no other thread encodes."""
        return self._encoders.encode(encoder, media)

    def embed(self, asked: Asked, encoded: Encoded | None = None) -> Floats:
        """Return the place of a question in the joint space, shape (1, w).

        Parameters
        ----------
        asked : Question or Combination
        encoded : dict, optional
            What was encoded for other runs; what this one encodes is put in.

        Raises
        ------
        WorkbenchError
            A part of the question cannot be read or has no place, or its parts cancel out.
        """
        known: Encoded = {} if encoded is None else encoded
        return place_of(asked, lambda question: self._place(question, known))

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
        for modality in self.modalities if to is None else (to,):
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
        rows = self._stored.all_rows(modality)

        def make() -> tuple[SearchedView, int]:
            clusters = read_index(self.project, self.run, self.space, modality, rows)
            if clusters is None:
                return SearchedView(rows.ids, NearestRows(rows.joint, rows.ids)), 0
            search = ClusteredRows(rows.joint, clusters, rows.ids)
            return SearchedView(rows.ids, search), search.bytes

        # an index may be made meanwhile
        of = rows.listing.key, index_mark(self.run, modality)
        found = self._stored.part(("search", modality), make, of=of)
        assert found is not None  # noqa: S101 - only a stop gives none
        return found

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
        if modality not in self.modalities:
            raise WorkbenchError(
                f"The run “{self.run.name}” has no {modality} head. "
                f"It has: {', '.join(self.modalities)}."
            )

    def check(self, to: Modality | None, top: int) -> None:
        """Refuse a number of answers below 1, and a modality the run does not hold.

        Raises
        ------
        WorkbenchError
        """
        if top < 1:
            raise WorkbenchError(f"The number of answers must be at least one, not {top}.")
        if to is not None:
            self.check_holds(to)

    def _place(self, question: Question, encoded: Encoded) -> Floats:
        if question.item is not None:
            return self.place_of_item(question.item)
        modality, path, text = question.medium()
        self.check_holds(modality)
        key = modality, self._stored.encoders[modality], question
        # the medium before the encoder, which takes long to load
        medium = None if key in encoded else read_medium(modality, path, text)
        encoder = self.encoder(modality)
        if key not in encoded:
            encoded[key] = self.encode(encoder, [medium])
        return self.space.embed(modality, encoded[key])

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
    if missing := searcher.to_load(question):
        yield Progress(0, 1, f"Loading {' and '.join(missing)}")
    answers = searcher.ask(question, to, top)
    yield Progress(1, 1, "Answered")
    return answers
