"""How many neighbours items share in two spaces, as bars that one can click."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from workbench.charts import Axis, Bars
from workbench.gui.items.cards import card_font
from workbench.gui.look import theme
from workbench.gui.look.theme import LIGHT
from workbench.gui.picturing.source import PictureSource
from workbench.gui.points.canvas import mode_of
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.stations import ItemOverlap

Ids = npt.NDArray[np.int64]

_SCALE, _ABOVE = 16, 14  # pixels for the numbers below and the words above
_HIGH = 104


class OverlapBars(QWidget):
    """A bar for each number of shared neighbours, from none to all; a click selects its items.

    Parameters
    ----------
    session : Session
    modality : str
    """

    def __init__(self, session: Session, modality: str) -> None:
        super().__init__()
        self._session = session
        self._modality = modality
        self._shown: ItemOverlap | None = None
        self._over: int | None = None
        self.setObjectName(f"overlap-bars-{modality}")
        self.setAccessibleName(f"Shared neighbours of {modality} items")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HIGH)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        session.selection_changed.connect(self.update)
        PictureSource(self, session, f"Neighbours kept: {modality}", self.chart, self)

    def show_overlap(self, shown: "ItemOverlap") -> None:
        """Show how much items share."""
        self._shown = shown
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _HIGH)

    # ---------------------------------------------------------------- figures

    def shared(self) -> Ids:
        """Return how many neighbours each item shares, shape (m,)."""
        shown = self._shown
        if shown is None:
            return np.zeros(0, np.int64)
        return np.rint(shown.overlap * shown.neighbours).astype(np.int64)

    def counts(self, among: Ids | None = None) -> Ids:
        """Return how many items share 0, 1, … k neighbours, shape (k + 1,)."""
        shown = self._shown
        if shown is None:
            return np.zeros(1, np.int64)
        shared = self.shared()
        if among is not None:
            shared = shared[np.isin(shown.ids, among)]
        return np.bincount(shared, minlength=shown.neighbours + 1).astype(np.int64)

    def chart(self) -> Bars | None:
        """Return it as a chart to be printed."""
        shown = self._shown
        if shown is None or not len(shown.ids):
            return None
        k = shown.neighbours
        mean = float(shown.overlap.mean())
        marks = [(mean * k, f"mean {mean:.0%}")]
        if np.isfinite(shown.chance):
            marks.append((shown.chance * k, "chance"))
        return Bars(
            f"Neighbours that are the same: {self._modality}",
            Axis(f"neighbours that are the same, of {k}"), Axis("items"),
            np.arange(k + 2, dtype=np.float64) - 0.5, self.counts(), tuple(marks),
            LIGHT.modality[self._modality],
        )  # fmt: skip

    def _place(self, share: float) -> float:
        """Return where a share of neighbours is, in pixels from the left."""
        levels = 1 if self._shown is None else self._shown.neighbours + 1
        step = self.width() / levels
        return step / 2 + share * (self.width() - step)

    def _bar_at(self, across: float) -> int:
        levels = len(self.counts())
        return min(max(int(across / max(self.width(), 1) * levels), 0), levels - 1)

    # ---------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._shown is None:
            return
        found = self._shown.ids[self.shared() == self._bar_at(event.position().x())]
        self._session.select(found, mode_of(QApplication.keyboardModifiers()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._bar_at(event.position().x())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = None
        self.update()

    def event(self, event: QEvent) -> bool:
        shown = self._shown
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and shown is not None
        ):
            bar = self._bar_at(event.pos().x())
            count = int(self.counts()[bar])
            tip = (
                f"{count:,} items share {bar} of {shown.neighbours} neighbours. "
                "Click selects them; with Shift they are added, with Alt removed."
            )
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    # ---------------------------------------------------------------- look

    def paintEvent(self, event: QPaintEvent) -> None:
        shown, now = self._shown, theme.current()
        if shown is None or not len(shown.ids):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        counts = self.counts()
        base = self.height() - _SCALE
        high, most = base - _ABOVE, max(int(counts.max()), 1)
        colour = now.modality.get(self._modality, now.accent)
        selected = self._session.selection
        some = len(selected) > 0
        self._paint_bars(
            painter, counts, base, high / most, now.blend(colour, 0.3 if some else 0.85)
        )
        if some:
            self._paint_bars(painter, self.counts(selected), base, high / most, colour)
        painter.fillRect(QRectF(0, base, self.width(), 1), QColor(now.border))
        mean = float(shown.overlap.mean())
        self._paint_line(painter, shown.chance, "chance", QColor(now.muted), base, dashed=True)
        self._paint_line(painter, mean, f"mean {mean:.0%}", QColor(now.text), base)
        painter.setFont(card_font(11))
        painter.setPen(QColor(now.muted))
        line = QRectF(0, base + 2, self.width(), _SCALE - 2)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, "none the same")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, f"all {shown.neighbours}")
        painter.end()

    def _paint_bars(
        self, painter: QPainter, counts: Ids, base: int, each: float, colour: str
    ) -> None:
        step = self.width() / len(counts)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(counts.tolist()):
            if not count:
                continue
            tall = max(count * each, 2.5)
            shade = QColor(colour)
            if place == self._over:
                shade = shade.darker(112) if theme.current().name == "light" else shade.lighter(118)
            painter.setBrush(shade)
            bar = QRectF(place * step + 1, base - tall, max(step - 2, 1), tall)
            painter.drawRoundedRect(bar, 2, 2)

    def _paint_line(
        self, painter: QPainter, share: float, words: str, colour: QColor, base: int, *,
        dashed: bool = False,
    ) -> None:  # fmt: skip
        if not np.isfinite(share):
            return
        x = self._place(min(max(share, 0.0), 1.0))
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1.4, style))
        painter.drawLine(QPointF(x, _ABOVE - 1), QPointF(x, base))
        painter.setFont(card_font(11))
        wide = painter.fontMetrics().horizontalAdvance(words)
        left = min(max(x - wide / 2, 0.0), self.width() - wide)
        painter.drawText(QPointF(left, _ABOVE - 4), words)
