"""Encode: from items to embeddings in the cache."""

import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.encoders import (
    Encoder,
    LimitedEncoder,
    Precomputed,
    PreparingEncoder,
    load_encoder,
    own_code,
    place_of_code,
)
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress, RecentRate, Stopwatch
from workbench.media import Modality
from workbench.project import SETTINGS_FILE, Project
from workbench.stations.encoding.batching import BatchedModel
from workbench.stations.encoding.content_dedup import ContentDedup
from workbench.stations.encoding.fetch import fetch_encoder
from workbench.stations.encoding.given_vectors import kept_name, loaded_name, meet_vectors
from workbench.stations.encoding.prefetch import Reader, Reading, most_workers, read_ahead
from workbench.stations.encoding.reading_processes import FreeCores, Pace
from workbench.stations.encoding.trusted_code import is_trusted, not_heeded, trust
from workbench.words import several

Dtype = Literal["float16", "float32"]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EncodeRequest:
    """What to encode, and how.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    encoder : str or None
        Name of an encoder; it becomes the project's choice. None uses the choice made before.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    batch_size : int
        Items given to the encoder at once; halved when the memory does not suffice.
    dtype : {"float16", "float32"} or None
        In which embeddings are kept. None keeps what a cache has; a new one gets float32.
    precision : {"auto", "full", "half"}
        In which the encoder computes; auto is half on a GPU.
    workers : int or None
        Processes that read ahead; None chooses.
    retry : bool
        Whether to try again the items that failed before and have not changed since.
    trust_code : bool
        Whether a model may run program code of its own. It is kept for this user and this machine,
        as long as the code is the same, see `workbench.stations.encoding.trusted_code`.
    """

    modality: Modality
    encoder: str | None = None
    device: str = "auto"
    batch_size: int = 32
    dtype: Dtype | None = None
    precision: Literal["auto", "full", "half"] = "auto"
    workers: int | None = None
    retry: bool = False
    trust_code: bool = False


@dataclass(frozen=True)
class EncodeReport:
    """What an encode did.

    Attributes
    ----------
    encoded, copied, kept : int
        Items encoded now, items whose content was encoded already under another name, and items
        whose embedding was there.
    failed, passed_over : int
        Items that could not be encoded now, and those that failed before and were not tried again.
    cut : int
        Texts encoded now of which only the beginning was read, as they are longer than that.
    width : int
        Numbers in one embedding.
    complete : bool
        False when it was stopped; encoding again goes on where it was.
    """

    modality: Modality
    encoder: str
    encoded: int = 0
    copied: int = 0
    kept: int = 0
    failed: int = 0
    passed_over: int = 0
    cut: int = 0
    width: int = 0
    complete: bool = False
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Items that are finished, one way or another."""
        return self.encoded + self.copied + self.kept + self.failed + self.passed_over


def encode(
    project: Project, request: EncodeRequest, control: Control | None = None
) -> Job[EncodeReport]:
    """Encode the items of a modality that have no embedding yet.

    Equal contents are encoded once. An item that cannot be encoded is noted in the catalogue with
    the reason, and the job goes on.

    Parameters
    ----------
    project : Project
    request : EncodeRequest
    control : Control, optional

    Yields
    ------
    Progress, Notice

    Returns
    -------
    EncodeReport

    Raises
    ------
    WorkbenchError
        No items, no encoder, the encoder cannot be loaded or fails, or the cache is in use.
    """
    control = control or Control()
    modality = request.modality
    if request.batch_size < 1:
        raise WorkbenchError(f"The batch size must be at least 1, not {request.batch_size}.")
    ids, marks = project.catalogue.fingerprints(modality)
    if not len(ids):
        raise WorkbenchError(
            f"The project has no {modality} items. Add a folder of them and scan first."
        )
    wished = request.encoder
    name = project.encoder(modality) if wished is None else kept_name(project, wished)
    report = EncodeReport(modality, name)
    if not (yield from fetch_encoder(loaded_name(project, name), modality, control)):
        return report
    yield Progress(0, len(ids), f"Loading {name}")
    model = yield from _load(project, name, request)
    instead: Mapping[int, Any] | None = None
    if isinstance(model, Precomputed):
        # the same wherever the project lies
        model.card = model.card.model_copy(update={"name": name, "source": f"file {name}"})
        meeting = meet_vectors(project, model, modality, project.catalogue.items(modality))
        instead = meeting.of_item
        for sentence in meeting.assumed:
            yield Notice(sentence, "warning")
    project.choose_encoder(modality, name)
    path = project.cache_path(modality, name)
    card = model.card.model_dump(mode="json")
    dtype: Dtype = request.dtype or "float32"
    if path.exists():
        with EmbeddingCache(path) as cache:
            header = cache.header()
        dtype = request.dtype or ("float16" if header.dtype == "float16" else "float32")
        if header.encoded and header.card.get("dtype") != card["dtype"]:
            yield Notice(
                f"Earlier embeddings in {path.name} were computed in {header.card.get('dtype')}, "
                f"these are in {card['dtype']}: they agree to about three digits."
            )
    prepare_cache(path, card, ids, marks, dtype)
    with EmbeddingCache(path, "r+") as cache:
        if not cache.holds(ids, marks):
            raise WorkbenchError(f"Another process has just changed {path}. Encode again.")
        job = _Encoding(project, model, request, cache, ids, report, control, instead)
        return (yield from job.run())


def _load(project: Project, name: str, request: EncodeRequest) -> Job[Encoder]:
    """Load an encoder; its own code runs where the user lets it, which is kept when it did."""
    wanted = loaded_name(project, name)
    modality = request.modality
    asked = request.trust_code and place_of_code(wanted, modality) is not None
    code = own_code(wanted, modality) if asked else None  # before it can run
    trusted = asked or is_trusted(wanted, modality)
    if name in project.settings.trusted:
        if not trusted:
            yield Notice(not_heeded(project.root / SETTINGS_FILE, name), "warning")
        project.change()  # without it
    model = load_encoder(
        wanted, modality, request.device, trust_code=trusted, precision=request.precision
    )
    if asked and (sentence := trust(code)):
        yield Notice(sentence, "warning")
    return model


@dataclass
class _Encoding:
    """An encode at work on an open cache."""

    project: Project
    encoder: Encoder
    request: EncodeRequest
    cache: EmbeddingCache
    ids: Rows
    report: EncodeReport
    control: Control
    instead: Mapping[int, Any] | None = None
    model: BatchedModel = field(init=False)
    known: ContentDedup = field(init=False)

    def run(self) -> Job[EncodeReport]:
        todo, failed_before = self._todo()
        self._count(
            kept=len(self.ids) - len(todo) - failed_before, passed_over=failed_before,
            width=self.encoder.card.width,
        )  # fmt: skip
        self.model = BatchedModel(self.encoder, self.request.batch_size)
        self.known = ContentDedup(self.cache)
        whole, speed = Stopwatch(), RecentRate()
        reader = self._reader()
        pace = self._pace(reader, len(todo))
        batches = read_ahead(
            reader, self.ids[todo], self.request.batch_size, pace, lambda: self.control.stopping
        )
        place = 0
        yield Progress(self.report.done, len(self.ids), "Reading the first items")
        while place < len(todo):
            if self.control.paused:
                self.control.wait_while_paused()
                speed = RecentRate()
            readings = next(batches, None)  # none when a stop was asked for meanwhile
            if self.control.stopping or readings is None:
                have = self.report.kept + self.report.encoded + self.report.copied
                yield Notice(
                    f"Stopped: {have:,} of {len(self.ids):,} {self.request.modality} items done."
                )
                break
            yield from self._take(todo[place : place + len(readings)], readings)
            place += len(readings)
            message = readings[-1].item.path
            yield Progress(self.report.done, len(self.ids), message, speed.after(place))
        self._count(complete=place == len(todo), seconds=whole.seconds())
        if self.report.cut:
            yield Notice(longer_in_words(self.report.cut, self.encoder), "warning")
        return self.report

    def _todo(self) -> tuple[Rows, int]:
        """Return the rows to encode, and how many are passed over since they failed before."""
        todo = np.flatnonzero(~self.cache.encoded()[: len(self.ids)])
        if self.request.retry:
            return todo, 0
        problems = self.project.catalogue.problems(self.request.modality, self.encoder.card.name)
        failed = np.isin(self.ids[todo], np.array(list(problems), dtype=np.int64))
        return todo[~failed], int(failed.sum())

    def _reader(self) -> Reader:
        """Return what reads items as this encoder takes them."""
        preparation = (
            self.encoder.preparation if isinstance(self.encoder, PreparingEncoder) else None
        )
        is_read = self.request.modality != "text" and self.instead is None
        seconds = Reader.seconds if is_read else math.inf
        return Reader(self.project.catalogue.path, preparation, self.instead, seconds)

    def _pace(self, reader: Reader, count: int) -> Pace | None:
        """Return how many processes read ahead; None where the preparation cannot travel."""
        if reader.instead is not None:
            return None
        wished = self.request.workers
        most = most_workers(self.request.modality, count) if wished is None else wished
        try:
            pickle.dumps(reader.preparation)
        except Exception:  # pickle raises many kinds, and a plug-in's object may raise any
            return None
        return Pace(most, FreeCores(), begin_with=wished or 1) if most else None

    def _take(self, rows: Rows, readings: list[Reading]) -> Job[None]:
        """Encode what is new in a batch, copy what is known, and store both."""
        problems = {r.item.id: r.problem for r in readings if r.problem}
        row_of, twin_of = self._copies(readings)
        copies = row_of.keys() | twin_of.keys()
        fresh = [place for place, r in enumerate(readings) if not r.problem and place not in copies]
        vectors, failed = yield from self._encoded([readings[place] for place in fresh])
        if isinstance(self.encoder, LimitedEncoder) and self.request.modality == "text":
            longer = self.encoder.count_longer([readings[place].medium for place in fresh])
            self._count(cut=self.report.cut + longer)
        problems |= failed
        batch = np.full((len(readings), self.report.width), np.nan, dtype=np.float32)
        batch[fresh] = vectors
        for place, row in row_of.items():
            batch[place] = self.cache.read(slice(row, row + 1))[0]
        for place, twin in twin_of.items():
            batch[place] = batch[twin]
            if readings[twin].item.id in problems:
                problems[readings[place].item.id] = problems[readings[twin].item.id]
        self._leave_out_large(batch, readings, problems)
        good = np.flatnonzero(~np.isnan(batch[:, 0]))
        contents = np.array([readings[place].content.encode() for place in good], dtype="S64")
        self.cache.write(rows[good], batch[good], contents)
        for place in good.tolist():
            self.known.add(readings[place].content, int(rows[place]))
        copied = sum(place in copies for place in good.tolist())
        yield from self._note_problems(problems, readings)
        self._count(
            encoded=self.report.encoded + len(good) - copied, copied=self.report.copied + copied,
            failed=self.report.failed + len(problems),
        )  # fmt: skip

    def _copies(self, readings: list[Reading]) -> tuple[dict[int, int], dict[int, int]]:
        """Return which readings are not new: by place, a row of the cache or an earlier place."""
        row_of: dict[int, int] = {}
        twin_of: dict[int, int] = {}
        first: dict[str, int] = {}
        for place, reading in enumerate(readings):
            if reading.problem or not reading.content:
                continue
            row = self.known.row(reading.content)
            if row is not None:
                row_of[place] = row
            elif first.setdefault(reading.content, place) != place:
                twin_of[place] = first[reading.content]
        return row_of, twin_of

    def _leave_out_large(
        self, batch: npt.NDArray[np.float32], readings: list[Reading], problems: dict[int, str]
    ) -> None:
        """Make rows NaN, and problems, whose numbers the cache's type cannot hold."""
        dtype = self.cache.dtype
        for place in np.flatnonzero((np.abs(batch) > np.finfo(dtype).max).any(axis=1)).tolist():
            batch[place] = np.nan
            problems[readings[place].item.id] = (
                f"Its vector has values too large for {dtype}: store the embeddings as float32."
            )

    def _encoded(
        self, readings: list[Reading]
    ) -> "Job[tuple[npt.NDArray[np.float32], dict[int, str]]]":
        """Run the model; too many failures in a row are no item's fault."""
        ids = [reading.item.id for reading in readings]
        try:
            vectors, problems, notices = self.model.vectors(
                [reading.medium for reading in readings], ids
            )
        except WorkbenchError:
            blamed = [(item, "") for item in self.model.failed_in_a_row]
            self.project.catalogue.set_problems(self.encoder.card.name, blamed)
            raise
        for sentence in notices:
            yield Notice(sentence, "warning")
        return vectors, problems

    def _note_problems(self, problems: dict[int, str], readings: list[Reading]) -> Job[None]:
        tried = problems
        if self.request.retry:  # who succeeds now has no problem any more
            tried = {reading.item.id: problems.get(reading.item.id, "") for reading in readings}
        if tried:
            self.project.catalogue.set_problems(self.encoder.card.name, tried.items())
        for reading in readings:
            problem, path = problems.get(reading.item.id, ""), reading.item.path
            if problem:
                yield Notice(problem if path in problem else f"{path}: {problem}", "warning")

    def _count(self, **changes: Any) -> None:
        self.report = replace(self.report, **changes)


def longer_in_words(count: int, encoder: Encoder) -> str:
    """Say that so many texts are longer than an encoder reads."""
    longest = getattr(encoder, "longest", 0)
    verb = "is" if count == 1 else "are"
    return (
        f"{several(count, 'text')} {verb} longer than {encoder.card.name} reads ({longest:,} "
        "tokens): only their beginning counts."
    )
