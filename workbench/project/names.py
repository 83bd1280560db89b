"""Names that are safe for files."""

import hashlib
import re
import unicodedata

from workbench.errors import WorkbenchError

_LONGEST_NAME = 120


def file_name(name: str) -> str:
    """Turn any name, such as an encoder's, into one of ASCII that is safe for a file."""
    return _shortened(re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed")


def spoken_name(name: str, of: str = "a run") -> str:
    """Turn a name that the user gives, in any script, into one that is safe for a file.

    Blanks and signs become hyphens; letters stay as they are, in Unicode's composed form.

    Parameters
    ----------
    name : str
    of : str
        What is named, for the sentence that says it cannot be.

    Raises
    ------
    WorkbenchError
        Nothing is left of it.
    """
    safe = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", name)).strip("-.")
    if not re.search(r"\w", safe):
        raise WorkbenchError(
            f"“{name}” is not a valid name for {of}. Use letters, digits, “-”, “_” and “.”."
        )
    return _shortened(safe)


def map_file(space: str, method: str) -> str:
    """Return the name of the file that keeps the 2-D map of a space."""
    return f"{spoken_name(space)}--{method}.h5"


def _shortened(safe: str) -> str:
    """Return a name, or of one that is too long for a file its beginning and a hash."""
    if len(safe.encode()) <= _LONGEST_NAME:  # such as an encoder in a deep folder
        return safe
    digest = hashlib.blake2b(safe.encode(), digest_size=8).hexdigest()
    return safe.encode()[: _LONGEST_NAME - 17].decode(errors="ignore") + f"-{digest}"
