"""The line in which one asks: words, pictures, sounds and items, and what to look for."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.errors import WorkbenchError
from workbench.gui import theme
from workbench.gui.exploring.asked import Asked, Term
from workbench.gui.exploring.passing_media import PassingMedia
from workbench.gui.exploring.record_button import RATE, RecordButton
from workbench.gui.exploring.recorder import Samples
from workbench.gui.exploring.sound_device import may_record
from workbench.gui.exploring.term_chips import TermChips
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.words import PLURAL

if TYPE_CHECKING:
    from workbench.project import Item


class QueryBar(Card):
    """The question line, and below it what else is asked with.

    Signals
    -------
    asked (Asked)
    wrong (sentence)
        Something cannot be asked with.
    """

    asked = Signal(object)
    wrong = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__()
        self.setParent(parent)
        self.setObjectName("query-bar")
        self.setAcceptDrops(True)
        self._views: list[str] = []
        self._targets_known = False
        self._passing = PassingMedia()
        self._placeholder = ""
        self.line = QLineEdit()
        self.line.setObjectName("query")
        self.line.setAccessibleName("Question")
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self.ask)
        self.line.installEventFilter(self)
        self._search = self.line.addAction(
            theme.current().icon("magnify"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.plus = IconButton(
            "plus", "Keep these words as a part of the query and add something else",
            lambda: self._keep_words(minus=False), name="query-plus",
        )  # fmt: skip
        self.minus = IconButton(
            "minus", "Subtract these words from the query",
            lambda: self._keep_words(minus=True), name="query-minus",
        )  # fmt: skip
        self._file_button = IconButton(
            "paperclip", "Search with pictures or sounds: choose files, drop or paste them here",
            self._choose, name="query-file",
        )  # fmt: skip
        self.record = RecordButton()
        self.record.recorded.connect(self._ask_with_sound)
        self.record.said.connect(self._say)
        self.record.failed.connect(self.wrong)
        self.target = ComboBox()
        self.target.setObjectName("query-target")
        self.target.setAccessibleName("What to look for")
        self.button = Button("Search", "", "primary", self.ask, name="ask")
        self.chips = TermChips()
        self.chips.changed.connect(self.ask)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for tool in (self.plus, self.minus, self._file_button, self.record):
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
            self.line, self.target, self.button, self._file_button, self.record, self.plus,
            self.minus,
        ):  # fmt: skip
            widget.setEnabled(open_)
        files = [view for view in views if view != "text"]
        self._file_button.setVisible(bool(files))
        self.record.give_up()
        self.record.setVisible("speech" in files and may_record())
        self._placeholder = (
            f"Search in “{run_name}”: a few words"
            + (", or drop pictures and sounds" if "speech" in files else ", or drop pictures")
            if open_
            else "Searching needs the joint space of a run: train one first"
        )
        self._say("")

    def _say(self, words: str) -> None:
        self.line.setPlaceholderText(words or self._placeholder)

    def set_busy(self, busy: bool) -> None:
        """Let no second question be asked while one is being answered."""
        enabled = not busy and bool(self._views)
        self.button.setEnabled(enabled)
        self.button.setText("Searching…" if busy else "Search")

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
            self, "Search with pictures or sounds", "", f"Pictures and sounds ({patterns})"
        )
        if self.add_files([Path(name) for name in names]):
            self.ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._views and (event.mimeData().hasUrls() or event.mimeData().hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a picture or files be pasted into the line, which itself only takes words."""
        if (
            watched is self.line
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.matches(QKeySequence.StandardKey.Paste)
        ):
            given = QGuiApplication.clipboard().mimeData()
            # cells and paragraphs are copied as words and as a picture of them
            return self.take(given, picture=not given.hasFormat("text/plain"))
        return super().eventFilter(watched, event)

    def take(self, given: QMimeData, *, picture: bool = True) -> bool:
        """Ask with files or a picture that are dropped or pasted; return whether there were any.

        Parameters
        ----------
        given : QMimeData
        picture : bool
            Whether a picture without a file is meant, too.
        """
        paths = [Path(url.toLocalFile()) for url in given.urls() if url.isLocalFile()]
        taken = self.add_files(paths)
        if not taken and picture and given.hasImage() and "image" in self._views:
            taken = self._add_picture(QImage(given.imageData()))
        if taken:
            self.ask()
        return taken

    def _add_picture(self, picture: QImage) -> bool:
        try:
            path = self._passing.keep_picture(picture)
        except WorkbenchError as error:
            self.wrong.emit(str(error))
            return False
        size = f"{picture.width()} × {picture.height()}"
        self.chips.add(Term(f"pasted picture, {size}", path=path, modality="image"))
        return True

    def _ask_with_sound(self, samples: Samples) -> None:
        try:
            path = self._passing.keep_sound(samples, RATE)
        except WorkbenchError as error:
            self.wrong.emit(str(error))
            return
        name = f"said aloud, {len(samples) / RATE:.1f} s"
        self.chips.add(Term(name, path=path, modality="speech"))
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.record.give_up()
