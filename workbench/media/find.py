"""Find the files of a modality below a folder, in one fixed order, whatever lies there."""

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from workbench.errors import WorkbenchError
from workbench.media.inside import CONTAINERS
from workbench.media.modality import SUFFIXES, Modality

_UNNAMEABLE = "has a name that is not valid UTF-8: rename it"


class FoundFile(NamedTuple):
    """A file that can be tried.

    Attributes
    ----------
    path_text : str
        Absolute path.
    relative : str
        Path below the root with forward slashes, on every system.
    size : int
        Bytes; never 0.
    modified_ns : int
        Time of the last change, nanoseconds since 1970.
    """

    path_text: str
    relative: str
    size: int
    modified_ns: int

    @property
    def path(self) -> Path:
        """The absolute path; made when asked for, as a million paths take seconds."""
        return Path(self.path_text)


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
    root: Path,
    modality: Modality,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    other: Callable[[str], object] = lambda _ending: None,
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
    other : callable, optional
        Called with the ending, in lower case with its dot, of each file of another kind that the
        patterns want; ``""`` where it has none.

    Raises
    ------
    WorkbenchError
        At the call, not at the first item: the root is missing, no folder, or cannot be read.
    """
    return _walk(root, SUFFIXES[modality], _chooser(include, exclude), other)


def find_containers(
    root: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Iterator[FoundFile | SkippedFile]:
    """Walk a folder and yield the files that may hold pictures and recordings, see `find_files`."""
    return _walk(root, CONTAINERS, _chooser(include, exclude), lambda _ending: None)


def _walk(
    root: Path, suffixes: frozenset[str], chosen: Callable[[str], bool],
    other: Callable[[str], object],
) -> Iterator[FoundFile | SkippedFile]:  # fmt: skip
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
    return _Walk(suffixes, chosen, other).findings(root)


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


class _Folder(NamedTuple):
    """A folder to be entered."""

    relative: str
    path: str


_Finding = FoundFile | SkippedFile


class _Walk:
    """One walk: what is looked for, and the folders seen so far."""

    def __init__(
        self,
        suffixes: frozenset[str],
        chosen: Callable[[str], bool],
        other: Callable[[str], object],
    ) -> None:
        self.suffixes = suffixes
        self.chosen = chosen
        self.other = other
        self.seen: set[tuple[int, int]] = set()
        self.linked: list[_Folder] = []

    def findings(self, root: Path) -> Iterator[_Finding]:
        """Depth first over real folders, then over those that only a link reaches."""
        self.linked = [_Folder("", str(root))]
        while self.linked:
            self.linked.sort(reverse=True)
            stack = [self._inside(self.linked.pop())]
            while stack:
                for entry in stack[-1]:
                    if isinstance(entry, _Folder):
                        stack.append(self._inside(entry))
                        break
                    yield entry
                else:
                    stack.pop()

    def _inside(self, folder: _Folder) -> Iterator[_Finding | _Folder]:
        """Yield what is in a folder, in the order of whole relative paths."""
        try:
            status = os.stat(folder.path)  # noqa: PTH116 - a Path an entry costs time
            if (status.st_dev, status.st_ino) in self.seen:
                return
            self.seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder.path) as listing:
                names = [(_order(item), item) for item in listing if not item.name.startswith(".")]
        except OSError as error:
            yield SkippedFile(folder.path, f"is a folder that cannot be read ({_why(error)})")
            return
        names.sort(key=itemgetter(0))
        above = f"{folder.relative}/" if folder.relative else ""
        for order, item in names:
            if order.endswith("/"):
                if not _is_utf8(item.name):
                    yield SkippedFile(_printable(item.path), _UNNAMEABLE)
                elif item.is_symlink():
                    self.linked.append(_Folder(above + item.name, item.path))
                else:
                    yield _Folder(above + item.name, item.path)
            elif not self.chosen(above + order):
                continue
            # of a name without a dot this is its last letter
            elif (ending := order[order.rfind(".") :].lower()) in self.suffixes:
                yield _look_at(item, above + order)
            else:
                self.other(ending if ending[0] == "." else "")


def _order(item: "os.DirEntry[str]") -> str:
    """Return what a name is sorted by; that of a folder ends in a slash."""
    try:
        return item.name + "/" if item.is_dir() else item.name
    except OSError:  # such as a link to itself; told when it is looked at
        return item.name


def _look_at(item: "os.DirEntry[str]", relative: str) -> _Finding:
    """Turn an entry that is no folder into a finding."""
    if not _is_utf8(item.name):
        return SkippedFile(_printable(item.path), _UNNAMEABLE)
    try:
        status = item.stat()
    except FileNotFoundError:
        reason = "is a broken link" if item.is_symlink() else "disappeared during the scan"
        return SkippedFile(item.path, reason)
    except OSError as error:
        return SkippedFile(item.path, f"cannot be read ({_why(error)})")
    if not stat.S_ISREG(status.st_mode):
        return SkippedFile(item.path, "is not a regular file")
    if status.st_size == 0:
        return SkippedFile(item.path, "is empty (0 bytes)")
    return FoundFile(item.path, relative, status.st_size, status.st_mtime_ns)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
