"""Opening projects, from wherever in the window it is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.errors import WorkbenchError
from workbench.gui.projects.new_project_dialog import PLACE, NewProjectDialog
from workbench.gui.session import Session
from workbench.gui.widgets.file_dialogs import choose_folder
from workbench.home import home
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.project import Project

SAMPLE_FOLDER = "GeRA sample"


def is_project(folder: Path) -> bool:
    """Whether a folder holds a project."""
    return (folder / "project.toml").is_file()


def new_project(session: Session, parent: QWidget) -> NewProjectDialog:
    """Ask for a name and a place, and make a project; the window goes on meanwhile."""
    dialog = NewProjectDialog(session, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def open_project(session: Session, parent: QWidget) -> None:
    """Ask for a project folder and open it."""
    folder = choose_folder(parent, "Choose a project folder", PLACE)
    if folder is not None:
        session.open_project(folder)


def open_sample(session: Session, folder: Path | None = None, count: int | None = None) -> None:
    """Open the OpenMoji sample project; the first time it is drawn by a job.

    Parameters
    ----------
    session : Session
    folder : Path, optional
        Where it lies; by default ``GeRA sample`` in the user's home.
    count : int, optional
        Only this many pictures.
    """
    try:
        place = folder or home() / SAMPLE_FOLDER
    except WorkbenchError as error:
        session.noticed.emit("error", str(error))
        return
    if is_project(place):
        session.open_project(place)
        return

    def make(control: Control) -> "Job[Project]":
        from workbench.stations import sample

        return sample(place, count, control=control)

    session.start("Making the sample", make, on_result=lambda made: session.open_project(made.root))
