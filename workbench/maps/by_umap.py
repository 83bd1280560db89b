"""UMAP, in a process of its own."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.maps.projection import pca_map

Floats = npt.NDArray[np.float32]
MapMetric = Literal["cosine", "euclidean", "correlation", "manhattan"]
METRICS: tuple[MapMetric, ...] = get_args(MapMetric)

_POLL_SECONDS = 0.2
_END_OF_LOG = 400  # bytes, in which the last line of progress lies
# as umap-learn and its progress bar tell of themselves
_STAGES = (
    ("Construct fuzzy simplicial set", "comparing items"),
    ("Finding Nearest Neighbors", "finding neighbours"),
    ("Construct embedding", "arranging items"),
)
_EPOCHS = re.compile(r"(\d+)/(\d+) \[")


def umap_map(
    rows: Floats,
    neighbours: int,
    min_dist: float,
    seed: int,
    control: Control,
    *,
    metric: MapMetric = "cosine",
    start: Floats | None = None,
) -> Job[Floats | None]:
    """Return a UMAP of rows around its mean, shape (n, 2), or None when stopped.

    It runs in a process of its own: numba compiles for tens of seconds and holds the interpreter
    lock meanwhile, which would freeze the window; and a process can be stopped.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
    neighbours : int
        Capped at n - 1.
    min_dist : float
    seed : int
    control : Control
    metric : {"cosine", "euclidean", "correlation", "manhattan"}
    start : ndarray, shape (n, 2), optional
        Where the rows lie at first, as on a map before: they end near there. The spectral layout
        by default.

    Yields
    ------
    Progress
    """
    if len(rows) < 4:
        return pca_map(rows)
    options = {
        "n_neighbors": min(neighbours, len(rows) - 1),
        "min_dist": min_dist,
        "seed": seed,
        "metric": metric,
    }
    with tempfile.TemporaryDirectory(prefix="gera-umap-") as name:
        folder = Path(name)
        np.save(folder / "rows.npy", rows)
        # umap-learn divides by the extent of what it starts from
        if start is not None and (np.ptp(start, axis=0) > 0).all():
            np.save(folder / "start.npy", start)
        (folder / "options.json").write_text(json.dumps(options), encoding="utf-8")
        command = [sys.executable, "-m", "workbench.maps.umap_process", str(folder)]
        with (folder / "log.txt").open("w") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield from _wait(process, folder / "log.txt", control)
            if control.stopping:
                return None
            if process.returncode != 0:
                lines = (folder / "log.txt").read_text(errors="replace").strip().splitlines()
                reason = lines[-1] if lines else f"exit code {process.returncode}"
                raise WorkbenchError(f"UMAP failed: {reason}. Try PCA, or other settings.")
            positions: Floats = np.load(folder / "positions.npy", allow_pickle=False)
            positions -= positions.mean(axis=0)
            return positions
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, control: Control) -> Iterator[Progress]:
    watch = Stopwatch()
    while process.poll() is None and not control.stopping:
        yield _progress(log, watch.seconds())
        time.sleep(_POLL_SECONDS)


def _progress(log: Path, seconds: float) -> Progress:
    """Return how far the process has come, by the end of what it has printed."""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _END_OF_LOG, 0))
        told = file.read().decode(errors="replace")
    epochs = _EPOCHS.findall(told)
    if epochs:
        done, total = epochs[-1]
        return Progress(int(done), int(total), f"UMAP: {_STAGES[-1][1]}")
    stage = "starting"
    for words, ours in _STAGES:
        stage = ours if words in told else stage
    return Progress(0, 0, f"UMAP: {stage}, {seconds:.0f} s (the first half minute is compiling)")
