"""What every page has in common."""

from typing import ClassVar, Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from workbench.gui.session import Session

State = Literal["empty", "ready", "running", "attention", "done"]


class Page(QWidget):
    """A page of the window, shown when its station is chosen in the rail.

    A page reads the session, calls stations through `Session.start`, and asks for another page with
    ``session.page_wanted.emit("data")``. The rail shows its `state`: ``empty`` when its
    station cannot be used yet, ``ready``, ``running``, ``attention`` when the user should look, and
    ``done``.

    Attributes
    ----------
    name : str
        For `Session.page_wanted`, and the widget's object name ``page-NAME``.
    title : str
        In the rail.
    icon : str
        A Material Design icon, such as ``school-outline``.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    state_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName(f"page-{self.name}")
        self.setAccessibleName(self.title)

    def state(self) -> State:
        """Return the state for the rail; emit `state_changed` when it may have changed."""
        return "ready"

    def progress(self) -> float | None:
        """Return how far a running page has come, 0 to 1, or None where that is not known."""
        return None

    def shown(self) -> None:
        """Take note that the page has become visible; the place for lazy loading."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown()
