"""A job in a process of its own, behind the same generator contract.

Encoders hold the interpreter's lock for long stretches, and some libraries crash on a bad file.
The window therefore lets such jobs run elsewhere: it stays smooth, and survives.
"""

import logging
import multiprocessing
import signal
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, drain
from workbench.memory import keep_freed_memory

T = TypeVar("T")

_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_TO_END = 20.0


class JobProcessError(WorkbenchError):
    """The process of a job ended without a result."""


def in_process(
    station: Callable[..., Job[T]], *arguments: Any, control: Control, **options: Any
) -> Job[T]:
    """Run a station in a new process; its events and its result arrive here.

    Parameters
    ----------
    station : callable
        A generator function of a module, with a `control` parameter.
    *arguments, **options
        Whatever can be pickled between two processes of one program.
    control : Control
        Pause, stop and live values reach the process within a twentieth of a second.

    Yields
    ------
    Event

    Returns
    -------
    T

    Raises
    ------
    WorkbenchError
        The station's own; or, as `JobProcessError`, that the process died.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a window or of torch's threads hangs
    here, there = context.Pipe()
    process = context.Process(
        target=_work, args=(there, station, arguments, options), name=f"job {station.__name__}"
    )
    process.start()
    there.close()
    try:
        result: T = yield from _listen(here, control)
        return result
    except JobProcessError:
        process.kill()  # a job keeps what is finished, whenever it ends
        raise
    except (EOFError, OSError):
        process.join(_SECONDS_TO_END)
        raise JobProcessError(_death(process.exitcode)) from None
    finally:
        here.close()  # the process takes this for a stop, too
        process.join(_SECONDS_TO_END)
        if process.is_alive():
            process.kill()


def _listen(here: Connection, control: Control) -> Job[Any]:
    """Hand on events, and in the other direction what the user asks for."""
    paused = stopping = False
    patience = 0.0
    while True:
        if control.stopping and not stopping:
            here.send(("stop", None))
            stopping, patience = True, time.monotonic() + _SECONDS_TO_END
        if control.paused != paused:
            paused = not paused
            here.send(("pause" if paused else "resume", None))
        for wish in control.take_wishes():
            here.send(("set", wish))
        if not here.poll(_SECONDS_BETWEEN_LOOKS):
            if stopping and time.monotonic() > patience:
                raise JobProcessError(
                    f"The work did not stop within {_SECONDS_TO_END:.0f} s, and was ended. What "
                    "was finished is kept; start again to go on."
                )
            continue
        kind, content = here.recv()
        if kind == "event":
            yield content
        elif kind == "result":
            return content
        elif kind == "failed":
            raise content
        else:
            logging.getLogger(__name__).error("A job's process failed:\n%s", content[1])
            raise JobProcessError(content[0])


def _work(
    there: Connection,
    station: Callable[..., Job[Any]],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    """Run the station; the body of the new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it asks for a stop
    keep_freed_memory()
    control = Control()
    threading.Thread(target=_obey, args=(there, control), daemon=True).start()
    lock = threading.Lock()

    def tell(kind: str, content: object) -> None:
        with lock:
            there.send((kind, content))

    def hear(event: Event) -> None:
        tell("event", event)

    try:
        tell("result", drain(station(*arguments, control=control, **options), hear))
    except WorkbenchError as error:
        tell("failed", error)
    except (BrokenPipeError, ConnectionResetError):
        return  # the parent is gone, and nobody is left to tell
    except BaseException as error:
        name = f"{type(error).__name__}: {error}"
        sentence = f"Something unexpected went wrong ({' '.join(name.split())[:200]})."
        tell("crashed", (sentence, traceback.format_exc()))


def _obey(there: Connection, control: Control) -> None:
    """Carry out what the parent asks for; its silence means that it is gone."""
    while True:
        try:
            kind, wish = there.recv()
        except (EOFError, OSError):
            control.stop()
            return
        if kind == "set":
            control.set(*wish)
        else:
            {"stop": control.stop, "pause": control.pause, "resume": control.resume}[kind]()


def _death(code: int | None) -> str:
    """Say how a process ended that told nothing."""
    if code == -signal.SIGKILL:
        how = "was killed, perhaps because the memory was used up"
    elif code is not None and code < 0:
        how = f"crashed ({signal.Signals(-code).name})"
    else:
        how = "ended before its work was done"
    return f"The process that did the work {how}. What was finished is kept; start again to go on."
