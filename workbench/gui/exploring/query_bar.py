"""The line in which one asks: words, a picture or a sound, and what to look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from workbench.gui import theme
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.words import PLURAL


@dataclass(frozen=True)
class Asked:
    """A question: a text, or a file of a modality; and the modality wanted, None for any."""

    text: str | None = None
    path: Path | None = None
    modality: str = "text"
    to: str | None = None


class QueryBar(Card):
    """The question line.

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
        self._file: tuple[Path, str] | None = None
        self._views: list[str] = []
        self._targets_known = False
        self.line = QLineEdit()
        self.line.setObjectName("query")
        self.line.setAccessibleName("Question")
        self.line.setClearButtonEnabled(True)
        self.line.returnPressed.connect(self.ask)
        self.line.textEdited.connect(self._edited)
        self.line.textChanged.connect(self._changed)
        self._search = self.line.addAction(
            theme.current().icon("magnify"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._file_button = IconButton(
            "paperclip", "Ask with a picture or a sound: choose a file, or drop one here",
            self._choose, name="query-file",
        )  # fmt: skip
        self.target = QComboBox()
        self.target.setObjectName("query-target")
        self.target.setAccessibleName("What to look for")
        self.button = Button("Ask", "", "primary", self.ask, name="ask")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self._file_button)
        row.addWidget(self.target)
        row.addWidget(self.button)
        self.body.addLayout(row)
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
        for widget in (self.line, self.target, self.button, self._file_button):
            widget.setEnabled(open_)
        files = [view for view in views if view != "text"]
        self._file_button.setVisible(bool(files))
        self.line.setPlaceholderText(
            f"Ask “{run_name}”: a few words"
            + (", or drop a picture or a sound" if "speech" in files else ", or drop a picture")
            if open_
            else "Questions are answered in a joint space: train a run first"
        )

    def set_busy(self, busy: bool) -> None:
        """Let no second question be asked while one is being answered."""
        enabled = not busy and bool(self._views)
        self.button.setEnabled(enabled)
        self.button.setText("Asking…" if busy else "Ask")

    def set_file(self, path: Path) -> bool:
        """Ask with a file; return False when it is neither a picture nor a sound."""
        from workbench.media import SUFFIXES

        suffix = path.suffix.lower()
        modality = next((m for m in ("image", "speech") if suffix in SUFFIXES[m]), None)
        if modality is None or modality not in self._views:
            return False
        self._file = (path, modality)
        self.line.setText(path.name)
        return True

    def ask(self) -> None:
        """Ask what stands in the line."""
        if not self.button.isEnabled():
            return
        to = self.target.currentData()
        if self._file is not None:
            path, modality = self._file
            self.asked.emit(Asked(path=path, modality=modality, to=to))
        elif self.line.text().strip():
            self.asked.emit(Asked(text=self.line.text().strip(), to=to))

    def apply_theme(self) -> None:
        """Draw the icon anew."""
        self._search.setIcon(theme.current().icon("magnify", theme.current().muted))

    # ---------------------------------------------------------------- files

    def _edited(self, _text: str) -> None:
        self._file = None  # typed over the name of a file: now it is a text

    def _changed(self, text: str) -> None:
        if not text:
            self._file = None

    def _choose(self) -> None:
        from workbench.media import SUFFIXES

        patterns = " ".join(
            f"*{suffix}"
            for view in self._views
            if view != "text"
            for suffix in sorted(SUFFIXES[view])  # type: ignore[index]
        )
        name, _ = QFileDialog.getOpenFileName(
            self, "Ask with a picture or a sound", "", f"Pictures and sounds ({patterns})"
        )
        if name and self.set_file(Path(name)):
            self.ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._views and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if any(self.set_file(path) for path in paths):
            event.acceptProposedAction()
            self.ask()
