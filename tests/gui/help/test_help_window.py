"""The window of help; a page of it costs little, so one window serves several questions."""

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from workbench.gui.help.help_window import HelpWindow
from workbench.gui.help.places import HELP_FOR, help_for
from workbench.gui.help.rendering import html, known_page
from workbench.gui.help.trail import Stop, Trail
from workbench.gui.look import theme
from workbench.gui.pages.rail_stations import STATIONS
from workbench.help import page, pages


@pytest.fixture
def shown(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    made = HelpWindow(window)
    made.show()
    yield made
    made.close()


def test_every_page_of_the_window_has_a_page_of_help():
    assert [each.name for each in STATIONS if f"page-{each.name}" not in HELP_FOR] == []


def test_every_place_of_the_table_is_a_heading_that_is_there():
    for place in HELP_FOR.values():
        name, _, anchor = place.partition("#")
        assert not anchor or anchor in [each.anchor for each in page(name).sections]


def test_the_nearest_place_tells_the_page(qtbot):
    outer, inner, other = QWidget(), QWidget(), QWidget()
    qtbot.addWidget(outer)
    outer.setObjectName("page-explore")
    inner.setParent(outer)
    assert help_for(inner) == "exploring"
    inner.setObjectName("query-bar")
    assert help_for(inner) == "exploring#questions"
    assert help_for(other) == help_for(None) == "index"


def test_every_page_is_shown_with_its_pictures(shown):
    for each in pages():
        shown.show_page(each.name)
        text = shown.browser.toPlainText()
        assert each.title in text
        assert "|--" not in text
        assert "](" not in text
    shown.show_page("exploring")
    picture = shown.browser.loadResource(2, QUrl("pictures/compare-dark.png"))
    assert 0 < picture.width() <= shown.browser.viewport().width()


def test_links_lead_to_pages_and_back(shown):
    shown.show_place("training")
    shown.browser.anchorClicked.emit(QUrl("runs.md#deleted-runs"))
    assert shown.browser.page.name == "runs"
    assert shown.contents.currentItem().text() == "Runs"
    shown.back.click()
    assert shown.browser.page.name == "training"
    shown.forward.click()
    assert shown.browser.page.name == "runs"
    shown.browser.anchorClicked.emit(QUrl("#deleted-runs"))
    assert shown.browser.page.name == "runs"
    assert known_page("https://example.org") is None


def test_a_search_lists_places_and_opens_the_first(shown):
    shown.show_place("index")
    QTest.keyClicks(shown.line, "deleted runs")
    assert shown.hits.isVisible()
    assert shown.hits.item(0).text() == "Runs › Deleted runs"
    QTest.keyClick(shown.line, Qt.Key.Key_Return)
    assert shown.browser.page.name == "runs"
    assert shown.browser.extraSelections()
    shown.line.setText("zzyzx")
    assert shown._found.text() == "No page has all of these words."
    shown.line.clear()
    assert shown.contents.isVisible()


def test_a_page_wears_the_theme(shown, monkeypatch):
    shown.show_place("index")
    colours = set()
    for worn in (theme.LIGHT, theme.DARK):
        monkeypatch.setattr(theme, "_current", worn)
        shown.apply_theme()
        colours.add(shown.browser.document().toHtml().count(worn.accent))
    assert 0 not in colours


def test_markup_in_a_page_is_shown_and_not_followed():
    assert "<b>" not in html("a <b>bold</b> `<i>`")
    assert "&lt;i&gt;" in html("```\n<i>\n```")


def test_going_somewhere_forgets_what_lay_ahead():
    trail = Trail()
    for name in ("a", "b", "b", "c"):
        trail.go(Stop(name))
    trail.back()
    trail.back()
    assert trail.now == Stop("a")
    assert not trail.can_go_back
    trail.back()
    trail.go(Stop("d"))
    assert trail.now == Stop("d")
    assert not trail.can_go_forward


def test_f1_is_heard_in_other_windows_too(window, qtbot):
    window.go_to("explore")
    beside = QWidget(window, Qt.WindowType.Window)
    beside.show()
    beside.activateWindow()
    qtbot.waitUntil(beside.isActiveWindow)
    QTest.keyClick(beside, Qt.Key.Key_F1)
    assert window.menus._help.browser.page.name == "exploring"
    window.menus._help.close()


def test_f1_shows_the_page_of_where_one_stands(window):
    window.go_to("train")
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.menus._help.browser.page.name == "training"
    window.page("explore").query.line.setFocus()
    window.menus.show_help("glossary")
    assert window.menus._help.browser.page.name == "glossary"
    window.menus._help.close()
