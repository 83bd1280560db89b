"""What somebody has begun in each project: it waits there while another one is open."""

from pathlib import Path
from typing import Generic, TypeVar

from workbench.gui.session import Session

T = TypeVar("T")


class Drafts(Generic[T]):
    """One value for each project, as long as the program runs.

    What shall outlast the program is kept by `PerProject`.

    Parameters
    ----------
    session : Session
    empty : object
        What a project has that nothing was begun in.
    """

    def __init__(self, session: Session, empty: T) -> None:
        self._session, self._empty = session, empty
        self._kept: dict[Path | None, T] = {}

    @property
    def now(self) -> T:
        """The value of the open project, or of there being none."""
        return self._kept.get(self._root(), self._empty)

    def keep(self, value: T) -> None:
        """Take another value for the open project."""
        self._kept[self._root()] = value

    def _root(self) -> Path | None:
        return None if self._session.project is None else self._session.project.root
