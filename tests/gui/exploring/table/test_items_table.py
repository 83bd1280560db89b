"""All items in a table: linked with the selection, sorted, filtered, opened."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from worlds.projects import small_project

from workbench.gui.exploring.table.table_model import HEADS, PLACES, TableModel
from workbench.gui.items.previews import Missing
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import ItemFilter, filter_items, split_roles

LEFT = Qt.MouseButton.LeftButton
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def files_opened(monkeypatch):
    """Return the files that the desktop is asked to open."""
    paths = []
    monkeypatch.setattr("workbench.gui.desktop.open_file", paths.append)
    return paths


class Table:
    """The table of a page, and what a user does with it."""

    def __init__(self, page, qtbot):
        self.page, self.qtbot = page, qtbot
        self.table = page.selected.table
        self.filter, self.model, self.view = self.table.filter, self.table.rows, self.table.view

    def wait(self, until=None):
        """Wait until nothing is to be arranged any more, and something holds."""
        table, soon = self.table, self.filter._soon
        self.qtbot.waitUntil(
            lambda: not table._arranging.busy and not table._soon.isActive() and not soon.isActive()
            and (until is None or until()),
            timeout=20_000,
        )  # fmt: skip
        self.page.grab()
        return self.model.ids().tolist()

    def column(self, name):
        index = self.model.index
        return [index(row, PLACES[name]).data() for row in range(self.model.rowCount())]

    def sort(self, name, descending=False):
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.view.sortByColumn(PLACES[name], order)
        return self.wait()

    def click(self, row, keys=Qt.KeyboardModifier.NoModifier):
        place = self.view.visualRect(self.model.index(row, 0)).center()
        self.qtbot.mouseClick(self.view.viewport(), LEFT, keys, place)


@pytest.fixture
def table(measured, qtbot):
    """Return the table, measured and with the roles of the run."""
    measured.selected._buttons["table"].click()
    made = Table(measured, qtbot)
    made.wait(lambda: made.model.columns is not None and made.model.columns.split is not None)
    return made


def test_a_preview_that_comes_draws_its_own_row_alone(table, qtbot):
    areas = []

    class Drawn(QObject):
        def eventFilter(self, watched, event):  # noqa: N802 - Qt's
            if event.type() == QEvent.Type.Paint:
                areas.append(event.rect())
            return False

    view, previews, ids = table.view, table.page.previews, table.model.ids()
    qtbot.wait(100)  # until those on the way have come
    drawn = Drawn()
    view.viewport().installEventFilter(drawn)
    previews.ready.emit(int(ids[-1]))  # which is not seen
    previews.ready.emit(int(ids[1]))
    qtbot.waitUntil(lambda: bool(areas))
    qtbot.wait(20)
    assert {area.top() for area in areas} == {view.rowViewportPosition(1)}
    assert {area.height() for area in areas} == {view.rowHeight(1)}


def test_every_item_is_a_row_of_what_is_known(table):
    page, project = table.page, table.page.session.project
    ids = table.model.ids()
    assert ids.tolist() == page.table.ids.tolist()
    items = [page.table.item(int(each)) for each in ids]
    assert table.column("path") == [item.path for item in items]
    assert table.column("label") == [item.label for item in items]
    assert table.column("modality") == [item.modality for item in items]
    assert table.column("name")[:60] == [item.key for item in items[:60]]
    assert table.column("name")[60:] == [item.text for item in items[60:]]
    roles = {
        item: role
        for own, parts in split_roles(project, "turned").values()
        for item, role in zip(own.tolist(), parts, strict=True)
    }
    assert table.column("split") == [roles[item.id] for item in items]
    figures = page.explored.looking.figures()
    bent, ranks = figures.distortion_of(ids), figures.partner_rank_of(ids)
    assert table.column("distortion") == [f"{value:.3g}" for value in bent]
    assert table.column("rank") == [f"{rank}" for rank in ranks]
    assert set(table.column("paired")) == {"paired"}
    assert table.view.isColumnHidden(PLACES["language"])
    assert table.filter.words.text() == "120 items"


def test_numbers_sort_as_numbers_and_the_cursor_stays_on_its_item(table):
    table.view.setCurrentIndex(table.model.index(7, 0))
    cursor = table.model.item(7)
    table.sort("rank")
    ranks = [int(each.replace(",", "")) for each in table.column("rank")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 9
    assert table.model.item(table.view.currentIndex().row()) == cursor
    table.sort("distortion", descending=True)
    bent = [float(each) for each in table.column("distortion")]
    assert bent == sorted(bent, reverse=True)
    table.sort("name")
    names = table.column("name")
    assert names == sorted(names, key=str.casefold)


def test_rows_and_the_selection_are_one(table):
    session, ids = table.page.session, table.model.ids().tolist()
    table.click(2)
    assert session.selection.tolist() == [ids[2]]
    assert table.model.selected_places().tolist() == [2]
    table.click(4, SHIFT)
    table.click(5, SHIFT)
    assert session.selection.tolist() == [ids[2], ids[4], ids[5]]
    table.click(4, ALT)
    assert session.selection.tolist() == [ids[2], ids[5]]
    table.click(5, SHIFT | ALT)
    assert session.selection.tolist() == [ids[5]]
    for panel in table.page.panels:
        points = panel.view.canvas.points
        shown = {ids[5]} & set(points.ids.tolist())
        assert set(points.ids[points._selected].tolist()) == shown
    session.undo_selection()
    assert table.model.selected_places().tolist() == [2, 5]


def test_what_is_selected_on_a_map_is_scrolled_to_and_marked(table):
    session, ids = table.page.session, table.model.ids()
    assert table.view.rowAt(0) == 0
    session.select(ids[[110]])
    place = table.view.visualRect(table.model.index(110, 0))
    assert table.view.viewport().rect().contains(place.center())
    before = table.view.grab().toImage()
    session.select([])
    assert table.view.grab().toImage() != before


def test_dragging_over_rows_selects_them(table):
    view, session = table.view, table.page.session
    places = [QPointF(view.visualRect(table.model.index(row, 1)).center()) for row in (1, 2, 4)]

    def send(kind, place, buttons=LEFT):
        at = view.viewport().mapToGlobal(place)
        event = QMouseEvent(kind, place, at, LEFT, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), event)

    send(QEvent.Type.MouseButtonPress, places[0])
    send(QEvent.Type.MouseMove, places[1])
    send(QEvent.Type.MouseMove, places[2])
    assert len(session.selection) == 0
    assert [view.is_marked(row) for row in range(6)] == [False, True, True, True, True, False]
    send(QEvent.Type.MouseButtonRelease, places[2], Qt.MouseButton.NoButton)
    assert session.selection.tolist() == table.model.ids(1, 4).tolist()


def test_only_the_selected_are_shown_when_that_is_asked_for(table):
    session, ids = table.page.session, table.model.ids()
    session.select(ids[[3, 80, 81]])
    table.filter.only_selected.click()
    assert table.wait() == ids[[3, 80, 81]].tolist()
    session.select([int(ids[9])], "add")
    assert table.wait() == ids[[3, 9, 80, 81]].tolist()
    session.select([])
    assert table.wait() == []
    assert table.view.placeholder == "Nothing is selected."
    table.filter.all.click()
    assert len(table.wait()) == 120


def test_words_and_conditions_filter_as_the_station_does(table):
    project, conditions = table.page.session.project, table.filter
    conditions.search.setText("STAR")
    expected = filter_items(project, ItemFilter(containing="star"))
    assert table.wait() == drain(expected).tolist() != []
    assert conditions.words.text() == "6 of 120 items"
    conditions.search.clear()
    wanted = {"modality": "image", "label": "label 1", "split": "training"}
    for key, value in wanted.items():
        conditions.add_condition(key).set_value(value)
    assert table.wait() == drain(filter_items(project, ItemFilter(**wanted), "turned")).tolist()
    chip = conditions.add_condition("rank-most")
    before = table.wait()
    chip.set_value("2")
    few = table.wait()
    assert few == drain(filter_items(project, ItemFilter(**wanted, rank=(None, 2.0)), "turned"))\
        .tolist()  # fmt: skip
    assert 0 < len(few) < len(before)
    conditions.add_condition("rank-least").set_value("2.")
    ranks = table.page.explored.looking.figures().partner_rank_of(np.array(table.wait()))
    assert set(ranks.tolist()) <= {2}
    chip.set_value("0")
    assert table.wait() == []
    assert table.view.placeholder == "No item matches all of these conditions."
    assert not conditions.select.isEnabled()
    table.page.findChild(object, "chip-rank-most-remove").click()
    table.page.findChild(object, "chip-rank-least-remove").click()
    assert table.wait() == before
    conditions._fill_menu()
    conditions.menu.actions()[-1].trigger()
    assert len(table.wait()) == 120


@pytest.mark.parametrize("by", ["keys", "menu"])
def test_what_the_filter_leaves_is_selected_in_four_ways(table, monkeypatch, by):
    session, conditions = table.page.session, table.filter

    def select(number, keys):
        if by == "menu":
            conditions.how.menu().actions()[number].trigger()
            return
        monkeypatch.setattr(
            "workbench.gui.exploring.table.table_filter.QApplication.keyboardModifiers",
            lambda: keys,
        )
        conditions.select.click()

    conditions.search.setText("star")
    stars = table.wait()
    select(0, Qt.KeyboardModifier.NoModifier)
    assert session.selection.tolist() == stars
    conditions.search.setText("moon")
    moons = table.wait()
    select(1, SHIFT)
    assert session.selection.tolist() == sorted(stars + moons)
    conditions.search.setText("moon 1")
    some = table.wait()
    select(2, ALT)
    assert set(session.selection.tolist()) == set(stars + moons) - set(some)
    conditions.search.setText("star")
    table.wait()
    select(3, SHIFT | ALT)
    assert session.selection.tolist() == stars


def test_keys_move_open_and_select_all_that_is_shown(table, qtbot, files_opened):
    session, view = table.page.session, table.view
    view.setFocus()
    view.setCurrentIndex(table.model.index(0, 0))
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 3
    assert len(session.selection) == 0
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert files_opened == [Path(table.model.item(3).path)]
    qtbot.keyClick(view, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.tolist() == [table.model.item(3).id]
    table.filter.search.setText("rain")
    shown = table.wait()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.tolist() == shown != []
    assert table.model.selected_places().tolist() == list(range(len(shown)))


def test_a_double_click_opens_and_a_missing_file_is_told(table, qtbot, files_opened):
    view, item = table.view, table.model.item(1)
    place = view.visualRect(table.model.index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    qtbot.mouseDClick(view.viewport(), LEFT, pos=place)
    assert files_opened == [Path(item.path)]
    gone = table.model.item(2)
    Path(gone.path).unlink()
    table.page.previews.clear()
    table.page.grab()
    qtbot.waitUntil(lambda: isinstance(table.page.previews.of(gone), Missing), timeout=10_000)
    assert table.column("path")[2].startswith("The file is missing")
    view.setCurrentIndex(table.model.index(2, 0))
    with qtbot.waitSignal(table.page.session.noticed) as told:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert gone.path in told.args[1]
    assert len(files_opened) == 1
    assert table.model.rowCount() == 120


def test_a_hidden_table_reads_nothing_until_it_is_shown(measured, qtbot):
    page, made = measured, Table(measured, qtbot)
    page.session.select(page.table.ids[:3])
    assert made.table._done is None
    page.selected._buttons["table"].click()
    made.wait(lambda: made.model.rowCount() == 120)
    assert made.model.selected_places().tolist() == [0, 1, 2]


def test_without_a_run_only_the_catalogue_speaks(opened, qtbot, tmp_path):
    page = opened(small_project(tmp_path / "other"))
    page.selected._buttons["table"].click()
    table = Table(page, qtbot)
    table.wait(lambda: table.model.rowCount() == 120)
    hidden = {head.name for head in HEADS if table.view.isColumnHidden(PLACES[head.name])}
    assert hidden == {"language", "split", "distortion", "rank"}
    table.filter._fill_menu()
    offered = {action.text() for action in table.filter.menu.actions()}
    assert offered == {"Modality", "Label", "Paired or not"}


def test_another_project_has_its_own_rows_and_no_filter(table, tmp_path, qtbot):
    table.filter.search.setText("star")
    table.filter.add_condition("rank-most").set_value(3)
    table.wait()
    other = small_project(tmp_path / "other", 12, views=("text",))
    assert table.page.session.open_project(other)
    ids = table.wait(lambda: table.model.rowCount() == 12)
    assert ids == [item.id for item in Project.open(other).catalogue.items()]
    assert table.filter.search.text() == ""
    assert not table.filter._chips


@pytest.fixture
def slow(monkeypatch):
    """Return what holds a filter for “star” up, and whether it has come so far."""
    come, go_on, keeps = threading.Event(), threading.Event(), ItemFilter.keeps

    def held(wanted, columns):
        if wanted.containing == "star":
            come.set()
            assert go_on.wait(20)
        return keeps(wanted, columns)

    monkeypatch.setattr(ItemFilter, "keeps", held)
    yield come, go_on
    go_on.set()


def test_an_older_slower_filter_does_not_overwrite_the_newer(table, qtbot, slow):
    come, go_on = slow
    shown = []
    table.model.modelReset.connect(lambda: shown.append(table.model.rowCount()))
    table.filter.search.setText("star")
    qtbot.waitUntil(come.is_set, timeout=20_000)
    table.filter.search.setText("no item has these words")
    qtbot.waitUntil(lambda: not table.filter._soon.isActive(), timeout=20_000)
    qtbot.waitUntil(lambda: not table.table._soon.isActive(), timeout=20_000)
    go_on.set()
    assert table.wait() == []
    assert shown == [0]


def test_what_was_to_be_selected_is_forgotten_with_its_project(table, tmp_path, qtbot, slow):
    come, go_on = slow
    table.filter.search.setText("star")
    qtbot.waitUntil(come.is_set, timeout=20_000)
    table.filter.select.click()
    other = small_project(tmp_path / "other", 12, views=("text",))
    assert table.page.session.open_project(other)
    go_on.set()
    table.wait(lambda: table.model.rowCount() == 12)
    assert table.page.session.selection.tolist() == []


def test_the_model_asks_for_no_row_that_is_not_shown(table, monkeypatch):
    asked = set()
    original = TableModel.data

    def data(model, index, role=Qt.ItemDataRole.DisplayRole):
        asked.add(index.row())
        return original(model, index, role)

    monkeypatch.setattr(TableModel, "data", data)
    table.view.verticalScrollBar().setValue(50)
    table.page.grab()
    seen = table.view.viewport().height() // table.view.verticalHeader().defaultSectionSize()
    assert 0 < len(asked) <= seen + 3
