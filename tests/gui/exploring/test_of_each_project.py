"""What one types, filters and lays out belongs to its project, and comes back with it."""

import threading

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFrame
from worlds.explore import know_texts, open_on, shown_page
from worlds.projects import small_project

from workbench.errors import WorkbenchError
from workbench.gui.exploring.maps.map_panel import MapPanel
from workbench.gui.exploring.table.table_filter import FilterDraft
from workbench.gui.session import Session
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, ItemColumns, align
from workbench.stations.searching.attribution import TrainingPairs


@pytest.fixture
def other(tmp_path):
    (tmp_path / "other").mkdir()
    root = small_project(tmp_path / "other", 30)
    drain(align(Project.open(root), AlignRequest(method="procrustes", name="turned")))
    return root


def chips(page):
    return [each for each in page.query.chips.findChildren(QFrame)
            if each.objectName().startswith("term-") and not each.isHidden()]  # fmt: skip


def chosen(page):
    return [(panel.space(), panel.choices.method()) for panel in page.panels]


def choose(box, data):
    """Choose as a user does."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def idle(page, qtbot):
    qtbot.waitUntil(lambda: not page.session._jobs, timeout=60_000)


# ------------------------------------------------------------------------------ what is typed


def test_a_question_waits_in_its_project(opened, qtbot, root, other):
    page = opened(root)
    page.query.line.setText("star 12")
    qtbot.mouseClick(page.query.minus, Qt.MouseButton.LeftButton)
    page.query.line.setText("a bird")
    page.query.target.setCurrentIndex(0)
    opened(other)
    assert chips(page) == []
    assert page.query.line.text() == ""
    assert page.query.target.currentData() == "image"
    opened(root)
    assert len(chips(page)) == 1
    assert page.query.line.text() == "a bird"
    assert page.query.target.currentData() is None


def test_words_to_find_wait_in_their_project(opened, root, other):
    page = opened(root)
    page.tools.search.setText("star")
    opened(other)
    assert page.tools.search.text() == ""
    page.tools.search.setText("moon")
    opened(root)
    assert page.tools.search.text() == "star"


def test_the_filter_of_the_table_waits_in_its_project(opened, qtbot, root, other):
    page = opened(root)
    page.selected.set_view("table")
    table = page.selected.table

    def wait(count):
        qtbot.waitUntil(lambda: table.rows.rowCount() == count, timeout=20_000)
        idle(page, qtbot)
        return table.rows.ids().tolist()

    wait(120)
    qtbot.waitUntil(lambda: table.rows.columns.split is not None, timeout=20_000)
    table.filter.search.setText("star")
    wait(6)
    table.filter.add_condition("label").set_value("label 2")
    table.filter.add_condition("rank-most").set_value("1000")
    table.filter.add_condition("split").set_value("train")
    qtbot.waitUntil(lambda: not table.filter._soon.isActive())
    idle(page, qtbot)
    before = table.rows.ids().tolist()
    assert 0 < len(before) < 6
    shown = table.filter.draft()
    opened(other)
    wait(60)
    assert table.filter.draft() == FilterDraft()
    opened(root)
    assert wait(len(before)) == before
    assert table.filter.draft() == shown


# ------------------------------------------------------------------------------ the maps


@pytest.fixture
def umaps(monkeypatch):
    """Put a rough map in the place of UMAP's; return how often one was made."""
    made = []

    def umap_map(rows, *_, **__):
        made.append(len(rows))
        yield from ()
        return rows[:, :2].copy()

    monkeypatch.setattr("workbench.stations.maps.map.umap_map", umap_map)
    return made


@pytest.fixture
def four(opened, qtbot, root, umaps):
    """Return the page with four maps of a project, two of them by UMAP."""
    page = opened(root)
    page.maps.add()
    page.maps.add()
    for panel, space in zip(page.panels, ("text", "run:turned", "image", "image"), strict=True):
        choose(panel.space_choice, space)
    for panel in page.panels[2:]:
        choose(panel.method_choice, "umap")
    idle(page, qtbot)
    return page


FOUR = [("text", "pca"), ("run:turned", "pca"), ("image", "umap"), ("image", "umap")]
TWO = [("image", "pca"), ("run:turned", "pca")]


def test_another_project_has_maps_of_its_own(four, opened, qtbot, root, other, umaps):
    umaps.clear()
    page = opened(other)
    idle(page, qtbot)
    assert umaps == []  # nobody asked for one here
    assert chosen(page) == TWO
    assert len(page.maps.findChildren(MapPanel)) == 2
    opened(root)
    idle(page, qtbot)
    assert chosen(page) == FOUR
    assert all(panel.shown_map is not None for panel in page.panels)


def test_maps_are_there_after_a_restart(four, qtbot, root):
    four.panels[3].choices.options._neighbours.setValue(7)
    four.panels[3].choices.options.make.click()
    idle(four, qtbot)
    again = open_on(shown_page(Session(four), qtbot), qtbot, root)
    idle(again, qtbot)
    assert chosen(again) == FOUR
    assert again.panels[3].options.options().neighbours == 7
    again.maps.remove(again.panels[0])
    once_more = open_on(shown_page(Session(four), qtbot), qtbot, root)
    idle(once_more, qtbot)
    assert chosen(once_more) == FOUR[1:]


def test_a_layout_that_does_not_hold_any_more_is_left(four, qtbot, root):
    (key,) = [key for key in QSettings().allKeys() if key.endswith("/maps")]
    for spoilt in ('{"maps": 7}', "no JSON", '{"maps": [{"method": "magic"}]}'):
        QSettings().setValue(key, spoilt)
        page = open_on(shown_page(Session(four), qtbot), qtbot, root)
        assert chosen(page) == TWO
    gone = '{"maps": [{"space": "run:gone"}, {"space": "run:gone"}, {"space": "text"}]}'
    QSettings().setValue(key, gone)
    page = open_on(shown_page(Session(four), qtbot), qtbot, root)
    assert chosen(page) == [*TWO, ("text", "pca")]


def test_maps_that_nobody_chose_are_not_kept(opened, qtbot, root):
    page = opened(root)
    drain(align(page.session.project, AlignRequest(method="ridge", name="new")))
    page.session.set_current_run("new")
    idle(page, qtbot)
    assert chosen(page) == [("image", "pca"), ("run:new", "pca")]  # it follows the run
    assert not [key for key in QSettings().allKeys() if key.endswith("/maps")]


# ------------------------------------------------------------------------------ what comes late


def test_items_read_before_do_not_overwrite_those_read_later(opened, qtbot, root, monkeypatch):
    page = opened(root)
    read, begun, let = ItemColumns.read, [], threading.Event()

    def slow(project):
        begun.append(project)
        table = read(project)
        if len(begun) == 1:
            assert let.wait(20)
        return table

    monkeypatch.setattr(ItemColumns, "read", slow)
    page.session.catalogue_changed.emit()
    qtbot.waitUntil(lambda: len(begun) == 1)
    before = page.table
    page.session.catalogue_changed.emit()
    qtbot.waitUntil(lambda: page.table is not before, timeout=20_000)
    newest = page.table
    let.set()
    idle(page, qtbot)
    assert page.table is newest


def test_a_late_failure_does_not_overwrite_a_newer_explanation(measured, qtbot, root, monkeypatch):
    know_texts(monkeypatch, root)
    measured.query.line.setText("star 12")
    measured.query.button.click()
    sheet = measured.inspector.answers
    qtbot.waitUntil(lambda: len(sheet.lists[0].rows()) == 20, timeout=20_000)
    idle(measured, qtbot)
    measured.grab()
    why, begun, let = TrainingPairs.why, [], threading.Event()

    def late(*arguments, **options):
        begun.append(arguments)
        if len(begun) == 1:
            assert let.wait(20)
            raise WorkbenchError("Too late.")
        return why(*arguments, **options)

    monkeypatch.setattr(TrainingPairs, "why", late)
    rows = sheet.lists[0]
    for number in (0, 1):
        place = rows.visualRect(rows.model().index(number, 0)).center()
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.waitUntil(lambda number=number: len(begun) == number + 1, timeout=20_000)
    qtbot.waitUntil(lambda: len(sheet.why.rows()) == 6, timeout=20_000)
    told = sheet._why_words.text()
    let.set()
    idle(measured, qtbot)
    assert sheet._why_words.text() == told
    assert len(sheet.why.rows()) == 6
