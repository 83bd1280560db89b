"""Places on a map that is there already, which does not move for them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.geometry import common_scale, of_usual_size
from workbench.maps.umap_neighbours import BY_ANGLE, MapMetric
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
    rows : ndarray, shape (n, d), or sequence of ndarray
        What is mapped, in one piece or in several; at least one row. Unit rows are not copied.
    positions : ndarray, shape (n, 2)
    metric : {"cosine", "euclidean", "correlation", "manhattan"}
        What nearest means.
    """

    def __init__(
        self,
        rows: Floats | Sequence[Floats],
        positions: Floats,
        metric: MapMetric = "cosine",
    ) -> None:
        pieces = [rows] if isinstance(rows, np.ndarray) else list(rows)
        self._positions = np.asarray(positions, dtype=np.float32)
        self._metric = metric
        self._by_angle = metric in BY_ANGLE
        # of distances the size counts, and is that of all rows together
        self._scale = 1.0 if self._by_angle else max(map(common_scale, pieces))
        self._pieces = [self._comparable(each) for each in pieces]
        self._copied = [
            own for own, given in zip(self._pieces, pieces, strict=True) if own is not given
        ]

    @property
    def bytes(self) -> int:
        """How much memory is taken beside the rows that were given."""
        return self._positions.nbytes + sum(each.nbytes for each in self._copied)

    def place(self, rows: Floats, nearest: int = NEAREST_MAPPED) -> Floats:
        """Return positions of rows (m, d), shape (m, 2)."""
        if len(rows) == 0:
            return np.zeros((0, 2), dtype=np.float32)
        distance, found = self._near(rows, min(nearest, len(self._positions)))
        squared = np.square(distance, dtype=np.float64)
        least = 1e-6 * squared.max(axis=1, keepdims=True)
        if self._by_angle:  # of equal rows the cosine is 1 but for rounding
            least = np.maximum(least, _ROUNDING)
        same = squared <= least
        with np.errstate(divide="ignore"):
            weights = np.where(same.any(axis=1, keepdims=True), same, 1 / squared)
        weights /= weights.sum(axis=1, keepdims=True)
        places = self._positions[found].astype(np.float64)
        return np.asarray(np.einsum("mk,mkd->md", weights, places), dtype=np.float32)

    def _comparable(self, rows: Floats) -> Floats:
        if self._by_angle:
            return _unit(rows, self._metric)
        return rows if self._scale == 1 else np.asarray(rows / self._scale, dtype=np.float32)

    def _near(self, rows: Floats, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        if self._by_angle:
            cosines, found = self._highest(self._comparable(rows), count)
            return np.sqrt(np.maximum(2 - 2 * cosines, 0)), found
        from sklearn.neighbors import NearestNeighbors

        model = NearestNeighbors(n_neighbors=count, metric=self._metric, algorithm="brute")
        distance, found = model.fit(np.concatenate(self._pieces)).kneighbors(self._comparable(rows))
        return distance, found

    def _highest(self, rows: Floats, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return the highest cosines to rows of all pieces, and which rows they are of."""
        starts = np.cumsum([0, *map(len, self._pieces)])
        each = [NearestRows(piece).search(rows, count) for piece in self._pieces]
        cosines = np.concatenate([found for found, _ in each], axis=1)
        places = [near + start for (_, near), start in zip(each, starts[:-1], strict=True)]
        found = np.concatenate(places, axis=1)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        return np.take_along_axis(cosines, order, 1), np.take_along_axis(found, order, 1)


def _unit(rows: Floats, metric: MapMetric) -> Floats:
    """Return rows of length one; the correlation is the cosine of rows around their own means."""
    rows = np.asarray(rows, dtype=np.float32)
    rows = of_usual_size(rows)
    if metric == "correlation":
        rows = np.subtract(rows, rows.mean(axis=1, keepdims=True))
    lengths = np.sqrt(np.vecdot(rows, rows))[:, None]
    if metric == "cosine" and bool((np.abs(lengths - 1) < _ROUNDING).all()):
        return rows
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
