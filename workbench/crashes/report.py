"""The text of a report, and the file it is kept in."""

import os
import platform
import re
import traceback
from collections import deque
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench import __version__
from workbench.children import is_built
from workbench.errors import WorkbenchError
from workbench.home import home, settings_folder
from workbench.whole_files import whole_file

_LIBRARIES = (
    "PySide6-Essentials", "torch", "torchvision", "transformers", "sentence-transformers",
    "open-clip-torch", "timm", "numpy", "scipy", "scikit-learn", "faiss-cpu", "umap-learn", "h5py",
    "pyarrow", "pydantic",
)  # fmt: skip
_MOST_EVENTS = 40
_MOST_REPORTS = 20
_NAME = "report-{:%Y%m%d-%H%M%S-%f}.txt"  # to the microsecond: no two have one

_events: deque[str] = deque(maxlen=_MOST_EVENTS)
_followers: list[Callable[[str], None]] = []


def reports_folder() -> Path | None:
    """Return where reports are kept; None without a home."""
    folder = settings_folder()
    return None if folder is None else folder / "reports"


def remember(event: str) -> None:
    """Keep a line on what the program does, for a report to tell the last ones.

    Parameters
    ----------
    event : str
        What began or ended; not what is in the user's files.
    """
    line = f"{datetime.now():%H:%M:%S} {' '.join(event.split())}"
    _events.append(line)
    for write in _followers:
        write(line)


def follow_events(write: Callable[[str], None]) -> Callable[[], None]:
    """Have every later event written elsewhere too, at once; return what ends that."""
    _followers.append(write)
    return lambda: _followers.remove(write)


def report_of(error: BaseException) -> str:
    """Return the report of an error that nobody expected."""
    trace = "".join(traceback.format_exception(error))
    return report_with(f"{type(error).__name__}: {error}", trace)


def report_with(what: str, details: str) -> str:
    """Return a report of something that went wrong.

    Parameters
    ----------
    what : str
        In a line.
    details : str
        Where in the program, such as a traceback.
    """
    events = "\n".join(_events) or "nothing"
    what = " ".join(what.split())[:400]
    return shortened(f"{head()}What: {what}\n\nBefore it:\n{events}\n\n{details.rstrip()}\n")


def head(said: str = "report of") -> str:
    """Return the first lines of every report: the program, the system and the libraries.

    Parameters
    ----------
    said : str
        Before the time.
    """
    form = "built program" if is_built() else "installed in Python"
    libraries = ", ".join(f"{name} {_version_of(name)}" for name in _LIBRARIES)
    return (
        f"GeRA Workbench {__version__} ({form}), {said} {_now():%Y-%m-%d %H:%M:%S %z}\n"
        f"System: {platform.platform()}, {os.cpu_count()} processors\n"
        f"Python: {platform.python_version()}\n"
        f"Libraries: {libraries}\n"
    )


def shortened(text: str) -> str:
    """Return a text with ``~`` in place of the user's home, which has their name in it."""
    try:
        place = home()
    except WorkbenchError:
        return text
    for each in {str(place), os.path.realpath(place)}:
        if len(Path(each).parts) > 1:  # the root of a disk is nobody's name
            text = re.sub(re.escape(each) + r"(?![\w.-])", "~", text)
    return text


def write_report(text: str) -> Path:
    """Keep a report in a file of its own; the oldest ones make room for it.

    Returns
    -------
    Path

    Raises
    ------
    OSError
        It cannot be written.
    WorkbenchError
        There is no home to keep it in.
    """
    folder = reports_folder()
    if folder is None:
        home()  # says why
        raise WorkbenchError("There is no folder to keep a report in.")
    folder.mkdir(parents=True, exist_ok=True)
    path = new_report_path(folder)
    with whole_file(path, replace=False) as file:
        file.write(text.encode("utf-8", "replace"))
    drop_old_reports(folder)
    return path


def new_report_path(folder: Path) -> Path:
    """Return a name for a report; by name, they are in the order of time."""
    return folder / _NAME.format(_now())


def drop_old_reports(folder: Path) -> None:
    """Keep the newest reports only."""
    reports = sorted(folder.glob("report-*.txt"), key=lambda path: path.name)
    for each in reports[:-_MOST_REPORTS]:
        each.unlink(missing_ok=True)


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not found"


def _now() -> datetime:
    return datetime.now().astimezone()
