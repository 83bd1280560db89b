"""Reading ahead: items are read and prepared in other processes, so that the model never waits."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
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

_BATCHES_AHEAD = 2  # a worker
_CRASHED = "The process that read it crashed, so the file is probably damaged"


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
    """

    catalogue: Path
    preparation: Callable[[Any], Any] | None = None
    instead: Mapping[int, Any] | None = None

    def read(self, ids: Sequence[int]) -> list[Reading]:
        """Read items in order; what is wrong with one is its problem alone."""
        return [self._read(item) for item in Catalogue(self.catalogue).items_of(ids)]

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
    reader: Reader, ids: npt.NDArray[np.int64], batch_size: int, workers: int
) -> Iterator[list[Reading]]:
    """Yield batches of readings, in order.

    A file that crashes the process which reads it is found by reading the batches in question
    one by one, and becomes a problem like any other.

    Parameters
    ----------
    reader : Reader
    ids : ndarray, shape (n,)
    batch_size : int
    workers : int
        Processes; 0 reads here.
    """
    if not workers:
        for start in range(0, len(ids), batch_size):
            yield reader.read(ids[start : start + batch_size].tolist())
        return
    done = 0
    while done < len(ids):
        batches = _loader(reader, ids[done:], batch_size, workers)
        try:
            for batch in batches:
                done += len(batch)
                yield batch
        except _WorkerDiedError:
            suspects = ids[done : done + batch_size * workers * _BATCHES_AHEAD]
            for readings in _one_by_one(reader, suspects):
                done += 1
                yield [readings]


class _WorkerDiedError(Exception):
    """A process that reads ahead ended by itself."""


def _loader(
    reader: Reader, ids: npt.NDArray[np.int64], batch_size: int, workers: int, ahead: int = 2
) -> Iterator[list[Reading]]:
    """Let torch's loader read ahead: it keeps the order and moves tensors by shared memory."""
    from torch.utils.data import DataLoader

    share_a_folder()  # tensors come through sockets in it
    loader: DataLoader[Any] = DataLoader(
        _ById(reader, ids),  # type: ignore[arg-type]
        batch_size=batch_size, num_workers=workers, prefetch_factor=ahead, collate_fn=_as_it_is,
        multiprocessing_context=ChildContext(), worker_init_fn=_start_worker,
    )  # fmt: skip
    batches = iter(loader)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except RuntimeError as error:
            if "exited unexpectedly" in str(error):
                raise _WorkerDiedError from None
            raise
        yield batch


def _one_by_one(reader: Reader, ids: npt.NDArray[np.int64]) -> Iterator[Reading]:
    """Read items in one process that is asked for one at a time: who kills it is then known."""
    done = 0
    while done < len(ids):
        try:
            for batch in _loader(reader, ids[done:], 1, 1, ahead=1):
                done += 1
                yield batch[0]
        except _WorkerDiedError:
            item = Catalogue(reader.catalogue).items_of(ids[done : done + 1].tolist())[0]
            done += 1
            yield Reading(item, problem=f"{_CRASHED}. Replace or remove it.")


class _ById:
    """The items as torch's loader asks for them."""

    def __init__(self, reader: Reader, ids: npt.NDArray[np.int64]) -> None:
        self.reader, self.ids = reader, ids

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place: int) -> Reading:
        return self.__getitems__([place])[0]

    def __getitems__(self, places: list[int]) -> list[Reading]:
        return self.reader.read(self.ids[places].tolist())


def _as_it_is(batch: list[Reading]) -> list[Reading]:
    return batch


def _start_worker(_: int) -> None:
    import signal

    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C asks the encode for a stop
    torch.set_num_threads(1)
