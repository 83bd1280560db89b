"""Up to nine items that may be the partner, each with the number of its key."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.items.cards import paint_card, paint_rank
from workbench.gui.items.previews import Previews
from workbench.gui.labelling.labelling_state import Card
from workbench.gui.look import theme
from workbench.gui.widgets.text import plain_tip

COLUMNS = 3
_GAP = 8


class PartnerCards(QWidget):
    """Cards in lines of three; one of them is chosen.

    Signals
    -------
    chosen (place from 0)
        A card was clicked.
    confirmed (place from 0)
        A card was clicked twice.
    """

    chosen = Signal(int)
    confirmed = Signal(int)

    def __init__(self, previews: Previews) -> None:
        super().__init__()
        self.setObjectName("partner-cards")
        self.setMouseTracking(True)
        self.setMinimumSize(300, 220)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._previews = previews
        self._cards: Sequence[Card] = ()
        self._chosen = -1
        self.placeholder = ""
        previews.ready.connect(lambda _: self.update())

    def show_cards(self, cards: Sequence[Card], chosen: int) -> None:
        """Show cards, one of them chosen."""
        self._cards, self._chosen = cards, chosen
        names = [f"{place}: {card.item.name}" for place, card in enumerate(cards, 1)]
        self.setAccessibleName("Likeliest partners")
        self.setAccessibleDescription("; ".join(names))
        self.update()

    def place_of(self, card: int) -> QRectF:
        """Return where a card lies."""
        lines = 3
        wide = (self.width() - _GAP * (COLUMNS - 1)) / COLUMNS
        high = (self.height() - _GAP * (lines - 1)) / lines
        line, column = divmod(card, COLUMNS)
        return QRectF(column * (wide + _GAP), line * (high + _GAP), wide, high)

    def sizeHint(self) -> QSize:
        return QSize(480, 400)

    def _card_at(self, place: QPoint) -> int:
        for number in range(len(self._cards)):
            if self.place_of(number).contains(place):
                return number
        return -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        card = self._card_at(event.position().toPoint())
        if card >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(card)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        card = self._card_at(event.position().toPoint())
        if card >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.confirmed.emit(card)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        card = self._card_at(event.position().toPoint())
        item = self._cards[card].item if card >= 0 else None
        self.setToolTip("" if item is None else plain_tip(item.text[:600] or item.path))
        super().mouseMoveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, card in enumerate(self._cards):
            area = self.place_of(number).adjusted(2, 2, -2, -2)
            painter.save()
            is_chosen = number == self._chosen
            paint_card(painter, area, card.item, self._previews.of(card.item), over=is_chosen)
            paint_rank(painter, area, number + 1, card.score)
            if is_chosen:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(now.accent), 2.5))
                painter.drawRoundedRect(area.adjusted(-1, -1, 1, 1), 8, 8)
            painter.restore()
        if not self._cards and self.placeholder:
            painter.setPen(QColor(now.muted))
            flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(self.rect().adjusted(20, 10, -20, -10), flags, self.placeholder)
        painter.end()
