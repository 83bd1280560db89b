"""The one door to what lies inside other files: which kinds there are, and the bytes at a place."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media.inside import column_rows, tar_shards
from workbench.media.inside.features import MediaColumn, ending_of, has_media_ending
from workbench.media.rows.columns import Assumed, Columns, Row, SkippedRecord


@dataclass(frozen=True)
class _Kind:
    """How files of a kind are read."""

    columns: Callable[[Path], list[str]]
    media: Callable[[Path], dict[str, MediaColumn]]
    rows: Callable[[Path, Sequence[str] | None], Iterator[Row | SkippedRecord | Assumed]]
    open: Callable[[Path, str], BufferedReader | BytesIO]


_TABLE = _Kind(
    column_rows.column_names, column_rows.column_media, column_rows.column_rows,
    lambda path, place: BytesIO(column_rows.read_cell(path, place)),
)  # fmt: skip
_KINDS = {
    ".parquet": _TABLE,
    ".arrow": _TABLE,
    ".tar": _Kind(
        tar_shards.tar_columns, tar_shards.tar_media, tar_shards.tar_rows, tar_shards.open_member
    ),
}

CONTAINERS = frozenset(_KINDS)
"""Endings of files that may hold pictures and recordings, lower case with the dot."""


def is_container(path: Path) -> bool:
    """Whether a file's ending is one of `CONTAINERS`."""
    return path.suffix.lower() in CONTAINERS


def container_columns(path: Path) -> list[str]:
    """Return the columns of a container; of a shard its key, and its members by what they are.

    Raises
    ------
    WorkbenchError
        The file cannot be read as what it is.
    """
    return _KINDS[path.suffix.lower()].columns(path)


def media_columns(path: Path) -> dict[str, MediaColumn]:
    """Return the columns of a file that hold bytes, and what they are; none of other files.

    Raises
    ------
    WorkbenchError
        The file cannot be read as what it is.
    """
    kind = _KINDS.get(path.suffix.lower())
    return {} if kind is None else kind.media(path)


def container_rows(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[Row | SkippedRecord | Assumed]:
    """Yield the rows of a container; cells of media are `Inside`, and their bytes are not read."""
    return _KINDS[path.suffix.lower()].rows(path, columns)


def row_name(path: Path, number: int, cells: dict[str, str]) -> str:
    """Return what names a row for pairing."""
    return cells.get(tar_shards.KEY, "") if path.suffix.lower() == ".tar" else str(number)


def told_of_columns(path: Path, guess: Columns) -> tuple[Columns, tuple[str, ...]]:
    """Mend a guess by what a container tells of its columns, and say what that assumes."""
    if path.suffix.lower() == ".tar":
        names = tar_shards.tar_columns(path)
        text = "text" if "text" in names else guess.text
        return guess.model_copy(update={"id": tar_shards.KEY, "key": "", "text": text}), ()
    names = column_rows.classes_told(path, guess.label) if guess.label else []
    if not names:
        return guess, ()
    return guess, (
        f"numbers of “{guess.label}” stand for the names of its classes, such as “{names[0][:40]}”",
    )


# --- the bytes at a place -------------------------------------------------------------------------


def split_inside(path: Path) -> tuple[Path, str] | None:
    """Return the file and the place of a path such as ``shard.tar#0001.jpg``; None of any other."""
    text = path.as_posix()
    if "#" not in text or not any(f"{end}#" in text.lower() for end in CONTAINERS):
        return None
    at = text.find("#")
    while at >= 0:
        file = Path(text[:at])
        if is_container(file) and text[at + 1 :] and file.is_file():
            return None if path.is_file() else (file, text[at + 1 :])
        at = text.find("#", at + 1)
    return None


def open_inside(path: Path) -> BufferedReader | BytesIO | None:
    """Open what lies inside another file; None where a path is a file itself.

    Raises
    ------
    WorkbenchError
        The file around cannot be read, or has nothing at that place any more.
    """
    found = split_inside(path)
    if found is None:
        return None
    file, place = found
    return _KINDS[file.suffix.lower()].open(file, place)


def read_inside(path: Path) -> bytes | None:
    """Return the bytes of what lies inside another file; None where a path is a file itself.

    Raises
    ------
    WorkbenchError
        As `open_inside`.
    """
    opened = open_inside(path)
    if opened is None:
        return None
    with opened:
        return opened.read()


def copy_out(path: Path, folder: Path) -> Path | None:
    """Write what lies inside another file to a file of its own, for other programs.

    Parameters
    ----------
    path : Path
    folder : Path
        Where the copy is written, under a name made from its place.

    Returns
    -------
    Path or None
        None where `path` is a file itself.

    Raises
    ------
    WorkbenchError
        As `read_inside`, or the copy cannot be written.
    """
    content = read_inside(path)
    if content is None:
        return None
    file, place = split_inside(path) or (path, "")
    name = re.sub(r"[^\w.-]+", "_", f"{file.stem} {place}").strip("._")[-100:]
    copy = folder / (name if has_media_ending(name) else name + ending_of(content))
    try:
        copy.write_bytes(content)
    except OSError as error:
        raise WorkbenchError(f"{copy} cannot be written ({error.strerror}).") from None
    return copy


def open_media(path: Path) -> BufferedReader | BytesIO:
    """Open a picture or a recording, wherever it lies.

    Raises
    ------
    OSError
        A file of its own cannot be opened.
    WorkbenchError
        As `open_inside`.
    """
    return open_inside(path) or path.open("rb")
