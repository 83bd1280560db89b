"""Which heads are kept is seen on the Train page, and a step that is pointed at can be kept."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLabel
from worlds.projects import small_project

from workbench.gui.pages.train import TrainPage
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, evaluate

QUICK = {
    "steps": 8, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 2,
    "checkpoint": "last",
}  # fmt: skip


@pytest.fixture
def page(session, qtbot, tmp_path):
    root = small_project(tmp_path)
    project = Project.open(root)
    drain(align(project, AlignRequest(settings=QUICK, name="whole")))
    drain(evaluate(project, "whole"))
    page = TrainPage(session)
    qtbot.addWidget(page)
    page.resize(1280, 760)
    page.show()
    session.open_project(root)
    qtbot.waitUntil(lambda: page.curves.panel.loss._kept is not None, timeout=20_000)
    yield page
    session.stop_jobs()
    page.close()


def keep_action(page):
    return page.curves.panel.menu().findChild(QAction, "keep-step")


def test_the_kept_step_is_marked_said_and_in_the_table(page, session):
    kept = session.project.run("whole").recipe().kept
    assert page.curves.panel.loss._kept == (8, True)
    assert page.curves.panel.validation._kept == (8, False)
    words = [each.text() for each in page.results_card.table.findChildren(QLabel, "results-kept")]
    assert words == [f"Heads kept: {kept.why}"]
    assert page.runs_card.row("whole").kept_step == 8
    page.curves.panel.apply_theme()
    assert page.curves.panel.loss._kept == (8, True)
    page.curves.panel.clear()
    assert page.curves.panel.loss._kept is None


def test_a_step_that_is_pointed_at_is_kept_as_another_run(page, session, qtbot):
    panel = page.curves.panel
    assert not keep_action(page).isEnabled()  # no step is pointed at
    panel.loss.pointed.emit(5.2)
    action = keep_action(page)
    assert action.text() == "Keep step 5…"
    action.trigger()
    assert not panel.can_keep  # while it trains
    qtbot.waitUntil(lambda: page._job is None and not page.results_card.evaluating, timeout=120_000)
    assert session.current_run == "whole-step-5"
    run = session.project.run("whole-step-5")
    assert run.recipe().kept.step == 5
    qtbot.waitUntil(lambda: panel.loss._kept == (5, True), timeout=20_000)
    whole = {row["step"]: row for row in session.project.run("whole").curves()}
    assert run.curves() == [whole[step] for step in range(1, 6)]


def test_a_right_click_asks_for_the_menu(page):
    plot, told = page.curves.panel.loss, []
    plot.menu_asked.disconnect()  # an open menu waits for a hand
    plot.menu_asked.connect(told.append)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(50, 60))
    QApplication.sendEvent(plot.plot.viewport(), asked)
    assert told == [QPoint(50, 60)]
