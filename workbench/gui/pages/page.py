"""What every page has in common."""

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.gui.road import Missing, State
from workbench.gui.session import Session
from workbench.gui.widgets.empty import EmptyState


class Page(QWidget):
    """A page of the window, shown when its station is chosen in the rail.

    A page reads the session, calls stations through `Session.start`, and asks for another page with
    ``session.page_wanted.emit("data")``. The rail shows its `state`: ``empty`` when its
    station cannot be used yet, ``ready``, ``running``, ``attention`` when the user should look, and
    ``done``. It is what the project tells (`workbench.gui.road`), unless the page itself is
    at something, as `doing` says.

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
        """Return the state for the rail."""
        told = self.session.road.standing.state(self.name)
        return told if told == "empty" else self.doing() or told

    def doing(self) -> State | None:
        """Return the state where the page knows more than the project tells, or None.

        Emit `state_changed` when it may have changed.
        """
        return None

    def missing(self) -> Missing | None:
        """Return what keeps the page from being used, or None."""
        return self.session.road.standing.missing(self.name)

    def progress(self) -> float | None:
        """Return how far a running page has come, 0 to 1, or None where that is not known."""
        return None

    def shown(self) -> None:
        """Take note that the page has become visible; the place for lazy loading."""

    def keep_begun(self) -> None:
        """Keep what is typed and not started, where that is kept at all; called now and then."""

    def show_missing(self, stack: QStackedWidget) -> Missing | None:
        """Show what is missing and a way there, in place of the stack's first widget.

        The button is called ``NAME-missing``.
        """
        missing = self.missing()
        while stack.count() > 1:
            old = stack.widget(1)
            stack.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        if missing is not None:
            empty = EmptyState(missing.icon, missing.title, missing.sentence)
            button = empty.add_action(
                missing.button, lambda: self.session.page_wanted.emit(missing.page)
            )
            button.setObjectName(f"{self.name}-missing")
            stack.addWidget(empty)
        stack.setCurrentIndex(0 if missing is None else 1)
        self.state_changed.emit()
        return missing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown()
