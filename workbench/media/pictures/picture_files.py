"""Say in words what is wrong with the file of a picture."""

import os
from pathlib import Path

from PIL import UnidentifiedImageError

from workbench.errors import WorkbenchError


def check_picture_file(path: Path) -> None:
    """Raise a sentence where a path cannot be opened at all."""
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise WorkbenchError(
            f"The picture {path} cannot be opened ({reason_of(error)}): check the path."
        ) from error
    if not path.is_file():
        raise WorkbenchError(f"{path} is not a file: name a picture.")
    if size == 0:
        raise WorkbenchError(f"The picture {path} is empty (0 bytes): replace or remove the file.")
    if not os.access(path, os.R_OK):
        raise WorkbenchError(f"The picture {path} cannot be read: check its permissions.")


def reason_of(error: BaseException) -> str:
    """Return the first line of an error, short enough for a sentence."""
    if isinstance(error, UnidentifiedImageError):
        return "it is not a picture in a known format"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return (lines[0][:150] if lines else type(error).__name__).rstrip(".")
