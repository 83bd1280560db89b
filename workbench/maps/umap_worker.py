"""UMAP's process as its parent sees it: rows go in, words and positions come out, all by pipes.

Nothing of the rows is on the disk: nothing stays there when it is killed, and a full disk stops no
map. Only what was compiled is kept (`workbench.maps.compiled`).
"""

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import IO

import numpy as np
import numpy.typing as npt

from workbench.assets import resource
from workbench.children import command

Floats = npt.NDArray[np.float32]

_END_OF_LOG = 4000  # bytes
_CHUNK = 1 << 16


class UmapWorker:
    """A process that computes a map; it ends when the block that it is used in does.

    Parameters
    ----------
    options : mapping
        ``neighbours``, ``min_dist``, ``seed``, ``metric``.
    rows : ndarray, shape (n, d)
    start : ndarray, shape (n, 2), or None
        Where the rows lie at first.
    """

    def __init__(
        self, options: Mapping[str, object], rows: Floats, start: Floats | None = None
    ) -> None:
        self._shape = len(rows), 2
        self._log = self._result = b""
        arrays = [rows] if start is None else [rows, start]
        shapes = {"rows": rows.shape, "start": None if start is None else start.shape}
        head = json.dumps({**options, **shapes}).encode() + b"\n"
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command("workbench.maps.umap_process"),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=resource(),  # numba reads settings in the current folder
        )
        into, out, log = self.process.stdin, self.process.stdout, self.process.stderr
        assert into is not None  # noqa: S101 - for the types: they are pipes
        assert out is not None  # noqa: S101
        assert log is not None  # noqa: S101
        self._pipes: tuple[IO[bytes], ...] = into, out, log
        self._threads = [
            Thread(target=_write, args=(into, head, arrays), daemon=True),
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
        for pipe in self._pipes:
            with suppress(OSError):  # what was not written
                pipe.close()

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


def _write(into: IO[bytes], head: bytes, arrays: list[Floats]) -> None:
    """Hand over options and rows; the pipe stays open, for the process takes its end as ours."""
    with suppress(OSError):  # it has ended, which whoever waits for it sees as well
        into.write(head)
        for array in arrays:
            into.write(np.ascontiguousarray(array, dtype=np.float32).data)
        into.flush()
