"""Small files, read whole: settings, recipes, reports, lists of names."""

import codecs
import json
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from workbench import words
from workbench.errors import WorkbenchError

T = TypeVar("T")

MOST_LEVELS = 32
"""Lists and tables in each other; the program's own files have six."""

_SMALL = 8 << 20
_PROBLEMS_SAID = 5
_LONGEST_NAME = 60
_BINARY, _AT_ONCE = getattr(os, "O_BINARY", 0), getattr(os, "O_NONBLOCK", 0)
# TOML's own depth, looked for before it is read: a name of n parts takes tomllib n² steps
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_DEEP_NAME = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{_PART}\.[ \t]*+){{{MOST_LEVELS}}}", re.MULTILINE)


class MissingFileError(WorkbenchError):
    """There is no file of that name."""


def read_bytes(path: Path, what: str, most_bytes: int = _SMALL) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    path : Path
    what : str
        It, in a sentence, such as ``The recipe``.
    most_bytes : int
        A larger file is refused before it is read.

    Raises
    ------
    MissingFileError
    WorkbenchError
        It is no regular file, too large, or cannot be read.
    """
    size = check_regular(path, what)
    if size <= most_bytes:
        try:
            # not waiting: in between, a pipe may have taken its place
            handle = os.open(path, os.O_RDONLY | _BINARY | _AT_ONCE)
            try:
                content = os.read(handle, size + 1)
                while len(content) > size and len(content) <= most_bytes:  # it has grown
                    size = len(content)
                    content += os.read(handle, most_bytes + 1 - size)
            finally:
                os.close(handle)
        except OSError as error:
            raise _unreadable(path, what, error.strerror or str(error)) from None
        if len(content) <= most_bytes:
            return content
    raise _unreadable(
        path, what,
        f"it is larger than {words.size(most_bytes)}, and no file of the workbench’s own",
    )  # fmt: skip


def check_regular(path: Path, what: str) -> int:
    """Refuse what is no regular file: reading from a pipe or a device may never end.

    Returns
    -------
    int
        Its size in bytes.

    Raises
    ------
    MissingFileError
    WorkbenchError
    """
    try:
        facts = os.stat(path)  # noqa: PTH116 - of hundreds of files, again and again
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{what} {path} cannot be read: it does not exist.") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in its name
        raise _unreadable(path, what, getattr(error, "strerror", None) or str(error)) from None
    if not stat.S_ISREG(facts.st_mode):
        raise _unreadable(path, what, "it is not a regular file")
    return facts.st_size


def read_text(path: Path, what: str, most_bytes: int = _SMALL) -> str:
    """Return the content of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    MissingFileError
    WorkbenchError
        As `read_bytes`, or it is not UTF-8.
    """
    try:
        return read_bytes(path, what, most_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _damaged(path, what, f"byte {error.start + 1:,} is not UTF-8") from None


def read_json(path: Path, what: str, most_bytes: int = _SMALL) -> Any:
    """Return what a JSON file says.

    Raises
    ------
    MissingFileError
    WorkbenchError
        As `read_text`, or it is no JSON, or has more than `MOST_LEVELS` levels.
    """
    try:
        return parse_json(read_text(path, what, most_bytes))
    except ValueError as error:
        raise _damaged(path, what, str(error)) from None


def read_checked(kind: TypeAdapter[T], path: Path, what: str, most_bytes: int = _SMALL) -> T:
    """Return what a JSON file says, where that is as a type of pydantic has it.

    The library itself reads no more than two hundred levels.

    Raises
    ------
    MissingFileError
    WorkbenchError
        As `read_json`, or a value is not as the type has it.
    """
    try:
        content = read_bytes(path, what, most_bytes)
        return kind.validate_json(content.removeprefix(codecs.BOM_UTF8))
    except ValidationError as error:
        raise _damaged(path, what, in_words(error)) from None


def read_toml(path: Path, what: str, most_bytes: int = _SMALL) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    MissingFileError
    WorkbenchError
        As `read_text`, or it is no TOML, or has more than `MOST_LEVELS` levels.
    """
    text = read_text(path, what, most_bytes)
    try:
        if _DEEP_NAME.search(text):
            raise ValueError(_TOO_DEEP)
        found = tomllib.loads(text)
    except RecursionError:
        raise _damaged(path, what, _TOO_DEEP) from None
    except ValueError as error:
        raise _damaged(path, what, str(error)) from None
    if _levels_beyond(found):
        raise _damaged(path, what, _TOO_DEEP)
    return found


def parse_json(text: str | bytes) -> Any:
    """Return what JSON within another file says, such as the card of a cache.

    Raises
    ------
    ValueError
        It is no JSON, or has more than `MOST_LEVELS` levels.
    """
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if _levels_beyond(found):
        raise ValueError(_TOO_DEEP)
    return found


def in_words(error: ValidationError) -> str:
    """Say what pydantic found wrong, one clause a field, of many the first."""
    clauses = []
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    for problem in problems[:_PROBLEMS_SAID]:
        where = ".".join(str(part)[:_LONGEST_NAME] for part in problem["loc"])
        what = problem["msg"].removeprefix("Value error, ")
        clauses.append(f"{where}: {what}" if where else what)
    if len(problems) > _PROBLEMS_SAID:
        clauses.append(f"and {len(problems) - _PROBLEMS_SAID:,} more")
    return "; ".join(clauses) + "."


_TOO_DEEP = f"its lists and tables lie more than {MOST_LEVELS} deep in each other"


def _levels_beyond(found: Any) -> bool:
    """Whether there are more levels than there may be."""
    level = [found]
    for _ in range(MOST_LEVELS + 1):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += [one for one in each.values() if isinstance(one, dict | list)]
            elif isinstance(each, list):
                inner += [one for one in each if isinstance(one, dict | list)]
        if not inner:
            return False
        level = inner
    return True


def _unreadable(path: Path, what: str, why: str) -> WorkbenchError:
    return WorkbenchError(f"{what} {path} cannot be read: {why.rstrip('.')}.")


def _damaged(path: Path, what: str, why: str) -> WorkbenchError:
    return WorkbenchError(
        f"{what} {path} is damaged and cannot be read: {why.rstrip('.')}. Repair it, or move it "
        "away."
    )
