"""Processes and who started them: what children do, and whether they outlive their parents."""

import ctypes
import os
import signal
import sys
import time
from multiprocessing import parent_process
from pathlib import Path


def names_itself():
    print(os.getpid(), flush=True)


def hangs():
    """Wait in a library for ever, with the interpreter's lock in hand: no thread gets to run."""
    names_itself()
    ctypes.PyDLL(None).pause()


def ends_in_order(note):
    """Note the parent's end at once, then go on."""
    names_itself()
    parent_process().join()
    Path(note).write_text("the parent is gone")
    time.sleep(60)


def children_of(pid):
    """Return the processes that a process has started, and theirs; on Linux."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rpartition(") ")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(facts[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children_of(child)]
    return found


def outliving(family, patience=20):
    """Return who of a family is still there after so many seconds, and end them."""
    deadline = time.monotonic() + patience
    while any(Path(f"/proc/{pid}").exists() for pid in family) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in family if Path(f"/proc/{pid}").exists()]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


if __name__ == "__main__":
    if sys.argv[1:] == ["closed"]:
        from workbench.children import end_when_closed

        end_when_closed(sys.stdin.fileno())
        hangs()
    names_itself()
