"""What the user had before them, kept while the window runs: a crash does not take it.

That is the open project, the page, the selection and what is begun; settings and choices are kept
where they are made. A window that is closed starts afresh.
"""

import logging
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel
from PySide6.QtCore import QObject, QTimer

from workbench.crashes import BlackBox, remember
from workbench.gui.session import Session

_MILLISECONDS_AFTER_A_CHANGE = 1_000
_MILLISECONDS_BETWEEN_LOOKS = 5_000
_MILLISECONDS_TO_BE_TRUSTED = 60_000  # that what came back has not ended the window again
_MOST_SELECTED = 100_000  # items; a larger selection is not kept


class Kept(BaseModel):
    """What comes back.

    Attributes
    ----------
    project : str
        Its folder; empty where none was open.
    page : str
    selection : list of int
        Item ids.
    begun : list of (project, name, JSON)
        See `Session.begun`.
    brought_back : bool
        Whether it had just come back from another crash.
    """

    project: str = ""
    page: str = ""
    selection: list[int] = []
    begun: list[tuple[str, str, str]] = []
    brought_back: bool = False


def kept_in(state: bytes) -> Kept:
    """Read what a window kept; where nothing can be read, nothing was kept."""
    try:
        return Kept.model_validate_json(state)
    except ValueError:
        return Kept()


class Pages(Protocol):
    """Who shows the pages."""

    def current_page(self) -> str:
        """Return the name of the page that is shown."""

    def go_to(self, name: str) -> None:
        """Show a page."""

    def make_all_pages(self) -> None:
        """Make every page that is not made yet."""

    def keep_begun(self) -> None:
        """Let the pages keep what is typed and not started."""


class Workplace(QObject):
    """Keeps what is before the user in the window's black box, and puts back what another had.

    Parameters
    ----------
    session : Session
    pages : Pages
    box : BlackBox
    parent : QObject
    """

    def __init__(self, session: Session, pages: Pages, box: BlackBox, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._pages, self._box = session, pages, box
        self._brought_back = False
        self._written = b""
        self._page = ""
        self._soon = QTimer(self, interval=_MILLISECONDS_AFTER_A_CHANGE, singleShot=True)
        self._soon.timeout.connect(self.keep)
        for changed in (session.project_changed, session.selection_changed, session.begun_changed):
            changed.connect(self._soon.start)
        self._now_and_then = QTimer(self, interval=_MILLISECONDS_BETWEEN_LOOKS)
        self._now_and_then.timeout.connect(self.keep)
        self._now_and_then.start()

    def keep(self) -> None:
        """Keep what is there now."""
        self._pages.keep_begun()
        page = self._pages.current_page()
        if page != self._page:
            self._page = page
            remember(f"page: {page}")
        project, selection = self._session.project, self._session.selection
        kept = Kept(
            project="" if project is None else str(project.root),
            page=page,
            selection=selection.tolist() if len(selection) <= _MOST_SELECTED else [],
            begun=[(str(root), *rest) for (root, *rest) in self._begun()],
            brought_back=self._brought_back,
        )
        self._write(kept)

    def _write(self, kept: Kept) -> None:
        state = kept.model_dump_json().encode()
        if state != self._written:
            try:
                self._box.keep_state(state)
                self._written = state
            except OSError:
                logging.getLogger(__name__).warning("What is open cannot be kept", exc_info=True)

    def _begun(self) -> list[tuple[Path, str, str]]:
        return [(root, name, json) for (root, name), json in self._session.begun.items()]

    def bring_back(self, kept: Kept) -> bool:
        """Put back what another window had; return whether its project is open again."""
        self._pages.make_all_pages()
        for root, name, json in kept.begun:
            self._session.begin(Path(root), name, json)
        self._brought_back = True
        self._write(kept.model_copy(update={"brought_back": True}))  # should it end us as well
        if not self._session.open_project(Path(kept.project)):
            return False
        self._pages.go_to(kept.page)
        self._session.select(kept.selection)
        self.keep()
        QTimer.singleShot(_MILLISECONDS_TO_BE_TRUSTED, self, self._trust)
        return True

    def _trust(self) -> None:
        self._brought_back = False
