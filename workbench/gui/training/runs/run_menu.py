"""The menu of the runs: what can be done with those selected, and what was deleted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from workbench.gui import words
from workbench.gui.widgets.question import question

if TYPE_CHECKING:
    from workbench.project import DeletedRun

_MOST_DELETED = 20


def run_menu(parts: list[list[QAction]], parent: QWidget) -> QMenu:
    """Return a menu of the actions that can be done now, the parts of it parted by lines."""
    menu = QMenu(parent)
    for part in parts:
        can = [action for action in part if action.isVisible() and action.isEnabled()]
        if can and not menu.isEmpty():
            menu.addSeparator()
        menu.addActions(can)
    return menu


def add_deleted(
    menu: QMenu,
    deleted: "list[DeletedRun]",
    restore: "Callable[[list[DeletedRun]], object]",
    delete_for_good: "Callable[[list[DeletedRun]], object]",
) -> None:
    """Add what can be restored, last deleted first, to a menu."""
    if not deleted:
        return
    if not menu.isEmpty():
        menu.addSeparator()
    inside = menu.addMenu("Deleted runs")
    inside.setObjectName("deleted-runs")
    for each in deleted[:_MOST_DELETED]:
        action = inside.addAction(f"Restore {each.name}, deleted {words.moment(each.when)}")
        action.triggered.connect(lambda *_, each=each: restore([each]))
    inside.addSeparator()
    every = inside.addAction("Delete all of these for good…")
    every.triggered.connect(lambda *_: delete_for_good(deleted))


def may_delete_for_good(count: int, parent: QWidget) -> bool:
    """Ask before what cannot be undone."""
    box = question(
        parent,
        "Delete for good?",
        f"{words.several(count, 'deleted run')} will be removed from the disk.",
        "This cannot be undone. Without it they are kept for thirty days.",
    )
    delete = box.addButton("Delete for good", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is delete
