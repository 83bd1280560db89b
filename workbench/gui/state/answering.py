"""Answers that are given in the window, and can be taken back."""

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand, QUndoStack

from workbench.errors import WorkbenchError
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations.labelling.answers import Given


@dataclass(frozen=True)
class Told:
    """What `Session.answers_changed` tells.

    Attributes
    ----------
    step : object
        What whoever gave the answer wants to know it by.
    done : bool
        Whether it was given, and not taken back.
    """

    step: object
    done: bool


class _Answering(QUndoCommand):
    """An answer; or a step without one, such as to skip an item."""

    # it holds no session: the history that keeps it belongs to that one
    def __init__(
        self, session: Session, words: str, say: "Callable[[], Given | None]",
        given: "Given | None", step: object,
    ) -> None:  # fmt: skip
        super().__init__(words)
        assert session.project is not None  # noqa: S101 - the answer is about its items
        self._session = weakref.ref(session)
        self._project: Project = session.project
        self._say, self._given, self._step = say, given, step
        self._is_new = True

    def redo(self) -> None:
        """Give the answer again; the history asks for it, too, when it takes it."""
        if self._is_new:
            self._is_new = False
        elif not self._try(self._again):
            return
        self._tell(done=True)

    def undo(self) -> None:
        """Take it back."""
        if self._try(self._back):
            self._tell(done=False)

    def _again(self) -> None:
        self._given = self._say()

    def _back(self) -> None:
        from workbench.stations.labelling.answers import take_back

        if self._given is not None:
            take_back(self._project, self._given)

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except WorkbenchError as error:
            self.setObsolete(True)  # the history lets go of it
            session = self._session()
            if session is not None:
                session.noticed.emit("error", str(error))
            return False
        return True

    def _tell(self, *, done: bool) -> None:
        session = self._session()
        if session is not None:
            session.answers_changed.emit(Told(self._step, done))
            if self._step is None:  # no page goes on by itself
                session.catalogue_changed.emit()


def answer(
    session: Session,
    history: QUndoStack,
    words: str,
    say: "Callable[[], Given | None]",
    step: object = None,
) -> "Given | None":
    """Give an answer, and let a history take it back.

    Parameters
    ----------
    session : Session
        It tells of it by `answers_changed`, now and whenever it is undone or done again.
    history : QUndoStack
    words : str
        What is undone, in a word or two.
    say : callable
        Gives the answer, also again; it may hold the project, and no session.
    step : object
        For `Told`; without, all pages read anew what there is.

    Returns
    -------
    Given or None
        None where it cannot be given, which was said, or is none.
    """
    if session.project is None:
        return None
    try:
        given = say()
    except WorkbenchError as error:
        session.noticed.emit("error", str(error))
        return None
    history.push(_Answering(session, words, say, given, step))
    return given


# --- by hand --------------------------------------------------------------------------------------


def _why_not_pair(session: Session) -> str:
    """Say why the selected items cannot be paired; nothing where they can."""
    if session.project is None:
        return "Open a project first."
    if len(session.selection) != 2:
        return "Select two items: a picture and its text, for example."
    try:
        items = session.project.catalogue.present(session.selection.tolist())
    except WorkbenchError as error:
        return str(error)
    if len({item.modality for item in items}) < 2:
        return "A pair has items of two modalities."
    return ""


def pair_selected(session: Session) -> None:
    """Pair the two selected items; undo takes it back as it does a change of the selection."""
    from workbench.stations.labelling.answers import say_pair

    why = _why_not_pair(session)
    if why or session.project is None:
        session.noticed.emit("info", why)
        return
    first, second = session.selection.tolist()
    say = partial(say_pair, session.project, first, second, "by hand")
    given = answer(session, session.selection_history, "pair", say)
    if given is not None:
        session.noticed.emit("info", f"{given.sentence()} Undo takes it back.")
