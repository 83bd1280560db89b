"""The menu of the runs: what can be done with those selected."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


def run_menu(parts: list[list[QAction]], parent: QWidget) -> QMenu:
    """Return a menu of the actions that can be done now, the parts of it parted by lines."""
    menu = QMenu(parent)
    for part in parts:
        can = [action for action in part if action.isVisible() and action.isEnabled()]
        if can and not menu.isEmpty():
            menu.addSeparator()
        menu.addActions(can)
    return menu
