"""What children do: they say who they are, and some never come to an end."""

import ctypes
import os
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


if __name__ == "__main__":
    if sys.argv[1:] == ["closed"]:
        from workbench.children import end_when_closed

        end_when_closed(sys.stdin.fileno())
        hangs()
    names_itself()
