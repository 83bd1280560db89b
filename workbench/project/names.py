"""Names that are safe for files."""

import hashlib
import re

_LONGEST_NAME = 120


def file_name(name: str) -> str:
    """Turn any name, such as an encoder's, into one that is safe for a file."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"
    if len(safe) > _LONGEST_NAME:  # such as an encoder in a deep folder
        digest = hashlib.blake2b(safe.encode(), digest_size=8).hexdigest()
        safe = f"{safe[: _LONGEST_NAME - 17]}-{digest}"
    return safe


def map_file(space: str, method: str) -> str:
    """Return the name of the file that keeps the 2-D map of a space."""
    return f"{file_name(space)}--{method}.h5"
