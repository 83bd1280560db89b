"""The line in which one asks: words, pictures, sounds and items, and what to look for."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.gui import theme
from workbench.gui.exploring.asked import Asked, Term
from workbench.gui.exploring.term_chips import TermChips
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.words import PLURAL

if TYPE_CHECKING:
    from workbench.project import Item


class QueryBar(Card):
    """The question line, and below it what else is asked with.

    Signals
    -------
    asked (Asked)
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__()
        self.setParent(parent)
        self.setObjectName("query-bar")
        self.setAcceptDrops(True)
        self._views: list[str] = []
        self._targets_known = False
        self.line = QLineEdit()
        self.line.setObjectName("query")
        self.line.setAccessibleName("Question")
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self.ask)
        self._search = self.line.addAction(
            theme.current().icon("magnify"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.plus = IconButton(
            "plus", "Ask with these words and something else: they stay as a chip",
            lambda: self._keep_words(minus=False), name="query-plus",
        )  # fmt: skip
        self.minus = IconButton(
            "minus", "Take these words away from the question",
            lambda: self._keep_words(minus=True), name="query-minus",
        )  # fmt: skip
        self._file_button = IconButton(
            "paperclip", "Ask with pictures or sounds: choose files, or drop them here",
            self._choose, name="query-file",
        )  # fmt: skip
        self.target = QComboBox()
        self.target.setObjectName("query-target")
        self.target.setAccessibleName("What to look for")
        self.button = Button("Ask", "", "primary", self.ask, name="ask")
        self.chips = TermChips()
        self.chips.changed.connect(self.ask)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for tool in (self.plus, self.minus, self._file_button):
            tools.addWidget(tool)
        row.addLayout(tools)
        row.addWidget(self.target)
        row.addWidget(self.button)
        self.body.setSpacing(8)
        self.body.addLayout(row)
        self.body.addWidget(self.chips)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(10, 8, 10, 8)
        self.set_run(None, [])

    # ---------------------------------------------------------------- content

    def set_run(self, run_name: str | None, views: Sequence[str]) -> None:
        """Say which run answers, and which modalities it holds; None shuts the line."""
        self._views = list(views)
        wanted = self.target.currentData()
        self.target.clear()
        self.target.addItem("everything", None)
        for view in views:
            self.target.addItem(PLURAL.get(view, view), view)
        if wanted is None and not self._targets_known:
            # words most often look for something else than words
            wanted = next((view for view in views if view != "text"), None)
        self._targets_known = bool(views)
        self.target.setCurrentIndex(max(self.target.findData(wanted), 0))
        open_ = run_name is not None
        for widget in (
            self.line, self.target, self.button, self._file_button, self.plus, self.minus
        ):  # fmt: skip
            widget.setEnabled(open_)
        files = [view for view in views if view != "text"]
        self._file_button.setVisible(bool(files))
        self.line.setPlaceholderText(
            f"Ask “{run_name}”: a few words"
            + (", or drop pictures and sounds" if "speech" in files else ", or drop pictures")
            if open_
            else "Questions are answered in a joint space: train a run first"
        )

    def set_busy(self, busy: bool) -> None:
        """Let no second question be asked while one is being answered."""
        enabled = not busy and bool(self._views)
        self.button.setEnabled(enabled)
        self.button.setText("Asking…" if busy else "Ask")

    def clear(self) -> None:
        """Ask with nothing any more."""
        self.line.clear()
        self.chips.set_terms(())

    def add_file(self, path: Path) -> bool:
        """Ask with a file too; return False when it is no medium that the run holds."""
        from workbench.media import SUFFIXES

        suffix = path.suffix.lower()
        modality = next((m for m in ("image", "speech") if suffix in SUFFIXES[m]), None)
        if modality is None or modality not in self._views:
            return False
        self.chips.add(Term(path.name, path=path, modality=modality))
        return True

    def add_files(self, paths: Sequence[Path]) -> bool:
        """Ask with files too; return whether any of them is a medium that the run holds."""
        taken = [self.add_file(path) for path in paths]
        return any(taken)

    def add_items(self, items: "Sequence[Item]") -> None:
        """Ask with items too."""
        self.chips.add(
            *(
                Term(item.text[:200] if item.modality == "text" else item.key, item=item.id,
                     modality=item.modality)
                for item in items
            )
        )  # fmt: skip

    def terms(self) -> tuple[Term, ...]:
        """Return everything that is asked with: the chips, and the words in the line."""
        words = self.line.text().strip()
        return (*self.chips.terms(), *([Term(words, text=words)] if words else []))

    def ask(self) -> None:
        """Ask what stands in the line and on the chips."""
        terms = self.terms()
        if self.button.isEnabled() and terms:
            self.asked.emit(Asked(terms, self.target.currentData()))

    def _keep_words(self, *, minus: bool) -> None:
        words = self.line.text().strip()
        if words:
            self.chips.add(Term(words, text=words, minus=minus))
            self.line.clear()
            self.line.setFocus()
            self.ask()

    def apply_theme(self) -> None:
        """Draw the icon and the chips anew."""
        self._search.setIcon(theme.current().icon("magnify", theme.current().muted))
        self.chips.set_terms(self.chips.terms())

    # ---------------------------------------------------------------- files

    def _choose(self) -> None:
        from workbench.media import SUFFIXES

        patterns = " ".join(
            f"*{suffix}"
            for view in self._views
            if view != "text"
            for suffix in sorted(SUFFIXES[view])  # type: ignore[index]
        )
        names, _ = QFileDialog.getOpenFileNames(
            self, "Ask with pictures or sounds", "", f"Pictures and sounds ({patterns})"
        )
        if self.add_files([Path(name) for name in names]):
            self.ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._views and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if self.add_files(paths):
            event.acceptProposedAction()
            self.ask()
