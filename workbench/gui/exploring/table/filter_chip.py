"""One condition of the table's filter."""

from dataclasses import dataclass
from heapq import nlargest
from math import ceil
from typing import Any

from PySide6.QtCore import QLocale, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLineEdit, QListView, QWidget

from workbench.gui import words
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import label

Choices = dict[str, tuple[str, ...]]

_NOBODY = {"label": "no label", "language": "no language", "split": "not in the run"}
_MANY = 12  # choices, of which one is rather typed
_WIDEST = 170
_MEASURED = 20  # values, the longest ones, by which a list is made wide enough


@dataclass(frozen=True)
class Condition:
    """Something that items can be chosen by.

    Attributes
    ----------
    key : str
    title : str
        In the menu.
    column : str
        The attribute of `ItemFilter`.
    sign : str
        ``=``, ``≥`` or ``≤``.
    of_run : bool
        Whether only a run can tell.
    """

    key: str
    title: str
    column: str
    sign: str = "="
    of_run: bool = False

    def is_offered(self, choices: Choices, has_run: bool) -> bool:
        """Whether there is something to choose."""
        if self.of_run:
            return has_run
        return len(choices.get(self.column, ())) > (0 if self.column == "label" else 1)


CONDITIONS = (
    Condition("modality", "Modality", "modality"),
    Condition("label", "Label", "label"),
    Condition("language", "Language", "language"),
    Condition("paired", "Paired or not", "paired"),
    Condition("split", "Used for", "split", of_run=True),
    Condition("distortion-least", "Distortion, at least", "distortion", "≥", of_run=True),
    Condition("distortion-most", "Distortion, at most", "distortion", "≤", of_run=True),
    Condition("rank-least", "Rank of the partner, at least", "rank", "≥", of_run=True),
    Condition("rank-most", "Rank of the partner, at most", "rank", "≤", of_run=True),
)
_SHORT = {"split": "Used for", "paired": "Pairing", "rank": "Rank"}


class FilterChip(QFrame):
    """A condition: its name, what to choose or type, and a cross.

    Signals
    -------
    changed
    removed

    Parameters
    ----------
    condition : Condition
    choices : dict of str to tuple of str
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, condition: Condition, choices: Choices) -> None:
        super().__init__()
        self.condition = condition
        self.setObjectName(f"chip-{condition.key}")
        self.setProperty("role", "well")
        name = _SHORT.get(condition.column, condition.column.capitalize())
        self.editor: QWidget = (
            _ValueBox(condition.column, choices) if condition.sign == "=" else self._number()
        )
        if isinstance(self.editor, _ValueBox):
            self.editor.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.editor.setObjectName(f"chip-{condition.key}-value")
        self.editor.setAccessibleName(condition.title)
        self.editor.setStyleSheet(
            "QComboBox, QLineEdit { padding: 0 6px; min-height: 20px; border-radius: 5px; }"
        )
        close = IconButton("close", f"Remove the condition on {name.lower()}", self.removed.emit,
                           name=f"chip-{condition.key}-remove")  # fmt: skip
        close.setIconSize(QSize(12, 12))
        close.setStyleSheet("padding: 1px;")
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 2, 4, 2)
        line.setSpacing(5)
        line.addWidget(label(f"{name} {condition.sign}", "caption"))
        line.addWidget(self.editor)
        line.addWidget(close)

    def _number(self) -> QLineEdit:
        field = QLineEdit()
        field.setFixedWidth(72)
        field.setPlaceholderText("number")
        allowed = QDoubleValidator(0.0, 1e12, 9, field)
        allowed.setLocale(QLocale.c())
        allowed.setNotation(QDoubleValidator.Notation.StandardNotation)
        field.setValidator(allowed)
        field.textChanged.connect(lambda _: self.changed.emit())
        return field

    def offer(self, choices: Choices) -> None:
        """Offer other values; the one that is chosen stays if it can."""
        if isinstance(self.editor, _ValueBox):
            self.editor.blockSignals(True)
            self.editor.offer(choices)
            self.editor.blockSignals(False)

    def set_value(self, value: Any) -> None:
        """Choose a value, as the user would."""
        if isinstance(self.editor, _ValueBox):
            self.editor.choose(value)
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(str(value))

    def value(self) -> str | None:
        """Return what is chosen or typed, as `set_value` takes it."""
        if isinstance(self.editor, _ValueBox):
            return self.editor.value()
        return self.editor.text() if isinstance(self.editor, QLineEdit) else None

    def tell(self, asked: dict[str, Any]) -> None:
        """Add what the chip says to the arguments of an `ItemFilter`."""
        column = self.condition.column
        if isinstance(self.editor, _ValueBox):
            chosen = self.editor.value()
            if chosen is not None:
                asked[column] = chosen == "paired" if column == "paired" else chosen
        elif isinstance(self.editor, QLineEdit):
            least, most = asked.get(column, (None, None))
            value = _number(self.editor.text())
            asked[column] = (value, most) if self.condition.sign == "≥" else (least, value)


class _ValueBox(ComboBox):
    """The values of a column, one of which is chosen, or typed where there are many.

    Labels may be as many as items: no value is measured or made a row of its own before it is seen.
    """

    def __init__(self, column: str, choices: Choices) -> None:
        super().__init__()
        self._column = column
        self._values: list[str] = []
        self._model = QStringListModel(self)
        self.setModel(self._model)
        # by a number of letters: otherwise Qt measures all values
        self.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaximumWidth(_WIDEST)
        self.setMaxVisibleItems(16)
        if isinstance(rows := self.view(), QListView):
            rows.setUniformItemSizes(True)
        self.offer(choices)

    def _let_type(self) -> None:
        self.setEditable(True)
        self.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self._model, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        if (field := self.lineEdit()) is not None:
            field.editingFinished.connect(self._say_what_is_chosen)

    def _say_what_is_chosen(self) -> None:
        # Qt has taken what was typed if it is a value; if it is none, the one before still filters
        self.setEditText(self.itemText(self.currentIndex()))

    def offer(self, choices: Choices) -> None:
        """Offer other values; the one that is chosen stays if it can."""
        before = self.value()
        names = choices.get(self._column, ())
        values = [*names, *([""] if self._column in _NOBODY else [])]
        if values == self._values:
            return
        self._values = values
        said = [_said(self._column, name) for name in values]
        self._model.setStringList(said)
        self.setMinimumContentsLength(self._letters(said))
        if len(values) > _MANY and not self.isEditable():
            self._let_type()
        self.choose(before if before in values else next(iter(values), None))

    def _letters(self, said: list[str]) -> int:
        """Return how many of Qt's letters, after the room of an icon, are as wide as the values."""
        measure = self.fontMetrics().horizontalAdvance
        wide = max(map(measure, nlargest(_MEASURED, said, key=len)), default=0)
        return max(ceil((wide - self.iconSize().width()) / measure("X")), 1)

    def choose(self, value: str | None) -> None:
        """Choose a value; nothing, where it is not offered."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    def value(self) -> str | None:
        """Return what is chosen."""
        place = self.currentIndex()
        return self._values[place] if 0 <= place < len(self._values) else None


def _said(column: str, name: str) -> str:
    if not name:
        return _NOBODY[column]
    name = words.SINGULAR.get(name, name) if column == "modality" else name
    return name if len(name) < 60 else f"{name[:59]}…"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # nothing yet, or a point alone
        return None
