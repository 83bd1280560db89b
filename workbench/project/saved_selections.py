"""Selections of items kept under a name, in a file of the project."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.project.writing import changed_alone, write_text
from workbench.received.small import MissingFileError, read_json

if TYPE_CHECKING:
    from workbench.project.project import Project

Ids = npt.NDArray[np.int64]

_MOST_BYTES = 1 << 28  # ids of ten selections of a million items are 80 MB

SELECTIONS_FILE = "selections.json"


def read_selections(project: "Project") -> dict[str, Ids]:
    """Return the saved selections of a project by name, as they were saved.

    What was read last is kept as long as the file stays as it is: the arrays are read-only.

    Raises
    ------
    WorkbenchError
        The file is damaged or cannot be read.
    """
    path = project.root / SELECTIONS_FILE
    try:
        now = path.stat()
        # each writing makes another file of another number, however short ago the last one was
        return dict(_parsed(path, (now.st_mtime_ns, now.st_size, now.st_ino)))
    except (FileNotFoundError, MissingFileError):
        return {}
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise WorkbenchError(
            f"{path} is damaged, so saved selections cannot be read. Repair it, or delete it."
        ) from None


@lru_cache(maxsize=1)
def _parsed(path: Path, _state: tuple[int, int, int]) -> dict[str, Ids]:
    said = read_json(path, "The file of saved selections", _MOST_BYTES)
    if not isinstance(said, dict):
        raise ValueError("no names with their ids")
    found = {name: np.unique(_ids(listed)) for name, listed in said.items()}
    for ids in found.values():
        ids.setflags(write=False)
    return found


def _ids(listed: object) -> Ids:
    if listed == []:
        return np.zeros(0, np.int64)
    ids = np.array(listed)  # raises ValueError where lists within are of different lengths
    if ids.ndim != 1 or ids.dtype != np.int64:  # also not where a number is too large for it
        raise ValueError("no list of ids")
    return ids


def save_selection(project: "Project", name: str, ids: Ids) -> None:
    """Save item ids under a name; what had the name before is replaced.

    Raises
    ------
    WorkbenchError
        The name is empty, or the file cannot be read or written.
    """
    if not name.strip():
        raise WorkbenchError("A selection needs a name to be saved under.")
    with _alone(project):
        _write(project.root / SELECTIONS_FILE, {**read_selections(project), name.strip(): ids})


def delete_selection(project: "Project", name: str) -> None:
    """Delete a saved selection, if there is one of that name.

    Raises
    ------
    WorkbenchError
        The file cannot be read or written.
    """
    with _alone(project):
        kept = read_selections(project)
        if kept.pop(name, None) is not None:
            _write(project.root / SELECTIONS_FILE, kept)


@contextmanager
def _alone(project: "Project") -> Iterator[None]:
    with changed_alone(project.root / SELECTIONS_FILE):
        # two writings ago a file may have had the number, the length and the time of this one
        _parsed.cache_clear()
        yield


def _write(path: Path, selections: Mapping[str, Ids]) -> None:
    plain = {name: ids.tolist() for name, ids in selections.items()}
    write_text(path, json.dumps(plain, ensure_ascii=False) + "\n")
