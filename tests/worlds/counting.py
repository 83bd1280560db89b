"""Jobs for another process, which has little to import for them: most of its start is that."""

import os
import signal
import time
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.jobs import Progress


def counting(control, count, seconds=0.0, fail=""):
    """Count slowly: a job to run in another process."""
    heard = []
    for number in range(count):
        control.wait_while_paused()
        if control.stopping:
            return "stopped", number, heard
        heard += control.take_wishes()
        if fail and number == count - 1:
            {"sentence": _sentence, "bug": _bug, "death": _death, "crash": _crash}[fail]()
        yield Progress(number + 1, count, f"process {os.getpid()}")
        time.sleep(seconds)
    return "counted", count, heard


def noting_its_end(control, file):
    """Work until stopped, then write so: a job whose window is killed."""
    number = 0
    while not control.stopping:
        number += 1
        yield Progress(number, 0)
        time.sleep(0.01)
    Path(file).write_text("stopped in order")


def _sentence():
    raise CountingError("The numbers ran out. Buy more.")


def _bug():
    raise KeyError("seven")


def _death():
    os.kill(os.getpid(), signal.SIGKILL)


def _crash():
    os.kill(os.getpid(), signal.SIGSEGV)


class CountingError(WorkbenchError):
    """A kind of its own, which must survive the way between processes."""
