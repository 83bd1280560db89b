"""Jobs: work that takes time is a generator that yields events and returns its result.

The command line prints the events, the window's thread emits them, a test lists them: one loop,
three listeners. A job is steered through a `Control`, which is safe to use from another thread.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal, TypeVar


@dataclass(frozen=True)
class Event:
    """What a job tells while it runs."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a job has come.

    Attributes
    ----------
    done, total : int
        Work units finished and in all; `total` 0 means the amount is not known yet.
    message : str
        What is being worked on now.
    rate : float or None
        Units per second, where it means something.
    """

    done: int
    total: int
    message: str = ""
    rate: float | None = None


@dataclass(frozen=True)
class Transfer(Progress):
    """How far a download has come: `done` and `total` in bytes, `rate` in bytes a second."""


@dataclass(frozen=True)
class Notice(Event):
    """A sentence the user should read; the job goes on."""

    text: str
    level: Literal["info", "warning"] = "info"


T = TypeVar("T")
Job = Generator[Event, None, T]


class Control:
    """Pause, stop and live values of a running job, from any thread.

    A job asks `wait_while_paused` and `stopping` between units of work. After a stop it keeps what
    is finished and returns a result that says so; it is never interrupted in the middle of a write.
    """

    def __init__(self) -> None:
        self._running = threading.Event()
        self._running.set()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._wishes: list[tuple[str, float]] = []

    def pause(self) -> None:
        """Ask the job to wait at its next safe point."""
        self._running.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._running.set()

    def stop(self) -> None:
        """Ask the job to end at its next safe point, keeping what is finished."""
        self._stopping.set()
        self._running.set()

    @property
    def paused(self) -> bool:
        """Whether the job has been asked to wait."""
        return not self._running.is_set()

    @property
    def stopping(self) -> bool:
        """Whether the job has been asked to end."""
        return self._stopping.is_set()

    def wait_while_paused(self) -> None:
        """Block while paused; return at once on resume or stop."""
        self._running.wait()

    def set(self, name: str, value: float) -> None:
        """Change a live value, such as ``alpha``; the job sees it at its next step."""
        with self._lock:
            self._wishes.append((name, value))

    def take_wishes(self) -> list[tuple[str, float]]:
        """Return the changes asked for since the last call, in their order; for the job to ask."""
        with self._lock:
            wishes, self._wishes = self._wishes, []
            return wishes


class Stopwatch:
    """Rate of work since it was made, pauses included."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def rate(self, done: int) -> float | None:
        """Units a second, or None before anything can be said."""
        seconds = self.seconds()
        return done / seconds if done and seconds > 0 else None


class RecentRate:
    """Rate of work over the last seconds, for saying how much time is left."""

    def __init__(self, window: float = 20.0) -> None:
        self._window = window
        self._marks: deque[tuple[float, int]] = deque([(time.perf_counter(), 0)])

    def after(self, done: int) -> float | None:
        """Take note that so much is done since the start; return units a second, if it is known."""
        now = time.perf_counter()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > self._window:
            self._marks.popleft()
        since, before = self._marks[0]
        return (done - before) / (now - since) if done > before and now > since else None


def drain(job: Job[T], listen: Callable[[Event], None] | None = None) -> T:
    """Run a job to its end.

    Parameters
    ----------
    job : generator
        Yields events and returns the result.
    listen : callable, optional
        Called with each event.

    Returns
    -------
    T
        What the job returned.
    """
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            result: T = end.value
            return result
        if listen is not None:
            listen(event)
