"""Which items belong together."""

from itertools import combinations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.collecting.pairing.table_form import TableForm
from workbench.gui.collecting.preview.overview import Overview, PairLine
from workbench.gui.collecting.sources.taking import take
from workbench.gui.session import Session
from workbench.gui.widgets.busy import BusyRing
from workbench.gui.widgets.card import Card, clear
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import label, line, set_role
from workbench.media import MODALITIES
from workbench.project import (
    KeyPairs,
    Project,
    Relation,
    SidecarPairs,
    TablePairs,
    relation_of,
)

_CHOICES = (
    ("key", "by file name", "Equal names pair: dog.jpg with dog.txt of any folder"),
    ("sidecar", "by files side by side", "In one folder: dog.jpg with dog.txt or dog.jpg.txt"),
    ("table", "by a table…", "Each row names items that belong together"),
    ("none", "not paired", "These two modalities are not paired directly"),
)


class PairingCard(Card):
    """A pairing rule for every two modalities of the project, each with what it gives.

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
        project = self._session.project
        present = {source.modality for source in project.settings.sources} if project else set()
        relations = list(combinations([each for each in MODALITIES if each in present], 2))
        clear(self.body)
        self.rows = {}
        for relation in relations:
            assert project is not None  # noqa: S101 - without one there is no relation
            row = PairingRow(self._session, project, relation)
            row.changed.connect(self.changed)
            if self.rows:
                self.body.addWidget(line())
            self.body.addWidget(row)
            self.rows[relation] = row
        self.setVisible(bool(self.rows))

    def show_overview(self, overview: Overview) -> None:
        """Say below each rule what it gives."""
        for relation, row in self.rows.items():
            row.say(overview.lines.get(relation))

    def show_busy(self, busy: bool) -> None:
        """Say that what the rules give is being found out."""
        for row in self.rows.values():
            row.show_busy(busy)


class PairingRow(QWidget):
    """How items of two modalities are paired.

    Parameters
    ----------
    session : Session
    project : Project
    relation : (modality, modality)
    """

    changed = Signal()

    def __init__(self, session: Session, project: Project, relation: Relation) -> None:
        super().__init__()
        self._session, self._project, self._relation = session, project, relation
        first, second = (words.PLURAL[each] for each in relation)
        self.choice = ComboBox()
        for number, (value, text, tip) in enumerate(_CHOICES):
            self.choice.addItem(text, value)
            self.choice.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.setAccessibleName(f"How {first} and {second} are paired")
        self.table = TableForm(session, project, relation)
        self.table.changed.connect(self._take)
        self.line = label("", "caption", wrap=True)
        self.line.setAccessibleName(f"Pairs of {first} and {second}")
        self.odd = label("", "warning", wrap=True)
        self.odd.hide()
        self.keys = label("", "caption", wrap=True, name="lone-keys")
        self.keys.hide()
        self._busy = BusyRing(f"Pairing {first} and {second}")
        self._rule_says = QWidget()
        self._lay_out(relation)
        rules = [r for r in project.settings.pairings if relation_of(*r.between) == relation]
        self.choice.setCurrentIndex(self.choice.findData(rules[0].kind if rules else "none"))
        if len(rules) > 1:
            more = f"and {words.several(len(rules) - 1, 'more rule')} in project.toml"
            self._column.insertWidget(1, label(more, "caption"))
        if rules and isinstance(rules[0], TablePairs):
            self.table.show_rule(rules[0])
        self._show_choice()
        self.choice.currentIndexChanged.connect(self._take)

    def _lay_out(self, relation: Relation) -> None:
        names = QHBoxLayout()
        names.setSpacing(6)
        for number, modality in enumerate(relation):
            if number:
                names.addWidget(label("and", "muted"))
            plural = words.PLURAL[modality]
            names.addWidget(Icon(words.ICONS[modality], 17, modality))
            names.addWidget(label(plural if number else plural.capitalize()))
        head = QHBoxLayout()
        head.addLayout(names)
        head.addStretch(1)
        head.addWidget(self.choice)
        said = QHBoxLayout(self._rule_says)
        said.setContentsMargins(0, 0, 0, 0)
        said.setSpacing(8)
        said.addWidget(self.line, 1)
        said.addWidget(self._busy, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 6, 0, 6)
        self._column.setSpacing(6)
        self._column.addLayout(head)
        self._column.addWidget(self.table)
        self._column.addWidget(self._rule_says)
        self._column.addWidget(self.keys)
        self._column.addWidget(self.odd)

    def say(self, found: PairLine | None) -> None:
        """Show what the rule gives; None shows nothing."""
        set_role(self.line, found.role if found else "caption")
        self.line.setText(found.sentence if found else "")
        for words_, said in (
            (self.keys, found.keys if found else ""),
            (self.odd, found.odd if found else ""),
        ):
            words_.setText(said)
            words_.setVisible(bool(said))

    def show_busy(self, busy: bool) -> None:
        """Show that what the rule gives is being found out."""
        self._busy.setVisible(busy and self.choice.currentData() != "none")
        self.line.setEnabled(not busy)  # what it says is not sure meanwhile

    def _show_choice(self) -> None:
        kind = self.choice.currentData()
        self.table.setVisible(kind == "table")
        self._rule_says.setVisible(kind != "none")
        self.choice.setToolTip(self.choice.currentData(Qt.ItemDataRole.ToolTipRole))

    def _take(self) -> None:
        self._show_choice()
        kind = self.choice.currentData()
        before = list(self._project.settings.pairings)
        rules = [rule for rule in before if relation_of(*rule.between) != self._relation]
        if kind == "key":
            rules.append(KeyPairs(between=self._relation))
        elif kind == "sidecar":
            rules.append(SidecarPairs(between=self._relation))
        elif kind == "table":
            rule = self.table.rule()
            if rule is None:  # half a rule is none: the old one stays until the table is chosen
                self.say(PairLine("Choose the table; until then the previous rule stays."))
                return
            rules.append(rule)
        if rules != before and take(self._session, pairings=rules):
            if kind == "none":
                self.say(None)
            self.changed.emit()
