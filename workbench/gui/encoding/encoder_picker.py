"""Picks an encoder, and says what using it takes."""

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.encoding.browse_dialog import BrowseDialog
from workbench.gui.encoding.facts_in_words import facts_in_words, look_of, state_in_words
from workbench.gui.encoding.known_encoders import KnownEncoders
from workbench.gui.encoding.local_models import VECTOR_FILES, FamilyQuestion
from workbench.gui.look import theme
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import row
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.file_dialogs import choose_file, choose_folder
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, set_role
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.encoders import EncoderFacts

Readiness = Literal["none", "asking", "blocked", "download", "ready"]

_TIP = (
    "Choose one, or type a name such as open_clip/ViT-B-32/laion2b_s34b_b79k or "
    "sentence-transformers/all-MiniLM-L6-v2"
)
_MILLISECONDS_AFTER_A_CHOICE = 300
_MILLISECONDS_AFTER_A_KEY = 1200
_STATE = Qt.ItemDataRole.UserRole + 1


class EncoderPicker(QWidget):
    """A short list that one can type into, a table of all, and a line about the choice.

    Parameters
    ----------
    known : KnownEncoders
    modality : {"image", "text", "speech"}

    Signals
    -------
    changed
        The choice, or what is known of it.
    """

    changed = Signal()

    def __init__(self, known: KnownEncoders, modality: Modality) -> None:
        super().__init__()
        self.modality = modality
        self._known = known
        self._asked = False
        noun = words.PLURAL[modality]
        self.combo = ComboBox()
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self.combo.setAccessibleName(f"Encoder for {noun}")
        self.combo.setToolTip(_TIP)
        self.combo.setMinimumWidth(260)
        self.combo.setMaxVisibleItems(18)
        self.combo.setItemDelegate(_TitleAndState(self.combo))
        completer = QCompleter(self.combo.model(), self.combo)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.combo.setCompleter(completer)
        self.browse_button = Button("Browse…", "magnify", "", self.browse)
        self.browse_button.setAccessibleName(f"Browse encoders for {noun}")
        self.more_button = IconButton("dots-horizontal", f"Encoders for {noun} on this computer")
        self.more_button.setMenu(self._menu())
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.family_question = FamilyQuestion(modality)
        self.family_question.picked.connect(self.pick)
        self._icon = Icon("check", 15, "muted")
        self._facts = ElidedLabel("", "muted", Qt.TextElideMode.ElideRight)
        self._problem = label("", "warning", wrap=True)
        self.again_button = Button("Ask again", "refresh", "link", self._ask_again)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._ask)
        self._lay_out()
        self.combo.editTextChanged.connect(lambda _: self._choice_changed(by_user=True))
        self.combo.currentIndexChanged.connect(lambda _: self._choice_changed(by_user=True))
        known.answered.connect(self._take_answer)
        self._show()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.line = row(spacing=8)  # the card adds its button at the end
        self.line.addWidget(self.combo, 1)
        self.line.addWidget(self.browse_button)
        self.line.addWidget(self.more_button)
        column.addLayout(self.line)
        column.addWidget(self.family_question)
        about = row(self._icon, spacing=7)
        about.addWidget(self._facts, 1)
        column.addLayout(about)
        trouble = row(spacing=8)
        trouble.addWidget(self._problem, 1)
        trouble.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(trouble)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("A folder on this computer…", self.pick_folder)
        menu.addAction("Precomputed vectors…", self.pick_vectors)
        return menu

    # --- the choice ------------------------------------------------------------------------------

    def offer(self, current: str | None) -> None:
        """Offer the short list; `current` is the project's choice, if it has one.

        What the user has picked before the list was there stays.
        """
        picked = self.encoder() if self._asked else ""
        self.combo.blockSignals(True)
        self.combo.clear()
        for facts in self._known.of(self.modality):
            self._add(facts)
        self.combo.blockSignals(False)
        self.choose(picked or current)
        self._asked = bool(picked)

    def forget_choice(self) -> None:
        """Let the next offer choose: what was picked was for another project."""
        self._asked = False

    def _add(self, facts: "EncoderFacts") -> int:
        place = self.combo.count()
        self.combo.addItem(facts.title, facts.name)
        self.combo.setItemData(place, facts.state, _STATE)
        tip = f"{facts.summary}\n{state_in_words(facts)}"
        self.combo.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        return place

    def choose(self, name: str | None) -> None:
        """Show an encoder by name; None shows the first that can be used at once."""
        listed = self._known.of(self.modality)
        usable = [each.name for each in listed if each.state != "unusable"]
        at_once = [each.name for each in listed if each.state not in ("unusable", "download")]
        wanted = name or next(iter(at_once or usable), "")
        place = self.combo.findData(wanted) if wanted else -1
        if place < 0 and wanted:
            facts = self._known.find(self.modality, wanted)
            place = self._add(facts) if facts is not None else -1
        self.combo.blockSignals(True)
        self.combo.setCurrentIndex(place)
        if place < 0:
            self.combo.setEditText(wanted)
        self.combo.blockSignals(False)
        self._choice_changed(by_user=False)

    def pick(self, name: str) -> None:
        """Take an encoder that the user picked elsewhere than in the list."""
        self.choose(name)
        self._choice_changed(by_user=True)
        self.combo.setFocus()

    def encoder(self) -> str:
        """Return the name of the encoder that is chosen or typed."""
        typed, place = self.combo.currentText().strip(), self.combo.currentIndex()
        if place >= 0 and typed == self.combo.itemText(place):
            return str(self.combo.itemData(place))
        place = self.combo.findText(typed, Qt.MatchFlag.MatchFixedString) if typed else -1
        return str(self.combo.itemData(place)) if place >= 0 else typed

    def facts(self) -> "EncoderFacts | None":
        """Return what is known of the choice."""
        return self._known.find(self.modality, self.encoder())

    def browse(self) -> BrowseDialog:
        """Open the table of all encoders."""
        dialog = BrowseDialog(self._known, self.modality, self.encoder(), self.window())
        dialog.picked.connect(self.pick)
        dialog.open()
        return dialog

    def pick_folder(self) -> None:
        """Let the user choose a model's folder."""
        folder = choose_folder(self, "A model’s folder", "model")
        if folder is not None:
            self.family_question.ask(folder)

    def pick_vectors(self) -> None:
        """Let the user choose a file of vectors."""
        file = choose_file(self, "Vectors of the items", "vectors", VECTOR_FILES)
        if file is not None:
            self.pick(f"precomputed/{file}")

    # --- what using it takes ---------------------------------------------------------------------

    def readiness(self) -> Readiness:
        """Return whether the choice can be used, at once or after a download."""
        name, facts = self.encoder(), self.facts()
        if not name:
            return "none"
        answer = self._known.answer(self.modality, name)
        if self._waiting():
            return "asking"
        if answer is not None and answer.problem:
            return "blocked"
        if facts is None:
            return "asking" if self._asked or not self._known.ready else "ready"
        if facts.state == "unusable":
            return "blocked"
        return "download" if facts.state == "download" else "ready"

    def missing(self) -> int | None:
        """Return how many bytes must be downloaded, None where that is not known."""
        facts = self.facts()
        answer = self._known.answer(self.modality, self.encoder())
        if answer is not None and not answer.problem:
            return answer.missing
        return facts.bytes if facts is not None and facts.state == "download" else 0

    def _waiting(self) -> bool:
        asking = self._known.asking(self.modality, self.encoder())
        return asking or self._later.isActive()

    def _choice_changed(self, *, by_user: bool) -> None:
        """Ask about a choice that the user made, once they seem to have made it."""
        name, facts = self.encoder(), self.facts()
        answer = self._known.answer(self.modality, name)
        self._asked = by_user
        self._later.stop()
        if name and answer is None and self._must_ask(facts, by_user):
            listed = facts is not None
            self._later.start(_MILLISECONDS_AFTER_A_CHOICE if listed else _MILLISECONDS_AFTER_A_KEY)
        self._show()
        self.changed.emit()

    def _must_ask(self, facts: "EncoderFacts | None", by_user: bool) -> bool:
        if facts is None:
            return self._known.ready
        return by_user and facts.state == "download"  # the hub hears only of what was picked

    def _ask(self) -> None:
        self._known.ask(self.modality, self.encoder())
        self._show()
        self.changed.emit()

    def _ask_again(self) -> None:
        self._known.forget(self.modality, self.encoder())
        self._ask()

    def _take_answer(self, modality: str, name: str) -> None:
        if (modality, name) == (self.modality, self.encoder()):
            self._show()
            self.changed.emit()

    def refresh(self) -> None:
        """Show what is known now."""
        self._show()

    def _show(self) -> None:
        name, facts = self.encoder(), self.facts()
        answer = self._known.answer(self.modality, name)
        icon, tone, role, sentence = "circle-outline", "muted", "muted", ""
        if facts is not None:
            icon, tone = look_of(facts)
            role = "warning" if facts.state == "unusable" else "muted"
            sentence = facts_in_words(facts, answer.missing if answer else None)
            if self._waiting():
                sentence += " · asking for the exact size…"
        elif not name:
            sentence = "Choose an encoder, or type the name of one."
        elif self._waiting():
            icon, sentence = "magnify", f"Looking for {name}…"
        elif not self._known.ready:
            icon, sentence = "magnify", "Looking for encoders…"
        self._icon.show_icon(icon, tone)
        set_role(self._facts, role)
        self._facts.setText(sentence)
        for widget in (self._icon, self._facts):
            widget.setVisible(bool(sentence))
        problem = answer.problem if answer is not None and not self._waiting() else ""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.again_button.setVisible(bool(problem))


class _TitleAndState(QStyledItemDelegate):
    """Paints an encoder's title, and at the right whether it is there."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        state = index.data(_STATE)
        if state in ("download", "unusable"):
            colours = theme.current()
            painter.save()
            painter.setPen(QColor(colours.warning if state == "unusable" else colours.muted))
            painter.drawText(
                option.rect.adjusted(0, 0, -10, 0),  # type: ignore[attr-defined]
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                "needs download" if state == "download" else "not usable",
            )
            painter.restore()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 120, max(28, hint.height()))
