"""The table of a pairing rule."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.collecting.source_files import TABLE_PATTERNS
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.file_dialogs import choose_file
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.jobs import Job
from workbench.media import column_names
from workbench.project import Project, Relation, TablePairs, absolute_path


class TableForm(QWidget):
    """A table file and the two columns that name items.

    Parameters
    ----------
    session : Session
    project : Project
    relation : (modality, modality)
    """

    changed = Signal()

    def __init__(self, session: Session, project: Project, relation: Relation) -> None:
        super().__init__()
        self._project, self._relation = project, relation
        self._reading = JobSlot(session, self)
        self._path = ""
        self._file = ElidedLabel("CSV, TSV, JSON lines or Parquet", "caption")
        self.choose = Button("Choose file…", pressed=self._ask)
        self.columns = (ComboBox(), ComboBox())
        top = QHBoxLayout()
        top.addWidget(self.choose)
        top.addWidget(self._file, 1)
        bottom = QHBoxLayout()
        for modality, combo in zip(relation, self.columns, strict=True):
            noun = words.SINGULAR[modality]
            bottom.addWidget(label(f"{noun.capitalize()} column", "muted"))
            combo.setAccessibleName(f"Column that names the {noun}")
            combo.setToolTip(f"Its cells name {words.PLURAL[modality]} by path, file name or id")
            combo.setSizeAdjustPolicy(
                ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(6)
            combo.setEnabled(False)
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
            bottom.addWidget(combo, 1)
        self.complaint = label("", "bad", wrap=True)
        self.complaint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.addLayout(top)
        column.addLayout(bottom)
        column.addWidget(self.complaint)

    def rule(self) -> TablePairs | None:
        """Return the rule, or None while it is not complete."""
        first, second = (combo.currentText() for combo in self.columns)
        if not (self._path and first and second):
            return None
        return TablePairs(between=self._relation, path=self._path, columns=(first, second))

    def show_rule(self, rule: TablePairs) -> None:
        """Show a rule of the project; what else the table has is read meanwhile."""
        columns = rule.columns if rule.between == self._relation else rule.columns[::-1]
        self._show(rule.path, list(dict.fromkeys(columns)), columns)
        self.read(absolute_path(rule.path, self._project.root), columns, rule.path)

    def read(
        self, path: Path, columns: tuple[str, str] | None = None, written: str | None = None
    ) -> None:
        """Read the column names of a table, and choose two of them."""
        self._file.setText(f"Reading {path.name}…")

        def show(names: list[str]) -> None:
            self._complain("")
            self._show(written or str(path), names, columns or (names[0], names[1]))
            if columns is None:
                self.changed.emit()

        self._reading.ask(
            "Reading a table", lambda _: _two_columns(path), show, on_error=self._fail
        )

    def _show(self, path: str, names: list[str], columns: tuple[str, str]) -> None:
        self._path = path
        self._file.setText(path)
        for combo, column in zip(self.columns, columns, strict=True):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(names)
            combo.setCurrentIndex(max(0, combo.findText(column)))
            combo.setEnabled(True)
            combo.blockSignals(False)

    def _fail(self, sentence: str) -> None:
        self._file.setText(self._path or "No table is chosen yet")
        self._complain(sentence)

    def _ask(self) -> None:
        chosen = choose_file(
            self, "Choose a table of pairs", "table", f"Tables ({TABLE_PATTERNS})",
            self._project.root,
        )  # fmt: skip
        if chosen is not None:
            self.read(chosen)

    def _complain(self, sentence: str) -> None:
        self.complaint.setText(sentence)
        self.complaint.setVisible(bool(sentence))


def _two_columns(path: Path) -> Job[list[str]]:
    """Return the columns of a table that has two at least."""
    yield from ()
    names = column_names(path)
    if len(names) < 2:
        raise WorkbenchError(
            f"{path.name} has fewer than two columns: its first line must name them."
        )
    return names
