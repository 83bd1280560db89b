"""Nearest neighbours within one space, found exactly by faiss."""

import sys

import numpy as np
import numpy.typing as npt


def nearest_neighbours(points: npt.NDArray[np.float32], neighbours: int) -> npt.NDArray[np.int64]:
    """Return each point's neighbourhood N_K: itself, then its K nearest neighbours.

    Parameters
    ----------
    points : ndarray, shape (n, d)
    neighbours : int
        K; capped at n - 1.

    Returns
    -------
    ndarray, shape (n, K + 1)
        Row numbers by ascending Euclidean distance; the point itself always stands first, also
        among exact duplicates.
    """
    import faiss

    if sys.platform == "darwin":  # torch brings a second OpenMP there
        faiss.omp_set_num_threads(1)
    count = len(points)
    width = min(neighbours, count - 1) + 1
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(points, dtype=np.float32))
    _, found = index.search(np.ascontiguousarray(points, dtype=np.float32), width)
    own = np.arange(count)[:, None]
    elsewhere = found != own
    # among more than K duplicates a point may miss itself: then its last neighbour gives way
    elsewhere[elsewhere.all(axis=1), -1] = False
    others = found[elsewhere].reshape(count, width - 1)
    return np.concatenate([own, others], axis=1).astype(np.int64)
