"""The inspector: one item beside the maps, or what several have in common."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
)

from workbench.gui.exploring.inspector.answers_inspector import AnswersInspector
from workbench.gui.exploring.inspector.group_inspector import GroupInspector
from workbench.gui.exploring.inspector.item_inspector import ItemInspector
from workbench.gui.exploring.state.explore_state import ExploreState
from workbench.gui.exploring.state.inspector_jobs import Look
from workbench.gui.items.previews import Previews
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import SpinBox
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import label

_NEIGHBOURS, _MOST_NEIGHBOURS = 10, 50
_NO_RUN = "Train a run to see here how it changes the neighbours of an item."
_NOTHING = "Click a point or a card: its neighbours before and after the alignment appear here."


class InspectorPanel(Card):
    """Shows the selection of the session, looked at through the current run.

    Parameters
    ----------
    state : ExploreState
    previews : Previews
    """

    def __init__(self, state: ExploreState, previews: Previews) -> None:
        super().__init__()
        self._state, self._session, self._looking = state, state.session, state.looking
        self._run_shown: str | None = None
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self.setMinimumWidth(270)
        self.item = ItemInspector(state, previews)
        self.group = GroupInspector(state, previews)
        self.answers = AnswersInspector(state, previews)
        self._words = label("", "muted", wrap=True, name="inspector-words")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._sheets = [
            ScrollingSheet(each) for each in (self.item, self.group, self._words, self.answers)
        ]
        for sheet in self._sheets:
            self._stack.addWidget(sheet)
        self._lay_out()
        self.group.measure_asked.connect(self._measure)
        self._looking.looked.connect(self._take_look)
        self._looking.refused.connect(self._refused)
        self._looking.readied.connect(self.refresh)
        self._looking.measured.connect(self._measured)
        self._looking.told.connect(self._told)
        self._session.selection_changed.connect(self.show_selection)
        state.items_changed.connect(self._items_changed)
        state.spaces_changed.connect(self.refresh)
        # after the sheet of answers, which is to be scrolled as it is then
        state.query.answers_changed.connect(self._answers_changed)
        # a lasso and the strip may change the selection several times in a row
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._ask)
        self._show_words(_NO_RUN)

    def _lay_out(self) -> None:
        self._one = self._segment("One item", "inspect-one")
        self._all = self._segment("All items", "inspect-group")
        group = QButtonGroup(self)
        self._found = self._segment("Answers", "inspect-answers")
        for button in (self._one, self._all, self._found):
            group.addButton(button)
        self._found.hide()
        self._one.setChecked(True)
        self.neighbours = SpinBox()
        self.neighbours.setObjectName("inspector-neighbours")
        self.neighbours.setAccessibleName("Number of neighbours")
        self.neighbours.setToolTip("How many neighbours are shown")
        self.neighbours.setRange(1, _MOST_NEIGHBOURS)
        self.neighbours.setValue(_NEIGHBOURS)
        self.neighbours.setPrefix("K = ")
        self.neighbours.valueChanged.connect(lambda _: self._soon.start())
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._one)
        head.addWidget(self._all)
        head.addWidget(self._found)
        head.addStretch(1)
        head.addWidget(self.neighbours)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(12, 10, 4, 8)
            layout.setSpacing(8)
        self.body.addLayout(head)
        head.setContentsMargins(0, 0, 8, 0)
        self.body.addWidget(self._stack, 1)

    def _segment(self, words: str, name: str) -> Button:
        button = Button(words, "", "segment", name=name)
        button.setCheckable(True)
        button.clicked.connect(lambda _: self.refresh())
        return button

    def sizeHint(self) -> QSize:
        return QSize(345, 500)

    # ---------------------------------------------------------------- what is shown

    def _items_changed(self) -> None:
        if self._state.table is None:
            self.item.look = None
            self.item.sound.show_item(None)
        self.refresh()

    def show_selection(self) -> None:
        """Show the selection: one item by itself, several as a group."""
        count = len(self._session.selection)
        if self._found.isChecked() and (count == 0 or self.answers.shows(self._only_one())):
            self._state.query.explain(self._only_one())
        elif count:
            (self._one if count == 1 else self._all).setChecked(True)
        self.refresh()

    def _answers_changed(self) -> None:
        """Show the answers that have come, or what was shown before they did."""
        there = self._state.query.answers is not None
        self._found.setVisible(there)
        if there:
            self._found.setChecked(True)
            self._sheets[3].verticalScrollBar().setValue(0)
            self._state.query.explain(self._only_one())  # what is selected may be one of them
            self.refresh()
        elif self._found.isChecked():
            self._one.setChecked(True)
            self.show_selection()

    def _only_one(self) -> int:
        selection = self._session.selection
        return int(selection[0]) if len(selection) == 1 else -1

    def refresh(self) -> None:
        """Show what the selection and the buttons ask for."""
        count = len(self._session.selection)
        self._one.setText("First item" if count > 1 else "One item")
        self._all.setText("Selection" if count > 1 else "All items")
        self.neighbours.setVisible(self._one.isChecked())
        self._soon.start()

    def _ask(self) -> None:
        if self._found.isChecked():
            self._looking.look_away()
            self._stack.setCurrentWidget(self._sheets[3])
        elif self._looking.run is None or self._state.table is None:
            self._looking.look_away()
            self._show_words(_NO_RUN if self._state.table is not None else "")
        elif self._all.isChecked():
            self._looking.look_away()
            self._show_group()
        elif not len(self._session.selection):
            self._looking.look_away()
            self._show_words(_NOTHING)
        else:
            item = int(self._session.selection[0])
            if self._looking.run != self._run_shown:  # its figures are of another run
                self.item.look, self._run_shown = None, self._looking.run
            if self.item.look is None or self._stack.currentWidget() is not self._sheets[0]:
                self._show_words("Looking…")
            self._looking.look(item, self.neighbours.value())

    def _take_look(self, look: Look) -> None:
        if self._state.table is None or not self._one.isChecked():
            return
        before = self.item.look
        self.item.show_look(look)
        if before is None or before.item != look.item:
            self._sheets[0].verticalScrollBar().setValue(0)
        self._stack.setCurrentWidget(self._sheets[0])

    def _refused(self, sentence: str) -> None:
        self.item.look = None
        if self._found.isChecked():
            return
        self._show_words(sentence)

    def _show_group(self) -> None:
        figures, table = self._looking.figures(), self._state.table
        if figures is None or table is None:
            reading = self._looking.size() is None
            measuring = self._looking.is_measuring()
            self.group.say(
                f"Reading {self._looking.run}…" if reading
                else "Measuring all items…" if measuring
                else
                    f"{self._looking.size():,} items have not been measured yet. This takes a "
                    "while for so many items.",
                measure=not reading and not measuring,
            )  # fmt: skip
        else:
            selection = self._session.selection
            self.group.show_figures(figures, table, selection if len(selection) > 1 else None)
        self._stack.setCurrentWidget(self._sheets[1])

    def _show_words(self, sentence: str) -> None:
        self._words.setText(sentence)
        self._stack.setCurrentWidget(self._sheets[2])

    # ---------------------------------------------------------------- measuring

    def _measure(self) -> None:
        self._looking.measure()
        self._ask()

    def _measured(self, run: str) -> None:
        if run == self._looking.run and self._all.isChecked():
            self._ask()

    def _told(self, sentence: str) -> None:
        shown = self._stack.currentWidget() is self._sheets[1]
        if sentence and shown and self._looking.figures() is None:
            self.group.words.setText(sentence)
