"""The legend of a scale: its colours from end to end; dragging along it picks what lies between."""

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from workbench.gui.exploring.state.colouring import ByValue
from workbench.gui.items.cards import card_font
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of

_BAR, _GAP, _WIDE = 10, 6, 140
_SHADES = 64
_SMALLEST = 0.02  # of the bar: what a click without a drag picks


class ColourBar(QWidget):
    """The colours of a `ByValue`, between words for its ends.

    Signals
    -------
    picked (ids, mode)
    """

    picked = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("colour-bar")
        self.setAccessibleName("Scale of colours")
        self.shown: ByValue | None = None
        self._from: float | None = None
        self._to = 0.0
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setMouseTracking(True)

    def show_scale(self, shown: ByValue | None) -> None:
        """Show another scale; none hides the bar."""
        self.shown, self._from = shown, None
        self.setVisible(shown is not None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        low, high = self._wide()
        return QSize(int(low + high) + 2 * _GAP + _WIDE, 26)

    def minimumSizeHint(self) -> QSize:
        low, high = self._wide()
        return QSize(int(low + high) + 2 * _GAP + 50, 26)

    def _wide(self) -> tuple[float, float]:
        """Return how wide the words at both ends are."""
        self.setFont(card_font(12))
        measure = self.fontMetrics().horizontalAdvance
        low, high = ("", "") if self.shown is None else self.shown.ends
        return measure(low) + 2, measure(high) + 2

    def bar(self) -> QRectF:
        """Return where the colours are."""
        low, high = self._wide()
        wide = max(self.width() - low - high - 2 * _GAP, 1)
        return QRectF(low + _GAP, (self.height() - _BAR) / 2, min(wide, 260), _BAR)

    # ---------------------------------------------------------------- picking

    def _share(self, event: QMouseEvent) -> float:
        bar = self.bar()
        return float(np.clip((event.position().x() - bar.left()) / bar.width(), 0, 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.shown is not None:
            self._from = self._to = self._share(event)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = self._share(event)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        shown, start = self.shown, self._from
        if shown is None or start is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._from = None
        low, high = sorted((start, self._share(event)))
        if high - low < _SMALLEST:
            low, high = max(low - _SMALLEST, 0.0), min(high + _SMALLEST, 1.0)
        span = shown.high - shown.low
        ids = shown.between(shown.low + low * span, shown.low + high * span)
        self.picked.emit(ids, mode_of(QApplication.keyboardModifiers()))
        self.update()

    def event(self, event: QEvent) -> bool:
        shown = self.shown
        if (
            isinstance(event, QHelpEvent)
            and event.type() == QEvent.Type.ToolTip
            and shown is not None
        ):
            bar = self.bar()
            share = float(np.clip((event.pos().x() - bar.left()) / bar.width(), 0, 1))
            value = shown.in_words(shown.low + share * (shown.high - shown.low))
            tip = f"{shown.title}: {value}\nDrag to select what lies between two values."
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    # ---------------------------------------------------------------- look

    def paintEvent(self, event: QPaintEvent) -> None:
        shown, now, bar = self.shown, theme.current(), self.bar()
        if shown is None:
            return
        painter = QPainter(self)
        painter.setFont(card_font(12))
        painter.setPen(QColor(now.muted))
        line = QRectF(0, 0, bar.left() - _GAP, self.height())
        painter.drawText(line, _LEFT, shown.ends[0])
        line = QRectF(bar.right() + _GAP, 0, self.width() - bar.right() - _GAP, self.height())
        painter.drawText(line, _LEFT, shown.ends[1])
        shades = shown.scale(now)(np.linspace(0, 1, _SHADES))
        step = bar.width() / _SHADES
        for number, shade in enumerate(shades.tolist()):
            # half a pixel more: no seams where the parts meet
            part = QRectF(bar.left() + number * step, bar.top(), step + 0.5, bar.height())
            painter.fillRect(part.intersected(bar), QColor(*shade))
        if self._from is not None:
            low, high = sorted((self._from, self._to))
            chosen = QRectF(
                bar.left() + low * bar.width(), bar.top() - 3, (high - low) * bar.width(), _BAR + 6
            )
            painter.setPen(QPen(QColor(now.text), 1.5))
            painter.drawRect(chosen)
        painter.end()


_LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value
