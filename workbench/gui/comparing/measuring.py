"""Measuring two spaces behind the page: their items, their neighbourhoods, their label groups."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.gui.session import Session
from workbench.gui.state.job_slot import JobSlot
from workbench.jobs import Control, Event, Job, Progress
from workbench.project import SpaceName

if TYPE_CHECKING:
    from workbench.media import Modality
    from workbench.project import Project
    from workbench.stations import (
        ComparedGroups,
        ItemFigures,
        ItemOverlap,
        TwoSpaces,
    )


@dataclass(frozen=True)
class Wish:
    """What is to be compared.

    Attributes
    ----------
    names : pair of SpaceName
    neighbours : int
        K of the neighbourhoods.
    column : str
        What makes groups.
    """

    names: tuple[SpaceName, SpaceName]
    neighbours: int
    column: str


@dataclass(frozen=True, eq=False)
class _Part(Event):
    """One thing that is known now."""

    kind: str
    value: Any


class Measuring(QObject):
    """Answers the newest wish, a part at a time, and keeps what it has found of the two spaces.

    Signals
    -------
    spaces_known (TwoSpaces), overlap_known (dict), groups_known (dict)
        As the stations return them.
    refused (sentence)
    told (sentence)
        How far it is; nothing when it has ended.

    Parameters
    ----------
    session : Session
    known_figures : callable
        Returns the figures of a run, where somebody has measured them already.
    """

    spaces_known = Signal(object)
    overlap_known = Signal(object)
    groups_known = Signal(object)
    refused = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        session: Session,
        known_figures: "Callable[[str], ItemFigures | None]",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._known_figures = session, known_figures
        self._own_figures: dict[SpaceName, ItemFigures] = {}
        self._found: dict[tuple[object, ...], Any] = {}  # parts of the two spaces wished last
        self._wish: Wish | None = None  # what was asked last, which may be answered
        self._slot = JobSlot(session, self)

    @property
    def busy(self) -> bool:
        """Whether something is being measured."""
        return self._slot.busy

    def forget(self) -> None:
        """Let go of everything, as when items have changed or another project is opened."""
        self._slot.cancel()
        self._own_figures.clear()
        self._found.clear()
        self._wish = None

    def give_up(self) -> None:
        """Stop measuring; what is found already is kept for the next time."""
        if self.busy:
            self._slot.cancel()
            self._wish = None
            self.told.emit("")

    def ask(self, wish: Wish, *, quiet: bool = True) -> None:
        """Ask for a comparison; what is known of it is told at once.

        Parameters
        ----------
        wish : Wish
        quiet : bool
            Whether the status area leaves it out: what takes long is to be seen and stopped there.
        """
        project = self._session.project
        if project is None:
            return
        if wish == self._slot.wish:
            return
        self._slot.cancel()
        if self._wish is None or self._wish.names != wish.names or self._is_old(project, wish):
            self._found.clear()
        self._wish = wish
        if self._tell_known(wish):
            self.told.emit("")
        else:
            self._start(project, wish, quiet)

    # ---------------------------------------------------------------- what is known

    def _keys(self, wish: Wish) -> tuple[tuple[object, ...], ...]:
        return (
            ("spaces", wish.names),
            ("overlap", wish.names, wish.neighbours),
            ("groups", wish.names, wish.column),
        )

    def _is_old(self, project: "Project", wish: Wish) -> bool:
        spaces: TwoSpaces | None = self._found.get(self._keys(wish)[0])
        return spaces is not None and not spaces.is_current(project)

    def _tell_known(self, wish: Wish) -> bool:
        """Tell what is known of a wish; return whether that is all."""
        keys = self._keys(wish)
        for key in keys:
            if key in self._found:
                self._tell(str(key[0]), self._found[key])
        return all(key in self._found for key in keys)

    def _tell(self, kind: str, value: Any) -> None:
        signals = {"spaces": self.spaces_known, "overlap": self.overlap_known,
                   "groups": self.groups_known}  # fmt: skip
        signals[kind].emit(value)

    # ---------------------------------------------------------------- the job

    def _start(self, project: "Project", wish: Wish, quiet: bool) -> None:
        found = dict(self._found)
        figures = self._figures_of(wish)

        def make_job(control: Control) -> Job[None]:
            return (yield from _measure(project, wish, self._keys(wish), found, figures, control))

        def hear(event: Event) -> None:
            if isinstance(event, _Part):
                self._take(wish, event)
            elif isinstance(event, Progress):
                share = f", {event.done / event.total:.0%}" if event.total > 1 else ""
                self.told.emit(f"{event.message}{share}…")

        def fail(sentence: str) -> None:
            self._wish = None
            self.told.emit("")
            self.refused.emit(sentence)

        self._slot.ask(
            "Comparing", make_job, lambda _: self.told.emit(""), on_event=hear, on_error=fail,
            wish=wish, quiet=quiet,
        )  # fmt: skip

    def _figures_of(self, wish: Wish) -> "dict[SpaceName, ItemFigures]":
        """Return what is known of the joint spaces of a wish, and of the runs of frozen ones."""
        found = {}
        for name in (each for each in wish.names if each.view is None):
            joint = SpaceName(name.run, alpha=name.alpha)
            known = self._known_figures(name.run) if joint.alpha is None else None
            figures = known or self._own_figures.get(joint)
            if figures is not None:
                found[joint] = figures
        return found

    def _take(self, wish: Wish, part: _Part) -> None:
        key = next(each for each in self._keys(wish) if each[0] == part.kind)
        self._found[key] = part.value
        if part.kind == "spaces":
            for name, figures in zip(part.value.names, part.value.figures, strict=True):
                if figures.partner_rank:
                    self._own_figures[SpaceName(name.run, alpha=name.alpha)] = figures
        self._tell(part.kind, part.value)


def _measure(
    project: "Project",
    wish: Wish,
    keys: tuple[tuple[object, ...], ...],
    found: dict[tuple[object, ...], Any],
    figures: "dict[SpaceName, ItemFigures]",
    control: Control,
) -> Job[None]:
    """Find the parts that are not known yet."""
    from workbench.stations import compare_groups, overlap_of_spaces, read_two_spaces

    spaces: TwoSpaces | None = found.get(keys[0])
    if spaces is None:
        spaces = yield from read_two_spaces(project, *wish.names, control, known=figures)
        if not spaces.complete:
            return
        yield _Part("spaces", spaces)
    if keys[1] not in found:
        overlap: dict[Modality, ItemOverlap] = yield from overlap_of_spaces(
            *spaces.sides, wish.neighbours, control=control
        )
        if control.stopping:
            return
        yield _Part("overlap", overlap)
    if keys[2] not in found:
        groups: dict[str, ComparedGroups] = yield from compare_groups(
            project, spaces, wish.column, control
        )
        if not control.stopping:
            yield _Part("groups", groups)
