import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from workbench.errors import WorkbenchError
from workbench.gui.frame.job_history_window import JobHistoryWindow
from workbench.gui.session import Session
from workbench.gui.state.job_history import JobHistory
from workbench.gui.widgets.job_strip import JobStrip
from workbench.jobs import Notice, Progress


@pytest.fixture
def history(session):
    return JobHistory(session)


def _run(session, qtbot, job, title="Work", **options):
    with qtbot.waitSignal(session.job_ended, timeout=10_000):
        session.start(title, lambda control: job(control), **options)


def _quiet(_control):
    yield Progress(1, 1, "Done")
    return 3


def _telling(_control):
    yield Notice("Two files were left out.", "warning")
    yield Notice("Two files were left out.", "warning")
    return 3


def _failing(_control):
    yield Progress(0, 1, "Trying")
    raise WorkbenchError("The disk is full. Make room.")


def test_what_jobs_said_is_kept_the_newest_first(history, session, qtbot):
    _run(session, qtbot, _telling, "First",
         on_result=lambda found: session.noticed.emit("info", f"Found {found}."))  # fmt: skip
    _run(session, qtbot, _failing, "Second")
    second, first = history.past
    assert (first.title, first.end, first.project) == ("First", "done", "")
    assert first.said == (("warning", "Two files were left out."), ("info", "Found 3."))
    assert (second.title, second.end) == ("Second", "failed")
    assert second.said == (("error", "The disk is full. Make room."),)
    assert first.seconds >= 0
    assert first.began <= second.began


def test_an_error_that_somebody_shows_elsewhere_is_kept_too(history, session, qtbot):
    _run(session, qtbot, _failing, on_error=lambda _: None)
    assert history.past[0].said == (("error", "The disk is full. Make room."),)


def test_a_stopped_job_is_told_as_stopped(history, session, qtbot):
    def stopping(control):
        control.stop()
        yield Progress(0, 1, "Stopping")

    _run(session, qtbot, stopping)
    assert history.past[0].end == "stopped"


def test_quiet_jobs_and_what_is_said_between_jobs_are_left_out(history, session, qtbot):
    _run(session, qtbot, _quiet, quiet=True)
    assert history.past == []
    session.noticed.emit("info", "By the way.")
    _run(session, qtbot, _quiet)
    assert history.past[0].said == ()


def test_a_session_without_a_history_forgets(qtbot):
    session = Session()
    _run(session, qtbot, _quiet)
    assert JobHistory(session).past == []


def test_the_window_lists_jobs_and_what_they_said(history, session, qtbot):
    shown = JobHistoryWindow(history, None)
    qtbot.addWidget(shown)
    assert shown._stack.currentIndex() == 1
    _run(session, qtbot, _telling, "First")
    assert shown._stack.currentIndex() == 0
    assert shown.said.toPlainText() == "Two files were left out."
    cells = [shown._model.index(0, column).data() for column in (0, 4)]
    assert cells == ["First", "done"]
    _run(session, qtbot, _quiet, "Second")
    shown.table.choose(history.past[0])
    assert shown.said.toPlainText() == "It said nothing beside its progress."


def test_the_status_area_leads_to_it_and_takes_no_focus(session, qtbot):
    strip = JobStrip(session)
    qtbot.addWidget(strip)
    button = strip.findChild(QToolButton, "history")
    assert button.focusPolicy() == Qt.FocusPolicy.NoFocus  # what is typed must not press it
    with qtbot.waitSignal(strip.history_asked):
        button.click()
