"""UMAP, in a process of its own."""

import re
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.geometry import common_scale, of_usual_size
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.maps.projection import pca_map
from workbench.maps.umap_neighbours import BY_ANGLE, MapMetric, umap_neighbours
from workbench.maps.umap_worker import UmapWorker

Floats = npt.NDArray[np.float32]

_POLL_SECONDS = 0.2
# as umap-learn and its progress bar tell of themselves
_STAGES = (
    ("Construct fuzzy simplicial set", "comparing items"),
    ("Finding Nearest Neighbors", "finding neighbours"),  # where faiss has not found them
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

    It runs in a process of its own: numba compiles for a minute the first time and holds the
    interpreter lock meanwhile, which would freeze the window; and a process can be stopped. One
    may wait ready for it, see `keep_umap_ready`.

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
    options: dict[str, Any] = {
        "neighbours": min(neighbours, len(rows) - 1),
        "min_dist": min_dist,
        "seed": seed,
        "metric": metric,
    }
    # umap-learn divides by the extent of what it starts from
    if start is not None and not (np.ptp(start, axis=0) > 0).all():
        start = None
    if metric in BY_ANGLE:
        rows = of_usual_size(rows)
    elif (scale := common_scale(rows)) != 1:
        rows = np.asarray(rows / np.float64(scale), dtype=np.float32)
    nearest = yield from umap_neighbours(rows, options["neighbours"], metric, control)
    with UmapWorker(options, rows, start, nearest) as worker:
        watch = Stopwatch()
        while worker.running and not control.stopping:
            yield _progress(worker.log, watch.seconds())
            time.sleep(_POLL_SECONDS)
        if control.stopping:
            return None
        positions = worker.positions()
        if positions is None:
            lines = worker.log.strip().splitlines()
            reason = lines[-1] if lines else f"exit code {worker.process.returncode}"
            raise WorkbenchError(f"UMAP failed: {reason}. Try PCA, or other settings.")
        positions -= positions.mean(axis=0)
        return positions


def _progress(told: str, seconds: float) -> Progress:
    """Return how far the process has come, by the end of what it has printed."""
    epochs = _EPOCHS.findall(told)
    if epochs:
        done, total = epochs[-1]
        return Progress(int(done), int(total), f"UMAP: {_STAGES[-1][1]}")
    stage = "starting"
    for words, ours in _STAGES:
        stage = ours if words in told else stage
    return Progress(
        0, 0, f"UMAP: {stage}, {seconds:.0f} s (the first map on a computer compiles for a minute)"
    )
