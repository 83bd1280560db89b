"""Orthogonal projection on a plane: the map that is there at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.geometry import common_scale, common_scale_of

Floats = npt.NDArray[np.float32]
MapMethod = Literal["pca", "umap"]

_ROWS_AT_ONCE = 65_536  # a centred copy of a million rows would be gigabytes


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in a space, on which any row of the space has its place.

    Attributes
    ----------
    mean : ndarray, shape (d,)
        What lies at the origin of the plane.
    directions : ndarray, shape (d, 2)
        Its axes, of length one; of zeros, where the rows it was made for span no plane. For rows
        of odd size, such as 1e30, they are divided by it, so that positions are of usual size.
    """

    mean: Floats
    directions: Floats

    def place(self, rows: Floats) -> Floats:
        """Return positions of rows (n, d) on the plane, shape (n, 2)."""
        positions = np.empty((len(rows), 2), dtype=np.float32)
        for some, part in zip(_parts(positions), _parts(rows), strict=True):
            some[...] = (part - self.mean) @ self.directions
        return positions

    def turned(self, turn: Floats) -> "Plane":
        """Return the plane with its axes turned by a matrix (2, 2), as `turn_onto` gives it."""
        return Plane(self.mean, self.directions @ turn)


def principal_plane(rows: Floats) -> Plane:
    """Return the plane of the first two principal components of rows, shape (n, d).

    Signs are fixed so that the largest entry of each direction is positive: the same rows give the
    same plane on every machine.
    """
    from sklearn.decomposition import PCA

    width = rows.shape[1]
    directions = np.zeros((width, 2), dtype=np.float32)
    # one row, or equal rows, have no spread: scikit-learn would warn and divide by zero
    if not any((some != rows[:1]).any() for some in _parts(rows)):
        mean = rows[0] if len(rows) else np.zeros(width)
        return Plane(np.asarray(mean, dtype=np.float32), directions)
    count, scale = min(2, *rows.shape), common_scale(rows)
    rows = rows if scale == 1 else np.asarray(rows / np.float64(scale), dtype=np.float32)
    fitted = PCA(count, svd_solver="full" if len(rows) < 500 else "covariance_eigh").fit(rows)
    directions[:, :count] = fitted.components_.T / scale
    return Plane(np.asarray(fitted.mean_ * np.float64(scale), dtype=np.float32), directions)


def plane_of_blocks(blocks: Callable[[], Iterator[Floats]]) -> Plane:
    """Return the plane of rows that come some thousands at a time, and need not all be held.

    Of one block it is that of `principal_plane`; of more, that of their covariance in float64.
    """
    coming = blocks()
    first = next(coming, np.zeros((0, 2), dtype=np.float32))
    second = next(coming, None)
    if second is None:
        return principal_plane(first)
    # around one of the rows: differences of large numbers would lose their digits
    around, width = first[0].astype(np.float64), first.shape[1]
    count, largest, total, products = 0, 0.0, np.zeros(width), np.zeros((width, width))
    for block in chain((first, second), coming):
        moved = block - around
        total += moved.sum(axis=0)
        products += moved.T @ moved
        count += len(block)
        largest = max(largest, float(np.abs(block).max()))
    mean = total / count
    directions = np.zeros((width, 2), dtype=np.float32)
    if products.any():
        _, vectors = np.linalg.eigh(products / count - np.outer(mean, mean))
        found = vectors[:, : -min(2, width) - 1 : -1]
        found = found * np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
        directions[:, : found.shape[1]] = found / common_scale_of(largest)
    return Plane(np.asarray(around + mean, dtype=np.float32), directions)


def _parts(rows: Floats) -> Iterator[Floats]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def pca_map(rows: Floats) -> Floats:
    """Return the first two principal components, shape (n, 2); see `principal_plane`."""
    return principal_plane(rows).place(rows)


def turn_onto(positions: Floats, target: Floats) -> Floats:
    """Return the rotation or reflection that brings positions closest to those of a target.

    The orthogonal Procrustes problem (Schönemann 1966), of both around their means: distances on
    the map stay what they are.

    Parameters
    ----------
    positions, target : ndarray, shape (n, 2)
        The same items.

    Returns
    -------
    ndarray, shape (2, 2)
        To be multiplied from the right.
    """
    if len(positions) == 0:
        return np.eye(2, dtype=np.float32)
    moved = positions.astype(np.float64) - positions.mean(axis=0, dtype=np.float64)
    fixed = target.astype(np.float64) - target.mean(axis=0, dtype=np.float64)
    left, _, right = np.linalg.svd(moved.T @ fixed)
    return np.asarray(left @ right, dtype=np.float32)
