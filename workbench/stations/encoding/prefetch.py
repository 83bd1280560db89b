"""Reading ahead: items are read and prepared in other processes, so that the model never waits."""

import faulthandler
import math
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.children import ChildContext, share_a_folder
from workbench.errors import WorkbenchError
from workbench.media import Modality, read_image, read_speech
from workbench.project import Catalogue, Item, content_of

FEW = 96
"""So few items are read in this process: others would take longer to start."""

_SECONDS_BETWEEN_LOOKS = 0.1
_BATCHES_AHEAD = 2  # a worker
_DAY = 86_400.0  # seconds: as good as for ever, which no clock counts to
_CRASHED = "The process that read it crashed, or took too long"


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
        try:
            if self.instead is not None:
                return Reading(item, "", self.instead[item.id])
            content = content_of(item)
            medium = read_medium(item.modality, item.path, item.text, item.heard or None)
            return Reading(item, content, self.preparation(medium) if self.preparation else medium)
        except WorkbenchError as error:
            return Reading(item, problem=str(error))
        except Exception as error:  # of a preparation, which is a library's or a plug-in's
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            return Reading(item, problem=f"It cannot be prepared for the encoder ({reason}).")


def read_medium(modality: Modality, path: str, text: str, seconds: float | None = 30.0) -> Any:
    """Return what an encoder takes: a picture, a text, or samples at 16 kHz."""
    if modality == "image":
        return read_image(Path(path))
    return text if modality == "text" else read_speech(Path(path), seconds)


def workers_for(modality: Modality, count: int) -> int:
    """Return how many processes should read ahead: none for texts and for few items."""
    if modality == "text" or count < FEW:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(8, (cores or 1) - 1))


def read_ahead(
    reader: Reader,
    ids: npt.NDArray[np.int64],
    batch_size: int,
    workers: int,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[list[Reading]]:
    """Yield batches of readings, in order.

    A file that crashes the process which reads it is found by reading the batches in question
    one by one, and becomes a problem like any other; so does one that takes minutes.

    Parameters
    ----------
    reader : Reader
    ids : ndarray, shape (n,)
    batch_size : int
    workers : int
        Processes; 0 reads here.
    stopping : callable
        Whether to end, asked while a file is waited for too.
    """
    if not workers:
        for start in range(0, len(ids), batch_size):
            some = ids[start : start + batch_size].tolist()
            if reader.seconds == math.inf:
                yield list(reader.read(some))
                continue
            batch = _read_here(reader, some, stopping)
            if stopping():
                return
            yield batch
        return
    done = 0
    while done < len(ids) and not stopping():
        batches = _loader(reader, ids[done:], batch_size, workers, stopping)
        try:
            for batch in batches:
                done += len(batch)
                yield batch
        except _WorkerDiedError:
            suspects = ids[done : done + batch_size * workers * _BATCHES_AHEAD]
            for readings in _one_by_one(reader, suspects, stopping):
                done += 1
                yield [readings]


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
            readings.append(_given_up(reader, ids[len(readings)], "It takes too long to be read"))
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


class _WorkerDiedError(Exception):
    """A process that reads ahead ended by itself."""


def _loader(
    reader: Reader,
    ids: npt.NDArray[np.int64],
    batch_size: int,
    workers: int,
    stopping: Callable[[], bool],
    ahead: int = _BATCHES_AHEAD,
) -> Iterator[list[Reading]]:
    """Let torch's loader read ahead: it keeps the order and moves tensors by shared memory."""
    from torch.utils.data import DataLoader

    share_a_folder()  # tensors come through sockets in it
    loader: DataLoader[Any] = DataLoader(
        _ById(reader, ids),  # type: ignore[arg-type]
        batch_size=batch_size, num_workers=workers, prefetch_factor=ahead, collate_fn=_as_it_is,
        multiprocessing_context=ChildContext(), worker_init_fn=_start_worker,
        timeout=_SECONDS_BETWEEN_LOOKS,
    )  # fmt: skip
    others = multiprocessing.active_children()
    batches = iter(loader)
    processes = [each for each in multiprocessing.active_children() if each not in others]
    while not stopping():
        try:
            batch = next(batches)
        except StopIteration:
            return
        except RuntimeError as error:
            if "timed out after" in str(error):  # nothing has come yet
                continue
            if "exited unexpectedly" in str(error):
                raise _WorkerDiedError from None
            raise
        yield batch
    _end(processes)


def _end(processes: list[multiprocessing.process.BaseProcess]) -> None:
    """End processes that read: the loader would wait for each that a file holds up."""
    while any(process.is_alive() for process in processes):
        with suppress(RuntimeError):  # the loader's, at the signal that one of its processes died
            for process in processes:
                process.terminate()
                process.join()


def _one_by_one(
    reader: Reader, ids: npt.NDArray[np.int64], stopping: Callable[[], bool]
) -> Iterator[Reading]:
    """Read items in one process that is asked for one at a time: who kills it is then known."""
    done = 0
    while done < len(ids) and not stopping():
        try:
            for batch in _loader(reader, ids[done:], 1, 1, stopping, ahead=1):
                done += 1
                yield batch[0]
        except _WorkerDiedError:
            yield _given_up(reader, int(ids[done]), _CRASHED)
            done += 1


def _given_up(reader: Reader, number: int, why: str) -> Reading:
    """Return an item that could not be read to an end."""
    (item,) = Catalogue(reader.catalogue).items_of([number])
    return Reading(item, problem=f"{why}, so the file is probably damaged. Replace or remove it.")


class _ById:
    """The items as torch's loader asks for them."""

    def __init__(self, reader: Reader, ids: npt.NDArray[np.int64]) -> None:
        self.reader, self.ids = reader, ids

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place: int) -> Reading:
        return self.__getitems__([place])[0]

    def __getitems__(self, places: list[int]) -> list[Reading]:
        """Read items; the process ends where one takes too long."""
        readings: list[Reading] = []
        seconds = min(self.reader.seconds, _DAY)
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - it has no path
            pending = self.reader.read(self.ids[places].tolist())
            while len(readings) < len(places):
                faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
                readings.append(next(pending))
            faulthandler.cancel_dump_traceback_later()
        return readings


def _as_it_is(batch: list[Reading]) -> list[Reading]:
    return batch


def _start_worker(_: int) -> None:
    import signal

    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C asks the encode for a stop
    torch.set_num_threads(1)
