"""Changing a project's settings from the page, and taking that back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.project import Project


def take(session: Session, **settings: object) -> bool:
    """Change settings of the open project, and save them; a failure goes to the notice bar.

    Returns
    -------
    bool
        Whether they are changed now.
    """
    done = _try(session, lambda project: session.settings_history.change(project, settings))
    if done:
        session.road.forget()
    return done


def take_back(session: Session) -> None:
    """Undo the last change, and show the settings as they were."""
    if session.settings_history.next_undo():
        _show_after(session, session.settings_history.undo)


def take_again(session: Session) -> None:
    """Redo what was undone last, and show the settings as they are then."""
    if session.settings_history.next_redo():
        _show_after(session, session.settings_history.redo)


def _show_after(session: Session, change: "Callable[[Project], None]") -> None:
    before = session.project.settings if session.project is not None else None
    if _try(session, change):
        session.settings_changed.emit(before)


def _try(session: Session, change: "Callable[[Project], None]") -> bool:
    if session.project is None:
        return False
    try:
        change(session.project)
    except WorkbenchError as error:
        session.noticed.emit("error", str(error))
        return False
    return True
