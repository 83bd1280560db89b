"""What the live map shows: the training that runs, or a run kept before."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.gui.training.live_map.live_map import LiveMap
from workbench.gui.training.training_jobs import SHOWN_PAIRS
from workbench.jobs import Control, Event, Job

if TYPE_CHECKING:
    from workbench.project import Project, Run
    from workbench.stations import ShownNeighbourhoods, ShownPairs


class MapFeed:
    """Brings glimpses to a map, and runs to look at, each read by a quiet job.

    Parameters
    ----------
    session : Session
    live_map : LiveMap
    """

    def __init__(self, session: Session, live_map: LiveMap) -> None:
        self._session, self._map = session, live_map
        self._looking = JobSlot(session, live_map)
        self._training = False
        self._run: str | None = None  # that goes on training
        self._known: tuple[Path, int | None] | None = None  # the run that is shown, and its heads
        self._wanted: Run | None = None
        live_map.seen.connect(self._read_wanted)

    def clear(self) -> None:
        """Forget what is shown."""
        self._looking.cancel()
        self._known = self._wanted = None
        self._training = False
        self._map.clear()

    def begin(self, run_name: str | None) -> None:
        """Make ready for a training, perhaps of a run that goes on."""
        self._looking.cancel()
        self._wanted = self._known = None
        self._training, self._run = True, run_name

    def end(self) -> None:
        """Take note that no training runs any more."""
        self._training = False

    def hear(self, event: Event) -> None:
        """Take an event of a training, if it is for the map."""
        if hasattr(event, "mapped"):
            self._map.take(event)  # type: ignore[arg-type]
        elif hasattr(event, "held_out"):
            self._map.begin(event)  # type: ignore[arg-type]
            self._find_neighbourhoods(event)  # type: ignore[arg-type]

    def show_run(self, run: "Run") -> None:
        """Show the pairs of a run as its heads place them, when the map is looked at."""
        key = (run.folder, run.heads_written())
        if self._training or key == self._known:
            return
        if key[1] is None:  # it has no heads
            self.clear()
            return
        self._looking.cancel()
        self._known, self._wanted = key, run
        if self._map.isVisible():
            self._read_wanted()

    # ---------------------------------------------------------------- jobs

    def _read_wanted(self) -> None:
        run, project = self._wanted, self._session.project
        if run is None or project is None:
            return
        self._wanted = None
        self._start(f"Mapping {run.name}", lambda control: _look_at(project, run, control))

    def _find_neighbourhoods(self, shown: "ShownPairs") -> None:
        project, run_name = self._session.project, self._run
        if project is None:
            return

        def make_job(_control: Control) -> Job["ShownNeighbourhoods"]:
            from workbench.stations import neighbourhoods_of

            return neighbourhoods_of(project, shown, run_name)

        self._start("Finding neighbourhoods", make_job)

    def _start(self, title: str, make_job: Callable[[Control], Job[Any]]) -> None:
        told = False

        def hear(event: Event) -> None:
            nonlocal told
            if hasattr(event, "held_out"):
                self._map.begin(event)  # type: ignore[arg-type]
            elif hasattr(event, "mapped"):
                self._map.take(event)  # type: ignore[arg-type]
                told = True

        def done(found: "ShownNeighbourhoods | None") -> None:
            if found is not None:
                self._map.set_neighbourhoods(found)

        def failed(sentence: str) -> None:
            # without their neighbourhoods the pairs can still be looked at
            if not told and not self._training:
                self._map.say(sentence)

        self._looking.ask(title, make_job, done, on_event=hear, on_error=failed)


def _look_at(project: "Project", run: "Run", control: Control) -> "Job[ShownNeighbourhoods | None]":
    """Yield the map of a run, and return what its neighbourhoods were before it."""
    from workbench.stations import neighbourhoods_of, show_run

    shown: ShownPairs | None = None
    for event in show_run(project, run.name, SHOWN_PAIRS):
        if control.stopping:  # another run is looked at already
            return None
        if hasattr(event, "held_out"):
            shown = event  # type: ignore[assignment]
        yield event
    if shown is None or control.stopping:
        return None
    return (yield from neighbourhoods_of(project, shown, run.name))
