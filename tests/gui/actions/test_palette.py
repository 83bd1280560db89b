from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from workbench.gui.actions import table
from workbench.gui.actions.shortcut_list import shortcuts
from workbench.gui.state.action import all_actions


def _palette(window):
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    return window.menus._palette


def test_no_two_actions_have_the_same_name_or_keys(window):
    found = [each.action for each in all_actions(window.menus.declared)]
    names = Counter(each.name for each in found)
    keys = Counter(keys.toString() for each in found for keys in each.sequences())
    assert [name for name, count in names.items() if count > 1] == []
    assert [each for each, count in keys.items() if count > 1] == []


def test_every_key_of_a_menu_is_in_the_list_of_shortcuts(window):
    listed = {(keys, words) for _, rows in shortcuts(list(all_actions(window.menus.declared)))
              for keys, words in rows}  # fmt: skip
    for entry, action in window.menus._made:
        first = action.shortcuts()[:1]
        if first:
            assert (first[0].toString(first[0].SequenceFormat.NativeText), entry.title()) in listed
    window.menus.show_shortcuts()
    assert window.menus._shortcuts.isVisible()
    window.menus._shortcuts.close()


def test_the_palette_is_driven_by_keys(window):
    palette = _palette(window)
    assert palette.isVisible()
    assert window.focusWidget() is palette.line
    QTest.keyClicks(palette.line, "tra")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.current_page() == "train"
    palette = _palette(window)
    below = palette.offered()[1].found.action
    QTest.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentIndex().data() == below.title()
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_what_cannot_be_done_says_why_and_stays(window):
    palette = _palette(window)
    QTest.keyClicks(palette.line, "save the sel")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette._words.text().endswith("cannot be done now. Open a project first.")
    assert window.menus.action("save-selection").toolTip() == "Open a project first."


def test_a_click_elsewhere_puts_it_away(window):
    palette = _palette(window)
    QTest.mouseClick(palette.line, Qt.MouseButton.LeftButton)
    assert palette.isVisible()
    QTest.mouseClick(window.rail.button("data"), Qt.MouseButton.LeftButton)
    assert not palette.isVisible()
    assert window.current_page() == "data"


def test_the_palette_opens_also_from_a_line_of_text(window):
    palette = _palette(window)
    palette.leave()
    window.go_to("explore")
    line = window.page("explore").query.line
    line.setEnabled(True)
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert palette.isVisible()


def test_full_screen_is_left_as_it_was_entered(window):
    action = window.menus.action("full-screen")
    assert "F11" in [keys.toString() for keys in action.shortcuts()]
    window.showMaximized()
    action.trigger()
    assert window.isFullScreen()
    action.trigger()
    assert window.isMaximized()
    assert not window.isFullScreen()


def test_buttons_that_pages_are_for_are_there(window):
    for page, name, _ in table._BUTTONS:
        assert window.page(page).findChild(QAbstractButton, name) is not None, name
    found = {each.action.name: each.why_not for each in all_actions(window.menus.declared)}
    assert found["press-train"] == "Open a project first."


def test_a_button_is_pressed_on_its_page_or_says_who_knows_why_not(window, tmp_path):
    window.session.create_project(tmp_path / "new")
    found = {each.action.name: each for each in all_actions(window.menus.declared)}
    assert found["press-train"].why_not == "The page Train says what is missing."
    pressed = []
    button = window.page("data").scan_button
    button.clicked.connect(lambda: pressed.append(window.current_page()))
    button.setEnabled(True)
    window.go_to("start")
    found["press-data-scan"].action.does()
    assert pressed == ["data"]
