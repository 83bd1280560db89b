"""Spherical k-means: unit rows around the means of those that are nearest to each other."""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.jobs import Control, Job, Progress

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_SCORES_AT_ONCE = 2**24  # 64 MB
_STILL = 1e-5


def spherical_means(
    rows: Floats, centres: Floats, rounds: int, control: Control | None = None, *, seed: int = 0
) -> Job[Floats]:
    """Move centres to where rows lie, the same way each time.

    The rounds are those of faiss, where a centre that no row is nearest to gets half the rows of
    a large one. They end early once no centre moves.

    Parameters
    ----------
    rows : ndarray, shape (n, w)
        Unit rows, no fewer than the centres.
    centres : ndarray, shape (c, w)
        Where to begin.
    rounds : int
        At most.
    control : Control, optional
    seed : int

    Yields
    ------
    Progress
        Counts rounds.

    Returns
    -------
    ndarray, shape (c, w)
        Unit rows; after a stop those of the last round.
    """
    import faiss

    if sys.platform == "darwin":  # torch brings a second OpenMP there
        faiss.omp_set_num_threads(1)
    control = control or Control()
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    message = f"Finding {len(centres):,} clusters"
    yield Progress(0, rounds, message)
    for done in range(rounds):
        control.wait_while_paused()
        if control.stopping:
            break
        # a round at a time, so that a stop is heard
        means: Any = faiss.Kmeans(
            rows.shape[1], len(centres), niter=1, spherical=True, seed=seed,
            min_points_per_centroid=1, max_points_per_centroid=len(rows),
        )  # fmt: skip
        means.train(rows, init_centroids=np.ascontiguousarray(centres, dtype=np.float32))
        still = np.allclose(means.centroids, centres, atol=_STILL)
        centres = means.centroids.copy()
        yield Progress(done + 1, rounds, message)
        if still:
            break
    return centres


def nearest_centres(rows: Floats, centres: Floats) -> tuple[Rows, Floats]:
    """Return which centre is nearest to each row, the first of equal ones, and their cosine.

    Parameters
    ----------
    rows, centres : ndarray, shapes (n, w) and (c, w)
        Unit rows.

    Returns
    -------
    tuple of ndarray, each of shape (n,)
    """
    nearest = np.zeros(len(rows), dtype=np.int64)
    cosine = np.zeros(len(rows), dtype=np.float32)
    step = max(1, _SCORES_AT_ONCE // max(1, len(centres)))
    for start in range(0, len(rows), step):
        some = slice(start, start + step)
        scores = rows[some] @ centres.T
        nearest[some] = scores.argmax(axis=1)
        cosine[some] = scores.max(axis=1)
    return nearest, cosine
