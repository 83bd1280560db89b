"""What a running window writes as it goes, so that something is left when it ends at once.

A box is two files: a text, in which the interpreter itself writes when a library crashes, and the
state, what the user had open and begun. A window that is closed takes both with it. A box whose
window is gone was left behind: its text becomes a report if there is an error in it, and whatever
it was that ended the window, the state comes back.

The text is held open, and locked, as long as its window lives.
"""

import faulthandler
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.crashes.report import (
    drop_old_reports,
    follow_events,
    head,
    new_report_path,
    shortened,
)
from workbench.whole_files import hold, open_own, write_whole

_MOST_ERRORS = 20  # of one window; a paint that fails does so many times a second
_NAME = re.compile(r"running-[0-9a-f]{16}\.txt")
_ERROR = re.compile(
    r"^(Traceback \(most recent call last\)|Fatal Python error|Windows fatal exception)", re.M
)


@dataclass(frozen=True)
class LeftBehind:
    """What a window left that was not closed.

    Attributes
    ----------
    when : datetime
        It was last seen alive, or wrote of its end.
    report : Path or None
        None where it was ended from outside.
    state : bytes
        As `BlackBox.keep_state` had it; empty where there is none.
    """

    when: datetime
    report: Path | None
    state: bytes = b""


class BlackBox:
    """The box of this window; what is remembered is written into it at once, see `remember`.

    Parameters
    ----------
    folder : Path
        Of reports; made where it is not there.

    Raises
    ------
    OSError
        It cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._errors: set[str] = set()
        while True:
            self._text = folder / f"running-{secrets.token_hex(8)}.txt"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = open_own(self._text, flags)
            if hold(self._file):
                break
            os.close(self._file)
        self._state = self._text.with_suffix(".json")
        try:
            os.write(self._file, f"{shortened(head('window of'))}\n".encode())
        except OSError:
            self._drop()
            raise
        faulthandler.enable(self._file)
        self._unfollow = follow_events(self._write)

    def add_error(self, report: str) -> None:
        """Write a report into the box: each error once, and not without end."""
        if report not in self._errors and len(self._errors) < _MOST_ERRORS:
            self._errors.add(report)
            self._write("\n" + report)

    def keep_state(self, state: bytes) -> None:
        """Put another state in the place of the one before.

        Raises
        ------
        OSError
            It cannot be written; the one before is still there.
        """
        write_whole(self._state, state)

    def close(self) -> None:
        """Take the box away: the window is closed. What went wrong in it is kept as a report."""
        faulthandler.disable()
        self._unfollow()
        self._state.unlink(missing_ok=True)
        if self._errors:
            os.close(self._file)
            _become_report(self._text)
        else:
            self._drop()

    def _drop(self) -> None:
        os.close(self._file)
        self._text.unlink(missing_ok=True)

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a full disk: what can be shown is shown all the same
            os.write(self._file, f"{shortened(text)}\n".encode("utf-8", "replace"))


def take_left_behind(folder: Path) -> LeftBehind | None:
    """Take away the boxes of windows that are gone, and return what the last of them left.

    Parameters
    ----------
    folder : Path
        Of reports.
    """
    found = []
    with suppress(OSError):
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    left = [each for each in map(_taken, found) if each is not None]
    return max(left, key=lambda each: each.when, default=None)


def _taken(text: Path) -> LeftBehind | None:
    """Take a box away; None where its window lives, or somebody else takes it just now."""
    state = text.with_suffix(".json")
    try:
        handle = open_own(text, os.O_RDONLY)
        with os.fdopen(handle, "rb") as file:
            if not hold(handle):
                return None
            said = file.read().decode("utf-8", "replace")
        there = [each for each in (text, state) if each.is_file() and not each.is_symlink()]
        newest = max(each.stat().st_mtime for each in there)
        kept = state.read_bytes() if state in there else b""
        report = None
        if _ERROR.search(said):
            report = _become_report(text)
        else:
            text.unlink()
        state.unlink(missing_ok=True)
    except (OSError, ValueError):  # on Windows, a window that lives
        return None
    return LeftBehind(datetime.fromtimestamp(newest).astimezone(), report, kept)


def _become_report(text: Path) -> Path:
    report = new_report_path(text.parent)
    text.rename(report)
    drop_old_reports(text.parent)
    return report
