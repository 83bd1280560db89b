"""Editors for single settings, one for each kind of value."""

import json
import math
from typing import Any, Literal, get_args, get_origin

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QLineEdit, QWidget

from workbench.gui.widgets.fields import ComboBox, DoubleSpinBox, SpinBox

_MOST_INT = 2**31 - 1


class NumberBox(DoubleSpinBox):
    """A spin box for numbers of any size: shows 0.001 and 1e-05, never 0.00 or 0.050000."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(12)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.setLocale(self.locale().c())

    def textFromValue(self, value: float) -> str:
        return f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.removesuffix(self.suffix()).strip())
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> object:
        words = text.removesuffix(self.suffix()).strip()
        try:
            value = float(words)
        except ValueError:
            unfinished = all(letter in "0123456789.+-eE" for letter in words)
            state = QValidator.State.Intermediate if unfinished else QValidator.State.Invalid
            return state, text, position
        inside = math.isfinite(value) and self.minimum() <= value <= self.maximum()
        return (
            QValidator.State.Acceptable if inside else QValidator.State.Intermediate,
            text,
            position,
        )

    def stepBy(self, steps: int) -> None:
        # Qt's adaptive step counts in decimals, of which there are too many here
        value = self.value()
        size = 10.0 ** math.floor(math.log10(abs(value)) - 1e-9) if value else 0.01
        self.setValue(float(f"{value + steps * size:.6g}"))


class OptionalNumberBox(NumberBox):
    """A spin box for a number or none, which is left to the method: “automatic”."""

    _low = 0.0  # Qt validates before there is a range

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSpecialValueText("automatic")  # shown at the minimum, which stands for none

    def setRange(self, low: float, high: float) -> None:
        self._low = low
        super().setRange(low - 1.0, high)

    def is_automatic(self) -> bool:
        """Whether there is no number."""
        return self.value() < self._low

    def show_automatic(self) -> None:
        """Take the number away."""
        self.setValue(self.minimum())

    def valueFromText(self, text: str) -> float:
        words = text.strip()
        return self.minimum() if "automatic".startswith(words) else super().valueFromText(text)

    def validate(self, text: str, position: int) -> object:
        words = text.strip()
        if "automatic".startswith(words):  # also nothing at all
            return QValidator.State.Acceptable, text, position
        # numbers between the minimum, which stands for none, and the smallest are unfinished
        try:
            unfinished = float(words) < self._low
        except ValueError:
            unfinished = False
        if unfinished:
            return QValidator.State.Intermediate, text, position
        return super().validate(text, position)

    def stepBy(self, steps: int) -> None:
        if self.is_automatic():
            if steps > 0:
                self.setValue(min(max(1.0, self._low), self.maximum()))
            return
        super().stepBy(steps)
        if self.value() < self._low:
            self.show_automatic()


class Editor(QObject):
    """One setting's widget behind one small interface: `widget`, `value`, `show_value`, `changed`.

    Parameters
    ----------
    kind : type
        The annotation of the field.
    limits : dict of str to float
        ``ge``, ``gt``, ``le``, ``lt``.
    """

    changed = Signal()

    def __init__(self, kind: Any, limits: dict[str, float]) -> None:
        super().__init__()
        self._optional = type(None) in get_args(kind)
        kinds = [each for each in get_args(kind) if each is not type(None)]
        if self._optional and len(kinds) == 1:
            kind = kinds[0]
        self._choices: tuple[Any, ...] = ()
        low, high = _bounds(limits, whole=kind is int)
        if kind is bool:
            self.widget: QWidget = self._check_box()
        elif get_origin(kind) is Literal:
            self._choices = get_args(kind)
            self.widget = self._combo()
        elif kind is int:
            self.widget = self._spin(int(max(low, -_MOST_INT)), int(min(high, _MOST_INT)))
        elif kind is float:
            self.widget = self._number(low, high)
        else:
            self.widget = self._line()

    def value(self) -> Any:
        """Return what is entered."""
        widget = self.widget
        if isinstance(widget, QCheckBox):
            return widget.isChecked()
        if isinstance(widget, ComboBox):
            return self._choices[widget.currentIndex()]
        if isinstance(widget, SpinBox):
            empty = self._optional and widget.value() == widget.minimum()
            return None if empty else widget.value()
        if isinstance(widget, OptionalNumberBox) and widget.is_automatic():
            return None
        if isinstance(widget, DoubleSpinBox):
            return widget.value()
        assert isinstance(widget, QLineEdit)  # noqa: S101 - there is no other kind
        try:
            return json.loads(widget.text())
        except ValueError:
            return widget.text()

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        widget = self.widget
        widget.blockSignals(True)
        if isinstance(widget, QCheckBox):
            widget.setChecked(bool(value))
        elif isinstance(widget, ComboBox):
            widget.setCurrentIndex(self._choices.index(value) if value in self._choices else 0)
        elif isinstance(widget, SpinBox):
            widget.setValue(widget.minimum() if value is None else int(value))
        elif isinstance(widget, OptionalNumberBox) and value is None:
            widget.show_automatic()
        elif isinstance(widget, DoubleSpinBox):
            widget.setValue(float(value))
        elif isinstance(widget, QLineEdit):
            widget.setText(json.dumps(value))
        widget.blockSignals(False)

    def _check_box(self) -> QCheckBox:
        box = QCheckBox()
        box.toggled.connect(self.changed)
        return box

    def _combo(self) -> ComboBox:
        combo = ComboBox()
        for choice in self._choices:
            combo.addItem(str(choice).replace("_", " "))
        combo.currentIndexChanged.connect(self.changed)
        return combo

    def _spin(self, low: int, high: int) -> SpinBox:
        spin = SpinBox()
        spin.setRange(low - 1 if self._optional else low, high)
        if self._optional:
            spin.setSpecialValueText("automatic")
        spin.setKeyboardTracking(False)
        spin.setGroupSeparatorShown(True)
        spin.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        spin.valueChanged.connect(self.changed)
        return spin

    def _number(self, low: float, high: float) -> NumberBox:
        box = OptionalNumberBox() if self._optional else NumberBox()
        box.setRange(low, high)
        box.valueChanged.connect(self.changed)
        return box

    def _line(self) -> QLineEdit:
        line = QLineEdit()
        line.editingFinished.connect(self.changed)
        return line


def _bounds(limits: dict[str, float], *, whole: bool) -> tuple[float, float]:
    """Return the smallest and the largest value that the limits allow."""
    nearly = 1.0 if whole else 1e-12
    low = limits.get("ge", limits["gt"] + nearly if "gt" in limits else -1e12)
    high = limits.get("le", limits["lt"] - nearly if "lt" in limits else 1e12)
    return low, high
