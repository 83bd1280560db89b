"""Batches through the cluster and back: bounded, in order, each item once."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cluster import Cluster
from workbench.cluster.reading_task import read_items
from workbench.errors import WorkbenchError
from workbench.project import Catalogue, Item
from workbench.stations.encoding.on_cluster.files import row_of
from workbench.stations.encoding.on_cluster.pool import Pool, Worker
from workbench.stations.encoding.prefetch import Reader, Reading
from workbench.stations.encoding.reading_processes import CRASHED, given_up

_LOSSES = 4  # of workers by the same batch, after which it is no accident
_KEPT = 3  # times as many batches as are at work may be done before one that is slow
_SECONDS_BETWEEN_LOOKS = 0.1
_CHANGED = "A file of the same content changed while it was read. Encode again with retry."

IsKnown = Callable[[str], bool]


@dataclass(frozen=True)
class Vector:
    """What an item is on the cluster: its vector already.

    Attributes
    ----------
    numbers : ndarray, shape (width,), float32
    longer : bool
        Of a text: whether only its beginning was read.
    """

    numbers: npt.NDArray[np.float32]
    longer: bool = False


@dataclass(eq=False)
class _Part:
    """Items of a batch that are read together: all, or one after two readers died of all."""

    places: list[int]
    sent: bool
    losses: int = 0
    media: Any = None  # a reference, once they are being read


@dataclass(eq=False)
class _Attempt:
    """A batch with a worker.

    Attributes
    ----------
    readings : dict of int to Reading
        By the item's place in the batch.
    reading, read : dict of reference to _Part, list of _Part
        What is being read, by the reference to its facts, and what has been.
    wanted : list of int
        Places that the worker encodes.
    copies : dict of int to (_Batch, int)
        Places whose content is encoded in an earlier batch, or at an earlier place, by those.
    result : object
        Reference to the vectors, once they are asked for.
    """

    items: list[Item]
    worker: Worker
    readings: dict[int, Reading] = field(default_factory=dict)
    reading: dict[Any, _Part] = field(default_factory=dict)
    read: list[_Part] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    copies: dict[int, tuple["_Batch", int]] = field(default_factory=dict)
    result: Any = None
    done: bool = False


@dataclass(eq=False)
class _Batch:
    items: list[Item]
    losses: int = 0
    attempt: _Attempt | None = None


class Batches:
    """Batches of readings in the order of the items, each fresh one with its vector.

    No more are under way than the workers need, so a writer that is slow holds them up. They are
    cut as one machine cuts them, and what is known by its content is not encoded: an item's batch
    is the same wherever it is encoded, and so is its vector.

    Parameters
    ----------
    cluster : Cluster
    pool : Pool
    catalogue : Catalogue
    shared : bool
        Whether the workers read the files, see `choose_way`.
    batch_size : int

    Attributes
    ----------
    blamed : list of int
        Ids of items that failed because the encoder does not work.
    """

    def __init__(
        self, cluster: Cluster, pool: Pool, catalogue: Catalogue, shared: bool, batch_size: int
    ) -> None:
        self._ray, self._pool, self._catalogue = cluster.ray, pool, catalogue
        self._shared, self._size = shared, batch_size
        self._read = cluster.ray.remote(num_cpus=0, num_returns=2, max_retries=0)(read_items)
        self._window: deque[_Batch] = deque()
        self._first_with: dict[str, tuple[_Batch, int]] = {}  # contents that are under way
        self._notices: list[str] = []
        self.blamed: list[int] = []

    def take_notices(self) -> list[str]:
        """Return what workers told since the last call."""
        told, self._notices = self._notices, []
        return told

    def of(
        self, ids: npt.NDArray[np.int64], is_known: IsKnown, stopping: Callable[[], bool]
    ) -> Iterator[list[Reading]]:
        """Yield the batches of these items.

        Parameters
        ----------
        ids : ndarray, shape (n,)
        is_known : callable
            Whether a content has an embedding already.
        stopping : callable
            Whether to end.

        Raises
        ------
        WorkbenchError
            The encoder does not work, or no worker is left.
        """
        start = 0
        while not stopping():
            most = _KEPT * self._pool.ahead * len(self._pool.workers)
            while start < len(ids) and len(self._window) < most:
                some = ids[start : start + self._size].tolist()
                self._window.append(_Batch(self._catalogue.items_of(some)))
                start += len(some)
            if not self._window:
                return
            self._hand_out()
            self._decide(is_known)
            head = self._window[0].attempt
            if head is None or not head.done:
                self._wait()
                continue
            batch = self._window.popleft()
            yield _completed(head)
            self._forget_contents(batch, head)  # which whoever asked has written

    def _hand_out(self) -> None:
        """Let batches that wait be read, beside the workers that have least to do."""
        for batch in self._window:
            if batch.attempt is not None:
                continue
            free = min(self._pool.ready(), key=lambda each: each.batches, default=None)
            if free is None or free.batches >= self._pool.ahead:
                return
            free.batches += 1
            batch.attempt = _Attempt(batch.items, free)
            every = list(range(len(batch.items)))
            self._start_reading(batch.attempt, _Part(every, not self._shared))

    def _start_reading(self, attempt: _Attempt, part: _Part) -> None:
        """Let items be read on the worker's node; those that cannot be sent are done with."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as OnNode

        rows: list[dict[str, Any]] = []
        for place in part.places.copy():
            item = attempt.items[place]
            try:
                rows.append(row_of(item, part.sent))
            except WorkbenchError as error:
                attempt.readings[place] = Reading(item, problem=str(error))
                part.places.remove(place)
        if rows:
            about = attempt.worker.about
            beside = OnNode(about["node"], soft=True)
            facts, part.media = self._read.options(scheduling_strategy=beside).remote(
                rows, about["preparation"], Reader.seconds
            )
            attempt.reading[facts] = part

    def _decide(self, is_known: IsKnown) -> None:
        """Send what is new in batches that are read to their workers, in the order of batches."""
        for batch in self._window:
            attempt = batch.attempt
            if attempt is None or attempt.reading:
                return  # contents of later ones may be those of this one
            if attempt.done or attempt.result is not None:
                continue
            attempt.wanted = [
                place for place, reading in sorted(attempt.readings.items())
                if not reading.problem and self._is_new(batch, attempt, place, is_known)
            ]  # fmt: skip
            if attempt.wanted:
                _start_encoding(attempt)
            else:
                _finish(attempt)

    def _is_new(self, batch: _Batch, attempt: _Attempt, place: int, is_known: IsKnown) -> bool:
        """Whether no item before has the content of this one; else it is not encoded."""
        content = attempt.readings[place].content
        if not content:
            return True
        first = self._first_with.get(content)
        if first is not None:
            attempt.copies[place] = first
            return False
        if is_known(content):
            return False
        self._first_with[content] = batch, place
        return True

    def _forget_contents(self, batch: _Batch, attempt: _Attempt) -> None:
        for place in attempt.wanted:
            content = attempt.readings[place].content
            if self._first_with.get(content) == (batch, place):
                del self._first_with[content]

    def _wait(self) -> None:
        """Wait a moment for anything, and take what has come."""
        pending: dict[Any, Any] = dict(self._pool.loading())
        for batch in self._window:
            if batch.attempt is not None and not batch.attempt.done:
                pending |= dict.fromkeys(batch.attempt.reading, batch)
                if batch.attempt.result is not None:
                    pending[batch.attempt.result] = batch
        found, _ = self._ray.wait(
            list(pending), num_returns=1, timeout=_SECONDS_BETWEEN_LOOKS, fetch_local=False
        )
        for reference in found:
            of = pending[reference]
            if isinstance(of, Worker):
                self._pool.take(of)
            elif reference in of.attempt.reading:
                self._take_facts(of, of.attempt, reference)
            else:
                self._take_vectors(of, of.attempt)
        self._pool.check_alive()

    def _take_facts(self, batch: _Batch, attempt: _Attempt, reference: Any) -> None:
        """Take what is known of read items, or find who killed their reader."""
        part = attempt.reading.pop(reference)
        facts, lost = self._pool.get(reference)
        if isinstance(lost, self._ray.exceptions.ObjectLostError):
            self._lose(batch, attempt)  # with the worker went what items are prepared by
            return
        if lost is not None:
            self._read_again(attempt, part)
            return
        again = []
        for place, (content, problem) in zip(part.places, facts, strict=True):
            item = attempt.items[place]
            attempt.readings[place] = Reading(item, content, problem=problem)
            if problem and self._shared and not part.sent:
                again.append(place)  # perhaps the node alone cannot read it
        attempt.read.append(part)
        if again:
            self._start_reading(attempt, _Part(again, sent=True))

    def _read_again(self, attempt: _Attempt, part: _Part) -> None:
        """Read once more what a reader died of, then one by one: who kills it is then known."""
        part.losses += 1
        if part.losses == 1:
            self._start_reading(attempt, part)
        elif len(part.places) > 1:
            for place in part.places:
                self._start_reading(attempt, _Part([place], part.sent))
        else:
            (place,) = part.places
            attempt.readings[place] = Reading.of(attempt.items[place], given_up(CRASHED))

    def _take_vectors(self, batch: _Batch, attempt: _Attempt) -> None:
        found, lost = self._pool.get(attempt.result)
        if lost is not None:
            self._lose(batch, attempt)
            return
        if "failed" in found:
            self.blamed = found["blamed"]
            raise WorkbenchError(found["failed"])
        self._pool.works()
        self._notices += found["notices"]
        longer = set(found["longer"])
        for number, place in enumerate(attempt.wanted):
            reading = attempt.readings[place]
            attempt.readings[place] = replace(
                reading, medium=Vector(found["vectors"][number], number in longer),
                problem=found["problems"].get(reading.item.id, ""),
            )  # fmt: skip
        _finish(attempt)

    def _lose(self, batch: _Batch, attempt: _Attempt) -> None:
        """Begin a batch anew whose worker died, with another one."""
        batch.losses += 1
        if batch.losses >= _LOSSES:
            first, last = batch.items[0].path, batch.items[-1].path
            raise WorkbenchError(
                f"{_LOSSES} workers ended while they encoded the items from {first} to {last}, "
                "perhaps for want of memory. Try smaller batches, or remove the item that does "
                "it. What was encoded is kept."
            )
        self._pool.lose(attempt.worker)
        attempt.worker.batches -= 1
        batch.attempt = None
        self._forget_contents(batch, attempt)


def _start_encoding(attempt: _Attempt) -> None:
    at = {place: number for number, place in enumerate(attempt.wanted)}
    parts = [part for part in attempt.read if at.keys() & set(part.places)]
    wanted = [
        {at[place]: inside for inside, place in enumerate(part.places) if place in at}
        for part in parts
    ]
    keys = [attempt.items[place].id for place in attempt.wanted]
    attempt.result = attempt.worker.actor.encode.remote(
        keys, wanted, *(part.media for part in parts)
    )


def _finish(attempt: _Attempt) -> None:
    attempt.worker.batches -= 1
    attempt.done = True
    attempt.read.clear()  # the cluster need not hold it any longer


def _completed(attempt: _Attempt) -> list[Reading]:
    """Return the readings of a batch; copies of what was under way have its vector or problem."""
    for place, (first, there) in attempt.copies.items():
        assert first.attempt is not None  # noqa: S101 - batches are completed in their order
        reading, original = attempt.readings[place], first.attempt.readings[there]
        changed = original.content != reading.content  # between two readings of the first
        attempt.readings[place] = replace(
            reading, medium=original.medium,
            problem=_CHANGED if changed else original.problem,
        )  # fmt: skip
    return [attempt.readings[place] for place in range(len(attempt.items))]
