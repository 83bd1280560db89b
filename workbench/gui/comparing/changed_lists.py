"""The items whose partners rank better, and those whose rank worse, most."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.items.neighbour_list import NeighbourList, Row
from workbench.gui.items.previews import Previews
from workbench.gui.session import Session
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, RankChanges

_SHOWN = 25
_NONE = {"better": "No item ranks better.", "worse": "No item ranks worse."}


class ChangedLists(QWidget):
    """Two lists beside each other; a click on an item selects it.

    Parameters
    ----------
    session : Session
    previews : Previews
    """

    def __init__(self, session: Session, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("changed-lists")
        self.better = NeighbourList(session, previews, "better-most", "Better after")
        self.worse = NeighbourList(session, previews, "worse-most", "Worse after")
        self._notes = {name: label("", "muted", wrap=True, name=f"no-{name}") for name in _NONE}
        self._sentence = label("", "muted", wrap=True, name="changed-words")
        self._sentence.hide()
        lists = QHBoxLayout()
        lists.setSpacing(8)
        for name, shown, title, tone in (
            ("better", self.better, "Better after", "good"),
            ("worse", self.worse, "Worse after", "bad"),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(label(title, tone))
            column.addWidget(self._notes[name])
            column.addWidget(shown)
            column.addStretch(1)
            lists.addLayout(column, 1)
        self._lists = QWidget()
        self._lists.setLayout(lists)
        lists.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._sentence)
        column.addWidget(self._lists)
        column.addStretch(1)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the lists."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._lists.setVisible(not sentence)

    def show_changes(self, changes: "RankChanges", table: "ItemColumns") -> None:
        """Show who moved most, in powers of two of the rank."""
        self.say("")
        for name, shown, found, tone in (
            ("better", self.better, changes.better_most(_SHOWN), "good"),
            ("worse", self.worse, changes.worse_most(_SHOWN), "bad"),
        ):
            shown.show_rows(
                [
                    Row(
                        item, table.item(item), place, f"{before:,} → {after:,}", tone,
                        tip=f"Rank of its partner: {before:,} before, {after:,} after.",
                    )
                    for place, (item, before, after) in enumerate(found, 1)
                ]
            )  # fmt: skip
            self._notes[name].setText("" if found else _NONE[name])
            self._notes[name].setVisible(not found)
