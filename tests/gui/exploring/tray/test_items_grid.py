"""The selected items as a strip or a grid: opened, walked through by keys, resized."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from workbench.gui.items.cards import CARD
from workbench.gui.items.previews import Missing
from workbench.gui.items.strip_model import ItemRole, StripModel
from workbench.gui.pages.explore import ExplorePage

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def files_opened(monkeypatch):
    """Return the files that the desktop is asked to open."""
    paths = []
    monkeypatch.setattr("workbench.gui.desktop.open_file", paths.append)
    return paths


@pytest.fixture
def grid(measured):
    """Return the strip as a grid of the first thirty items."""
    measured.session.select(measured.table.ids[:30])
    measured.selected._buttons["grid"].click()
    measured.grab()
    return measured.selected.strip


def centre(strip, row):
    return strip.visualRect(strip.model().index(row, 0)).center()


def test_the_grid_wraps_and_gets_height_that_the_strip_gives_back(measured, qtbot):
    page, strip = measured, measured.selected.strip
    page.session.select(page.table.ids[:30])
    page.grab()
    low = page.selected.height()
    tops = {strip.visualRect(strip.model().index(row, 0)).top() for row in range(30)}
    assert len(tops) == 1
    page.selected._buttons["grid"].click()
    qtbot.waitUntil(lambda: page.selected.height() > 1.5 * low, timeout=5000)
    page.grab()
    tops = {strip.visualRect(strip.model().index(row, 0)).top() for row in range(30)}
    assert len(tops) > 1
    assert not page.selected.slider.isHidden()
    above, below = page.room.sizes()
    page.room.moveSplitter(above - 60, 1)
    assert page.room.sizes()[1] > below
    page.selected._buttons["strip"].click()
    qtbot.waitUntil(lambda: page.selected.height() == low, timeout=5000)
    assert page.selected.slider.isHidden()
    page.selected._buttons["grid"].click()
    qtbot.waitUntil(lambda: page.room.sizes()[1] > below, timeout=5000)


def test_the_view_is_remembered(measured, session, qtbot):
    measured.selected._buttons["grid"].click()
    measured.selected.slider.setValue(150)
    again = ExplorePage(session)
    qtbot.addWidget(again)
    assert again.selected.view == "grid"
    assert again.selected.strip.isWrapping()
    assert again.selected.strip.card_width() == 150
    QSettings().setValue("explore/selected-view", "upside down")
    QSettings().setValue("explore/card-width", "wide")
    QSettings().setValue("explore/shelf-share", "much")
    odd = ExplorePage(session)
    qtbot.addWidget(odd)
    assert odd.selected.view == "strip"
    assert odd.selected.strip.card_width() == CARD.width()


def test_cards_are_resized_by_the_slider_and_by_ctrl_and_the_wheel(measured, grid):
    page, wide = measured, grid.card_width()
    before = grid.visualRect(grid.model().index(0, 0)).width()
    page.selected.slider.setValue(200)
    page.grab()
    assert grid.card_width() == 200
    shown = [grid.visualRect(grid.model().index(row, 0)) for row in range(30)]
    assert shown[0].width() >= 200 > before
    assert shown[0].height() > shown[0].width() * 0.9
    first = [place for place in shown if place.top() == shown[0].top()]
    assert 1 < len(first) < 30
    left = grid.viewport().width() - first[-1].right()
    assert 0 <= left < 20 + len(first)  # lines are full
    at = QPointF(grid.viewport().rect().center())

    def turn(keys):
        event = QWheelEvent(
            at, grid.viewport().mapToGlobal(at), QPoint(0, 0), QPoint(0, -240),
            Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(grid.viewport(), event)

    turn(Qt.KeyboardModifier.ControlModifier)
    assert wide < grid.card_width() < 200
    assert page.selected.slider.value() == grid.card_width()
    assert grid.verticalScrollBar().value() == 0
    turn(Qt.KeyboardModifier.NoModifier)
    assert grid.verticalScrollBar().value() > 0


def test_arrows_move_enter_opens_and_ctrl_space_selects(measured, grid, qtbot, files_opened):
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == 2
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    row = grid.currentIndex().row()
    assert row > 3
    item = grid.currentIndex().data(ItemRole)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert files_opened == [Path(item.path)]
    assert len(measured.session.selection) == 30
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(grid, Qt.Key.Key_Space, keys)
    assert len(measured.session.selection) == 29
    assert item.id not in measured.session.selection


def test_the_cursor_stays_on_its_item_when_others_come(measured, grid):
    item = grid.model().index(5, 0).data(ItemRole)
    grid.setCurrentIndex(grid.model().index(5, 0))
    measured.session.select(measured.table.ids[[5, 40, 41]])
    assert grid.currentIndex().data(ItemRole) == item
    assert grid.currentIndex().row() == 0


def test_a_double_click_opens_what_the_first_click_selected(measured, grid, qtbot, files_opened):
    item = grid.model().index(3, 0).data(ItemRole)
    at = centre(grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at)
    assert measured.session.selection.tolist() == [item.id]
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=at)
    assert files_opened == [Path(item.path)]


def test_a_file_that_is_gone_is_told_and_the_rest_is_kept(measured, grid, qtbot, files_opened):
    page = measured
    gone = page.table.item(int(page.table.ids[59]))
    Path(gone.path).unlink()
    page.session.select(page.table.ids[40:62])
    page.grab()
    qtbot.waitUntil(lambda: isinstance(page.previews.of(gone), Missing), timeout=10_000)
    page.grab()
    row = grid.items.row_of(gone.id)
    grid.setCurrentIndex(grid.model().index(row, 0))
    with qtbot.waitSignal(page.session.noticed) as told:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert gone.path in told.args[1]
    assert "missing" in told.args[1]
    assert files_opened == []
    assert grid.items.rowCount() == 22
    assert len(page.session.selection) == 22


def test_the_menu_of_a_card_opens_and_selects(measured, grid, qtbot, files_opened, monkeypatch):
    page = measured
    folders = []
    monkeypatch.setattr("workbench.gui.desktop.show_in_files", folders.append)
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)  # offscreen nothing can pop up
    item = grid.model().index(1, 0).data(ItemRole)
    at = centre(grid, 1)
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, at, grid.viewport().mapToGlobal(at))
    QApplication.sendEvent(grid.viewport(), event)
    (menu,) = [each for each in page.selected.children() if each.objectName() == "item-menu"]
    does = {action.text(): action.trigger for action in menu.actions() if action.text()}
    does["Open in the system’s viewer"]()
    does["Show in its folder"]()
    does["Copy its path"]()
    assert files_opened == [Path(item.path)]
    assert folders == [Path(item.path).parent]
    assert QApplication.clipboard().text() == item.path
    does["Remove it from the selection"]()
    assert len(page.session.selection) == 29
    does["Select it alone"]()
    assert page.session.selection.tolist() == [item.id]
    menu.close()


def test_hostile_items_are_shown(measured, grid):
    page = measured
    for ids in ([], [1], [10**9], np.arange(10**4)):
        page.selected.strip.items.show(page.table, np.array(ids, np.int64))
        page.grab()
    assert grid.items.rowCount() == 10**4


@pytest.mark.parametrize("view", ["strip", "grid"])
def test_of_many_items_only_the_visible_ones_are_asked_for(measured, monkeypatch, view):
    page = measured
    page.selected.set_view(view)
    page.grab()
    asked, counted = set(), []
    data, count = StripModel.data, StripModel.rowCount

    def look(model, index, role=Qt.ItemDataRole.DisplayRole):
        asked.add(index.row())
        return data(model, index, role)

    def number(model, parent=None):
        counted.append(1)
        return count(model, parent)

    monkeypatch.setattr(StripModel, "data", look)
    monkeypatch.setattr(StripModel, "rowCount", number)
    page.selected.strip.items.show(page.table, np.arange(10**5))
    page.grab()
    page.selected.strip.scrollTo(page.selected.strip.model().index(50_000, 0))
    page.grab()
    assert 50_000 in asked
    assert len(asked) < 200
    assert len(counted) < 5_000
