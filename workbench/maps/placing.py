"""Places on a map that is there already, which does not move for them."""

import numpy as np
import numpy.typing as npt

from workbench.maps.by_umap import MapMetric
from workbench.search import NearestRows

Floats = npt.NDArray[np.float32]

NEAREST_MAPPED = 5
_ROUNDING = 1e-6


class PlacesAmong:
    """Places rows among those that are mapped already.

    A row lies at the mean of the positions of the nearest mapped rows, weighted by the inverse of
    their squared distance in the space (Shepard 1968); on a mapped row that is equal to it. It is
    where UMAP's own transform begins, but for the weights. That transform itself would need the
    fitted model, which lies in a process that has ended and is kept nowhere but as a pickle. So a
    row that is like none of those on the map still lies amidst some of them.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
        What is mapped; at least one.
    positions : ndarray, shape (n, 2)
    metric : {"cosine", "euclidean", "correlation", "manhattan"}
        What nearest means.
    """

    def __init__(self, rows: Floats, positions: Floats, metric: MapMetric = "cosine") -> None:
        self._positions = np.asarray(positions, dtype=np.float32)
        self._metric = metric
        self._angles = NearestRows(_unit(rows, metric)) if metric in _BY_ANGLE else None
        self._rows = rows

    def place(self, rows: Floats, nearest: int = NEAREST_MAPPED) -> Floats:
        """Return positions of rows (m, d), shape (m, 2)."""
        if len(rows) == 0:
            return np.zeros((0, 2), dtype=np.float32)
        distance, found = self._near(rows, min(nearest, len(self._positions)))
        squared = np.square(distance, dtype=np.float64)
        least = 1e-6 * squared.max(axis=1, keepdims=True)
        if self._angles is not None:  # of equal rows the cosine is 1 but for rounding
            least = np.maximum(least, _ROUNDING)
        same = squared <= least
        with np.errstate(divide="ignore"):
            weights = np.where(same.any(axis=1, keepdims=True), same, 1 / squared)
        weights /= weights.sum(axis=1, keepdims=True)
        places = self._positions[found].astype(np.float64)
        return np.asarray(np.einsum("mk,mkd->md", weights, places), dtype=np.float32)

    def _near(self, rows: Floats, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        if self._angles is not None:
            cosines, found = self._angles.search(_unit(rows, self._metric), count)
            return np.sqrt(np.maximum(2 - 2 * cosines, 0)), found
        from sklearn.neighbors import NearestNeighbors

        model = NearestNeighbors(n_neighbors=count, metric=self._metric, algorithm="brute")
        distance, found = model.fit(self._rows).kneighbors(rows)
        return distance, found


_BY_ANGLE = ("cosine", "correlation")


def _unit(rows: Floats, metric: MapMetric) -> Floats:
    """Return rows of length one; the correlation is the cosine of rows around their own means."""
    rows = np.asarray(rows, dtype=np.float32)
    if metric == "correlation":
        rows = np.subtract(rows, rows.mean(axis=1, keepdims=True))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
