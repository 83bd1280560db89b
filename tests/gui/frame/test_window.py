import json
import subprocess
import sys
import time

import numpy as np
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    QSettings,
    Qt,
    QUrl,
)
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox
from worlds.projects import embed, small_project

from workbench.gui.frame.window import STATIONS, stop_question
from workbench.gui.look import theme
from workbench.gui.widgets.button import Button
from workbench.jobs import Progress
from workbench.project import Project

_HEAVY = (
    "torch", "scipy", "sklearn", "transformers", "faiss", "umap", "timm", "open_clip",
    "sentence_transformers",
)  # fmt: skip
_FOR_STATIONS = ("workbench.stations", "workbench.encoders", "workbench.alignment")

_FIRST_WINDOW = f"""
import sys
from workbench.gui.starting.application import make_application
from workbench.gui.widgets.button import Button
from workbench.gui.frame.window import MainWindow
application = make_application()
window = MainWindow()
begun = [name for name in {_HEAVY + _FOR_STATIONS!r} if name in sys.modules]
window.show()
application.processEvents()
shown = [name for name in {_HEAVY!r} if name in sys.modules]
window.make_all_pages()
application.processEvents()
made = [name for name in {_HEAVY!r} if name in sys.modules]
assert window.isVisible() and not begun and not shown and not made, (begun, shown, made)
window.close()
"""


def test_the_first_window_waits_for_no_heavy_library():
    # what a station would import is imported by its job, in its own thread
    ended = subprocess.run(
        [sys.executable, "-c", _FIRST_WINDOW], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


def test_the_stations_are_in_order_and_reachable(window, qtbot):
    order = ["start", "data", "encode", "train", "explore", "classify", "label", "studies"]
    order.append("export")
    assert [station.name for station in STATIONS] == order
    assert window.current_page() == "start"
    for number, station in enumerate(STATIONS, 1):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.current_page() == station.name
        page = window.page(station.name)
        assert (page.name, page.title, page.icon) == (station.name, station.title, station.icon)
        assert page.objectName() == f"page-{station.name}"
        assert page.isVisible()
        assert window.rail.button(station.name).isChecked()
    window.rail.button("data").click()
    assert window.current_page() == "data"
    window.session.page_wanted.emit("encode")
    assert window.current_page() == "encode"


def test_arrow_keys_move_along_the_rail(window, qtbot):
    window.activateWindow()
    window.rail.button("start").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.rail.button("start"), Qt.Key.Key_Down)
    assert window.current_page() == "data"


def test_everything_that_can_be_focused_has_a_name(window):
    window.make_all_pages()
    nameless = []
    for widget in window.findChildren(object):
        policy = getattr(widget, "focusPolicy", None)
        if policy is None or policy() & Qt.FocusPolicy.TabFocus != Qt.FocusPolicy.TabFocus:
            continue
        if widget.metaObject().className() in ("QComboBoxListView", "QComboBoxPrivateScroller"):
            continue  # the inside of a combo box, which has a name
        if widget.objectName().startswith("qt_"):
            continue  # the inside of a spin box, which has a name
        if isinstance(widget.parent(), QComboBox):
            continue  # the line of a combo box, which has a name
        if isinstance(widget.parent(), QAbstractScrollArea):
            widget = widget.parent()  # of which this is the viewport
        text = getattr(widget, "text", str)()
        buddy = getattr(widget, "placeholderText", str)()
        if not (widget.accessibleName() or text or buddy or widget.toolTip()):
            nameless.append(widget)
    assert not nameless


def test_pages_without_a_project_say_what_to_do(window):
    for name in ("data", "encode", "train", "explore", "classify", "studies", "export"):
        window.go_to(name)
        page = window.page(name)
        assert page.state() == "empty", name
        assert window.rail.button(name).state() == "empty"


def test_stations_follow_the_project_while_their_pages_are_hidden(window, tmp_path, qtbot):
    window.session.open_project(small_project(tmp_path, 3, encode=False))
    assert window.current_page() == "encode"
    window.page("explore")
    assert window.rail.button("explore").state() == "empty"
    for view in ("image", "text"):
        embed(window.session.project, view, np.eye(3, 4, dtype=np.float32))
    window.session.catalogue_changed.emit()
    for name, state in (("encode", "done"), ("train", "ready"), ("explore", "ready")):
        qtbot.waitUntil(lambda name=name, state=state: window.rail.button(name).state() == state)


def test_a_notice_has_a_button_for_the_page_it_sends_to(window):
    window.session.noticed.emit("error", "3 texts are left. Encode them on the Encode page.")
    (button,) = [each for each in window.notices.findChildren(Button) if each.text()]
    assert button.text() == "Go to Encode"
    button.click()
    assert window.current_page() == "encode"
    window.notices.clear_passing()
    assert window.notices.sentences() == []


def test_the_project_names_the_window(window, tmp_path):
    window.session.create_project(tmp_path / "birdsong")
    assert window.windowTitle() == "birdsong – GeRA Workbench"
    assert window.current_page() == "data"
    window.session.close_project()
    assert window.windowTitle() == "GeRA Workbench"
    assert window.current_page() == "start"


def _drop(target, path, event_type):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    at = QPoint(5, 5) if event_type is QDragEnterEvent else QPointF(5, 5)
    return data, event_type(at, action, data, button, none)


def test_a_dropped_project_is_opened(window, tmp_path):
    Project.create(tmp_path / "dropped")
    data, enter = _drop(window, tmp_path / "dropped", QDragEnterEvent)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert window._drop_hint.isVisible()
    assert "“dropped”" in window._drop_hint.words
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window._drop_hint.isVisible()
    data, drop = _drop(window, tmp_path / "dropped", QDropEvent)
    window.dropEvent(drop)
    assert window.session.project.root == tmp_path / "dropped"
    assert data.urls()


def test_another_dropped_folder_is_not(window, tmp_path):
    _, enter = _drop(window, tmp_path, QDragEnterEvent)
    enter.setAccepted(False)
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_running_jobs_are_shown_and_steered(window, qtbot):
    def job(control):
        for number in range(1, 10_000):
            control.wait_while_paused()
            if control.stopping:
                return
            yield Progress(number, 10_000, f"picture {number}", 45.0)
            time.sleep(0.002)

    running = window.session.start("Encoding images", job)
    qtbot.waitUntil(lambda: running.progress is not None)
    (row,) = window.jobs._rows.values()
    assert row.isVisible()
    assert "of 10,000" in row._numbers.text()
    assert "45/s" in row._numbers.text()
    assert "left" in row._numbers.text()
    row._pause.click()
    assert running.control.paused
    assert "paused" in row._numbers.text()
    row._pause.click()
    assert not running.control.paused
    row._stop.click()
    qtbot.waitUntil(lambda: not window.session.jobs)
    assert not window.jobs._rows


def test_the_page_keeps_its_size_from_job_to_job(window, qtbot):
    heights = []

    class Heights(QObject):
        def eventFilter(self, watched, event):  # noqa: N802
            if event.type() == QEvent.Type.Resize:
                heights.append(event.size().height())
            return False

    def job(_control):
        yield Progress(0, 0, "working")

    def follow(_result):
        window.session.start("Second", job)
        # as when a page shows something at the same moment: the new row is not there yet
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    filter_ = Heights()
    window.jobs.installEventFilter(filter_)
    window.session.start("First", job, on_result=follow)
    qtbot.waitUntil(lambda: not window.session.jobs)
    qtbot.wait(50)
    assert set(heights) <= {window.jobs.height()}


def test_notices_are_kept_in_order_and_dismissed(window, qtbot):
    for number in range(5):
        window.session.noticed.emit("warning", f"Sentence {number}.")
    window.session.noticed.emit("warning", "Sentence 3.")
    assert window.notices.sentences() == ["Sentence 2.", "Sentence 4.", "Sentence 3."]
    assert window.notices.isVisible()
    window.notices._notices[0].close_button.click()
    assert window.notices.sentences() == ["Sentence 4.", "Sentence 3."]
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert not window.notices.isVisible()


def test_the_theme_changes_from_the_menu(window, qtbot):
    heard = []
    window.session.theme_changed.connect(lambda: heard.append(theme.current().name))
    for name in ("light", "dark", "light"):
        action = window.menus.action(f"theme-{name}")
        action.trigger()
        assert theme.current().name == name
        assert action.isChecked()
    assert heard[-2:] == ["dark", "light"]
    assert QSettings().value("theme") == "light"


def test_closing_stops_the_jobs(window, qtbot):
    stopped = []

    def job(control):
        while not control.stopping:
            yield Progress(0, 0)
            time.sleep(0.002)
        stopped.append(True)

    window.session.start("Encoding", job)
    assert window.close()
    assert stopped == [True]
    assert not window.session.jobs


def test_the_size_is_remembered(window, qtbot):
    window.resize(1111, 707)
    window.close()
    assert QSettings().value("window") is not None


def test_repainting_loses_no_reference_to_none(window, qtbot):
    # PySide6 6.12.0 loses one on every void call into Qt, and dies of it after some 100 repaints
    for name in ("start", "data", "train", "explore"):
        window.go_to(name)
    before = sys.getrefcount(None)
    for _ in range(50):
        window.repaint()
        window.grab()
    assert sys.getrefcount(None) >= before - 5


def test_a_damaged_list_of_recent_projects_is_forgotten(qtbot):
    from workbench.gui.projects.recent import recent_projects

    for content in ("{", json.dumps([{"path": 1}]), json.dumps({"a": 1})):
        QSettings().setValue("recent_projects", content)
        assert recent_projects() == []


def _wait_for_stop(control):
    while not control.stopping:
        yield Progress(0, 0)
        time.sleep(0.002)


class _Kept:
    kept = "It goes on where it was."

    def __call__(self, control):
        return _wait_for_stop(control)


def test_the_question_tells_what_becomes_of_each_job(window):
    def told():
        box, stop = stop_question(window.session.jobs, window)
        assert stop.text() == "Stop and quit"
        assert box.escapeButton().text() == "Keep running"
        return box.text(), box.informativeText()

    window.session.start("Aligning", _Kept())
    assert told() == ("“Aligning” is still running.", "It goes on where it was.")
    window.session.start("Aligning again", _Kept())
    assert told() == ("2 jobs are still running.", "It goes on where it was.")
    window.session.start("Encoding", _wait_for_stop)
    text, more = told()
    assert text == "3 jobs are still running."
    assert more.splitlines()[0] == "“Aligning again”: It goes on where it was."
    assert more.splitlines()[-1].startswith("“Encoding”: What is finished is kept")


def test_a_window_is_gone_before_its_jobs_have_stopped(window):
    seen = []

    def job(control):
        yield from _wait_for_stop(control)
        seen.append(window.isVisible())

    window.session.start("Encoding", job)
    assert window.close()
    assert seen == [False]
