"""Looking at single items of a run: its inspector made ready, asked and measured behind the page.

Numbers come from `workbench.stations.inspector`; here is only when they are asked for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.state.keyed_slots import KeyedSlots
from workbench.jobs import Control, Job, Progress

if TYPE_CHECKING:
    from workbench.stations import (
        AcrossModalities,
        Inspector,
        ItemFigures,
        NeighbourhoodChange,
        OperatorChange,
        RunSpace,
    )

MEASURED_UNASKED = 20_000
"""Items; measuring takes some seconds then, and grows with the square."""
_KEPT = 2  # inspectors beside the current one: each has all rows of a run


@dataclass(frozen=True)
class Look:
    """What is told of one item."""

    item: int
    neighbours: "NeighbourhoodChange"
    across: "list[AcrossModalities]"
    operators: "OperatorChange"


class InspectorJobs(QObject):
    """Keeps an inspector for each run that was looked at, and answers the newest wish first.

    Signals
    -------
    looked (Look)
    refused (sentence)
        The item that was asked for cannot be shown, or the run cannot.
    readied ()
        The current run can be looked at now.
    measured (run name)
        The figures of all its items are known.
    told (sentence)
        How far measuring is; nothing when it has ended.
    """

    looked = Signal(object)
    refused = Signal(str)
    readied = Signal()
    measured = Signal(str)
    told = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.run: str | None = None
        self._inspectors: dict[str, Inspector] = {}
        self._reading = KeyedSlots(session, self)
        self._measuring = KeyedSlots(session, self)
        self._wished: set[str] = set()  # runs to be measured as soon as they are read
        self._look_slot = JobSlot(session, self, one_at_a_time=True)
        self._wanted: tuple[int, int] | None = None  # item and K

    # ---------------------------------------------------------------- runs

    def set_run(self, run: str | None) -> None:
        """Make ready to look at a run's items, behind the page; None lets go of it."""
        self.run = run
        self.look_away()
        if run is None:
            return
        kept = self._inspectors.get(run)
        if kept is not None and not self._is_old(kept):
            self.readied.emit()
            return
        self._inspectors.pop(run, None)
        self._read(run)

    def forget(self) -> None:
        """Let go of everything, as when items have changed or another project is opened."""
        for work in (self._reading, self._measuring):
            work.cancel()
        self._inspectors.clear()
        self._wished.clear()
        self.run = None
        self.look_away()

    def figures(self, run: str | None = None) -> "ItemFigures | None":
        """Return the figures of all items of a run, the current one by default, where known."""
        kept = self._inspectors.get(run or self.run or "")
        return None if kept is None else kept.figures

    def space(self) -> "RunSpace | None":
        """Return the rows of the current run; None until it is ready."""
        kept = self._inspectors.get(self.run or "")
        return None if kept is None else kept.space

    def size(self) -> int | None:
        """Return how many items of the current run there are; None until it is ready."""
        kept = self._inspectors.get(self.run or "")
        return None if kept is None else _size(kept)

    def is_measuring(self, run: str | None = None) -> bool:
        """Whether the figures of a run are being measured."""
        return self._measuring.busy(run or self.run or "")

    def measure(self, run: str | None = None) -> None:
        """Measure all items of a run, unless that is done or going on."""
        name = run or self.run
        if name is None or self.is_measuring(name) or self.figures(name) is not None:
            return
        kept = self._inspectors.get(name)
        if kept is None:
            self._wished.add(name)
            self._read(name)
        else:
            self._measure(name, kept)

    def _is_old(self, kept: "Inspector") -> bool:
        project = self._session.project
        if project is None:
            return True
        try:
            written = project.run(kept.space.run_name).heads_written()
        except WorkbenchError:
            return True
        return written != kept.space.heads_written

    def _read(self, run: str) -> None:
        project = self._session.project
        if project is None or self._reading.busy(run):
            return
        store = self._session.run_store

        def make_job(control: Control) -> "Job[Inspector]":
            from workbench.stations import inspector

            return (yield from inspector(project, run, control, store=store))

        def take(found: "Inspector") -> None:
            self._keep(run, found)
            if run == self.run:
                self.readied.emit()
                self._look()
            if run in self._wished or _size(found) <= MEASURED_UNASKED:
                self._wished.discard(run)
                self._measure(run, found)

        def fail(sentence: str) -> None:
            self._wished.discard(run)
            if run == self.run:
                self.refused.emit(sentence)
            else:
                self._session.noticed.emit("warning", sentence)
                self.told.emit("")

        self._reading.of(run).ask(f"Reading {run}", make_job, take, on_error=fail)

    def _keep(self, run: str, found: "Inspector") -> None:
        self._inspectors[run] = found
        others = [each for each in self._inspectors if each not in (run, self.run)]
        for each in others[:-_KEPT]:
            del self._inspectors[each]

    def _measure(self, run: str, kept: "Inspector") -> None:
        def hear(event: object) -> None:
            if isinstance(event, Progress):
                share = f", {event.done / event.total:.0%}" if event.total else ""
                self.told.emit(f"{event.message}{share}…")

        def take(found: "ItemFigures") -> None:
            self.told.emit("")
            if found.complete:
                self.measured.emit(run)
                self._look()  # now the item's share is known too

        def fail(sentence: str) -> None:
            self.told.emit("")
            self._session.noticed.emit("error", sentence)

        self._measuring.of(run).ask(
            f"Measuring {run}", kept.measure, take, on_event=hear, on_error=fail,
            quiet=_size(kept) <= MEASURED_UNASKED,  # what takes long is to be seen and stopped
        )  # fmt: skip

    # ---------------------------------------------------------------- an item

    @property
    def busy(self) -> bool:
        """Whether an item is being looked at."""
        return self._look_slot.busy

    def look(self, item: int, neighbours: int) -> None:
        """Ask for an item; of wishes that wait, only the newest is kept."""
        self._wanted = (item, neighbours)
        self._look()

    def look_away(self) -> None:
        """Ask for nothing any more."""
        self._wanted = None
        self._look_slot.cancel()

    def _look(self) -> None:
        kept = self._inspectors.get(self.run or "")
        if self._wanted is None or kept is None:
            return
        item, count = self._wanted
        wish = item, count, id(kept), id(kept.figures)  # figures that come tell more of an item
        if self._look_slot.wish == wish:
            return

        def make_job(_control: Control) -> Job[Look]:
            yield Progress(0, 0, "Looking")
            return Look(item, kept.neighbours(item, count), kept.across(item), kept.operators(item))

        self._look_slot.ask(
            "Looking", make_job, self.looked.emit, on_error=self.refused.emit, wish=wish
        )


def _size(inspector: "Inspector") -> int:
    return sum(len(view.ids) for view in inspector.space.views.values())
