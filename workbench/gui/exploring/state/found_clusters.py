"""Clusters of the current run's items, found behind the page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.items.item_looks import name_of
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import Clusters, ItemColumns, RunSpace

_LONGEST = 22  # letters of a name


class FoundClusters(QObject):
    """Divides the items of a run into clusters, and keeps the last division.

    Signals
    -------
    known ()

    Attributes
    ----------
    names : list of str
        What the clusters that were found are called, and how many items they have.
    wrong : str
        Why there are none, in a sentence.
    """

    known = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slot = JobSlot(session, self)
        self.forget()

    def forget(self) -> None:
        """Let go of everything, as when items or runs have changed."""
        self._slot.cancel()
        self._answered: object = None
        self._found: Clusters | None = None
        self.names: list[str] = []
        self.wrong = ""

    def of(
        self, space: "RunSpace", count: int | None, view: "Modality | None", table: "ItemColumns"
    ) -> "Clusters | None":
        """Return the clusters of a run's items; None while they are being found and named.

        Parameters
        ----------
        space : RunSpace
        count : int, optional
            How many; by the number of items where not given.
        view : modality, optional
            Of its frozen rows; of the aligned rows of all views without.
        table : ItemColumns
            The items that give the clusters their names.
        """
        wish = space, count, view, table
        if wish not in (self._answered, self._slot.wish):
            self.forget()
            self._ask(space, count, view, table)
        return self._found

    def _ask(
        self, space: "RunSpace", count: int | None, view: "Modality | None", table: "ItemColumns"
    ) -> None:
        def make_job(control: Control) -> "Job[tuple[Clusters, list[str]]]":
            from workbench.stations import cluster_items

            found = yield from cluster_items(space, count, of=view, control=control)
            return found, names_of(found, table)

        def take(answer: "tuple[Clusters, list[str]]") -> None:
            self._answered, (self._found, self.names) = wish, answer
            self.known.emit()

        def fail(sentence: str) -> None:
            self._answered, self.wrong = wish, sentence
            self.known.emit()

        wish = space, count, view, table
        self._slot.ask("Finding clusters", make_job, take, on_error=fail, wish=wish)


def names_of(found: "Clusters", table: "ItemColumns") -> list[str]:
    """Return what clusters are called in a legend: number, name, and how many items they have."""
    from workbench.stations import name_clusters

    names = []
    for number, (name, count) in enumerate(name_clusters(found, table), 1):
        words = name or name_of(None)
        words = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
        names.append(f"{number} {words} · {count:,}")
    return names
