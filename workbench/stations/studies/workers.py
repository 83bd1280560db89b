"""The processes of a study: each takes one cell after another, and may be killed without harm."""

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue

from workbench.errors import WorkbenchError, of_the_system
from workbench.job_process import JobProcess, JobProcessError
from workbench.jobs import Control, Event, Job, drain
from workbench.memory import physical_memory
from workbench.project import Project, SplitSettings
from workbench.stations.studies.cell import StudyData, measure_cell
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.table import CellResult

_BYTES_A_PROCESS = 2 << 30  # torch, its work, and the program
_COPIES_OF_DATA = 4  # a data set, what training takes of it, and two more while it is whitened


@dataclass(frozen=True)
class CellBegun(Event):
    """A cell is being trained."""

    cell: Cell


@dataclass(frozen=True)
class CellDone(Event):
    """A cell has its figures, or a reason for having none."""

    cell: Cell
    result: CellResult


@dataclass(frozen=True)
class Task:
    """What cells of one study have in common."""

    root: Path
    split: SplitSettings
    device: str
    until: str = ""


def usual_workers(cells: int, data_bytes: int, device: str = "cpu") -> int:
    """Return how many processes so many cells are worth: one a core, as far as memory goes."""
    if device != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    fit = physical_memory() // (_BYTES_A_PROCESS + _COPIES_OF_DATA * data_bytes)
    return max(1, min(cores or 1, fit, cells))


def one_after_another(
    task: Task, data: StudyData, cells: Sequence[Cell], control: Control
) -> Iterator[CellBegun | CellDone]:
    """Measure cells in this process."""
    for cell in cells:
        control.wait_while_paused()
        if control.stopping:
            return
        yield CellBegun(cell)
        result = attempt(data, cell, task.split, task.device, control)
        if result is None:
            return
        yield CellDone(cell, result)


def beside_each_other(
    task: Task, cells: Sequence[Cell], workers: int, control: Control
) -> Iterator[CellBegun | CellDone]:
    """Measure cells in processes of their own; a process that dies costs its cell, and no other."""
    waiting, told = deque(cells), SimpleQueue[CellBegun | CellDone | None]()
    threads = [
        threading.Thread(target=_work_off, args=(task, waiting, told, control), name="study")
        for _ in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        working = len(threads)
        while working:
            event = told.get()
            if event is None:
                working -= 1
            else:
                yield event
    except GeneratorExit:  # nobody listens any more
        control.stop()
        raise
    finally:
        waiting.clear()
        for thread in threads:
            thread.join()


def _work_off(
    task: Task,
    waiting: deque[Cell],
    told: "SimpleQueue[CellBegun | CellDone | None]",
    control: Control,
) -> None:
    """Give one process cells as long as there are any."""
    process = JobProcess()
    try:
        while not control.stopping:
            control.wait_while_paused()
            try:
                cell = waiting.popleft()
            except IndexError:
                break
            told.put(CellBegun(cell))
            try:
                result = drain(process.run(cell_station, task, cell, control=control))
            except JobProcessError as error:
                process.end()
                result = None if control.stopping else CellResult(error=str(error))
                process = JobProcess()
            except WorkbenchError as error:
                result = CellResult(error=str(error))
            if result is not None:
                told.put(CellDone(cell, result))
    finally:
        process.end()
        told.put(None)


def cell_station(task: Task, cell: Cell, control: Control) -> Job[CellResult | None]:
    """Measure a cell in a process that does nothing else: in one thread, as there are others."""
    yield from ()  # a cell tells nothing while it is trained
    in_one_thread()
    data = _data_of(task.root, task.until)
    return attempt(data, cell, task.split, task.device, control)


def attempt(
    data: StudyData, cell: Cell, split: SplitSettings, device: str, control: Control
) -> CellResult | None:
    """Return the result of a cell, or why it has none; None if it was stopped."""
    try:
        return measure_cell(data, cell, split, device, control)
    except WorkbenchError as error:
        return CellResult(error=str(error))
    except Exception as error:  # one cell of hundreds: the others go on
        logging.getLogger(__name__).exception("A cell of a study failed")
        sentence = f"Something unexpected went wrong ({type(error).__name__}: {error})."
        return CellResult(error=of_the_system(error) or sentence)


@cache
def _data_of(root: Path, until: str) -> StudyData:
    return StudyData(Project.open(root), until)


@cache
def in_one_thread() -> None:
    """Let this process compute in one thread from now on, as there are others beside it."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1)
