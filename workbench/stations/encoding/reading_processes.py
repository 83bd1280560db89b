"""Processes that read ahead: as many as keep the encoder busy, and no more."""

import multiprocessing
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from workbench.children import ChildContext
from workbench.media.reading import Order, Prepared
from workbench.media.reading_process import serve

CRASHED = "The process that read it crashed, or took too long"

_BATCHES_AHEAD = 2  # a process
_SECONDS_BETWEEN_LOOKS = 0.1

Orders = Sequence[Order]


def given_up(why: str) -> Prepared:
    """Return what is told of an item that could not be read to an end."""
    return Prepared(problem=f"{why}, so the file is probably damaged. Replace or remove it.")


class ReadingProcess:
    """A process that reads what it is asked for, in order, see `serve`.

    Parameters
    ----------
    preparation : bytes
        What the encoder does to one medium, pickled.
    seconds : float
        How long one item may take.

    Attributes
    ----------
    owed : int
        Answers that have not been taken.
    is_new : bool
        Whether none has come yet.
    """

    def __init__(self, preparation: bytes, seconds: float) -> None:
        self.owed, self.is_new = 0, True
        self._line, theirs = multiprocessing.Pipe()
        self._process = ChildContext().Process(target=serve, args=(theirs, seconds), daemon=True)
        self._process.needs_main = b"__main__" in preparation
        self._process.start()
        theirs.close()
        self._line.send_bytes(preparation)
        self._answers: queue.SimpleQueue[list[Prepared] | None] = queue.SimpleQueue()
        # an answer is fetched while the encoder computes, and the process reads on
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._answers.put(self._line.recv())
        self._answers.put(None)

    def ask(self, orders: Orders) -> None:
        """Ask for items; who has died is found out when the answer is waited for."""
        self.owed += 1
        with suppress(OSError):
            self._line.send(list(orders))

    def answer(self, stopping: Callable[[], bool]) -> list[Prepared] | None:
        """Wait for the next answer; None when the process died instead, or a stop was asked for."""
        while not stopping():
            with suppress(queue.Empty):
                found = self._answers.get(timeout=_SECONDS_BETWEEN_LOOKS)
                self.owed, self.is_new = self.owed - 1, False
                return found
        return None

    def end(self) -> None:
        """End it, also where a file holds it up."""
        self._process.terminate()
        self._process.join()
        self._hearing.join()
        self._line.close()


class Pace:
    """Says how many processes should read ahead.

    One at first. When the encoder then waits for items while cores idle, there are more: as many as
    cores idle, and at most twice as many as before. A process that is ahead waits and costs
    nothing, so there are never fewer again.

    Parameters
    ----------
    most : int
    free_cores : callable
        Returns how many cores idled since it was last asked.
    begin_with : int
    """

    share = 0.15  # of the time, which the encoder may wait
    batches = 4  # a process, after which it is looked at again

    def __init__(self, most: int, free_cores: Callable[[], float], begin_with: int = 1) -> None:
        self.wanted, self._most, self._free_cores = begin_with, most, free_cores
        self._begin()

    def _begin(self) -> None:
        self._batches, self._waited, self._worked = 0, 0.0, 0.0
        if self.wanted < self._most:
            self._free_cores()

    def note(self, waited: float, worked: float) -> None:
        """Take note of the seconds that the encoder waited for a batch, and worked on it."""
        if self.wanted >= self._most:
            return
        self._batches, self._waited = self._batches + 1, self._waited + waited
        self._worked += worked
        if self._batches < self.batches * self.wanted:
            return
        if self._waited > self.share * (self._waited + self._worked):
            free = round(self._free_cores())
            self.wanted = min(self._most, self.wanted + min(self.wanted, free))
        self._begin()


class FreeCores:
    """How many cores idled, as the system counts; all of them where it does not tell."""

    def __init__(self, stat: Path = Path("/proc/stat")) -> None:
        self._stat = stat
        self._seen = self._look()

    def _look(self) -> tuple[float, float]:
        try:
            idle = self._stat.read_text().split(maxsplit=6)[4:6]  # idle, and waiting for a disk
            return sum(map(int, idle)) / os.sysconf("SC_CLK_TCK"), time.monotonic()
        except (OSError, ValueError, AttributeError):  # not on Linux
            return float("inf"), time.monotonic()

    def __call__(self) -> float:
        """Return how many idled since the last call."""
        (idle, then), self._seen = self._seen, self._look()
        now_idle, now = self._seen
        if now_idle == float("inf"):
            return float(usable_cores())
        return (now_idle - idle) / max(now - then, 1e-3)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    has = hasattr(os, "sched_getaffinity")
    return (len(os.sched_getaffinity(0)) if has else os.cpu_count()) or 1


class ReadAhead:
    """Reads batches ahead, in order; a file that crashes its reader is found, and told of.

    Parameters
    ----------
    batches : iterator of sequence of Order
    preparation : bytes
        See `ReadingProcess`, as `seconds`.
    seconds : float
    pace : Pace
    stopping : callable
        Whether to end, asked while a file is waited for too.
    """

    def __init__(
        self, batches: Iterator[Orders], preparation: bytes, seconds: float, pace: Pace,
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._batches, self._pace, self._stopping = batches, pace, stopping
        self._preparation, self._seconds = preparation, seconds
        self._processes: list[ReadingProcess] = []
        self._pending: deque[tuple[ReadingProcess, Orders]] = deque()  # as they are to come

    def read(self) -> Generator[list[Prepared]]:
        """Yield what came of each batch; its processes end with it."""
        try:
            while not self._stopping():
                self._ask_ahead()
                if not self._pending:
                    return
                process, orders = self._pending.popleft()
                is_new, began = process.is_new, time.monotonic()
                found = process.answer(self._stopping)
                if found is None and not self._stopping():
                    self._replace(process)
                    found = self._one_by_one(orders)
                if found is None or self._stopping():
                    return
                came = time.monotonic()
                yield found
                if not is_new:  # its start is no reason to have another one
                    self._pace.note(came - began, time.monotonic() - came)
        finally:
            for process in self._processes:
                process.end()

    def _start(self) -> ReadingProcess:
        return ReadingProcess(self._preparation, self._seconds)

    def _ask_ahead(self) -> None:
        """Give every process enough to do, and start those that are wanted."""
        while (process := self._least_busy()) is not None:
            orders = next(self._batches, None)
            if orders is None:
                return
            process.ask(orders)
            self._pending.append((process, orders))

    def _least_busy(self) -> ReadingProcess | None:
        if len(self._processes) < self._pace.wanted:
            self._processes.append(self._start())
            return self._processes[-1]
        process = min(self._processes, key=lambda each: each.owed)
        return process if process.owed < _BATCHES_AHEAD else None

    def _replace(self, dead: ReadingProcess) -> None:
        """Let another process read what one that died had before it."""
        dead.end()
        fresh = self._start()
        self._processes[self._processes.index(dead)] = fresh
        for place, (process, orders) in enumerate(self._pending):
            if process is dead:
                fresh.ask(orders)
                self._pending[place] = fresh, orders

    def _one_by_one(self, orders: Orders) -> list[Prepared]:
        """Read items in a process that is asked for one at a time: who kills it is then known."""
        found: list[Prepared] = []
        process = self._start()
        try:
            for order in orders:
                process.ask([order])
                answer = process.answer(self._stopping)
                if self._stopping():
                    break
                if answer is None:
                    process.end()
                    process = self._start()
                    answer = [given_up(CRASHED)]
                found += answer
        finally:
            process.end()
        return found
