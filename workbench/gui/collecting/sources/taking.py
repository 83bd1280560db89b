"""Changing a project's settings from the page."""

from workbench.errors import WorkbenchError
from workbench.gui.session import Session


def take(session: Session, **settings: object) -> bool:
    """Change settings of the open project, and save them; a failure goes to the notice bar.

    Returns
    -------
    bool
        Whether they are changed now.
    """
    if session.project is None:
        return False
    try:
        session.project.change(**settings)
    except WorkbenchError as error:
        session.noticed.emit("error", str(error))
        return False
    session.road.forget()
    return True
