"""Whether a file on two machines is the same one, as far as its size and time of change tell."""

from collections.abc import Callable
from pathlib import Path

FileFacts = dict[str, tuple[int, int]]
"""Size and time of change in nanoseconds, by path."""


def different_files(files: FileFacts) -> list[str]:
    """Return which of these files are not the same on this machine."""
    here = facts_of_files(list(files))()
    return [path for path, facts in files.items() if here[path] != facts]


def facts_of_files(paths: list[str]) -> Callable[[], dict[str, tuple[int, int] | None]]:
    """Return a function for a node, which need not have the workbench."""

    def look() -> dict[str, tuple[int, int] | None]:
        found: dict[str, tuple[int, int] | None] = {}
        for path in paths:
            try:
                facts = Path(path).stat()
                found[path] = facts.st_size, facts.st_mtime_ns
            except OSError:
                found[path] = None
        return found

    return look
