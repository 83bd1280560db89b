"""Which items belong together."""

import csv
from itertools import combinations
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.session import Session
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, line
from workbench.media import MODALITIES, read_text
from workbench.project import KeyPairs, Project, Relation, TablePairs, relation_of

_CHOICES = (("key", "by file name"), ("table", "by a table…"), ("none", "not paired"))


class PairingCard(Card):
    """A pairing rule for every two modalities of the project.

    Parameters
    ----------
    session : Session
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Pairs", "link-variant")
        self._session = session
        self.rows: dict[Relation, PairingRow] = {}
        self.body.setSpacing(0)
        self.refresh()

    def refresh(self) -> None:
        """Show the rules as the project has them."""
        clear(self.body)
        self.rows = {}
        project = self._session.project
        present = {source.modality for source in project.settings.sources} if project else set()
        relations = combinations([each for each in MODALITIES if each in present], 2)
        for relation in relations:
            assert project is not None  # noqa: S101 - without one there is no relation
            row = PairingRow(project, relation)
            row.changed.connect(self.changed)
            if self.rows:
                self.body.addWidget(line())
            self.body.addWidget(row)
            self.rows[relation] = row
        self.setVisible(bool(self.rows))


class PairingRow(QWidget):
    """How items of two modalities are paired.

    Parameters
    ----------
    project : Project
    relation : (modality, modality)
    """

    changed = Signal()

    def __init__(self, project: Project, relation: Relation) -> None:
        super().__init__()
        self._project, self._relation = project, relation
        first, second = (words.PLURAL[each] for each in relation)
        self.choice = QComboBox()
        for value, text in _CHOICES:
            self.choice.addItem(text, value)
        self.choice.setAccessibleName(f"How {first} and {second} are paired")
        names = QHBoxLayout()
        names.setSpacing(6)
        for number, modality in enumerate(relation):
            if number:
                names.addWidget(label("and", "muted"))
            names.addWidget(Icon(words.ICONS[modality], 17, modality))
            names.addWidget(label(words.PLURAL[modality].capitalize() if not number
                                  else words.PLURAL[modality]))  # fmt: skip
        head = QHBoxLayout()
        head.addLayout(names)
        head.addStretch(1)
        head.addWidget(self.choice)
        self.table = TableForm(project, relation)
        self.table.changed.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.table)
        rules = [r for r in project.settings.pairings if relation_of(*r.between) == relation]
        self.choice.setCurrentIndex(self.choice.findData(rules[0].kind if rules else "none"))
        self.table.setVisible(self.choice.currentData() == "table")
        if len(rules) > 1:
            column.addWidget(
                label(
                    f"and {words.several(len(rules) - 1, 'more rule')} in project.toml", "caption"
                )
            )
        if rules and isinstance(rules[0], TablePairs):
            self.table.show_rule(rules[0])
        self.choice.currentIndexChanged.connect(self._take)

    def _take(self) -> None:
        kind = self.choice.currentData()
        self.table.setVisible(kind == "table")
        rules = [
            rule
            for rule in self._project.settings.pairings
            if relation_of(*rule.between) != self._relation
        ]
        if kind == "key":
            rules.append(KeyPairs(between=self._relation))
        elif kind == "table":
            rule = self.table.rule()
            if rule is None:  # half a rule is none: the old one stays until the table is chosen
                return
            rules.append(rule)
        self._project.change(pairings=rules)
        self.changed.emit()


class TableForm(QWidget):
    """A table file and the two columns that name items.

    Parameters
    ----------
    project : Project
    relation : (modality, modality)
    """

    changed = Signal()

    def __init__(self, project: Project, relation: Relation) -> None:
        super().__init__()
        self._project, self._relation, self._path = project, relation, ""
        self._file = ElidedLabel("A CSV or TSV file with a heading line", "caption")
        choose = Button("Choose file…", pressed=self._ask)
        self.columns = (QComboBox(), QComboBox())
        top = QHBoxLayout()
        top.addWidget(choose)
        top.addWidget(self._file, 1)
        bottom = QHBoxLayout()
        for modality, combo in zip(relation, self.columns, strict=True):
            bottom.addWidget(label(f"{words.SINGULAR[modality].capitalize()} column", "muted"))
            combo.setAccessibleName(f"Column that names the {words.SINGULAR[modality]}")
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
            bottom.addWidget(combo, 1)
        self._complaint = label("", "bad", wrap=True)
        self._complaint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.addLayout(top)
        column.addLayout(bottom)
        column.addWidget(self._complaint)

    def rule(self) -> TablePairs | None:
        """Return the rule, or None while it is not complete."""
        first, second = (combo.currentText() for combo in self.columns)
        if not (self._path and first and second):
            return None
        return TablePairs(between=self._relation, path=self._path, columns=(first, second))

    def show_rule(self, rule: TablePairs) -> None:
        """Show a rule of the project."""
        columns = rule.columns if rule.between == self._relation else rule.columns[::-1]
        self.read(self._project.root / Path(rule.path).expanduser(), columns, rule.path)

    def read(
        self, path: Path, columns: tuple[str, str] | None = None, written: str | None = None
    ) -> None:
        """Read the column names of a table, and choose two of them."""
        try:
            lines = read_text(path).splitlines()[:1]
        except WorkbenchError as error:
            self._complain(str(error))
            return
        tabs = path.suffix.lower() in (".tsv", ".tab")
        names = next(csv.reader(lines, "excel-tab" if tabs else "excel"), [])
        if len(names) < 2:
            self._complain(f"{path.name} has no two columns: its first line must name them.")
            return
        self._complain("")
        self._path = written or str(path)
        self._file.setText(self._path)
        for number, combo in enumerate(self.columns):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(names)
            wanted = columns[number] if columns else names[number]
            combo.setCurrentIndex(max(0, combo.findText(wanted)))
            combo.blockSignals(False)

    def _ask(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Choose a table of pairs", str(self._project.root), "Tables (*.csv *.tsv *.tab)"
        )
        if chosen:
            self.read(Path(chosen))
            self.changed.emit()

    def _complain(self, sentence: str) -> None:
        self._complaint.setText(sentence)
        self._complaint.setVisible(bool(sentence))
