"""A recording to look at, and to hear by a click or the space bar."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.items.cards import card_font, paint_wave
from workbench.gui.items.palettes import heat_map
from workbench.gui.look import theme
from workbench.gui.session import Session
from workbench.gui.sounds.sound_picture import SoundPicture, read_sound_picture
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.project import Item

_HIGH = 112
_READING = "Reading…"


class SoundView(QWidget):
    """The outline of a recording over its spectrogram.

    Signals
    -------
    play_asked
        By a click or the space bar.

    Parameters
    ----------
    session : Session
        Reads the recording behind the page.
    """

    play_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("sound")
        self.setAccessibleName("Recording; the space bar plays it")
        self._slot = JobSlot(session, self)
        self.item: Item | None = None
        self.picture: SoundPicture | None = None
        self.words = ""
        self._playing = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HIGH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click, or press the space bar, to play it or to stop.")
        self.hide()

    def show_item(self, item: "Item | None") -> None:
        """Show a recording; any other item hides the view."""
        if item is None or item.modality != "speech":
            self._slot.cancel()
            self.item = self.picture = None
            self.hide()
            return
        # another project, or another state of this one, may have another recording of this id; and
        # a file that could not be read may be there again
        if self.item == item and (self.picture is not None or self._slot.busy):
            return
        self.item, self.picture, self.words = item, None, _READING
        self.show()
        self.update()

        def make_job(_control: Control) -> Job[SoundPicture]:
            yield Progress(0, 0, "Reading the recording")
            path = Path(item.path)
            if not Path(item.file).exists():
                raise WorkbenchError("The file is missing.")
            return read_sound_picture(path)

        self._slot.ask("Reading the recording", make_job, self._take, on_error=self._fail)

    def _take(self, found: SoundPicture) -> None:
        self.picture, self.words = found, ""
        self.update()

    def _fail(self, sentence: str) -> None:
        self.words = sentence
        self.update()

    def set_playing(self, playing: bool) -> None:
        """Say whether it is heard now."""
        self._playing = playing
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, _HIGH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.play_asked.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.play_asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -16.5)
        painter.fillRect(area, QColor(now.raised))
        painter.setFont(card_font(11))
        if self.picture is None:
            painter.setPen(QColor(now.muted if self.words == _READING else now.warning))
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(area.adjusted(8, 4, -8, -4), flags, self.words)
        else:
            upper = QRectF(area.left(), area.top(), area.width(), area.height() * 0.42)
            lower = QRectF(area.left(), upper.bottom(), area.width(), area.height() * 0.58)
            shades = np.ascontiguousarray(heat_map(now)(self.picture.spectrogram))
            high, wide = shades.shape[:2]
            image = QImage(shades.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
            painter.drawImage(lower, image)
            colour = now.modality["speech"]
            paint_wave(painter, upper.adjusted(0, 3, 0, -3), self.picture.outline, colour)
            painter.setPen(QColor(now.muted))
            line = QRectF(0, area.bottom() + 1, self.width(), 15)
            heard = "■ playing, space stops" if self._playing else "▶ space plays"
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, heard)
            seen = f"0 to 8 kHz · {self.picture.seconds:.1f} s"
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, seen)
        focus = self.hasFocus()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(now.accent if focus or self._playing else now.border), 1))
        painter.drawRect(area)
        painter.end()
