"""A control that goes away while it has the focus leaves it where it was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from worlds.projects import small_project


def test_the_focus_stays_where_a_button_was(window, tmp_path, qtbot):
    window.session.open_project(small_project(tmp_path, 3, encode=False))
    window.go_to("data")
    window.activateWindow()
    page = window.page("data")
    row = page.folders.rows[0]
    row.remove_button.setFocus()
    assert QApplication.focusWidget() is row.remove_button
    qtbot.keyClick(row.remove_button, Qt.Key.Key_Space)
    assert len(page.folders.rows) == 1
    rests = QApplication.focusWidget()
    assert rests.isAncestorOf(page.folders.add_button)  # near where it was, and no control
    page.undo_button.setFocus()
    qtbot.keyClick(page.undo_button, Qt.Key.Key_Space)  # is then of no use, and greyed
    assert not page.undo_button.isEnabled()
    assert QApplication.focusWidget().isAncestorOf(page.undo_button)
    page.scan_button.setFocus()
    page.folders.add_button.setFocus()  # what is led away by somebody stays there
    page.scan_button.setEnabled(False)
    assert QApplication.focusWidget() is page.folders.add_button
