"""One condition of the table's filter."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QComboBox, QCompleter, QFrame, QHBoxLayout, QLineEdit, QWidget

from workbench.gui import words
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.text import label

Choices = dict[str, tuple[str, ...]]

_NOBODY = {"label": "no label", "language": "no language", "split": "not in the run"}
_MANY = 12  # choices, of which one is rather typed
_WIDEST = 170


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
        self.editor: QWidget = self._list(choices) if condition.sign == "=" else self._number()
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

    def _list(self, choices: Choices) -> QComboBox:
        box = QComboBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setMaximumWidth(_WIDEST)
        box.setMaxVisibleItems(16)
        _fill(box, self.condition.column, choices)
        if box.count() > _MANY:
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = QCompleter(box.model(), box)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            box.setCompleter(completer)
        box.currentIndexChanged.connect(lambda _: self.changed.emit())
        return box

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
        if isinstance(self.editor, QComboBox):
            self.editor.blockSignals(True)
            _fill(self.editor, self.condition.column, choices)
            self.editor.blockSignals(False)

    def set_value(self, value: Any) -> None:
        """Choose a value, as the user would."""
        if isinstance(self.editor, QComboBox):
            self.editor.setCurrentIndex(self.editor.findData(value))
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(str(value))

    def tell(self, asked: dict[str, Any]) -> None:
        """Add what the chip says to the arguments of an `ItemFilter`."""
        column = self.condition.column
        if isinstance(self.editor, QComboBox):
            value = self.editor.currentData()
            if value is not None:
                asked[column] = value == "paired" if column == "paired" else value
        elif isinstance(self.editor, QLineEdit):
            least, most = asked.get(column, (None, None))
            value = _number(self.editor.text())
            asked[column] = (value, most) if self.condition.sign == "≥" else (least, value)


def _fill(box: QComboBox, column: str, choices: Choices) -> None:
    before = box.currentData()
    box.clear()
    for name in choices.get(column, ()):
        said = words.SINGULAR.get(name, name) if column == "modality" else name
        box.addItem(said if len(said) < 60 else f"{said[:59]}…", name)
    if column in _NOBODY:
        box.addItem(_NOBODY[column], "")
    box.setCurrentIndex(max(box.findData(before), 0) if before is not None else 0)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # nothing yet, or a point alone
        return None
