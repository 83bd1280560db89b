"""Python's collector of cyclic garbage: this module alone says who runs it, and when.

Python collects in whichever thread happens to make objects. In a job's thread that can end a
connection between Qt objects, which takes Qt's lock and then waits for the interpreter's; the
window's thread, which has that one, meanwhile waits for Qt's: both for ever. It was seen when pages
were made while a job ran. So the automatic collection is off as long as there is a window, and the
window's thread collects now and then.

Nothing else in the window may switch the collector: who wants a pause asks for it here.
"""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_MILLISECONDS_BETWEEN_LOOKS = 200
_SHARE_OF_FULL_ONES = 0.01  # of the time that looking through all objects may take
# Most objects are of modules and stay for ever; to look through them takes over 100 ms.
_SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST = 120.0
# All libraries together make 650,000. More than this take over 0.3 s to look through: then most are
# items, which hold no cycles.
_MOST_OLD_ONES = 1_000_000


class GarbageCollection:
    """Stands in for the automatic collection while there are windows, and pauses it for jobs.

    Any thread may begin, end and pause; `look` is for the window's thread alone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows = 0
        self._pauses = 0
        self._freeze_is_due = False
        self._young, self._middle, _ = gc.get_threshold()
        self._looked_through = 0  # times that young objects were, since all were
        self._took, self._ended = 0.0, time.perf_counter()  # the last full one
        self._looked_at_the_oldest = -_SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST

    def begin(self) -> None:
        """Collect in `look` alone from now on, and leave the modules read before to a later one."""
        with self._lock:
            self._windows += 1
            gc.disable()
            if self._windows == 1:
                self._looked_at_the_oldest = time.perf_counter()
                gc.freeze()

    def end(self) -> None:
        """Leave it to Python again, when all who began have ended and nobody wants a pause."""
        with self._lock:
            self._windows -= 1
            if not self._windows:
                gc.unfreeze()
                self._freeze_is_due = False
                self._leave_to_python()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Look through no old objects meanwhile; at the end, leave out what there is by then.

        Otherwise the first collection would look at all that was made in the pause. With a window
        it goes on collecting young objects, as a pause can be long.
        """
        with self._lock:
            self._pauses += 1
            gc.disable()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if not self._pauses:
                    self._freeze_is_due = True
                    self._leave_to_python()

    def _leave_to_python(self) -> None:
        if not self._windows and not self._pauses:
            self._freeze_if_due()
            gc.enable()

    def _freeze_if_due(self) -> None:
        if self._freeze_is_due:
            self._freeze_is_due = False
            gc.freeze()

    def look(self) -> None:
        """Collect what is due: often among young objects, seldom among all."""
        self._freeze_if_due()
        if gc.get_count()[0] <= self._young:
            return
        now = time.perf_counter()
        due = self._took <= _SHARE_OF_FULL_ONES * (now - self._ended)
        if self._pauses or self._looked_through < self._middle or not due:
            self._looked_through += 1
            gc.collect(1)
            return
        self._collect_all(now)
        self._looked_through = 0
        self._ended = time.perf_counter()
        self._took = self._ended - now

    def _collect_all(self, now: float) -> None:
        """Look through all objects; through those that have lived through one of these, seldom."""
        due = now - self._looked_at_the_oldest >= _SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST
        if due and gc.get_freeze_count() <= _MOST_OLD_ONES:
            self._looked_at_the_oldest = now
            gc.unfreeze()
        gc.collect()
        gc.freeze()


collection = GarbageCollection()  # Python has one collector


def collect_here_while(owner: QObject) -> None:
    """Collect in this thread, the window's, as long as an object of Qt lives."""
    collection.begin()
    timer = QTimer(owner, interval=_MILLISECONDS_BETWEEN_LOOKS)
    timer.timeout.connect(lambda: collection.look())
    timer.start()
    owner.destroyed.connect(lambda: collection.end())


def collect_again() -> None:
    """Let the collector look at everything again, at a moment when a pause goes unnoticed."""
    gc.unfreeze()
