"""Cyclic garbage of a window with jobs: who collects it, and that nobody hangs by it."""

import ast
import gc
import subprocess
import sys
import threading
import time
import weakref
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

import workbench.gui
from workbench.gui.jobs import garbage
from workbench.gui.jobs.garbage import GarbageCollection, collect_here_while
from workbench.gui.jobs.gc_pause import steadily
from workbench.jobs import Progress


class Knot:
    """Something that only the search for cycles frees."""

    def __init__(self, freed):
        self.itself = self
        weakref.finalize(self, lambda: freed.append(threading.current_thread()))


@pytest.fixture
def collection(monkeypatch):
    """Return one that nobody uses yet, in place of the program's."""
    made = GarbageCollection()
    monkeypatch.setattr(garbage, "collection", made)
    monkeypatch.setattr(garbage, "_MOST_OLD_ONES", 10**9)  # other tests have imported everything
    enabled = gc.isenabled()
    gc.enable()
    yield made
    gc.freeze()  # as after every test: to look through all would take its time
    if not enabled:
        gc.disable()


def test_python_collects_by_itself_before_and_after(collection):
    collection.begin()
    collection.begin()
    assert not gc.isenabled()
    collection.end()
    assert not gc.isenabled()
    collection.end()
    assert gc.isenabled()


def test_it_lasts_as_long_as_its_owner(qapp, collection):
    owner = QObject()
    collect_here_while(owner)
    assert not gc.isenabled()
    del owner
    assert gc.isenabled()


def test_a_pause_leaves_to_the_window_what_is_the_window_s(collection):
    collection.begin()
    with collection.paused():
        assert not gc.isenabled()
    assert not gc.isenabled()
    collection.end()
    assert gc.isenabled()


@pytest.mark.parametrize("first", ["window", "pause"])
def test_python_collects_again_after_the_last_of_both(collection, first):
    with ExitStack() as pause:
        if first == "pause":
            pause.enter_context(collection.paused())
        collection.begin()
        if first == "window":
            pause.enter_context(collection.paused())
        collection.end()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_pauses_nest_and_end_with_what_fails(collection):
    def fail():
        with collection.paused():
            with collection.paused():
                pass
            assert not gc.isenabled()
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()


def test_what_a_pause_has_made_is_left_out(collection):
    gc.unfreeze()  # what other tests have left out
    with collection.paused():
        assert not gc.get_freeze_count()
    assert gc.get_freeze_count()  # without a window, at once


def test_the_window_s_thread_leaves_out_what_a_pause_has_made(collection):
    collection.begin()
    gc.unfreeze()  # what was there before the window
    ended = threading.Thread(target=_pause, args=(collection,))
    ended.start()
    ended.join()
    assert not gc.get_freeze_count()
    collection.look()
    assert gc.get_freeze_count()


def _pause(collection):
    with collection.paused():
        pass


def test_only_the_young_are_looked_through_in_a_pause(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    old, young = [], []
    knot = Knot(old)
    gc.collect()
    del knot
    with collection.paused():
        Knot(young)
        until_all_are_looked_through(collection)
    assert young
    assert not old


def test_a_forgotten_job_pauses_no_longer(collection):
    def job():
        with collection.paused():
            yield

    forgotten = job()
    next(forgotten)
    knot = [forgotten]
    knot.append(knot)  # only the search for cycles closes it
    del forgotten, knot
    assert not gc.isenabled()
    gc.collect()
    assert gc.isenabled()


def test_jobs_that_pause_it_leave_it_to_the_window(session, qtbot):
    freed = []

    def items(control):
        yield Progress(1, 1)

    def knots(control):
        for number in range(300):
            Knot(freed)
            yield Progress(number, 300)
        kept = [[] for _ in range(20_000)]  # Python would collect here
        yield Progress(len(kept), 0)

    assert not gc.isenabled()
    for job in (lambda control: steadily(items(control)), knots):
        running = session.start("Working", job)
        with qtbot.waitSignal(running.finished, timeout=20_000):
            pass
        assert not gc.isenabled()
    assert set(freed) <= {threading.main_thread()}


def test_nothing_else_in_the_window_touches_the_collector():
    rooms = Path(workbench.gui.__file__).parent
    touching = {
        path.relative_to(rooms).as_posix()
        for path in rooms.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(each.name == "gc" for each in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "gc")
    }
    assert touching == {"jobs/garbage.py"}


def until_all_are_looked_through(collection):
    kept = []
    for _ in range(collection._middle + 1):
        kept += [[] for _ in range(2 * collection._young)]  # those used again do not count
        collection.look()


def test_the_old_are_looked_through_now_and_then(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    freed = []
    knot = Knot(freed)
    gc.collect()  # it is old now
    del knot
    until_all_are_looked_through(collection)
    assert freed


def test_the_oldest_are_looked_through_seldom(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    freed = []
    knot = Knot(freed)
    until_all_are_looked_through(collection)
    del knot  # it has lived through a look at all: one of those that mostly stay
    until_all_are_looked_through(collection)
    assert not freed
    monkeypatch.setattr("workbench.gui.jobs.garbage._SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST", 0)
    monkeypatch.setattr(garbage, "_MOST_OLD_ONES", 0)  # as with the items of a large project
    until_all_are_looked_through(collection)
    assert not freed
    monkeypatch.setattr(garbage, "_MOST_OLD_ONES", 10**9)
    until_all_are_looked_through(collection)
    assert freed


def test_the_first_one_leaves_out_what_was_there_before_the_window(collection, monkeypatch):
    now = time.perf_counter()
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    monkeypatch.setattr("time.perf_counter", lambda: now)
    before, since = [], []
    knot = Knot(before)  # as modules are there; that it becomes garbage is only to see it
    collection.begin()
    del knot
    Knot(since)
    until_all_are_looked_through(collection)
    assert since
    assert not before
    now += garbage._SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST + 1
    until_all_are_looked_through(collection)
    assert before


def test_nothing_is_left_out_when_python_collects_again(collection, monkeypatch):
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    collection.begin()
    until_all_are_looked_through(collection)
    assert gc.get_freeze_count()
    collection.end()
    assert not gc.get_freeze_count()


def test_garbage_of_a_job_is_freed_in_the_window_s_thread(session, qtbot, monkeypatch):
    # some may have grown old by now, which are else looked through seldom
    monkeypatch.setattr("workbench.gui.jobs.garbage._SHARE_OF_FULL_ONES", 1e9)
    monkeypatch.setattr("workbench.gui.jobs.garbage._SECONDS_BETWEEN_LOOKS_AT_THE_OLDEST", 0)
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
from workbench.gui.starting.application import make_application
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
