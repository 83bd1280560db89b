"""Clusters of the current run's items, found behind the page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.gui.exploring.items import ItemTable, name_of
from workbench.gui.session import RunningJob, Session
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.stations import Clusters, RunSpace

_LONGEST = 22  # letters of a name


class FoundClusters(QObject):
    """Divides the items of a run into clusters, and keeps the last division.

    Signals
    -------
    known ()

    Attributes
    ----------
    wrong : str
        Why there are none, in a sentence.
    """

    known = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: Clusters | None = None
        self._wanted: tuple[RunSpace, int | None, str | None] | None = None
        self._answered: tuple[RunSpace, int | None, str | None] | None = None
        self._job: RunningJob | None = None
        self._named: tuple[ItemTable, list[str]] | None = None
        self.wrong = ""

    def forget(self) -> None:
        """Let go of everything, as when items or runs have changed."""
        if self._job is not None:
            self._job.control.stop()
        self._job = self._wanted = self._answered = self._found = self._named = None
        self.wrong = ""

    def of(
        self, space: "RunSpace", count: int | None, view: "Modality | None"
    ) -> "Clusters | None":
        """Return the clusters of a run's items; None while they are being found.

        Parameters
        ----------
        space : RunSpace
        count : int, optional
            How many; by the number of items where not given.
        view : modality, optional
            Of its frozen rows; of the aligned rows of all views without.
        """
        wish = space, count, view
        if self._answered == wish:
            return self._found
        if self._wanted != wish:
            self.forget()
            self._wanted = wish
            self._start(space, count, view)
        return None

    def names(self, table: ItemTable) -> list[str]:
        """Return what the clusters that were found are called; looked up once a table."""
        if self._found is None:
            return []
        if self._named is None or self._named[0] is not table:
            self._named = table, names_of(self._found, table)
        return self._named[1]

    def _start(self, space: "RunSpace", count: int | None, view: "Modality | None") -> None:
        def make_job(control: Control) -> "Job[Clusters]":
            from workbench.stations import cluster_items

            return (yield from cluster_items(space, count, of=view, control=control))

        def take(found: "Clusters") -> None:
            if self._job is job:  # not one that was stopped, which divides only roughly
                self._answered, self._found, self._job = self._wanted, found, None
                self.known.emit()

        def fail(sentence: str) -> None:
            if self._job is job:
                self._answered, self.wrong, self._job = self._wanted, sentence, None
                self.known.emit()

        job = self._job = self._session.start(
            "Finding clusters", make_job, on_result=take, on_error=fail, quiet=True
        )


def names_of(found: "Clusters", table: ItemTable) -> list[str]:
    """Return what clusters are called: by their most frequent label, or their most typical item."""
    from workbench.stations.clusters import most_frequent

    groups = found.of_items(table.ids)
    labels: list[list[str]] = [[] for _ in found.sizes]
    counts = [0] * len(found.sizes)
    for item_id, group in zip(table.ids.tolist(), groups.tolist(), strict=True):
        item = table.item(item_id)
        if group >= 0 and item is not None:
            labels[group].append(item.label)
            counts[group] += 1
    names = []
    for number, (own, typical) in enumerate(zip(labels, found.typical, strict=True), 1):
        name = most_frequent(own) or name_of(table.item(typical))
        name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        names.append(f"{number} {name} · {counts[number - 1]:,}")
    return names
