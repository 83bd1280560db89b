"""One store of what was read of runs, so that nobody holds a copy of his own.

Who asks for a run gets the same `StoredRun` as everybody else, whichever thread asks, until its
heads, the items or the embeddings have changed. What is read is kept up to a share of the memory,
the runs asked for least recently going first; an array that somebody works with lives on until he
lets go of it, as any object does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.memory import physical_memory
from workbench.project import Project, Run, file_mark
from workbench.stations.runs.rows import ViewRows, no_rows, read_view
from workbench.stations.runs.run_space import RunSpace, RunView, row_pairs
from workbench.stations.runs.run_views import encoders_of

T = TypeVar("T")

SHARE_OF_MEMORY = 0.4
"""How much of the computer's memory may be taken by rows of runs that nobody works with now."""
_PATIENCE = 0.05  # seconds after which who waits for another thread hears a stop


@dataclass(frozen=True)
class _Marks:
    """Marks of the files that decide a run's rows; they differ once a file has been written."""

    heads: object
    data: tuple[object, ...]

    @classmethod
    def of(cls, project: Project, run: Run) -> "_Marks":
        _, _, heads, _ = run.marks()
        caches = [project.cache_path(*each) for each in encoders_of(run).items()]
        return cls(heads, (project.catalogue.mark(), *(file_mark(path) for path in caches)))


class StoredRun:
    """A run as it was when it was asked for; made by `RunStore.of`.

    Its methods may be called by any thread. Of several that want the same at once, one reads and
    the others wait for it.

    Attributes
    ----------
    project : Project
    run : Run
    written : int or None
        When the heads were written, see `Run.heads_written`.
    heads : AlignedSpace
    encoders : dict of modality to encoder name
        The views that the run has.
    """

    def __init__(
        self,
        project: Project,
        run: Run,
        marks: _Marks,
        grown: Callable[["StoredRun"], None],
        earlier: "StoredRun | None" = None,
    ) -> None:
        self.project, self.run, self.marks = project, run, marks
        self.written, self.heads = run.heads_written(), run.space()
        self.encoders = encoders_of(run)
        self._grown = grown
        self._guard = threading.Lock()
        self._locks: dict[object, threading.Lock] = {}
        # of `earlier`, whose heads are the same: looked through before they are used
        self._rows: dict[Modality, ViewRows] = dict(earlier._rows) if earlier else {}
        self._current: set[Modality] = set()
        self._parts: dict[object, tuple[object, Any, int]] = {}

    @property
    def bytes(self) -> int:
        """How much memory is taken by what was read."""
        with self._guard:
            return (
                sum(array.nbytes for array in self.heads.tensors().values())
                + sum(rows.bytes for rows in self._rows.values())
                + sum(size for _, _, size in self._parts.values())
            )

    def rows(
        self,
        modality: Modality,
        control: Control | None = None,
        *,
        before: bool = False,
        marks: bool = False,
    ) -> ViewRows | None:
        """Return the rows of a view, read once.

        Parameters
        ----------
        modality : modality
            One of `encoders`.
        control : Control, optional
        before, marks : bool
            Whether these are wanted as well, see `ViewRows`.

        Returns
        -------
        ViewRows or None
            None when stopped while another thread was reading; never without a control.

        Raises
        ------
        WorkbenchError
            There are no embeddings, or not by the encoder that the run was made with.
        """
        with self._alone(("rows", modality), control) as alone:
            if not alone:
                return None
            known = self._rows.get(modality)
            if (
                known is not None
                and modality in self._current
                and known.has(before=before, marks=marks)
            ):
                return known
            found = read_view(
                self.project, self.run, self.heads, modality, known, before=before, marks=marks
            )
            with self._guard:
                self._rows[modality] = found
                self._current.add(modality)
        self._grown(self)
        return found

    def all_rows(self, modality: Modality, *, marks: bool = False) -> ViewRows:
        """Return the rows of a view for somebody who cannot be stopped; see `rows`."""
        found = self.rows(modality, marks=marks)
        assert found is not None  # noqa: S101 - only a stop gives none
        return found

    def part(
        self,
        name: object,
        make: Callable[[], tuple[T, int]],
        control: Control | None = None,
        *,
        of: object = None,
    ) -> T | None:
        """Return something else that is made of the run once, and kept with its rows.

        Parameters
        ----------
        name : hashable
        make : callable
            Returns it, and the bytes that it takes beside the rows.
        control : Control, optional
        of : object, optional
            What it is made of: a part that was made of another is made anew.

        Returns
        -------
        T or None
            None when stopped while another thread was making it; never without a control.
        """
        with self._alone(name, control) as alone:
            if not alone:
                return None
            known = self._parts.get(name)
            if known is not None and known[0] == of:
                found: T = known[1]
                return found
            made, size = make()
            with self._guard:
                self._parts[name] = of, made, size
        self._grown(self)
        return made

    def space(self, control: Control | None = None) -> Job[RunSpace]:
        """Return all views before and after the heads, with the pairs between them.

        Yields
        ------
        Progress

        Returns
        -------
        RunSpace
            The same object each time. After a stop the views not read yet have no rows.
        """
        control = control or Control()
        name, found = self.run.name, dict[Modality, ViewRows]()
        for done, modality in enumerate(self.encoders):
            yield Progress(done, len(self.encoders), f"Reading {modality} embeddings of {name}")
            rows = None if control.stopping else self.rows(modality, control, before=True)
            if rows is not None:
                found[modality] = rows

        def views() -> dict[Modality, RunView]:
            return {
                each: found[each].view() if each in found else no_rows(self.heads, each)
                for each in self.encoders
            }

        def make() -> tuple[RunSpace, int]:
            of_views = views()
            pairs = row_pairs(self.project, of_views)
            size = sum(each.nbytes for each in pairs.values())
            return RunSpace(name, of_views, pairs, self.written), size

        made = None
        if len(found) == len(self.encoders):
            listed = [rows.listing.key for rows in found.values()]
            made = self.part("space", make, control, of=listed)
        yield Progress(len(self.encoders), len(self.encoders), f"Read {name}")
        return make()[0] if made is None else made

    def let_go(self) -> None:
        """Drop what was read; who asks again has it read again."""
        with self._guard:
            self._rows.clear()
            self._current.clear()
            self._parts.clear()

    @contextmanager
    def _alone(self, name: object, control: Control | None) -> Iterator[bool]:
        """Wait until no other thread makes the same; False when stopped meanwhile."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        while not lock.acquire(timeout=_PATIENCE):
            if control is not None and control.stopping:
                yield False
                return
        try:
            yield True
        finally:
            lock.release()


class RunStore:
    """Keeps what was read of runs, within a bound.

    Whoever looks at several runs, or several times at one, makes a store and hands it to all that
    read: the window has one a project, a command one for as long as it works.

    Parameters
    ----------
    most_bytes : int, optional
        `SHARE_OF_MEMORY` of the computer's memory where not given. What was read last is kept also
        where it alone takes more.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        self.most_bytes = (
            int(SHARE_OF_MEMORY * physical_memory()) if most_bytes is None else most_bytes
        )
        self._lock = threading.Lock()
        self._runs: OrderedDict[tuple[str, str], StoredRun] = OrderedDict()

    @property
    def bytes(self) -> int:
        """How much memory is taken by what is kept."""
        with self._lock:
            return sum(each.bytes for each in self._runs.values())

    def of(self, project: Project, run_name: str) -> StoredRun:
        """Return a run with what was read of it, as its files are now.

        Looking whether they have changed takes no time. Where items or embeddings may have, rows
        that are as they were are not read again.

        Raises
        ------
        WorkbenchError
            The run is missing, has no heads, or its recipe names no encoders.
        """
        run = project.run(run_name)
        key = str(project.root), run.name
        with self._lock:  # of threads that ask at once, one reads the heads
            known = self._runs.get(key)
            marks = _Marks.of(project, run)  # before reading: what is written meanwhile differs
            if known is not None and known.marks == marks:
                self._runs.move_to_end(key)
                return known
            self._runs.pop(key, None)
            earlier = known if known is not None and known.marks.heads == marks.heads else None
            made = self._runs[key] = StoredRun(project, run, marks, self._bound, earlier)
        return made

    def forget(self) -> None:
        """Let go of everything, as when a project is closed."""
        with self._lock:
            for each in self._runs.values():
                each.let_go()
            self._runs.clear()

    def _bound(self, grown: StoredRun) -> None:
        """Let go of the runs asked for least recently, but for one that has just grown."""
        key = str(grown.project.root), grown.run.name
        with self._lock:
            if self._runs.setdefault(key, grown) is not grown:
                return  # it is out of date, and lives as long as who works with it
            self._runs.move_to_end(key)
            sizes = {name: each.bytes for name, each in self._runs.items()}
            total = sum(sizes.values())
            for name, size in sizes.items():
                if total <= self.most_bytes or name == key:
                    break
                self._runs.pop(name).let_go()
                total -= size


def read_run_space(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    store: RunStore | None = None,
) -> Job[RunSpace]:
    """Read all present and encoded items of a run, and map them into its joint space.

    Parameters
    ----------
    project : Project
    run_name : str
    control : Control, optional
        After a stop the views not read yet have no rows.
    store : RunStore, optional
        Where the run may have been read before.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run is missing, has no heads, or was made with other encoders than the embeddings.
    """
    stored = (store or RunStore()).of(project, run_name)
    return (yield from stored.space(control))
