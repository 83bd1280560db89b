"""A small histogram: how values lie, and where a few of them lie among all."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.charts import Axis, Bars
from workbench.gui.items.cards import card_font
from workbench.gui.look import theme

if TYPE_CHECKING:
    from workbench.stations import Distribution

_SCALE = 15  # pixels for the numbers below


class Histogram(QWidget):
    """Bars of one distribution, with both ends of the scale below and a line at the median.

    Parameters
    ----------
    name : str
        Object name.
    title : str
        For those who do not see it.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.shown: Distribution | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(84)

    def chart(self) -> Bars | None:
        """Return it as a chart to be printed."""
        shown = self.shown
        if shown is None or not shown.count:
            return None
        median = shown.quantiles[0.5]
        return Bars(
            self.accessibleName(), Axis("distortion"), Axis("items"), shown.edges, shown.counts,
            ((median, f"median {median:.3g}"),),
        )  # fmt: skip

    def show_distribution(self, shown: "Distribution") -> None:
        """Show how values lie."""
        self.shown = shown
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 84)

    def _bars(self) -> list[QRectF]:
        if self.shown is None or not self.shown.count:
            return []
        high, most = self.height() - _SCALE - 2, int(self.shown.counts.max())
        step = self.width() / len(self.shown.counts)
        bars = []
        for place, count in enumerate(self.shown.counts.tolist()):
            tall = max(count / most * high, 1.5) if count else 0.0
            bars.append(QRectF(place * step, high - tall, max(step - 1, 1), tall))
        return bars

    def paintEvent(self, event: QPaintEvent) -> None:
        now, shown = theme.current(), self.shown
        if shown is None or not shown.count:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.blend(now.accent, 0.75)))
        for bar in self._bars():
            painter.drawRect(bar)
        base = self.height() - _SCALE - 2
        painter.fillRect(QRectF(0, base, self.width(), 1), QColor(now.border))
        low, high = float(shown.edges[0]), float(shown.edges[-1])
        median = shown.quantiles[0.5]
        if high > low:
            across = (median - low) / (high - low) * self.width()
            painter.fillRect(QRectF(across - 0.75, 0, 1.5, base), QColor(now.text))
        painter.setFont(card_font(11))
        painter.setPen(QColor(now.muted))
        line = QRectF(0, base + 2, self.width(), _SCALE)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, f"{low:.3g}")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, f"{high:.3g}")
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, f"median {median:.3g}")
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(event.pos().x()), self)
            return True
        return super().event(event)

    def _tip(self, across: int) -> str:
        shown = self.shown
        if shown is None or not shown.count:
            return ""
        place = min(max(int(across / self.width() * len(shown.counts)), 0), len(shown.counts) - 1)
        low, high = shown.edges[place], shown.edges[place + 1]
        return f"{low:.3g} to {high:.3g}: {int(shown.counts[place]):,} items"
