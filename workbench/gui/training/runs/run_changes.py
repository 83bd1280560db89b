"""What the window changes in the folders of runs, each with a way back."""

from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.widgets.undo_line import UndoLine
from workbench.gui.words import several

if TYPE_CHECKING:
    from workbench.project import Deleted, RunShelf


class RunChanges:
    """Renames, notes, deletes and restores runs of the session's project.

    What cannot be done is said in the notice bar; the pages are told of what was done.

    Parameters
    ----------
    session : Session
    undo : UndoLine
        Says what was done, and takes it back.
    """

    def __init__(self, session: Session, undo: UndoLine) -> None:
        self._session, self._undo = session, undo

    @property
    def shelf(self) -> "RunShelf | None":
        """The runs of the project, if one is open."""
        project = self._session.project
        return project.shelf if project is not None else None

    def rename(self, name: str, wish: str) -> None:
        """Rename a run; the current one stays current."""
        shelf, session = self.shelf, self._session
        if shelf is None:
            return
        try:
            new = shelf.rename(name, wish).name
        except WorkbenchError as error:
            self._complain(error)
            return
        if new != name:
            self._undo.offer(f"“{name}” was renamed to “{new}”.", partial(self.rename, new, name))
        session.set_current_run(new if session.current_run == name else session.current_run)

    def note(self, name: str, text: str) -> None:
        """Write the note of a run."""
        if self.shelf is None:
            return
        try:
            self.shelf.note(name, text)
        except WorkbenchError as error:
            self._complain(error)
        self._session.runs_changed.emit()

    def delete(self, names: list[str], then: str | None) -> None:
        """Delete runs; `then` becomes the current one if that is among them."""
        shelf, session = self.shelf, self._session
        if shelf is None:
            return
        deleted: list[Deleted] = []
        for name in names:
            try:
                deleted.append(shelf.delete(name))
            except WorkbenchError as error:
                self._complain(error)
        if not deleted:
            return
        gone = [each.name for each in deleted]
        what = f"“{gone[0]}” was" if len(gone) == 1 else f"{several(len(gone), 'run')} were"
        self._undo.offer(f"{what} deleted.", partial(self.restore, deleted))
        session.set_current_run(then if session.current_run in gone else session.current_run)

    def restore(self, deleted: "list[Deleted]") -> None:
        """Bring deleted runs back; the first of them becomes the current one."""
        shelf, session, back = self.shelf, self._session, []
        if shelf is None:
            return
        for each in deleted:
            try:
                run = shelf.restore(each)
            except WorkbenchError as error:
                self._complain(error)
                continue
            back.append(run.name)
            if run.name != each.name:
                self._undo.offer(
                    f"The name “{each.name}” is in use, so it was restored as “{run.name}”."
                )
        if back:
            session.set_current_run(back[0])

    def delete_for_good(self, deleted: "list[Deleted]") -> None:
        """Take deleted runs off the disk."""
        if self.shelf is None:
            return
        self._undo.hide()  # it may be about one of them
        for each in deleted:
            try:
                self.shelf.delete_for_good(each)
            except WorkbenchError as error:
                self._complain(error)

    def _complain(self, error: WorkbenchError) -> None:
        self._session.noticed.emit("error", str(error))
        self._session.runs_changed.emit()  # the table may show what was typed
