"""Changes of a project's settings that can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from workbench.project import Project

_MOST = 100
_IN_WORDS = {"sources": "folders and files", "pairings": "pairs", "split": "split"}


@dataclass(frozen=True)
class _Change:
    before: Mapping[str, object]
    after: Mapping[str, object]

    def words(self) -> str:
        changed = [name for name in self.before if self.before[name] != self.after[name]]
        known = [_IN_WORDS.get(name, name) for name in changed]
        return known[0] if known else "settings"


class SettingsHistory(QObject):
    """What was changed in the settings of the open project, in order.

    It stores settings and emits `changed`; whoever calls it tells the pages.

    Signals
    -------
    changed
        What can be undone or redone is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._done: list[_Change] = []
        self._undone: list[_Change] = []

    def clear(self) -> None:
        """Forget all: another project is open."""
        self._done, self._undone = [], []
        self.changed.emit()

    def change(self, project: "Project", settings: Mapping[str, object]) -> None:
        """Change settings by name.

        Raises
        ------
        WorkbenchError
            They cannot be saved, or are not valid; nothing is changed then.
        """
        before = {name: getattr(project.settings, name) for name in settings}
        project.change(**settings)
        after = {name: getattr(project.settings, name) for name in settings}
        if after != before:
            self._done = [*self._done, _Change(before, after)][-_MOST:]
            self._undone = []
            self.changed.emit()

    def next_undo(self) -> str:
        """Return what the next undo is of, such as ``split``; empty where there is nothing."""
        return self._done[-1].words() if self._done else ""

    def next_redo(self) -> str:
        """Return what the next redo is of; empty where there is nothing."""
        return self._undone[-1].words() if self._undone else ""

    def undo(self, project: "Project") -> None:
        """Take the last change back; errors as in `change`."""
        project.change(**self._done[-1].before)
        self._undone.append(self._done.pop())
        self.changed.emit()

    def redo(self, project: "Project") -> None:
        """Make the change again that was taken back last; errors as in `change`."""
        project.change(**self._undone[-1].after)
        self._done.append(self._undone.pop())
        self.changed.emit()
