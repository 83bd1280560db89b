"""Reading ahead: items are read and prepared in other processes, so that the model never waits."""

import math
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.media import Modality, Order, Prepared, prepare
from workbench.project import Catalogue, Item
from workbench.stations.encoding.reading_processes import Pace, ReadAhead, given_up, usable_cores

FEW = 96
"""So few items are read in this process: others would take longer to start."""

_SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True)
class Reading:
    """An item that was read, or why it could not be.

    Attributes
    ----------
    item : Item
    content : str
        Hash of what the encoder gets; empty where equal contents need not give equal vectors.
    medium : object
        What the encoder takes, prepared where it can prepare; None when there is a problem.
    problem : str
    """

    item: Item
    content: str = ""
    medium: Any = None
    problem: str = ""

    @classmethod
    def of(cls, item: Item, found: Prepared) -> "Reading":
        """Return what came of reading an item."""
        return cls(item, found.content, found.medium, found.problem)


@dataclass(frozen=True)
class Reader:
    """Reads items by id; it travels to other processes.

    Attributes
    ----------
    catalogue : Path
    preparation : callable or None
        The encoder's work on one item that can be done ahead.
    instead : mapping of int to object, or None
        When given, items are not read: an encoder of vectors computed elsewhere takes what this
        says of an item's id, such as its names.
    seconds : float
        How long it may take to read one item; infinite where nothing can hold it up, as of texts.
    """

    catalogue: Path
    preparation: Callable[[Any], Any] | None = None
    instead: Mapping[int, Any] | None = None
    seconds: float = 120.0

    def read(self, ids: Sequence[int]) -> Iterator[Reading]:
        """Read items in order; what is wrong with one is its problem alone."""
        return map(self._read, Catalogue(self.catalogue).items_of(ids))

    def _read(self, item: Item) -> Reading:
        if self.instead is None:
            return Reading.of(item, prepare(item, self.preparation))
        if item.id in self.instead:
            return Reading(item, "", self.instead[item.id])
        return Reading(item, problem="There is no vector for it among those given.")


def most_workers(modality: Modality, count: int) -> int:
    """Return how many processes may read ahead: none for texts and for few items."""
    return 0 if modality == "text" or count < FEW else min(8, usable_cores())


def read_ahead(
    reader: Reader,
    ids: npt.NDArray[np.int64],
    batch_size: int,
    pace: Pace | None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[list[Reading]]:
    """Yield batches of readings, in order.

    A file that crashes the process which reads it is found by reading the batch in question one by
    one, and becomes a problem like any other; so does one that takes minutes.

    Parameters
    ----------
    reader : Reader
    ids : ndarray, shape (n,)
    batch_size : int
    pace : Pace or None
        How many processes read; None reads here.
    stopping : callable
        Whether to end, asked while a file is waited for too.
    """
    parts = [ids[start : start + batch_size] for start in range(0, len(ids), batch_size)]
    if pace is not None:
        yield from _read_there(reader, parts, pace, stopping)
        return
    for part in parts:
        some = part.tolist()
        if reader.seconds == math.inf:
            yield list(reader.read(some))
            continue
        batch = _read_here(reader, some, stopping)
        if stopping():
            return
        yield batch


def _read_there(
    reader: Reader, parts: Sequence[npt.NDArray[np.int64]], pace: Pace,
    stopping: Callable[[], bool],
) -> Iterator[list[Reading]]:  # fmt: skip
    """Read items in other processes, which know nothing of the catalogue."""
    catalogue, asked = Catalogue(reader.catalogue), deque[list[Item]]()

    def orders() -> Iterator[list[Order]]:
        for part in parts:
            items = catalogue.items_of(part.tolist())
            asked.append(items)
            yield [Order.of(item) for item in items]

    ahead = ReadAhead(
        orders(), pickle.dumps(reader.preparation), reader.seconds, pace, stopping
    ).read()
    with closing(ahead):
        for found in ahead:
            yield [Reading.of(*each) for each in zip(asked.popleft(), found, strict=True)]


def _read_here(reader: Reader, ids: list[int], stopping: Callable[[], bool]) -> list[Reading]:
    """Read items in a thread, which is left alone where a file holds it up; fewer on a stop."""
    readings: list[Reading] = []
    while len(readings) < len(ids) and not stopping():
        thread = _ReadingThread(reader, ids[len(readings) :])
        thread.start()
        known, patience = 0, time.monotonic() + reader.seconds
        while thread.is_alive() and not stopping() and time.monotonic() < patience:
            thread.join(_SECONDS_BETWEEN_LOOKS)
            if known < len(thread.done):
                known, patience = len(thread.done), time.monotonic() + reader.seconds
        thread.is_left = True
        if thread.error is not None:
            raise thread.error
        readings += thread.done.copy()
        if thread.is_alive() and not stopping() and len(readings) < len(ids):
            (item,) = Catalogue(reader.catalogue).items_of([ids[len(readings)]])
            readings.append(Reading.of(item, given_up("It takes too long to be read")))
    return readings


class _ReadingThread(threading.Thread):
    """Reads items one after another."""

    def __init__(self, reader: Reader, ids: list[int]) -> None:
        super().__init__(daemon=True)  # the program ends without it
        self._reader, self._ids = reader, ids
        self.done: list[Reading] = []
        self.error: Exception | None = None
        self.is_left = False

    def run(self) -> None:
        try:
            for reading in self._reader.read(self._ids):
                if self.is_left:
                    return
                self.done.append(reading)
        except Exception as error:  # of the catalogue; for whoever waits
            self.error = error
