"""Cyclic garbage is collected in the window's thread alone.

Python collects in whichever thread happens to make objects. In a job's thread that can end a
connection between Qt objects, which takes Qt's lock and then waits for the interpreter's; the
window's thread, which has that one, meanwhile waits for Qt's: both for ever. It was seen when pages
were made while a job ran.
"""

import gc
import time

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer

_MILLISECONDS_BETWEEN_LOOKS = 200
_SHARE_OF_FULL_ONES = 0.01  # of the time that looking through all objects may take
# Most objects are of modules and stay for ever; to look through them takes over 100 ms.
_SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST = 120.0


class GarbageCollection(QObject):
    """Stands in for the automatic one as long as somebody asks for it.

    Only used in the window's thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asking = 0
        self._young, self._middle, _ = gc.get_threshold()
        self._looked_through = 0  # times that young objects were, since all were
        self._took, self._ended = 0.0, time.perf_counter()  # the last full one
        self._looked_at_the_oldest = -_SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST
        self._timer = QTimer(self, interval=_MILLISECONDS_BETWEEN_LOOKS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Collect here from now on."""
        self._asking += 1
        if self._asking == 1:
            gc.disable()
            self._timer.start()

    def end(self) -> None:
        """Leave it to Python again, when all who began have ended."""
        self._asking -= 1
        if self._asking == 0:
            gc.enable()
            gc.unfreeze()
            if shiboken6.isValid(self._timer):  # at the program's end it goes first
                self._timer.stop()

    def look(self) -> None:
        """Collect what is due: often among young objects, seldom among all."""
        if gc.get_count()[0] <= self._young:
            return
        now = time.perf_counter()
        due = self._took <= _SHARE_OF_FULL_ONES * (now - self._ended)
        if self._looked_through < self._middle or not due:
            self._looked_through += 1
            gc.collect(1)
            return
        self._collect_all(now)
        self._looked_through = 0
        self._ended = time.perf_counter()
        self._took = self._ended - now

    def _collect_all(self, now: float) -> None:
        """Look through all objects; through those that have lived through one of these, seldom."""
        if now - self._looked_at_the_oldest >= _SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST:
            self._looked_at_the_oldest = now
            gc.unfreeze()
        gc.collect()
        gc.freeze()


_collection: GarbageCollection | None = None


def collect_here_while(owner: QObject) -> None:
    """Collect in this thread, the window's, as long as an object of Qt lives."""
    global _collection
    if _collection is None or QCoreApplication.instance() is None:
        _collection = GarbageCollection()
    collection = _collection
    collection.begin()
    owner.destroyed.connect(lambda: collection.end())
