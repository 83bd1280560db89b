"""When to look whether something in folders was made, changed or deleted elsewhere."""

import os
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

_MILLISECONDS_OF_A_BURST = 150  # such as of a run that is made: many files are looked at once
_MILLISECONDS_WATCHED = 30_000  # a folder on a network is watched, but not told of
_MILLISECONDS_UNWATCHED = 2_000
_MOST_WATCHED = 500  # folders; the system has only so many watches for all programs
_LESS_OFTEN = 100  # looking takes at most one part in so many of the time


class FolderWatch(QObject):
    """Watches a folder, such as that of the runs, and folders in it, such as that of each run.

    The system tells of changes. Where it does not, because a folder is not there, lies on a network
    or is one too many, it is time to look every now and then all the same.

    Signals
    -------
    due
        It is time to look; then call `follow`, look, and say with `looked` how long that took.
    """

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._hear)
        self._soon = QTimer(self, interval=_MILLISECONDS_OF_A_BURST, singleShot=True)
        self._soon.timeout.connect(self.due)
        self._regularly = QTimer(self, interval=_MILLISECONDS_UNWATCHED)
        self._regularly.timeout.connect(self.due)
        self._complete = False

    @property
    def complete(self) -> bool:
        """Whether all folders are watched."""
        return self._complete

    def follow(self, folder: Path | None, names: list[str]) -> None:
        """Watch the folders that there are now.

        Parameters
        ----------
        folder : Path or None
            Until it is there, the one it will be in is watched. None ends the watch.
        names : list of str
            Of the folders in it.
        """
        before = set(self._watcher.directories())
        wanted = self._wanted(folder, names[:_MOST_WATCHED])
        if gone := sorted(before - wanted):
            self._watcher.removePaths(gone)
        new = sorted(wanted - before)
        failed = self._watcher.addPaths(new) if new else []
        self._complete = bool(wanted) and not failed and len(names) <= _MOST_WATCHED
        if folder is None:
            self._soon.stop()
            self._regularly.stop()
            return
        self._look_every(_MILLISECONDS_WATCHED if self._complete else _MILLISECONDS_UNWATCHED)
        if not self._regularly.isActive():
            self._regularly.start()

    @staticmethod
    def _wanted(folder: Path | None, names: list[str]) -> set[str]:
        if folder is None:
            return set()
        if not folder.is_dir():
            return {str(folder.parent)} if folder.parent.is_dir() else set()
        return {str(folder), *(f"{folder}{os.sep}{name}" for name in names)}

    def looked(self, milliseconds: float) -> None:
        """Take note how long a look took: the next one waits in proportion."""
        rest = round(_LESS_OFTEN * milliseconds)
        self._soon.setInterval(max(_MILLISECONDS_OF_A_BURST, rest))
        self._look_every(max(self._regularly.interval(), rest))

    def _look_every(self, milliseconds: int) -> None:
        if milliseconds != self._regularly.interval():  # it would begin to count anew
            self._regularly.setInterval(milliseconds)

    def _hear(self, _path: str) -> None:
        self.look_soon()

    def look_soon(self) -> None:
        """Let a look be due in a moment, as after a change that the system has told of."""
        if not self._soon.isActive():
            self._soon.start()
