"""What the window changes in the folders of studies, each with a way back."""

from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.gui.studying.studies_state import StudiesState
from workbench.gui.widgets.undo_line import UndoLine

if TYPE_CHECKING:
    from workbench.project import Deleted
    from workbench.stations import StudyShelf


class StudyChanges:
    """Renames, deletes and restores studies of the session's project.

    What cannot be done is said in the notice bar.

    Parameters
    ----------
    state : StudiesState
    undo : UndoLine
        Says what was done, and takes it back.
    """

    def __init__(self, state: StudiesState, undo: UndoLine) -> None:
        self._state, self._undo = state, undo

    @property
    def shelf(self) -> "StudyShelf | None":
        """The studies of the project, if one is open."""
        from workbench.stations import StudyShelf

        project = self._state.session.project
        return None if project is None else StudyShelf(project)

    def rename(self, name: str, wish: str) -> None:
        """Rename a study, and show it."""
        shelf = self.shelf
        if shelf is None:
            return
        try:
            new = shelf.rename(name, wish).name
        except WorkbenchError as error:
            self._complain(error)
            return
        if new != name:
            self._undo.offer(f"“{name}” was renamed to “{new}”.", partial(self.rename, new, name))
        self._show(new)

    def delete(self, name: str, then: str) -> None:
        """Delete a study, and show another one; empty for none."""
        shelf = self.shelf
        if shelf is None:
            return
        try:
            deleted = shelf.delete(name)
        except WorkbenchError as error:
            self._complain(error)
            return
        self._undo.offer(f"“{name}” was deleted.", partial(self.restore, [deleted]))
        self._show(then)

    def restore(self, deleted: "list[Deleted]") -> None:
        """Bring deleted studies back, and show the last of them."""
        shelf = self.shelf
        if shelf is None:
            return
        for each in deleted:
            try:
                study = shelf.restore(each)
            except WorkbenchError as error:
                self._complain(error)
                continue
            if study.name != each.name:
                self._undo.offer(
                    f"The name “{each.name}” is in use, so it was restored as “{study.name}”."
                )
            self._show(study.name)

    def delete_for_good(self, deleted: "list[Deleted]") -> None:
        """Take deleted studies off the disk."""
        shelf = self.shelf
        if shelf is None:
            return
        self._undo.hide()  # it may be about one of them
        for each in deleted:
            try:
                shelf.delete_for_good(each)
            except WorkbenchError as error:
                self._complain(error)

    def _show(self, name: str) -> None:
        self._state.choose(name)
        self._state.refresh()

    def _complain(self, error: WorkbenchError) -> None:
        self._state.session.noticed.emit("error", str(error))
        self._state.refresh()
