import errno
import gc
import threading
import time
import weakref
from dataclasses import dataclass

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.chosen_runs import ChosenRuns
from workbench.jobs import Control, Event, Notice, Progress


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("new", [3, 4, 5]),
        ("add", [1, 2, 3, 4, 5]),
        ("remove", [1, 2]),
        ("intersect", [3]),
    ],
)
def test_a_selection_is_combined(session, mode, expected):
    session.select([3, 1, 2, 2])
    assert session.selection.tolist() == [1, 2, 3]
    assert session.selection.dtype == np.int64
    session.select(np.array([5, 4, 3]), mode)
    assert session.selection.tolist() == expected


def test_a_selection_is_undone_and_redone(session):
    heard = []
    session.selection_changed.connect(lambda: heard.append(session.selection.tolist()))
    session.select([1])
    session.select([2], "add")
    session.select([2], "add")  # changes nothing, so there is nothing to undo
    session.undo_selection()
    session.undo_selection()
    session.undo_selection()
    session.redo_selection()
    assert heard == [[1], [1, 2], [1], [], [1]]
    session.select([7])
    session.redo_selection()
    assert session.selection.tolist() == [7]


def test_the_last_hundred_changes_can_be_undone_and_it_is_told_what_can_be(session):
    history, told = session.selection_history, []
    history.canUndoChanged.connect(lambda can: told.append(("undo", can)))
    history.canRedoChanged.connect(lambda can: told.append(("redo", can)))
    assert not history.canUndo()
    for number in range(130):
        session.select([number])
    gc.collect()  # what was done is the history's own
    assert dict(told) == {"undo": True, "redo": False}
    for _ in range(100):
        assert history.canUndo()
        session.undo_selection()
    assert session.selection.tolist() == [29]
    assert not history.canUndo()
    session.undo_selection()
    assert session.selection.tolist() == [29]
    for _ in range(100):
        session.redo_selection()
    assert session.selection.tolist() == [129]
    assert not history.canRedo()
    assert told[-1] == ("redo", False)


def test_another_project_forgets_what_was_selected(session, tmp_path):
    session.create_project(tmp_path / "a")
    session.select([1])
    session.select([2])
    session.undo_selection()
    session.create_project(tmp_path / "b")
    assert session.selection.tolist() == []
    assert not session.selection_history.canUndo()
    assert not session.selection_history.canRedo()


def test_the_history_does_not_keep_its_session_alive(qapp):
    session = Session()
    session.select([1])
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


def test_who_hears_of_a_change_may_change_the_selection(session):
    def hear():
        if session.selection.tolist() == [1]:
            session.select([1, 2])

    session.selection_changed.connect(hear)
    session.select([1])
    assert session.selection.tolist() == [1, 2]
    session.undo_selection()
    assert session.selection.tolist() == [1, 2]
    session.selection_changed.disconnect(hear)
    session.undo_selection()
    assert session.selection.tolist() == [1]
    session.undo_selection()
    assert session.selection.tolist() == []


def test_a_job_tells_its_events_in_order_in_the_windows_thread(session, qtbot):
    here, heard, threads = threading.current_thread(), [], set()

    def job(control):
        threads.add(threading.current_thread())
        for number in range(500):
            yield Progress(number, 500)
        return "finished"

    def hear(event):
        assert threading.current_thread() is here
        heard.append(event.done)

    results = []
    running = session.start("Counting", job, on_event=hear, on_result=results.append)
    with qtbot.waitSignal(running.finished):
        assert session.jobs == [running]
    assert heard == list(range(500))
    assert results == ["finished"]
    assert here not in threads
    assert session.jobs == []
    assert not running.running
    assert running.progress == Progress(499, 500)


def test_an_event_before_a_long_silence_arrives(session, qtbot):
    go_on, heard = threading.Event(), []

    def job(control):
        yield Progress(0, 1, "Loading")
        go_on.wait(10)

    session.start("Waiting", job, on_event=heard.append)
    qtbot.waitUntil(lambda: len(heard) == 1)
    go_on.set()
    qtbot.waitUntil(lambda: not session.jobs)


def test_events_come_in_batches(session, qtbot):
    changes = []

    def job(control):
        for number in range(2_000):
            yield Progress(number, 2_000)
            if number % 100 == 0:
                time.sleep(0.005)

    running = session.start("Counting", job)
    running.changed.connect(lambda: changes.append(running.progress))
    with qtbot.waitSignal(running.finished):
        pass
    assert len(changes) < 100


def test_what_the_user_can_mend_is_a_sentence(session, qtbot):
    def job(control):
        yield Progress(0, 1)
        raise WorkbenchError("The folder is gone. Choose another.")

    with qtbot.waitSignal(session.noticed) as notice:
        session.start("Failing", job)
    assert notice.args == ["error", "The folder is gone. Choose another."]
    told = []
    with qtbot.waitSignal(session.start("Failing", job, on_error=told.append).finished):
        pass
    assert told == ["The folder is gone. Choose another."]


def test_what_nobody_expected_is_logged_and_named(session, qtbot, caplog):
    def job(control):
        yield Progress(0, 1)
        raise RuntimeError("seven bridges")

    with qtbot.waitSignal(session.went_wrong) as wrong, qtbot.assertNotEmitted(session.noticed):
        session.start("Failing", job)
    sentence, report = wrong.args
    assert "seven bridges" in sentence
    assert "Traceback" not in sentence
    assert "What: Failing: " in report
    assert "Traceback" in report
    assert "begun: Failing\n" in report
    assert "seven bridges" in caplog.text


def test_what_nobody_expected_is_told_where_it_was_asked_for_too(session, qtbot):
    def job(control):
        yield Progress(0, 1)
        raise RuntimeError("seven bridges")

    told = []
    with qtbot.waitSignal(session.went_wrong):
        session.start("Failing", job, on_error=told.append, quiet=True)
    assert ["seven bridges" in sentence for sentence in told] == [True]


def test_what_the_system_refuses_needs_no_report(session, qtbot):
    def job(control):
        yield Progress(0, 1)
        raise OSError(errno.ENOSPC, "No space left on device")

    with qtbot.waitSignal(session.noticed), qtbot.assertNotEmitted(session.went_wrong):
        session.start("Failing", job)


def test_notices_of_a_job_are_shown_unless_it_is_quiet(session, qtbot):
    heard = []
    session.noticed.connect(lambda level, sentence: heard.append((level, sentence)))

    def job(control):
        yield Notice("Half of it is done.", "warning")

    for options in ({}, {"quiet": True}, {"notices": False}):
        with qtbot.waitSignal(session.start("Telling", job, **options).finished):
            pass
    assert heard == [("warning", "Half of it is done.")]


def test_a_job_pauses_goes_on_and_stops(session, qtbot):
    steps = []

    def job(control):
        for number in range(100_000):
            control.wait_while_paused()
            if control.stopping:
                return "stopped"
            steps.append(number)
            yield Progress(number, 100_000)
            time.sleep(0.001)

    results = []
    running = session.start("Stepping", job, on_result=results.append)
    qtbot.waitUntil(lambda: len(steps) > 3)
    running.pause()
    qtbot.wait(30)
    count = len(steps)
    qtbot.wait(60)
    assert len(steps) == count
    running.resume()
    qtbot.waitUntil(lambda: len(steps) > count)
    with qtbot.waitSignal(running.finished):
        running.stop()
    assert results == ["stopped"]
    running.stop()  # a late click on its button is harmless


def test_what_is_set_on_a_given_control_reaches_the_job(session, qtbot):
    control, seen = Control(), []

    def job(given):
        while not given.stopping:
            seen.extend(given.take_wishes())
            yield Progress(0, 0)
            time.sleep(0.002)

    running = session.start("Living", job, control=control)
    control.set("alpha", 7.0)
    qtbot.waitUntil(lambda: seen == [("alpha", 7.0)])
    with qtbot.waitSignal(running.finished):
        running.stop()


def test_stopping_all_jobs_waits_and_calls_nobody_back(session, qtbot):
    called = []

    def job(control):
        while not control.stopping:
            yield Progress(0, 0)
            time.sleep(0.002)

    session.start("One", job, on_result=called.append)
    session.start("Two", job, on_result=called.append, quiet=True)
    assert session.stop_jobs()
    qtbot.wait(30)
    assert called == []
    assert session.jobs == []


def test_projects_are_made_opened_and_closed(session, tmp_path):
    seen = []
    session.project_changed.connect(lambda project: seen.append(project and project.root))
    assert session.create_project(tmp_path / "one")
    session.select([4])
    assert session.create_project(tmp_path / "two")
    assert session.selection.size == 0
    assert session.open_project(tmp_path / "one")
    assert session.close_project()
    assert seen == [tmp_path / "one", tmp_path / "two", tmp_path / "one", None]


def test_a_folder_that_is_no_project_is_named(session, tmp_path, qtbot):
    with qtbot.waitSignal(session.noticed) as notice:
        assert not session.open_project(tmp_path)
    assert str(tmp_path) in notice.args[1]
    assert session.project is None
    assert session.create_project(tmp_path)
    with qtbot.waitSignal(session.noticed):
        assert not session.create_project(tmp_path)


def test_the_project_stays_while_a_job_runs(session, tmp_path, qtbot):
    def job(control):
        while not control.stopping:
            yield Progress(0, 0)
            time.sleep(0.002)

    session.create_project(tmp_path / "one")
    running = session.start("Encoding", job)
    with qtbot.waitSignal(session.noticed) as notice:
        assert not session.create_project(tmp_path / "two")
    assert "Encoding" in notice.args[1]
    assert isinstance(session, Session)
    with qtbot.waitSignal(running.finished):
        running.stop()
    assert session.create_project(tmp_path / "two")


def test_training_steps_count_as_progress(session, qtbot):
    @dataclass(frozen=True)
    class Step(Event):
        step: int
        steps: int
        steps_per_second: float

    def job(control):
        yield Step(3, 10, 2.5)

    running = session.start("Training", job)
    with qtbot.waitSignal(running.finished):
        pass
    assert running.progress == Progress(3, 10, "Training", 2.5)


def test_the_current_run_is_remembered_where_there_is_a_memory(qapp, tmp_path):
    kept = ChosenRuns()
    session = Session(run_memory=kept)
    session.set_current_run("of no project")
    session.create_project(tmp_path / "a")
    assert session.current_run is None
    session.set_current_run("first")
    assert ChosenRuns().of(tmp_path / "a") == "first"
    session.create_project(tmp_path / "b")
    assert session.current_run is None
    session.open_project(tmp_path / "a")
    assert session.current_run is None  # it has gone
    assert ChosenRuns().of(tmp_path / "b") == ""
