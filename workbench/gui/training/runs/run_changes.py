"""What the window changes in the folders of runs, each with a way back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.shelf_changes import ShelfChanges
from workbench.gui.widgets.undo_line import UndoLine

if TYPE_CHECKING:
    from workbench.project import RunShelf


class RunChanges(ShelfChanges):
    """Renames, notes, deletes and restores runs of the session's project; pages are told of it."""

    def __init__(self, session: Session, undo: UndoLine) -> None:
        super().__init__(session, undo, "runs")

    @property
    def shelf(self) -> "RunShelf | None":
        """The runs of the project, if one is open."""
        project = self._session.project
        return project.shelf if project is not None else None

    def note(self, name: str, text: str) -> None:
        """Write the note of a run."""
        if self.shelf is None:
            return
        try:
            self.shelf.note(name, text)
        except WorkbenchError as error:
            self._complain(error)
        self._session.runs_changed.emit()

    def _renamed(self, name: str, new: str) -> None:
        current = self._session.current_run
        self._session.set_current_run(new if current == name else current)

    def _gone(self, names: Sequence[str], then: str | None) -> None:
        current = self._session.current_run
        self._session.set_current_run(then if current in names else current)

    def _back(self, names: Sequence[str]) -> None:
        self._session.set_current_run(names[0])

    def _listed_again(self) -> None:
        self._session.runs_changed.emit()
