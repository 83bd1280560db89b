"""What a map in two dimensions cannot show for certain: who is near whom in the space itself."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.evaluation import partner_ranks

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NEAREST = 10


def partners_found(
    mapped: Mapping[str, Floats], pairs: Mapping[tuple[str, str], Rows], nearest: int = NEAREST
) -> dict[tuple[str, str], Mask]:
    """Return of each pair whether both items find a partner among the nearest of the other view.

    Parameters
    ----------
    mapped : mapping of view to ndarray, shape (n, w)
        Unit rows of one space.
    pairs : mapping of relation to ndarray, shape (p, 2)
        Rows that belong together.
    nearest : int
        Among how many. A partner that ties with others counts as the farthest of them, so that a
        collapsed space finds none.

    Returns
    -------
    dict of relation to ndarray of bool, shape (p,)
    """
    found = {}
    for (first, second), rows in pairs.items():
        similarity = mapped[first] @ mapped[second].T
        similarity[np.isnan(similarity)] = -np.inf
        near = np.ones(len(rows), dtype=bool)
        for side, scores in enumerate((similarity, similarity.T)):
            own = rows if side == 0 else rows[:, ::-1]
            ranks = partner_ranks(scores, own)
            near &= (ranks <= nearest)[np.searchsorted(np.unique(own[:, 0]), own[:, 0])]
        found[first, second] = near
    return found


def nearest_rows(rows: Floats, nearest: int = NEAREST) -> Rows:
    """Return the nearest other rows of each row by dot product, shape (n, min(nearest, n - 1)).

    They are sorted by row, not by nearness.
    """
    count = min(nearest, max(len(rows) - 1, 0))
    if count == 0:
        return np.zeros((len(rows), 0), dtype=np.int64)
    similarity = rows @ rows.T
    similarity[np.isnan(similarity)] = -np.inf
    np.fill_diagonal(similarity, -np.inf)
    found = np.argpartition(similarity, -count, axis=1)[:, -count:]
    return np.sort(found.astype(np.int64), axis=1)


def neighbours_kept(before: Rows, after: Rows) -> Mask:
    """Return of each neighbour before whether it is one after.

    Parameters
    ----------
    before, after : ndarray, shapes (n, k) and (n, l)
        Of `nearest_rows` in two spaces.

    Returns
    -------
    ndarray of bool, shape (n, k)
    """
    kept: Mask = (before[:, :, None] == after[:, None, :]).any(axis=2)
    return kept
