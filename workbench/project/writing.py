"""Writing the small files of a project, with a sentence where that fails."""

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.whole_files import write_whole


def write_text(path: Path, text: str) -> None:
    """Replace a file's content in one step, see `workbench.whole_files`.

    Raises
    ------
    WorkbenchError
        The folder cannot be written, or the disk is full.
    """
    try:
        write_whole(path, text.encode())
    except UnicodeEncodeError:
        raise WorkbenchError(
            f"{path} cannot be written: it would contain a name that is not valid UTF-8. Rename it."
        ) from None
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be written: {error.strerror}. "
            "Check the folder’s permissions and the space on the disk."
        ) from None
