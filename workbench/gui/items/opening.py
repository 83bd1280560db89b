"""What can be done with one item of a strip, a grid or a table: see it elsewhere, select it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import desktop
from workbench.gui.session import Mode, Session

if TYPE_CHECKING:
    from workbench.project import Item

_MODES: tuple[tuple[str, Mode], ...] = (
    ("Select it alone", "new"),
    ("Add it to the selection", "add"),
    ("Remove it from the selection", "remove"),
)


def open_item(session: Session, item: "Item | None") -> None:
    """Open an item's file in the system's viewer; where there is none any more, say so."""
    path = _file_of(session, item)
    if item is None or path is None:
        return
    try:
        inside = item.place and item.modality != "text"
        desktop.open_file(desktop.file_for_others(Path(item.path)) if inside else path)
    except WorkbenchError as error:
        session.noticed.emit("warning", str(error))


def show_item_in_files(session: Session, item: "Item | None") -> None:
    """Open the folder of an item's file, which may be gone itself."""
    if item is None:
        return
    folder = Path(item.file).parent
    try:
        if not folder.is_dir():
            raise WorkbenchError(f"The folder {folder} is missing.")
        desktop.show_in_files(folder)
    except WorkbenchError as error:
        session.noticed.emit("warning", str(error))


def _file_of(session: Session, item: "Item | None") -> Path | None:
    if item is None:
        session.noticed.emit("warning", "This item is no longer in the project.")
        return None
    path = Path(item.file)
    if path.exists():
        return path
    session.noticed.emit(
        "warning",
        f"{path} is missing, so it cannot be opened. Put it back, or scan again on the Data page "
        "to remove it from the project.",
    )
    return None


def item_menu(item: "Item", parent: QWidget, session: Session) -> QMenu:
    """Return a menu of what can be done with an item."""
    menu = QMenu(parent)
    menu.setObjectName("item-menu")
    menu.addAction("Open in the system’s viewer", lambda: open_item(session, item))
    menu.addAction("Show in its folder", lambda: show_item_in_files(session, item))
    clipboard = QApplication.clipboard()
    menu.addAction("Copy its path", lambda: clipboard.setText(item.path))
    menu.addSeparator()
    for words, mode in _MODES:
        menu.addAction(words, partial(session.select, np.array([item.id], np.int64), mode))
    return menu
