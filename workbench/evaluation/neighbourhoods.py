"""Whether a space keeps the neighbourhoods of another one."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def cosine_neighbours(points: Floats, neighbours: int) -> npt.NDArray[np.int64]:
    """Return each row's nearest other rows by cosine, unordered.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Unit rows.
    neighbours : int
        Capped at n - 1.

    Returns
    -------
    ndarray, shape (n, min(neighbours, n - 1))
    """
    width = min(neighbours, len(points) - 1)
    found = np.empty((len(points), width), dtype=np.int64)
    for start in range(0, len(points), 1024):
        scores = points[start : start + 1024] @ points.T
        rows = np.arange(len(scores))
        scores[rows, start + rows] = -np.inf
        found[start : start + 1024] = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    return found


def neighbour_overlap(before: Floats, after: Floats, neighbours: int = 10) -> float:
    """Return the mean share of a row's nearest neighbours that it keeps.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
        Unit rows of the same items in two spaces.
    neighbours : int

    Returns
    -------
    float
        From 0 to 1; nan with fewer than two rows.
    """
    if len(before) < 2:
        return float("nan")
    old, new = cosine_neighbours(before, neighbours), cosine_neighbours(after, neighbours)
    kept = (old[:, :, None] == new[:, None, :]).any(axis=2)
    return float(kept.mean())
