"""A small turning ring that says that something is being worked on."""

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.widgets.ring import paint_ring

_MILLISECONDS_A_TURN = 1_100
_MILLISECONDS_A_FRAME = 60


class BusyRing(QWidget):
    """A turning ring; it keeps its place while it is not shown, so that nothing jumps.

    Parameters
    ----------
    name : str
        What is being done, for those who do not see it turn.
    size : int
        Pixels of a side.
    """

    def __init__(self, name: str, size: int = 15) -> None:
        super().__init__()
        self._turn = 0.0
        self.setFixedSize(size, size)
        self.setAccessibleName(name)
        self.setToolTip(name)
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self._timer = QTimer(self, interval=_MILLISECONDS_A_FRAME)
        self._timer.timeout.connect(self._go_on)
        self.hide()

    def _go_on(self) -> None:
        self._turn = (self._turn + _MILLISECONDS_A_FRAME / _MILLISECONDS_A_TURN) % 1
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ring(painter, QRectF(self.rect()), None, self._turn)
        painter.end()
