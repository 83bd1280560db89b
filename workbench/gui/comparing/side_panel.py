"""Beside the plot: who changed most, label groups, or neighbourhoods."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget

from workbench.gui.comparing.changed_lists import ChangedLists
from workbench.gui.comparing.group_table import GroupTable
from workbench.gui.comparing.overlap_card import OverlapCard
from workbench.gui.items.previews import Previews
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import SpinBox
from workbench.gui.widgets.scrolling import ScrollingSheet

_NEIGHBOURS, _MOST_NEIGHBOURS = 10, 50


class SidePanel(Card):
    """Three sheets, one of them shown.

    Signals
    -------
    neighbours_chosen

    Parameters
    ----------
    session : Session
    previews : Previews
    """

    neighbours_chosen = Signal()

    def __init__(self, session: Session, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("compare-side")
        self.changed = ChangedLists(session, previews)
        self.groups = GroupTable(session)
        self.overlap = OverlapCard(session, previews)
        self.neighbours = SpinBox()
        self.neighbours.setObjectName("compare-neighbours")
        self.neighbours.setAccessibleName("Number of neighbours")
        self.neighbours.setToolTip("How many nearest neighbours are compared")
        self.neighbours.setRange(1, _MOST_NEIGHBOURS)
        self.neighbours.setValue(_NEIGHBOURS)
        self.neighbours.setPrefix("K = ")
        self.neighbours.setKeyboardTracking(False)
        self.neighbours.valueChanged.connect(lambda _: self.neighbours_chosen.emit())
        self._stack = QStackedWidget()
        self._buttons: dict[str, Button] = {}
        self._lay_out()
        self.show_sheet("changed")

    def _lay_out(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(12, 8, 6, 8)
            layout.setSpacing(6)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 6, 0)
        head.setSpacing(3)
        group = QButtonGroup(self)
        for name, words, sheet in (
            ("changed", "Changed most", ScrollingSheet(self.changed)),
            ("groups", "Groups", self.groups),
            ("overlap", "Neighbours", ScrollingSheet(self.overlap)),
        ):
            button = Button(words, "", "segment", name=f"compare-{name}")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.show_sheet(name))
            group.addButton(button)
            head.addWidget(button)
            self._buttons[name] = button
            self._stack.addWidget(sheet)
        head.addStretch(1)
        head.addWidget(self.neighbours)
        policy = self.neighbours.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the heads of all sheets are alike
        self.neighbours.setSizePolicy(policy)
        self.body.addLayout(head)
        self.body.addWidget(self._stack, 1)

    def show_sheet(self, name: str) -> None:
        """Show ``changed``, ``groups`` or ``overlap``."""
        self._buttons[name].setChecked(True)
        self._stack.setCurrentIndex(list(self._buttons).index(name))
        self.neighbours.setVisible(name == "overlap")

    def sheet(self) -> str:
        """Return which sheet is shown."""
        return list(self._buttons)[self._stack.currentIndex()]
