"""An exported folder comes into the open project as a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from workbench.gui.session import Session
from workbench.gui.widgets.file_dialogs import choose_folder
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.project import Run


def import_run(session: Session, parent: QWidget) -> None:
    """Ask for an exported folder, and make a run of its heads by a job."""
    project = session.project
    folder = choose_folder(parent, "Choose an exported folder", "export")
    if project is None or folder is None:
        return
    chosen: Path = folder

    def make(_: Control) -> "Job[Run]":
        from workbench.stations import import_bundle

        return import_bundle(project, chosen)

    def show(run: "Run") -> None:
        if session.project is project:
            session.set_current_run(run.name)
            session.page_wanted.emit("train")

    session.start(f"Importing {chosen.name}", make, on_result=show)
