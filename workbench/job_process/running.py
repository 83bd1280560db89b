"""Stations run elsewhere: each in a process of its own, or in one that is kept for the next."""

import atexit
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from workbench.job_process.process import JobProcess
from workbench.jobs import Control, Job

T = TypeVar("T")

_SECONDS_TO_WAIT = 300.0


def in_process(
    station: Callable[..., Job[T]], *arguments: Any, control: Control, **options: Any
) -> Job[T]:
    """Run a station in a new process; its events and its result arrive here.

    Parameters
    ----------
    station : callable
        A generator function of a module, with a `control` parameter.
    *arguments, **options
        Whatever can be pickled between two processes of one program.
    control : Control
        Pause, stop and live values reach the process within a twentieth of a second; of a
        `PromptControl` at once.

    Yields
    ------
    Event

    Returns
    -------
    T

    Raises
    ------
    WorkbenchError
        The station's own; or, as `JobProcessError`, that the process died.
    """
    process = JobProcess()
    try:
        result: T = yield from process.run(station, *arguments, control=control, **options)
        return result
    finally:
        process.end()


def in_kept_process(
    station: Callable[..., Job[T]], *arguments: Any, control: Control, **options: Any
) -> Job[T]:
    """Do as `in_process`, in a process that waits some minutes for the next job.

    For jobs that begin with the same slow imports: the second one begins at once.
    """
    process = _waiting.take()
    try:
        result: T = yield from process.run(station, *arguments, control=control, **options)
        return result
    finally:
        _waiting.put(process)


class _Waiting:
    """At most one process without a job; after some minutes it is ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: JobProcess | None = None
        self._clock = threading.Timer(0, lambda: None)
        atexit.register(self.end)  # at once, where multiprocessing would wait for it

    def take(self) -> JobProcess:
        """Return a process to give a job to."""
        with self._lock:
            self._clock.cancel()
            process, self._process = self._process, None
        if process is not None and process.is_alive():
            return process
        return JobProcess()

    def put(self, process: JobProcess) -> None:
        """Let a process wait, if it is fit for another job and no other one waits."""
        with self._lock:
            kept = process.idle and self._process is None
            if kept:
                self._process = process
                self._clock = threading.Timer(_SECONDS_TO_WAIT, self.end)
                self._clock.daemon = True
                self._clock.start()
        if not kept:
            process.end()

    def end(self) -> None:
        """End the process that waits."""
        with self._lock:
            self._clock.cancel()
            process, self._process = self._process, None
        if process is not None:
            process.end()


_waiting = _Waiting()
