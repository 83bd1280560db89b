"""Jobs that make very many small objects, without holding the window up."""

import gc
import threading
from typing import TypeVar

from workbench.jobs import Job

T = TypeVar("T")

_lock = threading.Lock()
_running = 0


def steadily(job: Job[T]) -> Job[T]:
    """Run a job while Python's collector of cyclic garbage pauses.

    A hundred thousand items make the collector look at all objects again and again, for a quarter
    of a second each time, and no thread runs meanwhile. Items hold no cycles, so it would find
    nothing. At the end it is told to leave out what there is now, until `collect_again`.
    """
    _pause()
    try:
        return (yield from job)
    finally:
        _resume()


def _pause() -> None:
    global _running
    with _lock:
        _running += 1
        gc.disable()


def _resume() -> None:
    global _running
    with _lock:
        _running -= 1
        if not _running:
            gc.freeze()  # else the first collection would look at all that the job has made
            gc.enable()


def collect_again() -> None:
    """Let the collector look at everything again, at a moment when a pause goes unnoticed."""
    gc.unfreeze()
