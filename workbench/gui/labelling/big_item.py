"""One item as large as there is room: a picture to see, a text to read, a recording to hear."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.items.previews import Missing, read_preview
from workbench.gui.look import theme
from workbench.gui.session import Session
from workbench.gui.sounds.player import Player
from workbench.gui.sounds.sound_view import SoundView
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.widgets.scrolling import ScrollingSheet
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Item

_PIXELS = 900  # of a side: as much as a large window shows
_READING = "Reading…"


class BigItem(QWidget):
    """An item, its name below, and its label.

    Parameters
    ----------
    session : Session
    player : Player
        Of its recording.
    name : str
        Object name.
    """

    def __init__(self, session: Session, player: Player, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.item: Item | None = None
        self._player = player
        self.picture = _Picture(session)
        self.words = label("", wrap=True, name=f"{name}-words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sound = SoundView(session)
        self.name = ElidedLabel("", "caption", Qt.TextElideMode.ElideMiddle)
        self.name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._pages = QStackedWidget()
        for page in (self.picture, _framed(self.words), _centred(self.sound)):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._pages, 1)
        column.addWidget(self.name)
        self.sound.play_asked.connect(self.play)
        player.changed.connect(self._show_playing)

    def show_item(self, item: "Item | None") -> None:
        """Show an item, or nothing."""
        self.item = item
        modality = "" if item is None else item.modality
        self.picture.show_item(item if modality == "image" else None)
        self.sound.show_item(item)
        text = item.text if item is not None and modality == "text" else ""
        self.words.setText(text)
        # a few words are read from afar; of a page, much is to be seen
        size = 24 if len(text) < 80 else 18 if len(text) < 300 else 14
        self.words.setStyleSheet(f"font-size: {size}px;")
        self._pages.setCurrentIndex({"text": 1, "speech": 2}.get(modality, 0))
        parts = [] if item is None else [Path(item.path).name, item.label]
        self.name.setText(" · ".join(part for part in parts if part))
        self.setAccessibleName("" if item is None else f"{item.modality}: {item.name}")

    def play(self) -> None:
        """Play a recording, or stop it."""
        if self.item is not None and self.item.modality == "speech":
            self._player.toggle(self.item)

    def _show_playing(self, playing: int | None) -> None:
        self.sound.set_playing(self.item is not None and self.item.id == playing)

    def sizeHint(self) -> QSize:
        return QSize(320, 320)


def _framed(words: QLabel) -> QWidget:
    frame = QFrame()
    frame.setProperty("role", "well")
    column = QVBoxLayout(frame)
    column.setContentsMargins(12, 8, 4, 8)
    column.addWidget(ScrollingSheet(words))
    return frame


def _centred(sound: SoundView) -> QWidget:
    sheet = QWidget()
    column = QVBoxLayout(sheet)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(1)
    column.addWidget(sound)
    column.addStretch(1)
    return sheet


class _Picture(QWidget):
    """A picture, read behind the page."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._slot = JobSlot(session, self)
        self._item: Item | None = None
        self._content: Any = None
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_item(self, item: "Item | None") -> None:
        """Show the picture of an item."""
        if item is None:
            self._slot.cancel()
            self._item = self._content = None
            self.update()
            return
        if item == self._item and not isinstance(self._content, Missing):
            return
        self._item, self._content = item, None

        def make_job(_: Control) -> Job[Any]:
            yield Progress(0, 0, "Reading the picture")
            return read_preview(item, _PIXELS)

        self._slot.ask("Reading the picture", make_job, self._take)
        self.update()

    def _take(self, content: Any) -> None:
        self._content = content
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(area, 9, 9)
        content, is_picture = self._content, isinstance(self._content, QImage)
        painter.fillPath(shape, QColor("#ffffff" if is_picture else now.raised))
        if is_picture and not content.isNull():
            size = content.size().scaled(
                int(area.width() - 16), int(area.height() - 16), Qt.AspectRatioMode.KeepAspectRatio
            )
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(area.center())
            painter.drawImage(place, content)
        elif self._item is not None:
            missing = isinstance(content, Missing)
            painter.setPen(QColor(now.warning if missing else now.muted))
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(area, flags, content if missing else _READING)
        painter.setPen(QPen(QColor(now.border), 1))
        painter.drawPath(shape)
        painter.end()
