"""Two-dimensional maps of embeddings."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress, Stopwatch

Floats = npt.NDArray[np.float32]
MapMethod = Literal["pca", "umap"]

_POLL_SECONDS = 0.2


def pca_map(rows: Floats) -> Floats:
    """Return the first two principal components, shape (n, 2).

    Signs are fixed so that the largest entry of each direction is positive: the same rows give the
    same map on every machine.
    """
    from sklearn.decomposition import PCA

    count = min(2, *rows.shape)
    # one row, or equal rows, have no spread: scikit-learn would warn and divide by zero
    positions = np.zeros((len(rows), 2), dtype=np.float32)
    if (rows != rows[:1]).any():
        positions[:, :count] = PCA(
            count, svd_solver="full" if len(rows) < 500 else "covariance_eigh"
        ).fit_transform(rows)
    return positions


def umap_map(
    rows: Floats, neighbours: int, min_dist: float, seed: int, control: Control
) -> Job[Floats | None]:
    """Return a UMAP of rows by cosine, shape (n, 2), or None when stopped.

    It runs in a process of its own: numba compiles for tens of seconds and holds the interpreter
    lock meanwhile, which would freeze the window; and a process can be stopped.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
    neighbours : int
        Capped at n - 1.
    min_dist : float
    seed : int

    Yields
    ------
    Progress
    """
    if len(rows) < 4:
        return pca_map(rows)
    options = {"n_neighbors": min(neighbours, len(rows) - 1), "min_dist": min_dist, "seed": seed}
    with tempfile.TemporaryDirectory(prefix="gera-umap-") as name:
        folder = Path(name)
        np.save(folder / "rows.npy", rows)
        (folder / "options.json").write_text(json.dumps(options), encoding="utf-8")
        command = [sys.executable, "-m", "workbench.maps.umap_process", str(folder)]
        with (folder / "log.txt").open("w") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield from _wait(process, control)
            if control.stopping:
                return None
            if process.returncode != 0:
                lines = (folder / "log.txt").read_text(errors="replace").strip().splitlines()
                reason = lines[-1] if lines else f"exit code {process.returncode}"
                raise WorkbenchError(f"UMAP failed: {reason}. Try PCA, or other settings.")
            positions: Floats = np.load(folder / "positions.npy", allow_pickle=False)
            return positions
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], control: Control) -> Iterator[Progress]:
    watch = Stopwatch()
    while process.poll() is None and not control.stopping:
        yield Progress(0, 0, f"UMAP: {watch.seconds():.0f} s (the first half minute is compiling)")
        time.sleep(_POLL_SECONDS)
