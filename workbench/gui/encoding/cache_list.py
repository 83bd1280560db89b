"""All embeddings that the project holds of a modality."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui import words
from workbench.gui.desktop import show_in_files
from workbench.gui.widgets.button import Button, IconButton
from workbench.gui.widgets.card import clear, row
from workbench.gui.widgets.icon import Icon
from workbench.gui.widgets.text import ElidedLabel, label, line
from workbench.media import Modality

if TYPE_CHECKING:
    from workbench.stations import CacheState

_HEIGHT = 34


@dataclass(frozen=True)
class CacheRow:
    """What a row shows: a state, the encoder's title, and whether it is the project's choice."""

    state: "CacheState"
    title: str
    chosen: bool


class CacheList(QWidget):
    """A row for each cache; hidden while there is none.

    Parameters
    ----------
    modality : {"image", "text", "speech"}

    Signals
    -------
    use_wanted, delete_wanted (name of the encoder)
    """

    use_wanted = Signal(str)
    delete_wanted = Signal(str)

    def __init__(self, modality: Modality) -> None:
        super().__init__()
        self._noun = words.PLURAL[modality]
        self._shown: object = None
        self._busy = ""
        self.rows: dict[str, CacheRowWidget] = {}
        self.setAccessibleName(f"Embeddings of {self._noun}")
        self._heading = label("Embeddings", "caption")
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 2, 0, 0)
        outer.setSpacing(3)
        outer.addWidget(line())
        outer.addSpacing(3)
        outer.addWidget(self._heading)
        outer.addLayout(self._column)
        self.hide()

    def show_caches(self, rows: list[CacheRow], broken: list[tuple[Path, str]]) -> None:
        """Show other rows; what has not changed stays as it is, with its focus and question."""
        if self._shown == (rows, broken):
            return
        self._shown = (list(rows), list(broken))
        clear(self._column)
        self.rows = {}
        for each in rows:
            made = CacheRowWidget(each, self._noun)
            made.use_button.clicked.connect(
                lambda _=False, name=each.state.encoder: self.use_wanted.emit(name)
            )
            made.delete_wanted.connect(
                lambda name=each.state.encoder: self.delete_wanted.emit(name)
            )
            self.rows[each.state.encoder] = made
            self._column.addWidget(made)
        for path, reason in broken:
            self._column.addWidget(_broken_row(path, reason))
        self.setVisible(bool(rows or broken))
        self.set_busy(self._busy)

    def set_busy(self, encoder: str) -> None:
        """Let the embeddings that are being made now not be deleted."""
        self._busy = encoder
        for name, made in self.rows.items():
            made.delete_button.setEnabled(name != encoder)
            if name == encoder:
                made.ask(False)


class CacheRowWidget(QStackedWidget):
    """One cache: facts and buttons, or in their place the question whether to delete it.

    Signals
    -------
    delete_wanted
    """

    delete_wanted = Signal()

    def __init__(self, shown: CacheRow, noun: str) -> None:
        super().__init__()
        state = shown.state
        self.setFixedHeight(_HEIGHT)
        self.setToolTip(f"{state.encoder}\n{state.path}")
        size = words.size(state.bytes)
        self.use_button = Button("Use this", "", "link")
        self.use_button.setAccessibleName(f"Use {shown.title} for {noun}")
        self.delete_button = IconButton(
            "trash-can-outline", f"Delete the embeddings by {shown.title}", lambda: self.ask(True)
        )
        self._title, self._size = shown.title, size
        self.yes_button: Button | None = None
        self.no_button: Button | None = None
        self.addWidget(self._facts(shown, size))

    def _facts(self, shown: CacheRow, size: str) -> QWidget:
        state = shown.state
        inside = QWidget()
        across = QHBoxLayout(inside)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        whole = state.complete
        across.addWidget(
            Icon("check-circle" if whole else "circle-half-full", 15, "good" if whole else "accent")
        )
        name = ElidedLabel(shown.title)
        across.addWidget(name, 1)
        count = f"{state.encoded:,} of {state.total:,}"
        for text, width in (
            (count, 120),
            (f"{state.width:,} wide", 80),
            (state.dtype, 54),
            (size, 66),
            (words.moment(state.modified), 124),
        ):
            across.addWidget(_figure(text, width))
        across.addWidget(self.use_button)
        self.use_button.setVisible(not shown.chosen)  # not before: it would be a window by itself
        if shown.chosen:
            across.addWidget(_InPlaceOf(self.use_button, "in use"))
        across.addWidget(self.delete_button)
        return inside

    def _question(self) -> QWidget:
        inside = QWidget()
        words_ = ElidedLabel(
            f"Delete the embeddings by {self._title}? They can be made again by encoding.",
            "", Qt.TextElideMode.ElideRight,
        )  # fmt: skip
        self.yes_button = Button(
            f"Delete {self._size}", "trash-can-outline", "danger", self.delete_wanted.emit
        )
        self.no_button = Button("Keep", "", "", lambda: self.ask(False))
        across = row(Icon("alert-outline", 15, "warning"), spacing=12)
        across.addWidget(words_, 1)
        across.addWidget(self.yes_button)
        across.addWidget(self.no_button)
        inside.setLayout(across)
        return inside

    def ask(self, wanted: bool) -> None:
        """Ask whether to delete, or take the question back."""
        if wanted == bool(self.currentIndex()):
            return
        if self.count() == 1:
            self.addWidget(self._question())
        self.setCurrentIndex(int(wanted))
        focus = self.no_button if wanted else self.delete_button
        if focus is not None:
            focus.setFocus()


class _InPlaceOf(QLabel):
    """Takes the room of a button, so that the columns of all rows agree."""

    def __init__(self, button: Button, text: str) -> None:
        super().__init__(text)
        self._button = button
        self.setProperty("role", "good")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return self._button.sizeHint()


def _figure(text: str, width: int) -> QLabel:
    made = label(text, "muted")
    made.setMinimumWidth(width)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def _broken_row(path: Path, reason: str) -> QWidget:
    inside = QWidget()
    sentence = ElidedLabel(f"{path.name}: {reason}", "warning", Qt.TextElideMode.ElideRight)
    show: Callable[[], object] = lambda: show_in_files(path.parent)  # noqa: E731
    across = row(Icon("alert-outline", 15, "warning"), spacing=12)
    across.addWidget(sentence, 1)
    across.addWidget(Button("Show its folder", "", "link", show))
    inside.setLayout(across)
    inside.setMinimumHeight(_HEIGHT)
    return inside
