"""A form made from a pydantic model: every field with its unit, range, help and default."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.training.form.editors import Editor
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.text import label, set_role

EDITOR_WIDTH, RESET_WIDTH = 118, 24
_LIMITS = ("ge", "gt", "le", "lt")


class SettingsForm(QWidget):
    """Settings of a method.

    Signals
    -------
    changed (name of the field)
        By the user.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings-form")
        self._rows: dict[str, _Row] = {}
        self._more = Button("More settings", "chevron-right", "quiet", name="more-settings")
        self._more.setCheckable(True)
        self._more.setStyleSheet("padding-left: 0px; padding-right: 8px;")
        self._more.toggled.connect(self._unfold)
        self._reset = Button("Reset all", "restore", "quiet", self.reset_all, name="reset-settings")
        self._first, self._rest = QWidget(), QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._first)
        buttons = QHBoxLayout()
        buttons.addWidget(self._more)
        buttons.addStretch(1)
        buttons.addWidget(self._reset)
        column.addLayout(buttons)
        column.addWidget(self._rest)
        self._column = column
        self._unfold(False)

    # ---------------------------------------------------------------- content

    def set_model(self, model: type[BaseModel], leave_out: Iterable[str] = ()) -> None:
        """Show the fields of a model, at their defaults.

        Parameters
        ----------
        model : type of BaseModel
            ``json_schema_extra`` of a field may hold ``unit`` and ``advanced``.
        leave_out : iterable of str
            Fields that are set elsewhere.
        """
        left_out = set(leave_out)
        fields = {n: f for n, f in model.model_fields.items() if n not in left_out}
        self._rows = {name: _Row(name, field) for name, field in fields.items()}
        for name, row in self._rows.items():
            row.editor.changed.connect(lambda name=name: self._changed(name))
            row.reset.clicked.connect(lambda _=False, name=name: self._reset_one(name))
        basic = [row for row in self._rows.values() if not row.advanced]
        self._first = self._replace(self._first, basic)
        self._rest = self._replace(self._rest, [r for r in self._rows.values() if r.advanced])
        self._more.setVisible(len(basic) < len(self._rows))
        self._rest.setVisible(self._more.isChecked())
        self._mark()

    def _replace(self, old: QWidget, rows: list["_Row"]) -> QWidget:
        new = QWidget()
        grid = QGridLayout(new)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for number, row in enumerate(rows):
            grid.addWidget(row.title, number, 0)
            grid.addWidget(row.editor.widget, number, 1)
            grid.addWidget(row.reset, number, 2)
        grid.setColumnMinimumWidth(2, RESET_WIDTH)
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        return new

    def values(self) -> dict[str, Any]:
        """Return what differs from the defaults."""
        return {name: row.editor.value() for name, row in self._rows.items() if row.differs()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values, and defaults for all others; nobody is told."""
        for name, row in self._rows.items():
            row.editor.show_value(values.get(name, row.default))
        self._mark()

    def names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self._rows)

    def value(self, name: str) -> Any:
        """Return one value."""
        return self._rows[name].editor.value()

    def editor(self, name: str) -> QWidget:
        """Return the widget that edits a field."""
        return self._rows[name].editor.widget

    def reset_all(self) -> None:
        """Go back to all defaults."""
        for name in list(self.values()):
            self._reset_one(name)

    def enable_only(self, names: Iterable[str] | None) -> None:
        """Let only some fields be edited, as while training; None lets all."""
        allowed = None if names is None else set(names)
        for name, row in self._rows.items():
            row.editor.widget.setEnabled(allowed is None or name in allowed)
            row.reset.setEnabled(allowed is None or name in allowed)
        self._reset.setEnabled(allowed is None)

    # ---------------------------------------------------------------- changes

    def _changed(self, name: str) -> None:
        self._mark()
        self.changed.emit(name)

    def _reset_one(self, name: str) -> None:
        row = self._rows[name]
        row.editor.show_value(row.default)
        self._changed(name)

    def _mark(self) -> None:
        for row in self._rows.values():
            row.mark()
        changed = len(self.values())
        self._reset.setVisible(bool(changed))
        hidden = sum(row.differs() for row in self._rows.values() if row.advanced)
        # in few words: beside “Reset all” longer ones would push the form out of its column
        self._more.setText(f"More ({hidden} changed)" if hidden else "More settings")

    def _unfold(self, unfolded: bool) -> None:
        self._more.set_icon("chevron-down" if unfolded else "chevron-right")
        self._rest.setVisible(unfolded)


class _Row:
    """The widgets of one field."""

    def __init__(self, name: str, field: FieldInfo) -> None:
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        self.advanced = bool(extra.get("advanced"))
        self.default = field.get_default(call_default_factory=True)
        limits = {
            key: float(getattr(rule, key))
            for rule in field.metadata
            for key in _LIMITS
            if getattr(rule, key, None) is not None
        }
        self.editor = Editor(field.annotation, limits)
        widget = self.editor.widget
        widget.setObjectName(f"setting-{name}")
        widget.setFixedWidth(EDITOR_WIDTH)
        widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        title = title_of(name, field.description or "")
        self.title = label(title)
        self.title.setBuddy(widget)
        self.reset = IconButton("restore", f"Back to the default, {shown(self.default)}")
        self.reset.setObjectName(f"reset-{name}")
        self.reset.setFixedSize(RESET_WIDTH, RESET_WIDTH)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        help_text = help_of(field.description or "", limits, str(extra.get("unit", "")))
        tip = f"{help_text}\nDefault: {shown(self.default)}."
        for each in (self.title, widget):
            each.setToolTip(f"<p>{_escaped(tip)}</p>")
        widget.setAccessibleName(title)
        widget.setAccessibleDescription(tip)
        self.title.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.editor.show_value(self.default)

    def differs(self) -> bool:
        """Whether the value is not the default."""
        return bool(self.editor.value() != self.default)

    def mark(self) -> None:
        """Show whether the value is not the default."""
        differs = self.differs()
        self.reset.setVisible(differs)
        set_role(self.title, "changed" if differs else "muted")


def title_of(name: str, description: str) -> str:
    """Return a field's name as words, with the symbol that its description begins with."""
    words = name.replace("_", " ").capitalize()
    symbol = re.match(r"(\w)(?::| of )", description)
    return f"{words} {symbol.group(1)}" if symbol else words


def help_of(description: str, limits: Mapping[str, float], unit: str) -> str:
    """Return the sentence of help, followed by unit and range."""
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    parts = [description]
    unit = f" {unit}" if unit else ""
    if low is not None and high is not None:
        parts.append(f"From {low:,g} to {high:,g}{unit}.")
    elif low is not None:
        parts.append(f"{'At least' if 'ge' in limits else 'Above'} {low:,g}{unit}.")
    elif unit:
        parts.append(f"In{unit}.")
    return " ".join(part for part in parts if part)


def shown(value: Any) -> str:
    """Say a value as the form does."""
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
