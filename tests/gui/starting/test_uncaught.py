"""Errors that nobody caught are shown with a report, once each, and written into the box."""

import threading

import pytest
from PySide6.QtCore import QTimer, qWarning

from workbench.crashes import BlackBox
from workbench.errors import WorkbenchError
from workbench.gui.starting.uncaught import Uncaught


@pytest.fixture
def box(tmp_path):
    made = BlackBox(tmp_path)
    yield made
    made.close()


@pytest.fixture
def uncaught(box, qapp):
    made = Uncaught(box)
    yield made
    made.release()


@pytest.fixture
def told(uncaught):
    heard = []
    uncaught.went_wrong.connect(lambda *said: heard.append(said))
    return heard


def fails():
    raise KeyError("seven bridges")


def text_in(folder):
    return next(folder.glob("running-*.txt")).read_text()


@pytest.mark.no_qt_log
def test_an_error_in_a_slot_is_told_once_and_the_window_goes_on(
    uncaught, told, qtbot, tmp_path, capfd
):
    for _ in range(3):
        QTimer.singleShot(0, fails)
    qtbot.waitUntil(lambda: capfd.readouterr().err.count("seven bridges") >= 1)
    qtbot.wait(20)
    ((sentence, report),) = told
    assert sentence == "Something unexpected went wrong (KeyError: 'seven bridges')."
    assert "in fails" in report
    assert text_in(tmp_path).count("in fails") == 1


def test_an_error_for_the_user_is_a_sentence_and_no_crash(uncaught, told, qtbot):
    def refuse():
        raise WorkbenchError("No program opens it.")

    with qtbot.waitSignal(uncaught.refused) as said:
        QTimer.singleShot(0, refuse)
    assert said.args == ["No program opens it."]
    assert told == []


def test_errors_of_different_places_are_all_told(uncaught, told, qtbot):
    def fails_too():
        raise ValueError("eight")

    for each in (fails, fails_too):
        QTimer.singleShot(0, each)
    qtbot.waitUntil(lambda: len(told) == 2)


def test_an_error_in_a_thread_is_told_in_the_window_s(uncaught, told, qtbot):
    heard_in = []
    uncaught.went_wrong.connect(lambda *_: heard_in.append(threading.current_thread()))
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(heard_in))
    assert heard_in == [threading.main_thread()]


def test_what_qt_says_is_logged_and_still_printed(uncaught, caplog, capfd):
    qWarning("a widget is odd")
    assert "a widget is odd" in caplog.text
    assert "a widget is odd" in capfd.readouterr().err


def test_an_interrupt_is_no_error(uncaught, told):
    uncaught._hear(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told == []
