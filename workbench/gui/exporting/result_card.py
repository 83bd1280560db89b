"""Where a finished export lies, and how it is loaded."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout

from workbench.gui.desktop import show_in_files
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.text import ElidedLabel, label

_SNIPPET = """\
import sys
sys.path.insert(0, {folder!r})
from load_heads import load_heads

heads = load_heads({folder!r})
rows = heads.embed({view!r}, embeddings)  # frozen embeddings in, unit rows of the joint space out
"""


class ResultCard(Card):
    """Where the bundle lies, and how it is loaded."""

    def __init__(self) -> None:
        super().__init__("Exported", "check-circle-outline", "good")
        self._place = ElidedLabel("", "mono")
        self._open = Button("Open folder", "folder-open-outline")
        self._open.clicked.connect(lambda: show_in_files(Path(self._place.text())))
        self._copy = IconButton("content-copy", "Copy the lines below", self._copy_lines)
        self.code = label("", "mono")
        self.code.setObjectName("export-snippet")
        well = Card()
        well.setProperty("role", "well")
        head = QHBoxLayout()
        head.addWidget(label("In Python", "caption"), 1)
        head.addWidget(self._copy)
        well.body.addLayout(head)
        well.body.addWidget(self.code)
        top = QHBoxLayout()
        top.addWidget(self._place, 1)
        top.addWidget(self._open)
        self.body.addLayout(top)
        self.body.addWidget(well)
        self.hide()

    def show_folder(self, folder: Path, view: str) -> None:
        """Show a finished export."""
        self._place.setText(str(folder))
        self.code.setText(_SNIPPET.format(folder=str(folder), view=view).rstrip())
        self._copy.set_icon("content-copy")
        self.show()

    def _copy_lines(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text() + "\n")
        self._copy.set_icon("check")
