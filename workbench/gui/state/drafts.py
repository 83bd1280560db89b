"""What somebody has begun in each project: it waits there while another one is open."""

from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from workbench.gui.session import Session

T = TypeVar("T")


class Drafts(Generic[T]):
    """One value for each project, as long as the program runs; a crash does not take it.

    What shall outlast the program that is closed is kept by `PerProject`.

    Parameters
    ----------
    session : Session
    name : str
        Under which they come back after a crash; no two drafts share one.
    empty : object
        What a project has that nothing was begun in.
    kind : type
        Of the values: words, or a dataclass of words and numbers. That of `empty` by default.
    """

    def __init__(self, session: Session, name: str, empty: T, kind: Any = None) -> None:
        self._session, self._name, self._empty = session, name, empty
        self._as_json: TypeAdapter[T] = TypeAdapter(kind or type(empty))
        self._kept: dict[Path | None, T] = {}

    @property
    def now(self) -> T:
        """The value of the open project, or of there being none."""
        root = self._root()
        if root not in self._kept:
            self._kept[root] = self._brought_back(root)
        return self._kept[root]

    def keep(self, value: T) -> None:
        """Take another value for the open project."""
        root = self._root()
        self._kept[root] = value
        if root is not None:
            self._session.begin(root, self._name, self._as_json.dump_json(value).decode())

    def _brought_back(self, root: Path | None) -> T:
        begun = None if root is None else self._session.begun.get((root, self._name))
        if begun is None:
            return self._empty
        try:
            return self._as_json.validate_json(begun)
        except ValueError:  # of another version
            return self._empty

    def _root(self) -> Path | None:
        return None if self._session.project is None else self._session.project.root
