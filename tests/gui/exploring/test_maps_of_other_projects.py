"""Maps in work, and what they become when something else is wanted meanwhile."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from worlds.projects import small_project

from workbench.gui.exploring import map_panel as map_panel_module
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align


@pytest.fixture
def held(monkeypatch):
    """Hold every map back until it is let go, also those that are stopped."""
    gate = threading.Event()
    make = map_panel_module.make_one_by_one

    def late(*arguments):
        gate.wait(20)
        return (yield from make(*arguments))

    monkeypatch.setattr(map_panel_module, "make_one_by_one", late)
    yield gate
    gate.set()


def mapped(page, qtbot):
    qtbot.waitUntil(lambda: all(not panel.busy for panel in page.panels), timeout=20_000)
    qtbot.waitUntil(lambda: not page.session._jobs, timeout=20_000)


def test_a_map_of_the_project_before_is_not_shown(page, qtbot, root, tmp_path, held):
    (tmp_path / "other").mkdir()
    other = small_project(tmp_path / "other", 30)
    drain(align(Project.open(other), AlignRequest(method="procrustes", name="turned")))
    assert page.session.open_project(root)
    assert page.session.open_project(other)
    held.set()
    mapped(page, qtbot)
    qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
    assert [panel.space() for panel in page.panels] == ["image", "run:turned"]
    for panel, count in zip(page.panels, (30, 60), strict=True):
        assert len(panel.shown_map.ids) == count
        assert len(panel.made_map.ids) == count


def test_choosing_another_method_and_back_gives_a_map(opened, qtbot, root, held):
    held.set()
    page = opened(root)
    held.clear()
    left = page.left
    shown = left.shown_map
    left.load(again=True, anew=True)
    left.method_choice.setCurrentIndex(left.method_choice.findData("umap"))
    left.load()
    left.method_choice.setCurrentIndex(left.method_choice.findData("pca"))
    left.load(again=True, anew=True)
    held.set()
    mapped(page, qtbot)
    assert left._stack.currentWidget() is left.view, left._words.text()
    assert left.shown_map is not shown
    assert left.shown_map.method == "pca"


def test_what_is_looked_at_stays_when_runs_come(opened, qtbot, root):
    page = opened(root)
    box = page.left.view.canvas.box
    box.scaleBy((0.5, 0.5))
    before = box.viewRange()
    drain(align(page.session.project, AlignRequest(method="ridge", name="new")))
    page.session.runs_changed.emit()
    mapped(page, qtbot)
    assert box.viewRange() == before
    assert page.right.space_choice.findData("run:new") >= 0


def test_undo_is_in_one_place(window, qtbot, root):
    assert window.session.open_project(root)
    window.go_to("explore")
    page = window.page("explore")
    qtbot.waitUntil(lambda: page.table is not None, timeout=20_000)
    mapped(page, qtbot)
    session = window.session
    session.select(page.table.ids[:3])
    session.select(page.table.ids[:1])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.left.view.canvas.setFocus()
    qtbot.keyClick(page.left.view.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.tolist() == page.table.ids[:3].tolist()
    (redo, *_) = QKeySequence.keyBindings(QKeySequence.StandardKey.Redo)
    combined = redo[0]
    qtbot.keyClick(page.left.view.canvas, combined.key(), combined.keyboardModifiers())
    assert session.selection.tolist() == page.table.ids[:1].tolist()
    page.previews.finish()
