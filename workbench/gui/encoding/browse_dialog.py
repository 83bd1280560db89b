"""Browse: all encoders of a modality in one table, to search, sort and pick from."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.encoding.facts_in_words import look_of, rank_of, state_in_words
from workbench.gui.encoding.known_encoders import KnownEncoders
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.table import Column, RowsModel, RowsTable
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.encoders import EncoderFacts


def columns() -> "tuple[Column[EncoderFacts], ...]":
    """Return what the table shows of an encoder."""
    return (
        Column("Title", lambda each: each.title, width=230),
        Column("Name", lambda each: each.name),
        Column(
            "Width", lambda each: f"{each.width:,}" if each.width else "–",
            lambda each: each.width, numeric=True, width=70,
        ),
        Column(
            "Parameters", lambda each: words.large_number(each.parameters) if each.parameters
            else "–", lambda each: each.parameters, numeric=True, width=100,
        ),
        Column(
            "Size", lambda each: words.size(each.bytes) if each.bytes else "–",
            lambda each: each.bytes, numeric=True, width=84,
        ),
        Column(
            "Licence", lambda each: each.licence or "–",
            lambda each: each.licence.casefold() or None, width=116,
        ),
        Column(
            "State", state_in_words, rank_of, width=150, tone=lambda each: look_of(each)[1]
        ),
    )  # fmt: skip


def _searched(facts: "EncoderFacts") -> str:
    return f"{facts.title} {facts.name} {facts.summary} {facts.family}"


def _tip(facts: "EncoderFacts") -> str:
    return f"{facts.name}\n{facts.summary}\n{state_in_words(facts)}"


class BrowseDialog(QDialog):
    """A search line, a table, and a switch for everything that the libraries know.

    Parameters
    ----------
    known : KnownEncoders
    modality : {"image", "text", "speech"}
    current : str
        The encoder that is chosen now.
    parent : QWidget, optional

    Signals
    -------
    picked (name)
    """

    picked = Signal(str)

    def __init__(
        self,
        known: KnownEncoders,
        modality: Modality,
        current: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._known, self._modality = known, modality
        noun = words.PLURAL[modality]
        self.setWindowTitle(f"Encoders for {noun}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1080, 620)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by name, family or purpose")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(f"Search encoders for {noun}")
        self.count = label("", "muted")
        self.model: RowsModel[EncoderFacts] = RowsModel(columns(), _searched, _tip, self)
        self.table: RowsTable[EncoderFacts] = RowsTable(self.model, f"Encoders for {noun}")
        self.everything = QCheckBox("Also all encoders of open_clip and timm")
        self._busy = QProgressBar(textVisible=False)
        self._busy.setRange(0, 0)
        self._busy.setAccessibleName("Asking open_clip and timm")
        self._about = ElidedLabel("", "muted", Qt.TextElideMode.ElideRight)
        self._trouble = label(" ".join(known.problems()), "warning", wrap=True)
        self.use_button = Button("Use this encoder", "check", "primary", self._pick)
        self._lay_out()
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._pick)
        self.table.chosen.connect(self._pick)
        self.table.current_changed.connect(self._show_current)
        self.everything.toggled.connect(self._toggle_everything)
        known.everything_listed.connect(self._fill)
        known.listed.connect(self._fill)
        known.failed.connect(self._complain)
        self._fill()
        shown = known.find(modality, current)
        if shown is not None:
            self.table.choose(shown)
        self.search.setFocus()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.search, 1)
        top.addWidget(self.count)
        column.addLayout(top)
        column.addWidget(self._busy)
        column.addWidget(self.table, 1)
        column.addWidget(self._about)
        column.addWidget(self._trouble)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.everything, 1)
        foot.addWidget(Button("Cancel", pressed=self.reject))
        foot.addWidget(self.use_button)
        column.addLayout(foot)
        self.everything.setVisible(self._modality != "speech")  # neither of them hears
        self._busy.hide()
        self._trouble.setVisible(bool(self._trouble.text()))
        for button in self.findChildren(Button):
            button.setAutoDefault(False)  # Enter belongs to the search line and the table

    def _toggle_everything(self, wanted: bool) -> None:
        if wanted:
            self._known.list_everything()
        self._fill()

    def _fill(self) -> None:
        wanted = self.everything.isChecked()
        listed = wanted and self._known.everything_is_listed
        self._busy.setVisible(wanted and not listed)
        current = self.table.current()
        self.model.set_rows(self._known.of(self._modality, everything=listed))
        if current is not None:
            self.table.choose(current)
        self._count()

    def _complain(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()
        self.everything.setChecked(False)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._count()

    def _count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total()
        of_all = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        waiting = self._busy.isVisibleTo(self)
        self.count.setText(f"{of_all} encoders" + (", asking for more…" if waiting else ""))

    def _show_current(self) -> None:
        facts = self.table.current()
        self.use_button.setEnabled(facts is not None and facts.state != "unusable")
        if facts is None:
            self._about.setText(
                "No encoder matches all of these words." if self.search.text() else ""
            )
        else:
            reason = f" Not usable: {facts.reason}." if facts.reason else ""
            self._about.setText(f"{facts.summary}{reason}")

    def _pick(self) -> None:
        facts = self.table.current()
        if facts is not None and facts.state != "unusable":
            self.picked.emit(facts.name)
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.search.hasFocus():
            self.table.setFocus()
            self.table.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
