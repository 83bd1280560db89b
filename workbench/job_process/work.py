"""What a process that does jobs does."""

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from workbench.errors import WorkbenchError, details_of, of_the_system, unexpected
from workbench.jobs import Control, Event, Job, drain
from workbench.memory import keep_freed_memory


def work(there: Connection, last_words: Path | None) -> None:
    """Do jobs until the parent has no more; the body of the process.

    Parameters
    ----------
    there : Connection
        To the parent.
    last_words : Path or None
        A file in which the interpreter writes where it was, should a library crash.
    """
    if last_words is not None:
        with suppress(OSError):  # somebody has emptied the temporary folder
            faulthandler.enable(os.open(last_words, os.O_WRONLY | os.O_APPEND))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it asks for a stop
    keep_freed_memory()
    jobs: SimpleQueue[_Given | None] = SimpleQueue()
    threading.Thread(target=_obey, args=(there, jobs), daemon=True).start()
    for job in iter(jobs.get, None):
        _do(job, there)
        _give_memory_back()


class _Reins(Control):
    """A control that takes many wishes at once: no step comes between them."""

    def set_all(self, wishes: list[tuple[str, float]]) -> None:
        """Change live values; the job sees all of them at its next step."""
        with self._lock:
            self._wishes += wishes


@dataclass(frozen=True)
class _Given:
    """A job as the parent gives it, and the hand that steers it."""

    station: Callable[..., Job[Any]]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    control: Control


def _do(job: _Given, there: Connection) -> None:
    """Run a station, and tell the parent of it."""

    def tell(kind: str, content: object) -> None:
        try:
            there.send((kind, content))
        except OSError:
            job.control.stop()  # nobody is left to tell: end in order, and keep what is finished

    def hear(event: Event) -> None:
        tell("event", event)

    try:
        work = job.station(*job.arguments, control=job.control, **job.options)
        tell("result", drain(work, hear))
    except WorkbenchError as error:
        tell("failed", error)
    except BaseException as error:
        sentence = of_the_system(error) or unexpected(error)
        tell("crashed", (sentence, details_of(error), traceback.format_exc()))


def _obey(there: Connection, jobs: "SimpleQueue[_Given | None]") -> None:
    """Carry out what the parent asks for; its silence means that it is gone."""
    control = _Reins()
    while True:
        try:
            kind, content = there.recv()
        except (EOFError, OSError):
            control.stop()
            jobs.put(None)
            return
        if kind == "job":
            control = _Reins()  # wishes that came late were of the job before
            station, arguments, options = content
            jobs.put(_Given(station, arguments, options, control))
        elif kind == "set":
            control.set_all(content)
        else:
            {"stop": control.stop, "pause": control.pause, "resume": control.resume}[kind]()


def _give_memory_back() -> None:
    """Free what a job has left, for a process that waits may wait long."""
    gc.collect()
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)
