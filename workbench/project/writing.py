"""Writing the small files of a project, with a sentence where that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import WorkbenchError
from workbench.whole_files import write_whole

_PATIENCE = 30.0  # seconds for others to change it, each of whom takes milliseconds


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
        raise _not_written(path, error) from None


@contextmanager
def changed_alone(path: Path) -> Iterator[None]:
    """Let nobody else change a file from when it is read until it is written again.

    The lock is the system's: it ends with the process that holds it, however that ends.

    Raises
    ------
    WorkbenchError
        The folder cannot be written, or somebody does not let go of the file.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)
    try:
        held = lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise WorkbenchError(
            f"{path} is being changed by another process, which does not end. Stop it, and try "
            "again."
        ) from None
    except OSError as error:
        raise _not_written(path, error) from None
    with held:
        yield


def _not_written(path: Path, error: OSError) -> WorkbenchError:
    return WorkbenchError(
        f"{path} cannot be written: {error.strerror}. "
        "Check the folder’s permissions and the space on the disk."
    )
