"""One folder of the project: what it holds, and how its files are read."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.widgets.button import IconButton
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, set_role
from workbench.project import Source

_KEYS = (("stem", "File name"), ("path", "Path and file name"), ("", "A pattern…"))
_TEXTS = (
    ("whole", "The whole text"),
    ("first-line", "The first line"),
    ("line:", "The line that starts with…"),
)


class SourceRow(QWidget):
    """A source: modality, folder, count; its options unfold below.

    Parameters
    ----------
    source : Source
    folder : str
        Its absolute folder.
    changed : callable
        Called with the changed source.
    removed : callable
    """

    def __init__(
        self,
        source: Source,
        folder: str,
        missing: bool,
        changed: Callable[[Source], None],
        removed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.source = source
        self._missing = missing
        self._facts = label("", "caption")
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.options_button = IconButton("tune-variant", f"Options of {folder}")
        self.options_button.setCheckable(True)
        self.remove_button = IconButton(
            "close", f"Take {folder} out of the project; its files stay", removed
        )
        self.options = SourceOptions(source, changed)
        self.options.hide()
        self.options_button.toggled.connect(self.options.setVisible)

        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(ElidedLabel(folder))
        lines.addWidget(self._facts)
        head = QHBoxLayout()
        head.setSpacing(11)
        head.addWidget(Icon(words.ICONS[source.modality], 20, source.modality))
        head.addLayout(lines, 1)
        head.addWidget(self.options_button)
        head.addWidget(self.remove_button)
        head.setSpacing(4)
        head.insertSpacing(1, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.options)
        self.show_count(None)

    def show_count(self, count: int | None) -> None:
        """Show how many items the last scan found here; None while there was no scan."""
        if self._missing:
            set_role(self._facts, "bad")
            self._facts.setText("This folder is not there any more")
            return
        noun = words.PLURAL[self.source.modality]
        parts = [noun.capitalize() if count is None else words.items(count, self.source.modality)]
        if self.source.label == "folder":
            parts.append("folders are labels")
        if self.source.include:
            parts.append(f"only {', '.join(self.source.include)}")
        if self.source.exclude:
            parts.append(f"without {', '.join(self.source.exclude)}")
        self._facts.setText(" · ".join(parts))
        self._facts.setToolTip(self._facts.text())


class SourceOptions(QWidget):
    """The form of a source's options; every change is taken at once.

    Parameters
    ----------
    source : Source
    changed : callable
        Called with the changed source.
    """

    def __init__(self, source: Source, changed: Callable[[Source], None]) -> None:
        super().__init__()
        self._source, self._changed = source, changed
        self.labels = QCheckBox("The first folder below is the label")
        self.labels.setChecked(source.label == "folder")
        self.labels.toggled.connect(self._take)
        self.key = _combo(_KEYS, source.key if source.key in ("stem", "path") else "")
        self.pattern = QLineEdit("" if source.key in ("stem", "path") else source.key)
        self.pattern.setPlaceholderText("such as (.*)_desc_fr[.]ogg")
        self.include = QLineEdit(", ".join(source.include))
        self.include.setPlaceholderText("all files")
        self.exclude = QLineEdit(", ".join(source.exclude))
        self.exclude.setPlaceholderText("nothing")
        self.text = _combo(_TEXTS, "line:" if source.text.startswith("line:") else source.text)
        self.prefix = QLineEdit(source.text.partition(":")[2])
        self.prefix.setPlaceholderText("such as fr.utf8=")
        self.complaint = label("", "bad", wrap=True)

        form = QFormLayout(self)
        form.setContentsMargins(31, 0, 0, 4)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.labels)
        rows: list[tuple[str, QWidget, str]] = [
            ("Pairs by", self.key, "What an item has in common with its partner"),
            ("Pattern", self.pattern, "A regular expression; its first group is what pairs"),
            ("Only", self.include, "Patterns such as *.png, separated by commas"),
            ("Not", self.exclude, "Patterns such as *_old.png, separated by commas"),
        ]
        if source.modality == "text":
            rows += [
                ("The text is", self.text, "Which part of a file is the text"),
                ("Starting with", self.prefix, "What the line begins with; it is cut off"),
            ]
        self._labels: dict[QWidget, QLabel] = {}
        for words_, field, tip in rows:
            field.setToolTip(tip)
            field.setAccessibleName(words_)
            field.setAccessibleDescription(tip)
            self._labels[field] = label(words_, "muted")
            form.addRow(self._labels[field], field)
        form.addRow(self.complaint)
        for edit in (self.pattern, self.include, self.exclude, self.prefix):
            edit.editingFinished.connect(self._take)
        for combo in (self.key, self.text):
            combo.currentIndexChanged.connect(self._take)
        self._unfold()

    def _unfold(self) -> None:
        """Show the fields that depend on a choice only where they are needed."""
        for field, wanted in (
            (self.pattern, self.key.currentData() == ""),
            (self.prefix, self.text.currentData() == "line:"),
        ):
            field.setVisible(wanted and field in self._labels)
            if field in self._labels:
                self._labels[field].setVisible(wanted)
        self.complaint.setVisible(bool(self.complaint.text()))

    def _take(self) -> None:
        key = self.key.currentData() or self.pattern.text().strip()
        rule = self.text.currentData()
        if rule == "line:":
            rule += self.prefix.text()
        self.complaint.setText(_complaint(key) if self.key.currentData() == "" else "")
        self._unfold()
        if self.complaint.text() or rule == "line:":
            return
        wanted = self._source.model_copy(
            update={
                "label": "folder" if self.labels.isChecked() else "none",
                "key": key,
                "text": rule,
                "include": _patterns(self.include.text()),
                "exclude": _patterns(self.exclude.text()),
            }
        )
        if wanted != self._source:
            self._source = wanted
            self._changed(wanted)


def _complaint(pattern: str) -> str:
    """Say what is wrong with a key pattern, or nothing."""
    if not pattern:
        return "Type a pattern with one group in parentheses."
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"This is no regular expression: {error}."
    return "" if groups else "Put the part that pairs items into parentheses."


def _patterns(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _combo(choices: tuple[tuple[str, str], ...], chosen: str) -> QComboBox:
    combo = QComboBox()
    for value, text in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    return combo
