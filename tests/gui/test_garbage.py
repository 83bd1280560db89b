"""Cyclic garbage of a window with jobs: who collects it, and that nobody hangs by it."""

import gc
import subprocess
import sys
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from workbench.gui.garbage import GarbageCollection, collect_here_while
from workbench.jobs import Progress


class Knot:
    """Something that only the search for cycles frees."""

    def __init__(self, freed):
        self.itself = self
        weakref.finalize(self, lambda: freed.append(threading.current_thread()))


@pytest.fixture
def collection(qapp):
    made = GarbageCollection()
    yield made
    while made._asking:
        made.end()


def test_python_collects_by_itself_before_and_after(collection):
    enabled = gc.isenabled()
    collection.begin()
    collection.begin()
    assert not gc.isenabled()
    collection.end()
    assert not gc.isenabled()
    collection.end()
    assert gc.isenabled() or not enabled


def test_it_lasts_as_long_as_its_owner(qapp, monkeypatch):
    monkeypatch.setattr("workbench.gui.garbage._collection", None)
    gc.enable()
    owner = QObject()
    collect_here_while(owner)
    assert not gc.isenabled()
    del owner
    assert gc.isenabled()


def until_all_are_looked_through(collection):
    kept = []
    for _ in range(collection._middle + 1):
        kept += [[] for _ in range(collection._young + 50)]
        collection.look()


def test_the_old_are_looked_through_now_and_then(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    freed = []
    knot = Knot(freed)
    gc.collect()  # it is old now
    del knot
    until_all_are_looked_through(collection)
    assert freed


def test_the_oldest_are_looked_through_seldom(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    freed = []
    knot = Knot(freed)
    until_all_are_looked_through(collection)
    del knot  # it has lived through a look at all: one of those that mostly stay
    until_all_are_looked_through(collection)
    assert not freed
    monkeypatch.setattr("workbench.gui.garbage._SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST", 0)
    until_all_are_looked_through(collection)
    assert freed


def test_nothing_is_left_out_when_python_collects_again(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    until_all_are_looked_through(collection)
    assert gc.get_freeze_count()
    collection.end()
    assert not gc.get_freeze_count()


def test_garbage_of_a_job_is_freed_in_the_window_s_thread(session, qtbot, monkeypatch):
    # some may have grown old by now, which are else looked through seldom
    monkeypatch.setattr("workbench.gui.garbage._SHARE_OF_FULL_ONES", 1e9)
    gc.disable()  # windows of other tests, that end late, may have left it to Python again
    freed = []

    def job(control):
        for number in range(300):
            Knot(freed)
            yield Progress(number, 300)
        kept = [[] for _ in range(20_000)]  # Python would collect here
        yield Progress(len(kept), 0)

    running = session.start("Tying knots", job)
    with qtbot.waitSignal(running.finished, timeout=20_000):
        pass
    kept = []

    def all_are_freed():
        kept.extend([] for _ in range(2000))  # it looks only where objects are made
        return len(freed) == 300

    qtbot.waitUntil(all_are_freed, timeout=60_000)
    assert set(freed) == {threading.main_thread()}


_BUSY = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton
from workbench.gui.application import make_application
from workbench.gui.session import Session
from workbench.jobs import Progress

class Listener:
    def hear(self):
        pass

def job(control):
    while not control.stopping:
        kept = [[] for _ in range(1000)]  # Python would collect here
    yield Progress(1, 1)

def listen():
    for _ in range(300):
        listener = Listener()
        listener.itself = listener
        button.clicked.connect(listener.hear)

application = make_application()
session, button = Session(), QPushButton()
session.start("Making garbage", job)
clock = QTimer(interval=1)
clock.timeout.connect(listen)
clock.start()
QTimer.singleShot(4000, application.quit)
application.exec()
clock.stop()
assert session.stop_jobs()
print("ended")
"""


def test_connections_are_made_and_dropped_while_a_job_makes_garbage():
    # else each thread comes to hold the lock that the other waits for
    ended = subprocess.run(
        [sys.executable, "-c", _BUSY], capture_output=True, text=True, timeout=90, check=False
    )
    assert ended.stdout == "ended\n", ended.stderr
