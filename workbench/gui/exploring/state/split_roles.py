"""For what the current run used its items: to train, to watch, to test, or not at all."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.state.colouring import Ids
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import Role, RunSpace

    Roles = dict[Modality, tuple[Ids, list[Role]]]


class SplitRoles(QObject):
    """Asks for the roles of a run's items, behind the page.

    Signals
    -------
    known ()

    Attributes
    ----------
    changed : str
        Why nobody knows any more, in a sentence.
    """

    known = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._slot = JobSlot(session, self)
        self._run: str | None = None
        self._roles: Roles | None = None
        self._groups: tuple[RunSpace, Callable[[Ids], Ids]] | None = None
        self.changed = ""
        self.names: Sequence[str] = ()

    def is_known(self, run: str) -> bool:
        """Whether the roles of a run's items were found, or found lost."""
        return self._run == run

    def forget(self) -> None:
        """Let go of everything, as when items or runs have changed."""
        self._slot.cancel()
        self._run = self._roles = self._groups = None

    def find(self, run: str | None) -> None:
        """Ask for the roles of a run's items."""
        project = self._session.project
        if project is None or run is None or self._slot.wish == run:
            return

        def make_job(_control: Control) -> "Job[tuple[Roles | None, Sequence[str]]]":
            from workbench.stations import ROLES, split_roles

            yield Progress(0, 0, "Reading the recipe")
            return split_roles(project, run), ROLES

        def take(found: "tuple[Roles | None, Sequence[str]]") -> None:
            from workbench.stations import data_have_changed

            roles, self.names = found
            know(
                roles,
                "" if roles is not None
                else data_have_changed(run, "so which of them it used is no longer known."),
            )  # fmt: skip

        def know(roles: "Roles | None", changed: str) -> None:
            self._run, self._roles, self._groups, self.changed = run, roles, None, changed
            self.known.emit()

        self._slot.ask(
            "Reading the recipe", make_job, take,
            on_error=lambda sentence: know(None, sentence), wish=run,
        )  # fmt: skip

    def groups_of(self, space: "RunSpace") -> Callable[[Ids], Ids]:
        """Return how to find the number of each item's role; -1 of those that have none.

        Copies of an item have its role. It is the same callable as long as nothing has changed.
        """
        from workbench.stations import split_role_of_items

        if self._groups is None or self._groups[0] is not space:
            self._groups = space, split_role_of_items(self._roles or {}, space)
        return self._groups[1]
