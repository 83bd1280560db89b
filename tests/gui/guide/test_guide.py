import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest

from workbench.gui.guide.guide import card_place
from workbench.gui.guide.steps import STEPS, is_wanted
from workbench.gui.pages.rail_stations import STATIONS
from workbench.gui.starting import application


@pytest.mark.parametrize("hole", [
    QRect(10, 60, 170, 40), QRect(300, 20, 700, 40), QRect(300, 600, 700, 60), QRect(0, 0, 80, 690),
    QRect(900, 300, 120, 40),
])  # fmt: skip
def test_the_card_lies_in_the_window_and_not_over_the_place(hole):
    window, card = QRect(0, 0, 1024, 700), QSize(372, 150)
    found = QRect(card_place(hole, card, window), card)
    assert window.contains(found)
    assert not found.intersects(hole)


def test_where_all_is_the_place_the_card_lies_over_it():
    window, card = QRect(0, 0, 1024, 700), QSize(372, 150)
    assert card_place(window, card, window) == QPoint(1011 - 372, 687 - 150)


def test_steps_are_of_pages_that_are_there():
    assert {step.page for step in STEPS} <= {station.name for station in STATIONS}


def test_the_tour_leads_through_the_pages_and_back_and_is_not_wanted_again(window):
    assert is_wanted()
    window.menus.action("guide").trigger()
    guide = window.menus._guide
    assert not is_wanted()
    seen = []
    for step in STEPS:
        assert guide.isVisible()
        assert guide.card.title.text() == step.title
        seen.append((window.current_page(), guide.target()))
        assert window.isAncestorOf(guide.target())
        QTest.keyClick(guide, Qt.Key.Key_Right)
    assert [page for page, _ in seen] == [step.page for step in STEPS]
    assert seen[0][1] is window.rail.button("data")
    assert seen[2][1] is window.rail.button("train")  # without a project no α is there
    assert not guide.isVisible()
    assert window.current_page() == "start"
    assert window.menus._guide is None


def test_it_can_be_left_and_gone_back(window):
    window.go_to("export")
    window.menus.show_guide()
    guide = window.menus._guide
    guide.next.click()
    guide.next.click()
    QTest.keyClick(guide, Qt.Key.Key_Left)
    assert guide.step is STEPS[1]
    window.resize(1100, 700)
    guide._follow()
    assert guide.size() == window.size()
    QTest.keyClick(guide, Qt.Key.Key_Escape)
    assert window.current_page() == "export"
    window.menus.show_guide()
    assert window.menus._guide.step is STEPS[0]
    window.menus._guide.leave()


def test_nobody_is_guided_where_nobody_looks(qapp):
    assert not application.has_spectator()
