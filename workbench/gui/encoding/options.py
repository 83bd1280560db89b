"""How to encode: what is rarely changed, folded away."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import row
from workbench.gui.widgets.fields import ComboBox, SpinBox
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.media import Modality

_BATCH = 32
_AUTOMATIC = -1


class OptionsPanel(QWidget):
    """A line that says what differs from the ordinary, and the options below when unfolded.

    Parameters
    ----------
    modality : {"image", "text", "speech"}

    Signals
    -------
    unfolded (bool)
    """

    unfolded = Signal(bool)

    def __init__(self, modality: Modality) -> None:
        super().__init__()
        noun = words.PLURAL[modality]
        self.toggle = Button("Options", "chevron-right", "link", self._toggle)
        self.toggle.setStyleSheet("text-align: left; padding-left: 0;")
        self.toggle.setAccessibleName(f"Options of encoding {noun}")
        self._summary = ElidedLabel("", "caption", Qt.TextElideMode.ElideRight)
        self.batch_size = SpinBox()
        self.batch_size.setRange(1, 4096)
        self.batch_size.setValue(_BATCH)
        self.dtype = _choice(
            ("As before, else float32", None), ("float32", "float32"),
            ("float16: half the disk", "float16"),
        )  # fmt: skip
        self.precision = _choice(
            ("Automatic: half on a GPU", "auto"), ("Full precision", "full"),
            ("Half precision", "half"),
        )  # fmt: skip
        self.workers = SpinBox()
        self.workers.setRange(_AUTOMATIC, 64)
        self.workers.setValue(_AUTOMATIC)
        self.workers.setSpecialValueText("Automatic")
        self.fields = QWidget()
        grid = QGridLayout(self.fields)
        grid.setContentsMargins(2, 0, 0, 4)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        for place, (name, field, tip) in enumerate(
            (
                ("Batch size", self.batch_size,
                 "Items given to the encoder at once; halved when the memory does not suffice"),
                ("Store as", self.dtype, "How embeddings are stored in the project"),
                ("Compute in", self.precision, "Half precision is quicker on most GPUs"),
                ("Reading processes", self.workers,
                 "Processes that read and prepare items ahead of the encoder"),
            )
        ):  # fmt: skip
            field.setToolTip(tip)
            field.setAccessibleName(f"{name} for {noun}")
            field.setMinimumWidth(190)
            line, column = divmod(place, 2)
            grid.addWidget(label(name, "muted"), line, 3 * column)
            grid.addWidget(field, line, 3 * column + 1)
        grid.setColumnMinimumWidth(2, 20)
        grid.setColumnStretch(5, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        head = row(self.toggle, spacing=6)
        head.addWidget(self._summary, 1)
        whole.addLayout(head)
        whole.addWidget(self.fields)
        self.fields.hide()
        for box in (self.dtype, self.precision):
            box.currentIndexChanged.connect(self._summarise)
        for spin in (self.batch_size, self.workers):
            spin.valueChanged.connect(self._summarise)
        self._summarise()

    def values(self) -> dict[str, Any]:
        """Return the options as `EncodeRequest` names them."""
        workers = self.workers.value()
        return {
            "batch_size": self.batch_size.value(),
            "dtype": self.dtype.currentData(),
            "precision": self.precision.currentData(),
            "workers": None if workers == _AUTOMATIC else workers,
        }

    def _toggle(self) -> None:
        shown = self.fields.isHidden()
        self.fields.setVisible(shown)
        self.toggle.set_icon("chevron-down" if shown else "chevron-right")
        self._summarise()
        self.unfolded.emit(shown)

    def _summarise(self) -> None:
        values = self.values()
        parts = [f"batches of {values['batch_size']:,}"]
        if values["dtype"]:
            parts.append(f"stored as {values['dtype']}")
        if values["precision"] != "auto":
            parts.append(f"{values['precision']} precision")
        if values["workers"] is not None:
            parts.append(f"processes that read: {values['workers']}")
        self._summary.setText("" if not self.fields.isHidden() else " · ".join(parts))


def _choice(*entries: tuple[str, str | None]) -> ComboBox:
    made = ComboBox()
    for title, value in entries:
        made.addItem(title, value)
    return made
