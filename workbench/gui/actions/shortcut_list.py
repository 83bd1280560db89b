"""The list of shortcuts."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from workbench.gui.state.action import Found
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.widgets.text import label, line

# what widgets do by keys and by the mouse, which is in no menu
_OF_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "Maps and plots": (
        ("Drag, wheel", "Move, zoom"),
        ("Double click", "Show everything"),
        ("Shift, Alt, both, while selecting", "Add, remove, keep what is in both"),
        ("Esc", "Give up a lasso that is begun"),
    ),
    "Items": (
        ("Enter, double click", "Open an item"),
        ("Space", "Play a recording"),
        ("Ctrl+Space, Ctrl+click", "Mark an item beside the others"),
    ),
    "Questions": (
        ("Enter", "Ask"),
        ("↓ in the line", "Questions asked before"),
        ("Ctrl+V", "Ask with a picture or files that were copied"),
    ),
    "Runs": (
        ("F2", "Rename"),
        ("Delete", "Delete; it can be restored for thirty days"),
    ),
    "Tables": (("Ctrl+C", "Copy rows"), ("Ctrl+A", "Select all")),
}


def shortcuts(actions: Sequence[Found]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the keys and what they do, by where they belong; those of menus come first.

    Parameters
    ----------
    actions : sequence of Found
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for found in actions:
        keys = found.action.shown_keys()
        if keys:
            groups.setdefault(found.path[0], []).append((keys, found.action.title()))
    return [*groups.items(), *((title, list(rows)) for title, rows in _OF_PLACES.items())]


class ShortcutList(QDialog):
    """Keys and what they do.

    Parameters
    ----------
    parent : QWidget
    actions : sequence of Found
    """

    def __init__(self, parent: QWidget, actions: Sequence[Found]) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle("Keyboard shortcuts")
        sheet = Sheet(width=760)
        columns = QGridLayout()
        columns.setHorizontalSpacing(34)
        groups = shortcuts(actions)
        sides = [QVBoxLayout(), QVBoxLayout()]
        heights = [0, 0]
        for title, rows in groups:
            shorter = int(heights[1] < heights[0])
            sides[shorter].addWidget(_group(title, rows))
            heights[shorter] += len(rows) + 2
        for number, side in enumerate(sides):
            side.setSpacing(18)
            side.addStretch(1)
            columns.addLayout(side, 0, number)
            columns.setColumnStretch(number, 1)
        sheet.column.addLayout(columns)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(sheet)
        self.resize(820, 620)


def _group(title: str, rows: Sequence[tuple[str, str]]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    grid.addWidget(label(title, "heading"), 0, 0, 1, 2)
    grid.addWidget(line(), 1, 0, 1, 2)
    for number, (keys, words) in enumerate(rows, 2):
        grid.addWidget(label(words, wrap=True), number, 0)
        shown = label(keys, "muted", wrap=len(keys) > 14)
        shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, number, 1)
    return made
