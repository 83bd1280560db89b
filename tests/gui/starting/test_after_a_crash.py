"""What a window says after one that was not closed."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from workbench.crashes import LeftBehind
from workbench.gui.starting import after_a_crash
from workbench.gui.starting.after_a_crash import greet
from workbench.gui.state.workplace import Kept
from workbench.gui.widgets.notice_bar import NoticeBar

WHEN = datetime(2026, 3, 4, 15, 6)


class Workplace:
    """Remembers what it is to put back."""

    def __init__(self, opened):
        self.opened = opened

    def bring_back(self, kept):
        self.opened.append(kept)
        return True


@pytest.fixture
def notices(qtbot):
    made = NoticeBar()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report-1.txt"
    path.write_text("Fatal Python error: Aborted")
    return path


def state(**more):
    return Kept(project="/p", page="explore", **more).model_dump_json().encode()


def button(notices, words):
    return next(each for each in notices.findChildren(QPushButton) if each.text() == words)


def test_a_crash_offers_its_report(notices, report, monkeypatch):
    shown = []
    monkeypatch.setattr(after_a_crash, "show_in_files", shown.append)
    greet(LeftBehind(WHEN, report), None, notices)
    (sentence,) = notices.sentences()
    assert sentence == (
        "The program ended unexpectedly on 4 March 2026, 15:06; a report says where."
    )
    fold = notices.findChild(QPlainTextEdit, "report")
    assert not fold.isVisibleTo(notices)
    button(notices, "Details").click()
    assert fold.isVisibleTo(notices)
    assert fold.toPlainText() == report.read_text()
    button(notices, "Copy report").click()
    assert QGuiApplication.clipboard().text() == report.read_text()
    button(notices, "Open folder").click()
    assert shown == [report.parent]


def test_it_stays_while_projects_come_and_go(notices, report):
    greet(LeftBehind(WHEN, report), None, notices)
    notices.add("error", "Something of a project.")
    notices.clear_passing()
    assert len(notices.sentences()) == 1
    notices.clear()
    assert notices.sentences() == []


def test_what_was_open_comes_back(notices, report):
    opened = []
    greet(LeftBehind(WHEN, None, state()), Workplace(opened), notices)
    assert opened == [Kept(project="/p", page="explore")]
    (sentence,) = notices.sentences()
    assert "was not closed on 4 March 2026, 15:06" in sentence
    assert sentence.endswith("What was open and begun is back.")
    assert not notices.findChildren(QPlainTextEdit)


def test_what_ended_the_window_twice_is_only_offered(notices, report):
    opened = []
    greet(LeftBehind(WHEN, report, state(brought_back=True)), Workplace(opened), notices)
    assert opened == []
    assert notices.sentences()[0].endswith("so that waits now.")
    button(notices, "Bring it back").click()
    assert len(opened) == 1


@pytest.mark.parametrize(("asked", "is_back"), [("/p", True), ("/x/../p", True), ("/q", False)])
def test_another_project_that_was_asked_for_comes_before(notices, asked, is_back):
    opened = []
    greet(LeftBehind(WHEN, None, state()), Workplace(opened), notices, Path(asked))
    assert bool(opened) is is_back
    assert ("is back" in notices.sentences()[0]) is is_back


def test_where_nothing_can_be_kept_the_end_is_told_all_the_same(notices, report):
    greet(LeftBehind(WHEN, report, state()), None, notices)
    assert "ended unexpectedly" in notices.sentences()[0]
