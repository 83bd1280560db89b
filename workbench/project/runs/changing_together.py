"""Files of a folder that change together: all of them, or none.

The new files are written into a folder beside it, and one rename of that to ``.NAME.next`` decides.
Before, nothing has changed; after, the change is carried out by whoever uses the folder next,
should the process be killed that began it. An empty file stands for one to delete.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.whole_files import draft_folder

_DECIDED = ".next"


@contextmanager
def changing_together(folder: Path) -> Iterator[Path]:
    """Give a folder for the new files; they take the place of the old ones at the end.

    Nobody else may change the folder meanwhile.

    Raises
    ------
    OSError
        They cannot be written; nothing has changed then, or all will have when it is used next.
    """
    carry_out(folder)  # a change that was cut off
    with draft_folder(_decided(folder)) as draft:
        yield draft
        draft.rename(_decided(folder))
    carry_out(folder)


def is_decided(folder: Path) -> bool:
    """Whether a change was cut off after it was decided."""
    decided = _decided(folder)
    return decided.is_dir() and not decided.is_symlink()


def decided_in(place: Path) -> list[str]:
    """Return the names of the folders in a place of which a change was cut off, quickly.

    Raises
    ------
    OSError
        The place cannot be read.
    """
    left = [name for name in os.listdir(place) if name.endswith(_DECIDED)]  # noqa: PTH208
    return [name[1 : -len(_DECIDED)] for name in left]


def carry_out(folder: Path) -> None:
    """Bring a decided change to its end, if there is one; as often as wanted.

    Raises
    ------
    OSError
    """
    if not is_decided(folder):
        return
    # deleting comes first: what was found out about old files never lies beside new ones
    decided = _decided(folder)
    for new in sorted(decided.iterdir(), key=lambda file: file.stat().st_size > 0):
        if new.stat().st_size:
            new.replace(folder / new.name)
        else:
            (folder / new.name).unlink(missing_ok=True)
            new.unlink()
    decided.rmdir()


def _decided(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_DECIDED}")
