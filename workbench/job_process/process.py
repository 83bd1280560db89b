"""A process that does jobs, as the process that gives them sees it."""

import logging
import math
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from workbench.children import ChildContext
from workbench.errors import WorkbenchError
from workbench.job_process.work import work
from workbench.jobs import Control, Job
from workbench.temporary import TemporaryFolder

T = TypeVar("T")

_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_TO_END = 20.0  # after a stop, or since it has told something
_SECONDS_TO_FINISH = 600.0  # in all
_SECONDS_TO_TELL = 5.0


class JobProcessError(WorkbenchError):
    """The process of a job ended without a result.

    Parameters
    ----------
    sentence, details : str
        See `WorkbenchError`.
    """

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


class PromptControl(Control):
    """A control whose wishes reach a job in another process at once; those of others, soon."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()  # and whoever asks never waits

    def pause(self) -> None:
        """Ask the job to wait at its next safe point."""
        super().pause()
        self.asked.set()

    def resume(self) -> None:
        """Let a paused job go on."""
        super().resume()
        self.asked.set()

    def stop(self) -> None:
        """Ask the job to end at its next safe point, keeping what is finished."""
        super().stop()
        self.asked.set()

    def set(self, name: str, value: float) -> None:
        """Change a live value, such as ``alpha``; the job sees it at its next step."""
        super().set(name, value)
        self.asked.set()


class JobProcess:
    """A process that does one job after another: what the first has imported, the next one has.

    Attributes
    ----------
    idle : bool
        Whether it can be given a job: it is new, or has ended the one before in order.
    """

    def __init__(self) -> None:
        context = ChildContext()
        self._here, there = context.Pipe()
        self._last_words = _LastWords()
        self._process = context.Process(
            target=work, args=(there, self._last_words.path), name="jobs"
        )
        self._process.patience = _SECONDS_TO_END
        self._process.start()
        there.close()
        self.idle = True

    def run(
        self, station: Callable[..., Job[T]], *arguments: Any, control: Control, **options: Any
    ) -> Job[T]:
        """Run a station; see `in_process`."""
        self.idle = False
        ended = threading.Event()
        telling = threading.Thread(
            target=_tell_wishes, args=(self._here, control, ended), daemon=True
        )
        try:
            self._here.send(("job", (station, arguments, options)))
            telling.start()
            result: T = yield from _listen(self._here, control)
        except JobProcessError:
            self._process.kill()  # a job keeps what is finished, whenever it ends
            raise
        except WorkbenchError:
            self.idle = True
            raise
        except (EOFError, OSError):
            self._process.join(_SECONDS_TO_END)
            death = _death(self._process.exitcode)
            raise JobProcessError(death, self._last_words.read()) from None
        finally:
            ended.set()
            if isinstance(control, PromptControl):
                control.asked.set()
            if telling.ident is not None:
                telling.join(_SECONDS_TO_TELL)
            if telling.is_alive():  # the process does not hear any more
                self._process.kill()
                telling.join()
        self.idle = True
        return result

    def is_alive(self) -> bool:
        """Whether there still is a process."""
        return self._process.is_alive()

    def end(self) -> None:
        """End it; a job that runs is stopped, and given a while for that."""
        self.idle = False
        self._here.close()  # the process takes this for a stop
        self._process.join(_SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()


def _listen(here: Connection, control: Control) -> Job[Any]:
    """Hand on events until the result.

    Who is asked to stop may have something to finish, such as the figures of a sweep: as long as
    it tells of that, it is waited for.
    """
    patience, longest = math.inf, math.inf
    while True:
        if control.stopping and patience == math.inf:
            patience = time.monotonic() + _SECONDS_TO_END
            longest = time.monotonic() + _SECONDS_TO_FINISH
        if not here.poll(_SECONDS_BETWEEN_LOOKS):
            if time.monotonic() > patience:
                raise JobProcessError(
                    "The work was asked to stop, did not, and was killed. What was finished is "
                    "kept; start again to continue."
                )
            continue
        kind, content = here.recv()
        if kind == "event":
            if patience != math.inf:
                patience = min(time.monotonic() + _SECONDS_TO_END, longest)
            yield content
        elif kind == "result":
            return content
        elif kind == "failed":
            raise content
        else:
            sentence, details, trace = content
            logging.getLogger(__name__).error("A job's process failed:\n%s", trace)
            raise JobProcessError(sentence, details)


class _LastWords:
    """A file in which a process that crashes says where it was.

    Attributes
    ----------
    path : Path or None
        None where nothing can be written, which must hinder no job.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        with suppress(OSError):
            self._folder = TemporaryFolder()
            self.path = self._folder.path / "last-words"
            self.path.touch()

    def read(self) -> str:
        """Return what the process said; empty if it ended without a word."""
        try:
            return "" if self.path is None else self.path.read_text("utf-8", "replace")
        except OSError:
            return ""


def _tell_wishes(here: Connection, control: Control, ended: threading.Event) -> None:
    """Pass on what the user asks for; in a thread, since a full pipe must hold up nobody."""
    asked, patience = threading.Event(), _SECONDS_BETWEEN_LOOKS
    if isinstance(control, PromptControl):
        asked, patience = control.asked, math.inf
    paused = stopping = False
    while not ended.is_set():
        asked.clear()  # before looking: what is asked for from here on is seen next time
        messages: list[tuple[str, object]] = []
        going_on = control.paused != paused  # looked at first: what was wished before comes before
        if wishes := control.take_wishes():
            messages.append(("set", wishes))
        if going_on:
            paused = not paused
            messages.append(("pause" if paused else "resume", None))
        if control.stopping and not stopping:
            stopping = True
            messages.append(("stop", None))
        try:
            for message in messages:
                here.send(message)
        except OSError:
            return  # the process has ended, which whoever listens sees as well
        asked.wait(None if patience == math.inf else patience)


def _death(code: int | None) -> str:
    """Say how a process ended that told nothing."""
    if code == -signal.SIGKILL:
        how = "was killed, perhaps because memory ran out"
    elif code is not None and code < 0:
        how = f"crashed ({signal.Signals(-code).name})"
    else:
        how = "ended before its work was done"
    return (
        f"The process that did the work {how}. What was finished is kept; start again to continue."
    )
