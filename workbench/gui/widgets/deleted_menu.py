"""What was deleted and can be restored, in a menu."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from workbench.gui import words
from workbench.gui.widgets.question import question

if TYPE_CHECKING:
    from workbench.project import Deleted

_MOST_DELETED = 20


def add_deleted(
    menu: QMenu,
    what: str,
    deleted: "list[Deleted]",
    restore: "Callable[[list[Deleted]], object]",
    delete_for_good: "Callable[[list[Deleted]], object]",
) -> None:
    """Add what can be restored, last deleted first, to a menu.

    Parameters
    ----------
    menu : QMenu
    what : str
        What it is, in the plural, such as ``runs``.
    deleted : list of Deleted
    restore, delete_for_good : callable
        Called with some of them.
    """
    if not deleted:
        return
    if not menu.isEmpty():
        menu.addSeparator()
    inside = menu.addMenu(f"Deleted {what}")
    inside.setObjectName(f"deleted-{what}")
    for each in deleted[:_MOST_DELETED]:
        action = inside.addAction(f"Restore {each.name}, deleted {words.moment(each.when)}")
        action.triggered.connect(lambda *_, each=each: restore([each]))
    inside.addSeparator()
    every = inside.addAction("Delete all of these for good…")
    every.triggered.connect(lambda *_: delete_for_good(deleted))


def may_delete_for_good(count: str, parent: QWidget) -> bool:
    """Ask before what cannot be undone.

    Parameters
    ----------
    count : str
        How many of what, such as “2 deleted runs”.
    parent : QWidget
    """
    box = question(
        parent,
        "Delete for good?",
        f"{count} will be removed from the disk.",
        "This cannot be undone. Without it they are kept for thirty days.",
    )
    delete = box.addButton("Delete for good", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is delete
