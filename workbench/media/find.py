"""Find the files of a modality below a folder, in one fixed order, whatever lies there."""

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.media.modality import SUFFIXES, Modality


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that can be tried.

    Attributes
    ----------
    path : Path
        Absolute.
    relative : str
        Path below the root with forward slashes, on every system.
    size : int
        Bytes; never 0.
    modified_ns : int
        Time of the last change, nanoseconds since 1970.
    """

    path: Path
    relative: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file or folder that was left out, and why.

    Attributes
    ----------
    path_text : str
        Its path, always valid as UTF-8 (bytes that are not are written as escapes).
    reason : str
        Half a sentence, such as ``"is empty (0 bytes)"``.
    """

    path_text: str
    reason: str


def find_files(
    root: Path, modality: Modality, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Iterator[FoundFile | SkippedFile]:
    """Walk a folder and yield its files of one modality.

    The order is that of the sorted relative paths; folders that are reached only through a
    symbolic link come after the rest. No folder is visited twice, so links cannot loop. Hidden
    files and folders (names that start with a dot) are left out without a word.

    Parameters
    ----------
    root : Path
        The folder.
    modality : {"image", "text", "speech"}
        Decides by file name ending, see `SUFFIXES`.
    include, exclude : sequence of str
        Patterns with ``*``, ``?`` and ``[…]`` on the relative path, or on the file name alone where
        the pattern has no slash. ``*`` crosses slashes, ``folder/`` means all below it. With
        `include` a file must match one; `exclude` wins.

    Raises
    ------
    WorkbenchError
        At the call, not at the first item: the root is missing, no folder, or cannot be read.
    """
    root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would follow the user's links
    if not _is_utf8(str(root)):
        raise WorkbenchError(
            f"The name of the folder {_printable(str(root))} is not valid UTF-8: rename the folder."
        )
    if not root.exists():
        raise WorkbenchError(f"The folder {root} does not exist: check the path.")
    if not root.is_dir():
        raise WorkbenchError(f"{root} is not a folder: name the folder that holds the files.")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise WorkbenchError(
            f"The folder {root} cannot be read ({error.strerror}): check its permissions."
        ) from error
    return _walk(root, SUFFIXES[modality], _chooser(include, exclude))


def _chooser(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return the test whether a relative path is wanted."""
    wanted, unwanted = _matcher(include), _matcher(exclude)

    def chosen(relative: str) -> bool:
        return (not include or wanted(relative)) and not unwanted(relative)

    return chosen


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return the test whether a relative path matches any pattern."""
    on_path: list[re.Pattern[str]] = []
    on_name: list[re.Pattern[str]] = []
    for pattern in patterns:
        pattern = pattern.removeprefix("./")
        if pattern.endswith("/"):
            pattern += "*"
        where = on_path if "/" in pattern else on_name
        where.append(re.compile(fnmatch.translate(pattern)))
        if pattern.startswith("**/"):  # also at the top, as in a shell
            on_path.append(re.compile(fnmatch.translate(pattern[3:])))

    def matches(relative: str) -> bool:
        name = relative.rpartition("/")[2]
        return any(p.match(relative) for p in on_path) or any(p.match(name) for p in on_name)

    return matches


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name in a folder; `order` sorts so that whole relative paths come out sorted."""

    order: str
    path: str
    relative: str
    is_folder: bool
    is_link: bool
    problem: str = ""


def _walk(
    root: Path, suffixes: frozenset[str], chosen: Callable[[str], bool]
) -> Iterator[FoundFile | SkippedFile]:
    """Depth first over real folders, then over those that only a link reaches."""
    seen: set[tuple[int, int]] = set()
    linked = [_Entry("", str(root), "", is_folder=True, is_link=False)]
    while linked:
        linked.sort(key=lambda entry: entry.relative, reverse=True)
        stack, later = [linked.pop()], linked
        while stack:
            entry = stack.pop()
            if not entry.is_folder:
                found = _look_at(entry, suffixes, chosen)
                if found is not None:
                    yield found
                continue
            try:
                identity = os.stat(entry.path)  # noqa: PTH116 - a Path an entry costs time
                if (identity.st_dev, identity.st_ino) in seen:
                    continue
                seen.add((identity.st_dev, identity.st_ino))
                entries = _entries(entry)
            except OSError as error:
                yield SkippedFile(entry.path, f"is a folder that cannot be read ({_why(error)})")
                continue
            later.extend(e for e in entries if e.is_folder and e.is_link)
            stack.extend(e for e in reversed(entries) if not (e.is_folder and e.is_link))


def _entries(folder: _Entry) -> list[_Entry]:
    """List a folder, sorted, without hidden names."""
    entries = []
    with os.scandir(folder.path) as listing:
        for item in listing:
            if item.name.startswith("."):
                continue
            problem = ""
            try:
                is_folder, is_link = item.is_dir(), item.is_symlink()
            except OSError as error:
                is_folder, is_link, problem = False, True, f"cannot be read ({_why(error)})"
            if not _is_utf8(item.name):
                problem = "has a name that is not valid UTF-8: rename it"
            relative = f"{folder.relative}/{item.name}" if folder.relative else item.name
            order = item.name + "/" if is_folder else item.name
            # a folder with a problem is reported like a file, and not entered
            enter = is_folder and not problem
            entries.append(_Entry(order, item.path, relative, enter, is_link, problem))
    entries.sort(key=lambda entry: entry.order)
    return entries


def _look_at(
    entry: _Entry, suffixes: frozenset[str], chosen: Callable[[str], bool]
) -> FoundFile | SkippedFile | None:
    """Turn an entry that is not entered into a finding, or None where it is of no concern."""
    is_unnameable_folder = entry.order.endswith("/")
    name = entry.order
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if not is_unnameable_folder and (suffix not in suffixes or not chosen(entry.relative)):
        return None
    if entry.problem:
        return SkippedFile(_printable(entry.path), entry.problem)
    try:
        status = os.stat(entry.path)  # noqa: PTH116
    except FileNotFoundError:
        reason = "is a link to nothing" if entry.is_link else "vanished while the folder was read"
        return SkippedFile(entry.path, reason)
    except OSError as error:
        return SkippedFile(entry.path, f"cannot be read ({_why(error)})")
    if not stat.S_ISREG(status.st_mode):
        return SkippedFile(entry.path, "is not a regular file")
    if status.st_size == 0:
        return SkippedFile(entry.path, "is empty (0 bytes)")
    return FoundFile(Path(entry.path), entry.relative, status.st_size, status.st_mtime_ns)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
