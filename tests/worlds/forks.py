"""Scripts in processes that have imported already what takes most of a child's time.

A server imports torch and the stations once, 4 s of CPU, and is forked for each script; it has no
threads, which whoever is forked must not have. What a process does at its very start is not tried
by this: for that there are the road and what calls `sys.executable`.
"""

import multiprocessing
import os
import sys
from pathlib import Path

_ways = multiprocessing.get_all_start_methods()
_FORKS = multiprocessing.get_context("forkserver" if "forkserver" in _ways else "spawn")
_FORKS.set_forkserver_preload(["torch", "workbench.stations", "pytest"])  # main is pytest's


class Fork:
    """A process that runs a script, as ``python -c SCRIPT ARGUMENTS`` would.

    Attributes
    ----------
    stdout, stderr : file
        What it prints.
    """

    def __init__(self, script, *arguments):
        out, err = _FORKS.Pipe(duplex=False), _FORKS.Pipe(duplex=False)
        surroundings = {**os.environ}, Path.cwd()
        self._process = _FORKS.Process(
            target=_run, args=(script, [*map(str, arguments)], *surroundings, out[1], err[1])
        )
        self._process.start()
        for _, there in (out, err):
            there.close()
        self.stdout, self.stderr = (os.fdopen(os.dup(here.fileno())) for here, _ in (out, err))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wait()

    def kill(self):
        self._process.kill()

    def wait(self):
        """Wait for its end; return its code, and what it still printed on either way."""
        out, err = self.stdout.read(), self.stderr.read()
        self._process.join()
        return self._process.exitcode, out, err


def _run(script, arguments, environment, folder, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["-c", *arguments]
    exec(compile(script, "script", "exec"), {"__name__": "__main__"})  # noqa: S102 - a test's own
