"""What the window changes in the folders of studies, each with a way back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.gui.state.shelf_changes import ShelfChanges
from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.widgets.undo_line import UndoLine

if TYPE_CHECKING:
    from workbench.stations import StudyShelf


class StudyChanges(ShelfChanges):
    """Renames, deletes and restores studies of the session's project, and shows them."""

    def __init__(self, state: StudiesState, undo: UndoLine) -> None:
        super().__init__(state.session, undo, "studies")
        self._state = state

    @property
    def shelf(self) -> "StudyShelf | None":
        """The studies of the project, if one is open."""
        from workbench.stations import StudyShelf

        project = self._session.project
        return None if project is None else StudyShelf(project)

    def _renamed(self, name: str, new: str) -> None:
        self._show(new)

    def _gone(self, names: Sequence[str], then: str | None) -> None:
        self._show(then or "")

    def _back(self, names: Sequence[str]) -> None:
        self._show(names[-1])

    def _listed_again(self) -> None:
        self._state.refresh()

    def _show(self, name: str) -> None:
        self._state.choose(name)
        self._state.refresh()
