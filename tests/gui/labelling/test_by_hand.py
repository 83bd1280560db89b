"""Ctrl+L, in the window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from worlds.projects import small_project


def test_the_keys_pair_two_selected_items_and_take_it_back(window, qtbot, tmp_path):
    assert window.session.open_project(small_project(tmp_path, 12, encode=False))
    catalogue, control = window.session.project.catalogue, Qt.KeyboardModifier.ControlModifier
    (pairs,) = catalogue.pairs().values()
    other = [int(pairs[0, 0]), int(pairs[1, 1])]
    window.session.select(other)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_L, control)
    assert other in catalogue.pairs()["image", "text"].tolist()
    assert window.current_page() == "explore"
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert other not in catalogue.pairs()["image", "text"].tolist()
    QTest.keyClick(window, Qt.Key.Key_Y, control)
    assert other in catalogue.pairs()["image", "text"].tolist()
