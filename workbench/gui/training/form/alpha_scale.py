"""The scale below the sliders for α: its decades, and what a look or a sweep has found out."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.look import theme

_TICKS = (0.0, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_HANDLE = 8.0  # half of the slider's handle: where its ends are
_HEIGHT, _MARKS_HEIGHT, _KEPT_HEIGHT = 17, 13, 12


class AlphaScale(QWidget):
    """Ticks, and above them a dot at each rung of a sweep and a triangle at its knee.

    A band behind the ticks says between which α most happens, and words below them how many
    neighbours a short training kept at each α that was tried.

    Parameters
    ----------
    notch_of : callable
        From α to the position of a slider.
    notches : int
        Of the slider's right end.
    """

    def __init__(self, notch_of: Callable[[float], int], notches: int) -> None:
        super().__init__()
        self.setObjectName("alpha-scale")
        self._notch_of, self._notches = notch_of, notches
        self.rungs: list[float] = []
        self.knee: float | None = None
        self.acting: tuple[float, float] | None = None
        self.kept: list[tuple[float, float]] = []
        self._words = {"sweep": "", "acting": ""}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def mark(self, rungs: Sequence[float], knee: float | None) -> None:
        """Show where a sweep has looked, and its knee; no rungs show none."""
        self.rungs, self.knee = list(rungs), knee
        words = ""
        if rungs:
            words = "Dots: α of the newest sweep."
        if knee is not None:
            words += (
                f" Knee, {knee:g}: the largest α that costs no recall which could be told from "
                "noise."
            )
        self._say("sweep", words)
        self.updateGeometry()

    def mark_acting(
        self, span: tuple[float, float] | None, words: str, kept: Sequence[tuple[float, float]] = ()
    ) -> None:
        """Show between which α most happens, and say so; None shows nothing.

        `kept` are α that were tried, and which share of the neighbours each kept.
        """
        self.acting, self.kept = span, list(kept)
        if kept:
            words += " Percents: neighbours kept after it."
        self._say("acting", words)
        self.updateGeometry()

    def _say(self, of: str, words: str) -> None:
        self._words[of] = words
        self.setToolTip("\n".join(filter(None, self._words.values())))
        self.update()

    def sizeHint(self) -> QSize:
        marks, kept = bool(self.rungs) * _MARKS_HEIGHT, bool(self.kept) * _KEPT_HEIGHT
        return QSize(200, _HEIGHT + marks + kept)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()

    def _place(self, alpha: float) -> float:
        return _HANDLE + (self.width() - 2 * _HANDLE) * self._notch_of(alpha) / self._notches

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        if self.rungs:
            self._draw_marks(painter)
            painter.translate(0, _MARKS_HEIGHT)
        self._draw_ticks(painter)
        painter.end()

    def _draw_ticks(self, painter: QPainter) -> None:
        if self.acting is not None:
            begun, done = map(self._place, self.acting)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.current().accent))
            painter.drawRoundedRect(QRectF(begun, 0, max(done - begun, 4.0), 4), 2, 2)
        painter.setPen(QPen(QColor(theme.current().muted), 1.0))
        for alpha in _TICKS:
            x = self._place(alpha)
            painter.drawLine(QPointF(x, 0), QPointF(x, 3))
        self._write(painter, 14, [(alpha, f"{alpha:g}") for alpha in _TICKS])
        painter.setPen(QPen(QColor(theme.current().text), 1.0))
        words = [(alpha, f"{share:.0%}") for alpha, share in self.kept]
        if words:
            words[0] = words[0][0], f"keeps {words[0][1]}"
        self._write(painter, 14 + _KEPT_HEIGHT, words)

    def _write(self, painter: QPainter, base: float, words: Sequence[tuple[float, str]]) -> None:
        """Write words below their α, from the left, those that have room."""
        free = 0.0
        for alpha, text in words:
            width = painter.fontMetrics().horizontalAdvance(text)
            left = min(max(self._place(alpha) - width / 2, 0.0), self.width() - width)
            if left >= free:
                painter.drawText(QPointF(left, base), text)
                free = left + width + 3

    def _draw_marks(self, painter: QPainter) -> None:
        now = theme.current()
        middle = _MARKS_HEIGHT / 2
        painter.setPen(QPen(QColor(now.surface), 1.0))
        painter.setBrush(QColor(now.muted))
        for alpha in self.rungs:
            if alpha != self.knee:
                painter.drawEllipse(QPointF(self._place(alpha), middle), 3.0, 3.0)
        if self.knee is None:
            return
        x = self._place(self.knee)
        painter.setBrush(QColor(now.warning))
        painter.drawPolygon(
            QPolygonF([QPointF(x - 5, middle + 4), QPointF(x + 5, middle + 4), QPointF(x, 1)])
        )
        painter.setPen(QColor(now.warning))
        width = painter.fontMetrics().horizontalAdvance("knee")
        left = x + 8 if x + 8 + width <= self.width() else x - 8 - width
        painter.drawText(QPointF(left, middle + 4), "knee")
