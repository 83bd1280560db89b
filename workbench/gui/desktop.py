"""What the window asks of the user's desktop."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from workbench.errors import WorkbenchError
from workbench.temporary import TemporaryFolder


def show_in_files(folder: Path) -> None:
    """Open a folder in the system's file browser.

    Raises
    ------
    WorkbenchError
        The system has none.
    """
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        raise WorkbenchError(f"The system has no program that shows folders. This one is {folder}.")


def file_for_others(path: Path) -> Path:
    """Return a file that other programs can open: the path, or a copy of what lies inside one.

    Copies are kept until the window's program ends.

    Raises
    ------
    WorkbenchError
        What is inside cannot be read.
    """
    from workbench.media import copy_out

    return copy_out(path, _copies().path) or path


@cache
def _copies() -> TemporaryFolder:
    return TemporaryFolder()


def open_file(path: Path) -> None:
    """Open a file with the program that the system has for it.

    Raises
    ------
    WorkbenchError
        It has none.
    """
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        kind = f"“{path.suffix}” files" if path.suffix else "such files"
        raise WorkbenchError(
            f"The system has no program that opens {path}. Choose one for {kind} in its settings."
        )
