"""Filling a cache: batches are encoded, what is known is copied, and all of it is written once."""

import math
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cache import EmbeddingCache
from workbench.encoders import BatchedModel, Encoder, LimitedEncoder, PreparingEncoder
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress, RecentRate, Stopwatch
from workbench.project import Project
from workbench.stations.encoding.content_dedup import ContentDedup
from workbench.stations.encoding.encode_request import EncodeReport, EncodeRequest
from workbench.stations.encoding.on_cluster.batches import Batches
from workbench.stations.encoding.prefetch import Reader, Reading, most_workers, read_ahead
from workbench.stations.encoding.reading_processes import FreeCores, Pace
from workbench.words import several

Rows = npt.NDArray[np.int64]


@dataclass
class Filling:
    """An encode at work on an open cache.

    Attributes
    ----------
    encoder : Encoder
    ids : ndarray, shape (n,)
        Of the items, in the order of the cache's rows.
    report : EncodeReport
        As it is now.
    instead : mapping of int to object, or None
        See `Reader`.
    by_cluster : Batches or None
        Where batches come from that are encoded already.
    """

    project: Project
    encoder: Encoder
    request: EncodeRequest
    cache: EmbeddingCache
    ids: Rows
    report: EncodeReport
    control: Control
    instead: Mapping[int, Any] | None = None
    by_cluster: Batches | None = None
    model: BatchedModel = field(init=False)
    known: ContentDedup = field(init=False)

    def run(self) -> Job[EncodeReport]:
        """Encode what the cache lacks, batch by batch."""
        todo, failed_before = self._todo()
        self._count(
            kept=len(self.ids) - len(todo) - failed_before, passed_over=failed_before,
            width=self.encoder.card.width,
        )  # fmt: skip
        self.model = BatchedModel(self.encoder, self.request.batch_size)
        self.known = ContentDedup(self.cache)
        whole, speed = Stopwatch(), RecentRate()
        batches = self._batches(todo)
        place = 0
        yield Progress(self.report.done, len(self.ids), "Reading the first items")
        while place < len(todo):
            if self.control.paused:
                self.control.wait_while_paused()
                speed = RecentRate()
            readings = next(batches, None)  # none when a stop was asked for meanwhile
            for sentence in self.by_cluster.take_notices() if self.by_cluster else ():
                yield Notice(sentence, "warning")
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

    def _batches(self, todo: Rows) -> Iterator[list[Reading]]:
        """Yield what was read, in order; on a cluster it is encoded already."""
        ids = self.ids[todo]
        if self.by_cluster is not None:
            return self.by_cluster.of(
                ids, lambda content: self.known.row(content) is not None,
                lambda: self.control.stopping,
            )  # fmt: skip
        reader = self._reader()
        pace = self._pace(reader, len(todo))
        return read_ahead(reader, ids, self.request.batch_size, pace, lambda: self.control.stopping)

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
