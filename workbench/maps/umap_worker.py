"""UMAP's process as its parent sees it: rows go in, words and positions come out, all by pipes.

Nothing of the rows is on the disk: nothing stays there when it is killed, and a full disk stops no
map. Only what was compiled is kept (`workbench.maps.compiled`).

Importing UMAP and loading what was compiled takes longer than a map of two thousand items. So a
window keeps one process ready that has done both; a map takes it, and the next one is started.
"""

import atexit
import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from workbench.assets import resource
from workbench.children import command

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
Array = npt.NDArray[Any]

READY = "--ready"
"""An argument of the process: have all compiled before a map is asked for."""
_END_OF_LOG = 4000  # bytes
_CHUNK = 1 << 16


class _Ready:
    """The process that waits for a map, if one is to."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False

    def keep(self, wanted: bool) -> None:
        """Have one wait from now on, or let go of it."""
        with self._lock:
            self._wanted = wanted
            process = self._process
            if wanted and (process is None or process.poll() is not None):
                self._process = _start(READY)
            elif not wanted and process is not None:
                self._process = None
                _end(process)

    def take(self) -> "subprocess.Popen[bytes]":
        """Return the one that waits, or a new one."""
        with self._lock:
            process, self._process = self._process, None
        return process if process is not None and process.poll() is None else _start()

    def renew(self) -> None:
        """Have the next one wait, if one is to."""
        if self._wanted:
            self.keep(True)


_ready = _Ready()


def keep_umap_ready() -> None:
    """Have a process wait for the next map; each map makes room for another one.

    It takes some seconds of one processor and about 260 MB, and ends with this process.
    """
    _ready.keep(True)
    atexit.register(let_go_of_umap)


def let_go_of_umap() -> None:
    """Have no process wait any more."""
    _ready.keep(False)


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command("workbench.maps.umap_process", *arguments),
        stdin=pipe, stdout=pipe, stderr=pipe,
        cwd=resource(),  # numba reads settings in the current folder
    )  # fmt: skip


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):  # what was not written
                pipe.close()


class UmapWorker:
    """A process that computes a map; it ends when the block that it is used in does.

    Parameters
    ----------
    options : mapping
        ``neighbours``, ``min_dist``, ``seed``, ``metric``.
    rows : ndarray, shape (n, d)
    start : ndarray, shape (n, 2), or None
        Where the rows lie at first.
    nearest : tuple of ndarray, each of shape (n, k), or None
        Places and distances of the nearest rows, as `umap_neighbours` finds them; without, UMAP
        finds its own.
    """

    def __init__(
        self,
        options: Mapping[str, object],
        rows: Floats,
        start: Floats | None = None,
        nearest: tuple[Places, Floats] | None = None,
    ) -> None:
        self._shape = len(rows), 2
        self._log = self._result = b""
        arrays: list[Array] = [np.asarray(rows, dtype=np.float32)]
        if start is not None:
            arrays.append(np.asarray(start, dtype=np.float32))
        shapes = {
            "rows": rows.shape,
            "start": None if start is None else start.shape,
            "nearest": None if nearest is None else nearest[0].shape,
        }
        head = json.dumps({**options, **shapes}).encode() + b"\n"
        self.process = _ready.take()
        into, out, log = self.process.stdin, self.process.stdout, self.process.stderr
        assert into is not None  # noqa: S101 - for the types: they are pipes
        assert out is not None  # noqa: S101
        assert log is not None  # noqa: S101
        self._threads = [
            Thread(target=_write, args=(into, head, [*arrays, *(nearest or ())]), daemon=True),
            Thread(target=self._listen, args=(log,), daemon=True),
            Thread(target=self._receive, args=(out,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "UmapWorker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        _end(self.process)
        _ready.renew()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    @property
    def log(self) -> str:
        """The end of what it has printed."""
        return self._log.decode(errors="replace")

    def positions(self) -> Floats | None:
        """Return the map, shape (n, 2), of a process that has ended; None if it failed."""
        for thread in self._threads:
            thread.join()
        if self.process.returncode != 0 or len(self._result) != 8 * self._shape[0]:
            return None
        return np.frombuffer(self._result, dtype=np.float32).reshape(self._shape).copy()

    def _listen(self, log: IO[bytes]) -> None:
        while told := log.read1(_CHUNK):  # type: ignore[attr-defined]
            self._log = (self._log + told)[-_END_OF_LOG:]

    def _receive(self, out: IO[bytes]) -> None:
        self._result = out.read()


def _write(into: IO[bytes], head: bytes, arrays: list[Array]) -> None:
    """Hand over options and rows; the pipe stays open, for the process takes its end as ours."""
    with suppress(OSError):  # it has ended, which whoever waits for it sees as well
        into.write(head)
        for array in arrays:
            into.write(np.ascontiguousarray(array).data)
        into.flush()
