"""Changes of folders that have names, such as runs and studies, each with a way back."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.widgets.undo_line import UndoLine

if TYPE_CHECKING:
    from workbench.project import Deleted


class Named(Protocol):
    """What lies on a shelf."""

    @property
    def name(self) -> str:
        """What it is called."""


class Shelf(Protocol):
    """Where it lies; see `workbench.project.RunShelf`."""

    def rename(self, name: str, wish: str) -> Named:
        """Give another name."""

    def delete(self, name: str) -> "Deleted":
        """Move out of sight."""

    def restore(self, deleted: "Deleted") -> Named:
        """Bring back."""

    def delete_for_good(self, deleted: "Deleted") -> None:
        """Take off the disk."""


class ShelfChanges:
    """Renames, deletes and restores; what cannot be done is said in the notice bar.

    Who inherits says where things lie, and what the window shows afterwards.

    Parameters
    ----------
    session : Session
    undo : UndoLine
        Says what was done, and takes it back.
    plural : str
        What they are, such as ``runs``.
    """

    def __init__(self, session: Session, undo: UndoLine, plural: str) -> None:
        self._session, self._undo, self._plural = session, undo, plural

    @property
    def shelf(self) -> Shelf | None:
        """Where they lie, if a project is open."""
        raise NotImplementedError

    def _renamed(self, name: str, new: str) -> None:
        """Show what has another name."""
        raise NotImplementedError

    def _gone(self, names: Sequence[str], then: str | None) -> None:
        """Show another one, where that which was shown is gone."""
        raise NotImplementedError

    def _back(self, names: Sequence[str]) -> None:
        """Show what was restored."""
        raise NotImplementedError

    def _listed_again(self) -> None:
        """List them anew: what is shown may be what was typed."""
        raise NotImplementedError

    def rename(self, name: str, wish: str) -> None:
        """Give one another name."""
        if self.shelf is None:
            return
        try:
            new = self.shelf.rename(name, wish).name
        except WorkbenchError as error:
            self._complain(error)
            return
        if new != name:
            self._undo.offer(f"“{name}” was renamed to “{new}”.", partial(self.rename, new, name))
        self._renamed(name, new)

    def delete(self, names: Sequence[str], then: str | None) -> None:
        """Delete some; `then` is shown if what was shown is among them."""
        if self.shelf is None:
            return
        deleted: list[Deleted] = []
        for name in names:
            try:
                deleted.append(self.shelf.delete(name))
            except WorkbenchError as error:
                self._complain(error)
        if not deleted:
            return
        gone = [each.name for each in deleted]
        were = f"“{gone[0]}” was" if len(gone) == 1 else f"{len(gone):,} {self._plural} were"
        self._undo.offer(f"{were} deleted.", partial(self.restore, deleted))
        self._gone(gone, then)

    def restore(self, deleted: "Sequence[Deleted]") -> None:
        """Bring deleted ones back, and show them."""
        if self.shelf is None:
            return
        back = []
        for each in deleted:
            try:
                name = self.shelf.restore(each).name
            except WorkbenchError as error:
                self._complain(error)
                continue
            back.append(name)
            if name != each.name:
                self._undo.offer(
                    f"The name “{each.name}” is in use, so it was restored as “{name}”."
                )
        if back:
            self._back(back)

    def delete_for_good(self, deleted: "Sequence[Deleted]") -> None:
        """Take deleted ones off the disk."""
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
        self._listed_again()
