"""A map in a window of its own, for a second screen."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.exploring.maps.map_panel import MapPanel
from workbench.gui.session import Session

_SIZE = QSize(760, 640)


class FloatingMap(QWidget):
    """Holds a map panel until it is closed.

    It belongs to the program's window, and goes with it.

    Signals
    -------
    closed
        By the user: the panel wants its place back.

    Parameters
    ----------
    panel : MapPanel
    session : Session
    parent : QWidget
    """

    closed = Signal()

    def __init__(self, panel: MapPanel, session: Session, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName(f"floating-{panel.objectName()}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.panel = panel
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(panel)
        panel.show()
        panel.choices.space_choice.currentTextChanged.connect(self._name)
        self._name(panel.choices.space_choice.currentText())
        for keys, action in (
            (QKeySequence.StandardKey.Undo, session.undo_selection),
            (QKeySequence.StandardKey.Redo, session.redo_selection),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        self.resize(_SIZE)

    def _name(self, space: str) -> None:
        self.setWindowTitle(f"{space or 'Map'} — GeRA Workbench")

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if event.type() == QEvent.Type.Close and event.isAccepted():
            self.closed.emit()
