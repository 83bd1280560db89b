"""Maps in work, and what they become when something else is wanted meanwhile."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from worlds.projects import small_project

from workbench.gui.exploring.maps import map_panel as map_panel_module
from workbench.gui.exploring.maps.map_making import make_one_by_one
from workbench.jobs import Control, drain
from workbench.project import Project
from workbench.stations import AlignRequest, UmapOptions, align


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


@pytest.fixture
def umaps(monkeypatch):
    """Replace UMAP by the first two columns; return of how many rows it was asked."""
    asked = []

    def umap_map(rows, *_, **__):
        asked.append(len(rows))
        yield from ()
        return rows[:, :2].copy()

    monkeypatch.setattr("workbench.stations.maps.map.umap_map", umap_map)
    return asked


def by_umap(panel):
    panel.method_choice.setCurrentIndex(panel.method_choice.findData("umap"))
    panel.load()


def test_another_project_is_not_mapped_by_what_was_chosen_for_the_one_before(
    opened, qtbot, root, tmp_path, umaps
):
    (tmp_path / "other").mkdir()
    other = small_project(tmp_path / "other", 30)
    page = opened(root)
    for panel in page.panels:
        by_umap(panel)
    mapped(page, qtbot)
    assert sorted(umaps) == [60, 120]
    opened(other)
    mapped(page, qtbot)
    assert len(umaps) == 2
    for panel in page.panels:
        assert panel.shown_map.method == panel.method_choice.currentData() == "pca"
        assert len(panel.shown_map.ids) == 30


def test_what_is_stopped_while_it_waits_for_its_turn_is_not_begun(session, root, umaps):
    control = Control()
    control.stop()
    session.open_project(root)
    wanted = "image", "umap", UmapOptions()
    made = drain(make_one_by_one(session.project, wanted, tuple, umaps.append, False, control))
    assert made is None
    assert umaps == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_map_that_was_chosen_last_is_shown(opened, qtbot, root, monkeypatch, newest_first):
    page, begun, gates = opened(root), [], {"image": threading.Event(), "text": threading.Event()}
    make = map_panel_module.make_one_by_one

    def late(project, wanted, like, keep, anew, _control):
        begun.append(wanted[0])
        assert gates[wanted[0]].wait(20)
        return (yield from make(project, wanted, like, keep, anew, Control()))  # deaf to a stop

    monkeypatch.setattr(map_panel_module, "make_one_by_one", late)
    right = page.right
    for space in ("image", "text"):
        right.space_choice.setCurrentIndex(right.space_choice.findData(space))
        right.load(anew=True)
        right.load()  # which is in work, and goes on
    for space in ("text", "image") if newest_first else ("image", "text"):
        before = len(page.session._jobs)
        gates[space].set()
        qtbot.waitUntil(lambda before=before: len(page.session._jobs) < before, timeout=20_000)
    mapped(page, qtbot)
    assert sorted(begun) == ["image", "text"]
    assert right.shown_map.space == right.made_map.space == "text"


def test_after_a_stop_the_map_before_can_be_chosen_again(opened, qtbot, root, umaps, held):
    held.set()
    page = opened(root)
    held.clear()
    left, before = page.left, page.left.shown_map
    by_umap(left)
    (job,) = page.session.jobs
    job.stop()
    held.set()
    mapped(page, qtbot)
    assert left._stack.currentWidget() is left._words
    assert "stopped" in left._words.text()
    assert left.made_map is before
    left.method_choice.setCurrentIndex(left.method_choice.findData("pca"))
    left.load()
    assert left._stack.currentWidget() is left.view
    assert umaps == []


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
