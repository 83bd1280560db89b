"""Children: processes that end with the one that started them, and import nothing from its folder.

A process that is killed tells nobody. Those it started would read on, hold gigabytes, or wait for
ever at a pipe that they hold open themselves. So each child has a pipe of which only its parent
holds the other end: the system closes it when the parent ends, however it ends. On Linux the kernel
then kills the child by itself, also one that hangs in a library with the interpreter's lock in its
hand; elsewhere a thread does. (A parent-death signal comes when the *thread* ends that started a
child, too early in a window.)

Python looks for modules in the current folder first, which may be a project that came by mail, with
a ``json.py`` in it. Children do not.

In a built program there is no Python to start a child with: the program starts itself, and says by
its first argument which module it is to be.
"""

import multiprocessing
import os
import runpy
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType

_RUN = r"""
import runpy, sys
sys.path[:] = sys.argv.pop(1).split("\n")
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""

_AS_MODULE = "--as-module"  # the first argument of a built program that is to be a child


class ChildProcess(SpawnProcess):
    """A process of `multiprocessing` that ends with its parent.

    Attributes
    ----------
    patience : float
        Seconds that it has to end in order once the parent is gone.
    needs_main : bool
        Whether it imports the program that was started, as `multiprocessing` has it do: that may
        take seconds, and only what is defined there needs it.
    """

    patience = 0.0
    needs_main = True

    def start(self) -> None:
        """Start it."""
        with _nothing_from_here(), nullcontext() if self.needs_main else _without_main():
            super().start()

    def run(self) -> None:
        """Do in the child what it was made for."""
        end_with_parent(self.patience)
        super().run()


class ChildContext(SpawnContext):
    """The context of `multiprocessing` whose processes are children, for whoever takes a context.

    They are new interpreters: a fork of a window or of torch hangs.
    """

    Process = ChildProcess

    def __init__(self) -> None:
        super().__init__()
        if sys.platform != "win32":
            from multiprocessing import resource_tracker

            with _nothing_from_here():  # a process of Python's own, which serves all children
                resource_tracker.ensure_running()


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in a child.

    Its parent keeps the child's standard input open, and the module calls `end_when_closed`.
    """
    if is_built():
        return [sys.executable, _AS_MODULE, module, *arguments]
    root = str(Path(__file__).parents[1])  # where no path leads if it is run in a checkout
    path = [*filter(None, sys.path), *([] if root in sys.path else [root])]
    return [sys.executable, "-P", "-c", _RUN, "\n".join(path), module, *arguments]


def command_of_file(module: ModuleType) -> list[str]:
    """Return the command that runs a module in a child without the packages that it lies in.

    For one that imports nothing of ours, and so is there at once; a built program knows modules by
    their names only, and imports the packages too.
    """
    if is_built():
        return [sys.executable, _AS_MODULE, module.__name__]
    return [sys.executable, "-P", str(module.__file__)]


def is_built() -> bool:
    """Return whether this is a program built by PyInstaller: it brings Python, but is none."""
    return bool(getattr(sys, "frozen", False))


def be_the_child_asked_for() -> None:
    """In a built program: be what `command` or `multiprocessing` asks for, and end; else return.

    The first that such a program calls.
    """
    multiprocessing.freeze_support()
    if sys.argv[1:2] == [_AS_MODULE]:
        module = sys.argv[2]
        if module.partition(".")[0] != __package__:
            sys.exit(f"{module} is no part of this program.")
        del sys.argv[1:2]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        sys.exit(0)


def end_with_parent(patience: float = 0.0) -> None:
    """In a process of `multiprocessing`: let it end when its parent does.

    Parameters
    ----------
    patience : float
        Seconds that it has to end in order.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and (patience or not _killed_by_kernel(parent.sentinel)):
        _end_after(parent.join, patience)


def end_when_closed(pipe: int) -> None:
    """Let this process end when nobody holds the other end of a pipe any more.

    Parameters
    ----------
    pipe : int
        The file descriptor it is read by. Nothing is to come through it from now on.
    """
    if not _killed_by_kernel(pipe):
        _end_after(lambda: os.read(pipe, 1), 0.0)


def _killed_by_kernel(pipe: int) -> bool:
    """Ask the kernel to kill this process when a pipe's other end closes; whether it will."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:  # what calls itself Linux, and has less
        return False
    closed = select.poll()
    closed.register(pipe, 0)  # which tells of a hang-up alone
    if closed.poll(0):  # it came before
        os._exit(1)
    return True


def _end_after(wait: Callable[[], object], patience: float) -> None:
    def end() -> None:
        wait()
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=end, name="ends with the parent", daemon=True).start()


@contextmanager
def _nothing_from_here() -> Iterator[None]:
    """Let interpreters that start now not look for modules in the current folder.

    Only meanwhile: programs that the user's desktop opens inherit the environment.
    """
    with _environment:
        before = os.environ.get("PYTHONSAFEPATH")
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYTHONSAFEPATH"]
            else:
                os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _without_main() -> Iterator[None]:
    """Let children that start now know of no program that was started."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


_environment = threading.RLock()
