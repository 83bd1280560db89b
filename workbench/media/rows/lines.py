"""Read text files of any size line by line, in whatever encoding they are."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from workbench.errors import WorkbenchError
from workbench.media.texts import MAX_TEXT_BYTES, detect_encoding

_SAMPLE_BYTES = 1 << 18
_SEARCHED_BYTES = 1 << 26  # this far for a first byte that is not ASCII
_LONGEST_LINE = 1 << 26  # characters; what goes on for longer is no text


def check_record_file(path: Path) -> None:
    """Raise a sentence where a path is no file, is empty or may not be read."""
    try:
        if not path.exists():
            raise WorkbenchError(f"The file {path} does not exist: check the path.")
        if not path.is_file():
            raise WorkbenchError(f"{path} is not a regular file: name a table or a text file.")
        with path.open("rb") as file:
            if not file.read(1):
                raise WorkbenchError(f"{path} is empty (0 bytes): fill it or choose another file.")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise _unreadable(path, error) from error


@contextmanager
def open_text(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Open a text file in the encoding that its bytes tell; no byte in it is an error.

    Parameters
    ----------
    path : Path
    newline : str or None
        As for `open`: None makes every line end a newline character, ``""`` leaves them.

    Raises
    ------
    WorkbenchError
        The file cannot be opened, or reading it fails in the block.
    """
    try:
        encoding = detect_encoding(_sample(path))
        with path.open(encoding=encoding, errors="replace", newline=newline) as file:
            yield file
    except OSError as error:
        raise _unreadable(path, error) from error


def bounded_lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file with their ends; of a longer one `MAX_TEXT_BYTES` + 1 characters.

    However long a line is, no more of it is ever held in memory.

    Raises
    ------
    OSError
        A line has no end within 64 million characters, as in a file of holes.
    """
    while line := file.readline(MAX_TEXT_BYTES + 1):
        yield line
        rest, length = line, 0
        while len(rest) > MAX_TEXT_BYTES and rest[-1] not in "\r\n":
            length += len(rest)
            if length > _LONGEST_LINE:
                raise OSError(0, f"a line of more than {_LONGEST_LINE:,} characters is no text")
            rest = file.readline(MAX_TEXT_BYTES + 1)
            if not rest:
                return


def is_too_long(line: str) -> bool:
    """Whether `bounded_lines` may have cut a line."""
    return len(line) > MAX_TEXT_BYTES


def _sample(path: Path) -> bytes:
    """Read what tells the encoding: the first bytes or, after ASCII alone, the first others."""
    with path.open("rb") as file:
        first = sample = file.read(_SAMPLE_BYTES)
        searched = 0
        while sample.isascii() and b"\0" not in sample and searched < _SEARCHED_BYTES:
            searched += len(sample)
            sample = file.read(_SAMPLE_BYTES)
            if not sample:
                return first
        if sample.isascii():
            sample = first
        at_end = not file.read(1)
    return sample if at_end else _whole_characters(sample)


def _whole_characters(sample: bytes) -> bytes:
    """Cut a sample so that it does not end within a character."""
    if b"\0" in sample:
        return sample[: len(sample) // 4 * 4]  # UTF-16 or UTF-32
    end = max(sample.rfind(b"\n"), sample.rfind(b"\r"))
    if end >= 0:
        return sample[: end + 1]
    for cut in range(1, 4):
        with suppress(UnicodeDecodeError):
            sample[:-cut].decode("utf-8")
            return sample[:-cut]
    return sample


def _unreadable(path: Path, error: OSError | ValueError) -> WorkbenchError:
    reason = getattr(error, "strerror", None) or str(error)
    return WorkbenchError(f"{path} cannot be read ({reason}): check the path and its permissions.")
