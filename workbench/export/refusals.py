"""What cannot be written of a view is told in a sentence, and the rest of the export goes on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkbenchError

_LONGEST = 200  # letters of what a library says


@contextmanager
def as_refusal(folder: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises into a sentence, and leave no half of a folder.

    Libraries fail in as many ways as there are networks.

    Parameters
    ----------
    folder : Path
        What is being written; it is removed where that fails.
    what : str
        The sentence, without its end.

    Raises
    ------
    WorkbenchError
    OSError
        The disk cannot be written, which is the whole export's concern.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        raise _refused(folder, what, error) from error
    except WorkbenchError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise WorkbenchError(f"{str(error).rstrip('.')}.") from error
    except Exception as error:
        raise _refused(folder, what, error) from error


def _refused(folder: Path, what: str, error: Exception) -> WorkbenchError:
    shutil.rmtree(folder, ignore_errors=True)
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return WorkbenchError(f"{what} ({reason[:_LONGEST].rstrip('.')}).")
