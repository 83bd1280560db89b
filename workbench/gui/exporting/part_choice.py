"""Which parts an export has, each with its size before it is written."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from workbench.export import PARTS, Part
from workbench.gui import words
from workbench.gui.widgets.card import Card, row
from workbench.gui.widgets.text import label

_INDENT = 23  # below the words of a check box
_ALWAYS = (
    "Always: plain arrays without code (safetensors), a loader that needs only numpy, "
    "config.json, a model card (README.md) and an example."
)


class PartChoice(Card):
    """A check box a part; those that lack a package are greyed, and say what to install.

    Signals
    -------
    changed ()
        Another choice was made.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("What is written", "file-multiple-outline")
        self._sizes: Mapping[str, int] = {}
        self.body.setSpacing(11)
        self._heads = label("", "muted")
        self._rows = {"heads": self._heads}
        self.body.addLayout(self._entry(label("Heads"), _ALWAYS, self._heads, 0))
        self.boxes = {part.name: self._add(part) for part in PARTS}
        self._total = label("", "muted")
        self._total.setObjectName("export-total")
        self.body.addStretch(1)
        self.body.addWidget(self._total)
        self.show_sizes(None)

    def chosen(self) -> list[str]:
        """Return the names of the parts that are wanted."""
        return [name for name, box in self.boxes.items() if box.isChecked()]

    def show_sizes(self, sizes: Mapping[str, int] | None) -> None:
        """Show how large each part would be; None while nobody knows."""
        self._sizes = sizes or {}
        for name, shown in self._rows.items():
            known = self._sizes.get(name)
            # such as encoders with heads, where no view has one that can be written
            size = f"about {words.size(known)}" if known else "nothing to write"
            shown.setText("" if known is None else size)
        self._show_total()

    def _add(self, part: Part) -> QCheckBox:
        box = QCheckBox(part.title)
        box.setObjectName(f"export-part-{part.name}")
        missing = part.missing()
        box.setEnabled(not missing)
        box.toggled.connect(self._choose)
        size = label("", "muted")
        self._rows[part.name] = size
        self.body.addLayout(self._entry(box, missing or part.summary, size, _INDENT))
        return box

    def _entry(self, title: QWidget, sentence: str, size: QLabel, indent: int) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addLayout(row(title, None, size))
        told = label(sentence, "caption", wrap=True)
        told.setContentsMargins(indent, 0, 0, 0)
        lines.addWidget(told)
        return lines

    def _choose(self) -> None:
        self._show_total()
        self.changed.emit()

    def _show_total(self) -> None:
        wanted = [self._sizes[name] for name in ("heads", *self.chosen()) if name in self._sizes]
        self._total.setText(f"Together about {words.size(sum(wanted))}" if wanted else "")
