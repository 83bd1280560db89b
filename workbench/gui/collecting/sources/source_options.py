"""The options of a source."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QWidget

from workbench.gui.collecting.sources.columns_form import ColumnsForm
from workbench.gui.session import Session
from workbench.gui.widgets.fields import ComboBox, DoubleSpinBox
from workbench.gui.widgets.text import label
from workbench.project import Source
from workbench.stations.collecting.key_pattern import complaint_about, tried

_KEYS = (("stem", "File name"), ("path", "Path and file name"), ("", "A pattern…"))
_TEXTS = (
    ("whole", "The whole text"),
    ("first-line", "The first line"),
    ("line:", "The line that starts with…"),
    ("file-name", "The names of pictures and recordings"),
    ("folder-name", "The names of their folders"),
)
_SECONDS = (1.0, 3600.0)
_PATTERN_TIP = (
    "A regular expression for the whole path below the folder; its first group is the key. "
    "(?:.*/)? at its start leaves folders out of the key."
)


class SourceOptions(QWidget):
    """The form of a source's options; every change is taken at once.

    Parameters
    ----------
    session : Session
    source : Source
    place : Path
        Its absolute folder or file.
    changed : callable
        Called with the changed source.
    records : bool
        Whether it is a file with an item a row, whose columns are chosen.
    """

    def __init__(
        self,
        session: Session,
        source: Source,
        place: Path,
        changed: Callable[[Source], None],
        *,
        records: bool,
    ) -> None:
        super().__init__()
        self._source, self._changed, self._records = source, changed, records
        self._names: list[str] = []
        self.columns = ColumnsForm(session, source, place) if records else None
        self.labels = QCheckBox("The first folder below is the label")
        self.labels.setChecked(source.label == "folder")
        self.key = _combo(_KEYS, source.key if source.key in ("stem", "path") else "")
        self.pattern = QLineEdit("" if source.key in ("stem", "path") else source.key)
        self.pattern.setPlaceholderText("such as (?:.*/)?(.*)_fr[.]ogg")
        self.keys = label("", "caption", wrap=True, name="pattern-keys")
        self.include = QLineEdit(", ".join(source.include))
        self.include.setPlaceholderText("all files")
        self.exclude = QLineEdit(", ".join(source.exclude))
        self.exclude.setPlaceholderText("nothing")
        self.text = _combo(_TEXTS, "line:" if source.text.startswith("line:") else source.text)
        self.prefix = QLineEdit(source.text.partition(":")[2])
        self.prefix.setPlaceholderText("such as fr.utf8=")
        self.seconds = DoubleSpinBox()
        self.seconds.setRange(*_SECONDS)
        self.seconds.setDecimals(1)
        self.seconds.setSuffix(" s")
        self.seconds.setValue(source.max_seconds)
        self.seconds.setKeyboardTracking(False)  # not a look for every digit
        self.complaint = label("", "bad", wrap=True)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(31, 0, 0, 4)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(7)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._labels: dict[QWidget, QLabel] = {}
        self._fill()
        self._connect()
        self._unfold()

    def _fill(self) -> None:
        if self.columns is not None:
            self._form.addRow(self.columns)
        else:
            self._form.addRow(self.labels)
        pairing = "What an item shares with its partner"
        rows: list[tuple[str, QWidget, str]] = [
            ("Key" if self._records else "Pairs by", self.key, pairing),
            ("Pattern", self.pattern, _PATTERN_TIP),
        ]
        if not self._records:
            rows += [
                ("Only", self.include, "Patterns such as *.png, separated by commas"),
                ("Exclude", self.exclude, "Patterns such as *_old.png, separated by commas"),
            ]
            if self._source.modality == "text":
                rows += [
                    ("Text", self.text, "Which part of a file is the text"),
                    ("Starting with", self.prefix, "What the line begins with; it is cut off"),
                ]
        if self._source.modality == "speech":
            tip = "Only this much from the start of a recording is encoded"
            rows.append(("At most", self.seconds, tip))
        for words_, field, tip in rows:
            field.setToolTip(tip)
            field.setAccessibleName(words_)
            field.setAccessibleDescription(tip)
            self._labels[field] = label(words_, "muted")
            self._form.addRow(self._labels[field], field)
            if field is self.pattern:
                self._form.addRow(self.keys)
        self._form.addRow(self.complaint)
        for field in (
            self.labels,
            self.include,
            self.exclude,
            self.text,
            self.prefix,
            self.seconds,
        ):
            if field.parent() is None:  # not in the form, and no window of its own either
                field.setParent(self)
                field.hide()

    def _connect(self) -> None:
        self.labels.toggled.connect(self._take)
        for edit in (self.pattern, self.include, self.exclude, self.prefix):
            edit.editingFinished.connect(self._take)
        for combo in (self.key, self.text):
            combo.currentIndexChanged.connect(self._take)
        self.seconds.valueChanged.connect(self._take)
        self.pattern.textChanged.connect(self._show_keys)
        if self.columns is not None:
            self.columns.changed.connect(self._take)

    def unfolded(self) -> None:
        """Take note that the form is shown now: a table is read only then."""
        if self.columns is not None:
            self.columns.read()

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
        self._show_keys()

    def show_names(self, names: Sequence[str]) -> None:
        """Take a few paths below the source, on which a pattern is tried while it is typed."""
        self._names = list(names)
        self._show_keys()

    def _show_keys(self) -> None:
        """Say what the pattern makes of the first names."""
        pattern = self.pattern.text().strip()
        by_pattern = self.key.currentData() == "" and not self._records
        said = tried(pattern, self._names) if by_pattern and pattern else ""
        self.keys.setText(said)
        self.keys.setVisible(bool(said))

    def _take(self) -> None:
        key = self.key.currentData() or self.pattern.text().strip()
        rule = self.text.currentData()
        if rule == "line:":
            rule += self.prefix.text()
        self.complaint.setText(_complaint(key) if self.key.currentData() == "" else "")
        self._unfold()
        if self.complaint.text() or rule == "line:":
            return
        columns = self.columns.columns() if self.columns is not None else self._source.columns
        wanted = self._source.model_copy(
            update={
                "label": "folder" if self.labels.isChecked() else "none",
                "key": key,
                "text": rule,
                "include": _patterns(self.include.text()),
                "exclude": _patterns(self.exclude.text()),
                "columns": columns,
                "max_seconds": self.seconds.value(),
            }
        )
        if wanted != self._source:
            self._source = wanted
            self._changed(wanted)


def _complaint(pattern: str) -> str:
    """Say what is wrong with a key pattern, or nothing."""
    if not pattern:
        return "Type a pattern with one group in parentheses."
    complaint = complaint_about(pattern)
    return complaint and f"The pattern {complaint}."


def _patterns(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _combo(choices: tuple[tuple[str, str], ...], chosen: str) -> ComboBox:
    combo = ComboBox()
    for value, text in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    return combo
