"""The left rail: the stations in order, and how each is doing."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.widgets.ring import paint_ring
from workbench.gui.widgets.text import ElidedLabel

_IN_WORDS = {
    "empty": "not ready yet",
    "ready": "ready",
    "running": "running",
    "attention": "needs attention",
    "done": "done",
}
_WIDTH, _NARROW_WIDTH = 188, 78
_HEIGHT, _NARROW_HEIGHT = 38, 54


class RailButton(QAbstractButton):
    """One station of the rail.

    Parameters
    ----------
    title, icon : str
    """

    def __init__(self, title: str, icon: str) -> None:
        super().__init__()
        self._icon_name = icon
        self._state = "ready"
        self._share: float | None = None
        self._turn = 0.0
        self._by_keyboard = False
        self._narrow = False
        self._timer = QTimer(self, interval=60)
        self._timer.timeout.connect(self._turn_on)
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_state("ready", None)

    def show_state(self, state: str, share: float | None) -> None:
        """Show how the station is doing; `share` is how far a running one has come, 0 to 1."""
        self._state, self._share = state, share
        words = _IN_WORDS[state]
        if state == "running" and share is not None:
            words = f"{share:.0%} done"
        self.setAccessibleName(f"{self.text()}: {words}")
        self.setToolTip(f"{self.text()} – {words}")
        turning = state == "running" and share is None
        if turning and not self._timer.isActive():
            self._timer.start()
        elif not turning:
            self._timer.stop()
        self.update()

    def state(self) -> str:
        """Return the state that is shown."""
        return self._state

    def set_narrow(self, narrow: bool) -> None:
        """Have the title below the icon, in small letters, or beside it."""
        self._narrow = narrow
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if self._narrow:
            return QSize(_NARROW_WIDTH - 12, _NARROW_HEIGHT)
        return QSize(_WIDTH - 20, _HEIGHT)

    def _turn_on(self) -> None:
        self._turn = (self._turn + 0.05) % 1.0
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        # A ring helps those who came by keyboard; after a click it would only be noise.
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keyboard = event.reason() in keys
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_keyboard = True
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(QColor(colours.blend(colours.accent, 0.16)))
            painter.drawRoundedRect(area, 8, 8)
        elif self.underMouse():
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(area, 8, 8)
        if self.hasFocus() and self._by_keyboard:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(area, 8, 8)
        dim = self._state == "empty" and not self.isChecked()
        colour = colours.accent if self.isChecked() else colours.text
        colour = colours.blend(colours.muted, 0.75) if dim else colour
        icon, words, mark = self._places()
        colours.icon(self._icon_name, colour).paint(painter, icon.toRect())
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)
        if self._narrow:
            font.setPixelSize(11)
        painter.setFont(font)
        if self.isChecked():
            colour = colours.text
        painter.setPen(QColor(colour))
        across = Qt.AlignmentFlag.AlignHCenter if self._narrow else Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | across, self.text())
        self._paint_mark(painter, mark)
        painter.end()

    def _places(self) -> tuple[QRectF, QRectF, QPointF]:
        """Return where icon and words stand, and the middle of the mark."""
        wide, high = self.width(), self.height()
        if self._narrow:
            icon = QRectF(wide / 2 - 10, 7, 20, 20)
            return icon, QRectF(0, 29, wide, 18), QPointF(wide - 11, 12)
        middle = high / 2
        return (
            QRectF(12, middle - 10, 20, 20),
            QRectF(43, 0, wide - 76, high),
            QPointF(wide - 20, middle),
        )

    def _paint_mark(self, painter: QPainter, centre: QPointF) -> None:
        colours = theme.current()
        area = QRectF(centre.x() - 8, centre.y() - 8, 16, 16)
        if self._state == "running":
            paint_ring(painter, area, self._share, self._turn)
        elif self._state == "done":
            colours.icon("check", colours.good).paint(painter, area.toRect())
        elif self._state == "attention":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.warning))
            painter.drawEllipse(centre, 4, 4)


class Rail(QWidget):
    """The stations' buttons, one below the other; arrow keys move between them."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName("Stations")
        self.setFixedWidth(_WIDTH)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 12, 10, 12)
        self._column.setSpacing(3)
        self._buttons: dict[str, RailButton] = {}
        self._heading = ElidedLabel("", "heading", Qt.TextElideMode.ElideRight)
        self._heading.setContentsMargins(12, 4, 8, 8)
        self._narrow = False
        self._column.addWidget(self._heading)
        self._column.addStretch(1)
        self.set_heading("")

    def add(self, name: str, title: str, icon: str) -> RailButton:
        """Add a station at the end."""
        button = RailButton(title, icon)
        button.setObjectName(f"rail-{name}")
        # toggled, not clicked: the arrow keys check a button without a click
        button.toggled.connect(lambda on: self.chosen.emit(name) if on else None)
        self._column.insertWidget(self._column.count() - 1, button)
        self._buttons[name] = button
        return button

    def set_narrow(self, narrow: bool) -> None:
        """Leave the page more room: titles below the icons, and no name of the project."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.setFixedWidth(_NARROW_WIDTH if narrow else _WIDTH)
        around = 6 if narrow else 10
        self._column.setContentsMargins(around, 12, around, 12)
        self._heading.setVisible(not narrow)  # the title of the window has it too
        for button in self._buttons.values():
            button.set_narrow(narrow)

    def set_heading(self, text: str) -> None:
        """Show the project's name above the stations."""
        self._heading.setText(text or "No project")
        self._heading.setEnabled(bool(text))

    def choose(self, name: str) -> None:
        """Check a station's button."""
        self._buttons[name].setChecked(True)

    def button(self, name: str) -> RailButton:
        """Return a station's button."""
        return self._buttons[name]

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.blend(colours.background, 0.55)))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), QColor(colours.border))
        painter.end()
