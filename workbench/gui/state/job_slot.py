"""Room for one piece of work: ask for it, give it up, and hear the newest answer only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from workbench.gui.jobs.running_job import RunningJob
from workbench.gui.session import Session
from workbench.jobs import Control, Event, Job, Notice

if TYPE_CHECKING:
    from workbench.project import Project


@dataclass(eq=False)  # each is itself and no other: what was asked last is told by identity
class _Asked:
    """One piece of work that was asked for."""

    title: str
    make_job: Callable[[Control], Job[Any]]
    on_result: Callable[[Any], object] | None
    on_event: Callable[[Event], object] | None
    on_error: Callable[[str], object] | None
    wish: object
    project: "Project | None"
    options: dict[str, Any] = field(default_factory=dict)


class JobSlot(QObject):
    """Asks the session for work, and hands on the answer to what was asked last.

    Whoever asks again, cancels, or opens another project hears nothing any more of what was asked
    before: no event, no result and no failure; and what still runs of it is asked to stop. Nor is
    anything heard once the slot has gone with its parent.

    Signals
    -------
    changed ()
        It became busy, or is not any more.

    Parameters
    ----------
    session : Session
    parent : QObject, optional
    one_at_a_time : bool
        Whether what was asked for begins only when what was given up has really ended. Without,
        it begins at once, beside what ends.
    """

    changed = Signal()

    def __init__(
        self, session: Session, parent: QObject | None = None, *, one_at_a_time: bool = False
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._one_at_a_time = one_at_a_time
        self._asked: _Asked | None = None  # what an answer is awaited to
        self._begun: _Asked | None = None  # what was begun last
        self._job: RunningJob | None = None  # its job, until it ends
        session.project_changed.connect(self._leave_other_projects)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    @property
    def wish(self) -> object:
        """What the awaited answer is to, as it was given to `ask`; None where none is awaited."""
        return None if self._asked is None else self._asked.wish

    @property
    def job(self) -> RunningJob | None:
        """The job that works on the awaited answer; None before it begins and after it ends."""
        return self._job if self._asked is not None and self._begun is self._asked else None

    def ask(
        self,
        title: str,
        make_job: Callable[[Control], Job[Any]],
        on_result: Callable[[Any], object] | None = None,
        *,
        on_event: Callable[[Event], object] | None = None,
        on_error: Callable[[str], object] | None = None,
        wish: object = None,
        **options: Any,
    ) -> None:
        """Ask for work in the place of what was asked before.

        Parameters
        ----------
        title : str
        make_job : callable
        on_result, on_event : callable, optional
        on_error : callable, optional
            Receives a sentence; without it the sentence goes to the notice bar.
        wish : object, optional
            What is wanted, to be read again from `wish`.
        **options
            Of `Session.start`; the job is quiet unless ``quiet=False`` is given.
        """
        was_busy = self.busy
        options.setdefault("quiet", True)
        self._asked = _Asked(
            title, make_job, on_result, on_event, on_error, wish, self._session.project, options
        )
        self._stop()
        if self._job is None or not self._one_at_a_time:
            self._begin(self._asked)
        if not was_busy:
            self.changed.emit()

    def cancel(self) -> None:
        """Want no answer any more; what runs is asked to stop."""
        was_busy, self._asked = self.busy, None
        self._stop()
        if was_busy:
            self.changed.emit()

    def _leave_other_projects(self) -> None:
        # what was asked for by somebody who heard of the new project before is of that one
        if self._asked is not None and self._asked.project is not self._session.project:
            self.cancel()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.control.stop()

    def _is_awaited(self, asked: _Asked) -> bool:
        if not shiboken6.isValid(self):  # a page may lose a part of it before the answer comes
            self._asked = None
        return asked is self._asked and asked.project is self._session.project

    def _begin(self, asked: _Asked) -> None:
        told = asked.options.pop("notices", True) and not asked.options["quiet"]

        def hear(event: Event) -> None:
            if not self._is_awaited(asked):
                return  # nor does it matter that it was stopped: something else was chosen
            if told and isinstance(event, Notice):
                self._session.noticed.emit(event.level, event.text)
            if asked.on_event is not None:
                asked.on_event(event)

        def take(result: Any) -> None:
            if self._ends(asked) and asked.on_result is not None:
                asked.on_result(result)

        def fail(sentence: str) -> None:
            if not self._ends(asked):
                return
            if asked.on_error is not None:
                asked.on_error(sentence)
            else:
                self._session.noticed.emit("error", sentence)

        self._begun = asked
        self._job = self._session.start(
            asked.title, asked.make_job, on_event=hear, on_result=take, on_error=fail,
            notices=False, **asked.options,
        )  # fmt: skip

    def _ends(self, asked: _Asked) -> bool:
        """Take note that a job has ended; return whether its answer is the awaited one."""
        awaited = self._is_awaited(asked)
        if self._begun is asked:
            self._begun = self._job = None  # who asked is not kept alive by what has ended
        if awaited:
            self._asked = None
            self.changed.emit()
        elif self._asked is not None and self._job is None:
            self._begin(self._asked)  # it has waited for this end
        return awaited
