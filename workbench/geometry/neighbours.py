"""Nearest neighbours within one space, found exactly by faiss."""

import sys

import numpy as np
import numpy.typing as npt


def nearest_neighbours(
    points: npt.NDArray[np.float32],
    neighbours: int,
    queries: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """Return neighbourhoods N_K: a point itself, then its K nearest neighbours.

    Parameters
    ----------
    points : ndarray, shape (n, d)
    neighbours : int
        K; capped at n - 1.
    queries : ndarray of int, shape (q,), optional
        Rows whose neighbourhoods are wanted; all by default.

    Returns
    -------
    ndarray, shape (q, K + 1)
        Row numbers by ascending Euclidean distance; the point itself always stands first, also
        among exact duplicates.
    """
    import faiss

    if sys.platform == "darwin":  # torch brings a second OpenMP there
        faiss.omp_set_num_threads(1)
    points = np.ascontiguousarray(points, dtype=np.float32)
    width = min(neighbours, len(points) - 1) + 1
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(points)
    asked = np.arange(len(points)) if queries is None else queries
    _, found = index.search(points if queries is None else points[queries], width)
    own = asked[:, None]
    elsewhere = found != own
    # among more than K duplicates a point may miss itself: then its last neighbour gives way
    elsewhere[elsewhere.all(axis=1), -1] = False
    others = found[elsewhere].reshape(len(asked), width - 1)
    return np.concatenate([own, others], axis=1).astype(np.int64)
