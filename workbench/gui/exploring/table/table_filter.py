"""What the table of items shows: all or the selected, with some words, by conditions as chips."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.exploring.table.filter_chip import CONDITIONS, Choices, Condition, FilterChip
from workbench.gui.points.canvas import mode_of
from workbench.gui.points.legend import FlowLayout
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import row
from workbench.gui.widgets.text import ElidedLabel

if TYPE_CHECKING:
    from workbench.stations import ItemColumns, ItemFilter

_PATIENCE = 250  # milliseconds after a key, before what is typed is looked for
_MODES = (
    ("Select only these", "new"),
    ("Add these to the selection", "add"),
    ("Remove these from the selection", "remove"),
    ("Keep only these in the selection", "intersect"),
)


@dataclass(frozen=True)
class FilterDraft:
    """What a filter shows, to be shown again.

    Attributes
    ----------
    only_selected : bool
    words : str
    conditions : tuple of (str, str or None)
        Keys of `CONDITIONS`, each with what is chosen or typed.
    """

    only_selected: bool = False
    words: str = ""
    conditions: tuple[tuple[str, str | None], ...] = ()


class TableFilter(QWidget):
    """A row of controls, and below it a chip for every condition.

    Signals
    -------
    changed
        Something else is to be shown.
    select_asked (mode)
        What is shown shall be selected.
    """

    changed = Signal()
    select_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("table-filter")
        self._choices: Choices = {}
        self._has_run = False
        self._chips: list[FilterChip] = []
        self._soon = QTimer(self, interval=_PATIENCE, singleShot=True)
        self._soon.timeout.connect(self.changed)
        self.all = self._segment("All", "table-all")
        self.only_selected = self._segment("Selected", "table-selected")
        group = QButtonGroup(self)
        for button in (self.all, self.only_selected):
            group.addButton(button)
        self.all.setChecked(True)
        self.search = QLineEdit()
        self.search.setObjectName("table-search")
        self.search.setAccessibleName("Show items with these words")
        self.search.setPlaceholderText("Filter")
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip("Shows items that have these words in their text or path.")
        self.search.setMinimumWidth(84)
        self.search.setMaximumWidth(220)
        self.search.textChanged.connect(lambda _: self._soon.start())
        self.search.returnPressed.connect(self._at_once)
        self.add = IconButton("filter-plus-outline", "Add a condition", name="table-add-condition")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.add)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add.setMenu(self.menu)
        self.words = ElidedLabel("", "muted", Qt.TextElideMode.ElideRight)
        self.words.setObjectName("table-words")
        self.select = Button(
            "Select these", "", "", self._select, name="table-select",
            tip="Selects what is shown; with Shift it is added, with Alt removed, with both kept.",
        )  # fmt: skip
        self.how = IconButton("chevron-down", "Ways to select these", name="table-select-how")
        self.how.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        ways = QMenu(self.how)
        for words, mode in _MODES:
            ways.addAction(words, partial(self._ask_to_select, mode))
        self.how.setMenu(ways)
        self._lay_out()

    def _lay_out(self) -> None:
        above = row(self.all, self.only_selected, 4, self.search, self.add, spacing=4)
        above.addWidget(self.words, 1)
        above.addWidget(self.select)
        above.addWidget(self.how)
        self._row_of_chips = QWidget()
        self._flow = FlowLayout(self._row_of_chips, spacing=6)
        self._row_of_chips.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self._row_of_chips)

    def _segment(self, words: str, name: str) -> Button:
        button = Button(words, "", "segment", name=name)
        button.setCheckable(True)
        button.clicked.connect(lambda _: self.changed.emit())
        return button

    # ---------------------------------------------------------------- what is asked for

    def wanted(self) -> "ItemFilter":
        """Return the filter that the words and the chips make."""
        from workbench.stations import ItemFilter

        asked: dict[str, Any] = {"containing": self.search.text().strip()}
        for chip in self._chips:
            chip.tell(asked)
        return ItemFilter(**asked)

    def say(self, shown: int, total: int) -> None:
        """Say how many of all items are shown."""
        few = shown < total
        self.words.setText(f"{shown:,} of {total:,} items" if few else f"{total:,} items")
        self.select.setEnabled(shown > 0)
        self.how.setEnabled(shown > 0)

    def draft(self) -> FilterDraft:
        """Return what it shows."""
        conditions = tuple((chip.condition.key, chip.value()) for chip in self._chips)
        return FilterDraft(self.only_selected.isChecked(), self.search.text(), conditions)

    def restore(self, draft: FilterDraft) -> None:
        """Show what it has shown, telling nobody; values of conditions are those that are offered.

        A condition that only a run can tell stays away where there is none.
        """
        self.blockSignals(True)
        for chip in list(self._chips):
            self._drop(chip)
        (self.only_selected if draft.only_selected else self.all).setChecked(True)
        self.search.setText(draft.words)
        for key, value in draft.conditions:
            condition = next(each for each in CONDITIONS if each.key == key)
            if condition.is_offered(self._choices, self._has_run):
                self._insert(condition).set_value(value)
        self._soon.stop()
        self.blockSignals(False)

    def _at_once(self) -> None:
        self._soon.stop()
        self.changed.emit()

    def _select(self) -> None:
        self._ask_to_select(mode_of(QApplication.keyboardModifiers()))

    def _ask_to_select(self, mode: str) -> None:
        if self._soon.isActive():  # what was typed last is meant too
            self._at_once()
        self.select_asked.emit(mode)

    # ---------------------------------------------------------------- conditions

    def offer(self, columns: "ItemColumns", has_run: bool) -> None:
        """Take what items can be chosen by."""
        self._choices = {}
        self._has_run = has_run
        for name in ("modality", "label", "language", "paired", "split"):
            column = getattr(columns, name)
            self._choices[name] = () if column is None else tuple(column.names)
        for chip in [each for each in self._chips if each.condition.of_run and not has_run]:
            self._drop(chip)
        for chip in self._chips:
            chip.offer(self._choices)

    def add_condition(self, key: str) -> FilterChip:
        """Add a chip, or return the one there is."""
        for chip in self._chips:
            if chip.condition.key == key:
                return chip
        chip = self._insert(next(each for each in CONDITIONS if each.key == key))
        chip.editor.setFocus()
        self._at_once()
        return chip

    def _insert(self, condition: Condition) -> FilterChip:
        chip = FilterChip(condition, self._choices)
        chip.setParent(self._row_of_chips)
        chip.changed.connect(self._soon.start)
        chip.removed.connect(lambda: self._remove(chip))
        self._chips.append(chip)
        self._flow.addWidget(chip)
        chip.show()
        self._row_of_chips.show()
        self._row_of_chips.updateGeometry()
        return chip

    def _remove(self, chip: FilterChip) -> None:
        self._drop(chip)
        self._at_once()

    def _drop(self, chip: FilterChip) -> None:
        self._chips.remove(chip)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self._row_of_chips.setVisible(bool(self._chips))
        self._row_of_chips.updateGeometry()

    def _fill_menu(self) -> None:
        self.menu.clear()
        there = {chip.condition.key for chip in self._chips}
        for condition in CONDITIONS:
            if condition.is_offered(self._choices, self._has_run):
                action = self.menu.addAction(condition.title)
                action.setObjectName(f"condition-{condition.key}")
                action.setEnabled(condition.key not in there)
                action.triggered.connect(lambda _=False, key=condition.key: self.add_condition(key))
        if self._chips:
            self.menu.addSeparator()
            self.menu.addAction("Remove all conditions", self._remove_all)

    def _remove_all(self) -> None:
        for chip in list(self._chips):
            self._drop(chip)
        self._at_once()
