"""The line in which one asks: words, pictures, sounds and items, and what to look for."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu

from workbench.errors import WorkbenchError
from workbench.gui.exploring.query.term_chips import TermChips
from workbench.gui.exploring.state.query import Term
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.look import theme
from workbench.gui.session import Session
from workbench.gui.sounds.record_button import RATE, RecordButton
from workbench.gui.sounds.recorder import Samples
from workbench.gui.sounds.sound_device import may_record
from workbench.gui.sounds.temporary_media import TemporaryMedia
from workbench.gui.state.action import as_menu_text
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.drop_hint import DropHint
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.file_dialogs import choose_files
from workbench.gui.words import PLURAL


class QueryBar(Card):
    """The question line, and below it what else is asked with.

    Parameters
    ----------
    session : Session
        Hears what cannot be asked with.
    query : QueryState
    """

    def __init__(self, session: Session, query: QueryState) -> None:
        super().__init__()
        self.setObjectName("query-bar")
        self.setAcceptDrops(True)
        self._drop_hint = DropHint(self)
        self._session, self._query = session, query
        self._passing = TemporaryMedia()
        self._placeholder = ""
        self.line = QLineEdit()
        self.line.setObjectName("query")
        self.line.setAccessibleName("Question")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(query.write)
        self.line.returnPressed.connect(query.ask)
        self.line.installEventFilter(self)
        self._search = self.line.addAction(
            theme.current().icon("magnify"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.recent = QMenu(self)
        self.recent.setObjectName("recent-questions")
        self.recent.aboutToShow.connect(self._list_recent)
        self.recent_button = IconButton(
            "history", "Questions asked before (↓ in the line)", self._show_recent,
            name="query-recent",
        )  # fmt: skip
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
        self.record.failed.connect(self._warn)
        self.target = ComboBox()
        self.target.setObjectName("query-target")
        self.target.setAccessibleName("What to look for")
        self.target.currentIndexChanged.connect(lambda _: query.look_for(self.target.currentData()))
        self.button = Button("Search", "", "primary", query.ask, name="ask")
        self.chips = TermChips(query)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for tool in (
            self.recent_button, self.plus, self.minus, self._file_button, self.record,
        ):  # fmt: skip
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
        query.draft_changed.connect(self._show_draft)
        query.run_changed.connect(self._show_run)
        query.busy_changed.connect(self._show_busy)
        session.theme_changed.connect(self.apply_theme)
        self._show_run()
        self._show_draft()

    # ---------------------------------------------------------------- content

    def _show_draft(self) -> None:
        if self.line.text() != self._query.draft.words:
            self.line.setText(self._query.draft.words)
        self._show_target()

    def _show_target(self) -> None:
        self.target.blockSignals(True)
        self.target.setCurrentIndex(max(self.target.findData(self._query.to), 0))
        self.target.blockSignals(False)

    def _show_run(self) -> None:
        """Show which run answers, and what can be asked with and for; none shuts the line."""
        run, views = self._query.run, self._query.views
        self.target.blockSignals(True)
        self.target.clear()
        self.target.addItem("everything", None)
        for view in views:
            self.target.addItem(PLURAL.get(view, view), view)
        self.target.blockSignals(False)
        self._show_target()
        for widget in (
            self.line, self.target, self._file_button, self.record, self.plus, self.minus,
            self.recent_button,
        ):  # fmt: skip
            widget.setEnabled(run is not None)
        files = [view for view in views if view != "text"]
        self._file_button.setVisible(bool(files))
        self.record.give_up()
        self.record.setVisible("speech" in files and may_record())
        self._placeholder = (
            f"Search in “{run}”: a few words"
            + (", or drop pictures and sounds" if "speech" in files else ", or drop pictures")
            if run is not None
            else "Searching needs the joint space of a run: train one first"
        )
        self._say("")
        self._show_busy()

    def _say(self, words: str) -> None:
        self.line.setPlaceholderText(words or self._placeholder)

    def _warn(self, sentence: str) -> None:
        self._session.noticed.emit("warning", sentence)

    def _show_busy(self) -> None:
        """Let no second question be asked while one is being answered."""
        self.button.setEnabled(self._query.can_ask)
        self.button.setText("Searching…" if self._query.busy else "Search")

    def add_file(self, path: Path) -> bool:
        """Ask with a file too; return False when it is no medium that the run holds."""
        from workbench.media import SUFFIXES

        suffix = path.suffix.lower()
        modality = next((m for m in ("image", "speech") if suffix in SUFFIXES[m]), None)
        if modality is None or modality not in self._query.views:
            return False
        self._query.add(Term(path.name, path=path, modality=modality))
        return True

    def add_files(self, paths: Sequence[Path]) -> bool:
        """Ask with files too; return whether any of them is a medium that the run holds."""
        taken = [self.add_file(path) for path in paths]
        return any(taken)

    def _keep_words(self, *, minus: bool) -> None:
        if self._query.keep_words(minus=minus):
            self.line.setFocus()
            self._query.ask()

    # ---------------------------------------------------------------- asked before

    def _show_recent(self) -> None:
        self.recent.popup(self.line.mapToGlobal(self.line.rect().bottomLeft()))

    def _list_recent(self) -> None:
        self.recent.clear()
        for words in self._query.recent():
            action = self.recent.addAction(as_menu_text(words))
            action.triggered.connect(partial(self._query.ask_again, words))
        if self.recent.isEmpty():
            self.recent.addAction("No questions yet").setEnabled(False)
            return
        self.recent.addSeparator()
        self.recent.addAction("Forget these questions").triggered.connect(self._query.forget_recent)

    def apply_theme(self) -> None:
        """Draw the icon and the chips anew."""
        self._search.setIcon(theme.current().icon("magnify", theme.current().muted))
        self.chips.draw_anew()

    # ---------------------------------------------------------------- files

    def _choose(self) -> None:
        from workbench.media import SUFFIXES

        patterns = " ".join(
            f"*{suffix}"
            for view in self._query.views
            if view != "text"
            for suffix in sorted(SUFFIXES[view])  # type: ignore[index]
        )
        files = choose_files(
            self, "Search with pictures or sounds", "question", f"Pictures and sounds ({patterns})"
        )
        if self.add_files(files):
            self._query.ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._query.views and (event.mimeData().hasUrls() or event.mimeData().hasImage()):
            event.acceptProposedAction()
            self._drop_hint.say("Drop to search with it")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a picture or files be pasted into the line, and ↓ show what was asked before."""
        if (
            watched is self.line
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
        ):
            self._show_recent()
            return True
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
        if not taken and picture and given.hasImage() and "image" in self._query.views:
            taken = self._add_picture(QImage(given.imageData()))
        if taken:
            self._query.ask()
        return taken

    def _add_picture(self, picture: QImage) -> bool:
        try:
            path = self._passing.keep_picture(picture)
        except WorkbenchError as error:
            self._warn(str(error))
            return False
        size = f"{picture.width()} × {picture.height()}"
        self._query.add(Term(f"pasted picture, {size}", path=path, modality="image"))
        return True

    def _ask_with_sound(self, samples: Samples) -> None:
        try:
            path = self._passing.keep_sound(samples, RATE)
        except WorkbenchError as error:
            self._warn(str(error))
            return
        name = f"said aloud, {len(samples) / RATE:.1f} s"
        self._query.add(Term(name, path=path, modality="speech"))
        self._query.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.record.give_up()
