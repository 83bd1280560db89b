"""Whitening of a view: directions that carry most of its variance are given less of the say.

Encoders of pictures and recordings spread their items along a few directions; what tells two items
apart lies mostly in the others. With moments over all training rows, paired and unpaired:

    u = unit(√x) where the encoder's features are never negative, else x
    v = unit(u − mean u)
    w = unit(M v),   M = (Σ/τ + I)^(−a/2),   Σ = mean of v vᵀ,   τ = tr Σ / d
    x' = unit(w − mean w)

(mathematics.md, Whitening). a = 0 leaves M out, a = 1 whitens but for the ridge I.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.geometry import RowSource, unit_differences, unit_rows
from workbench.geometry.rows import evenly, read_rows

Floats = npt.NDArray[np.float32]

_TINY = np.float32(1e-12)
_LOOKED_AT = 50_000


@dataclass(frozen=True, eq=False)
class Whitening:
    """What a view's rows go through before its head.

    Attributes
    ----------
    root : bool
        Whether square roots are taken first.
    centre : ndarray, shape (d,)
        Mean of u.
    matrix : ndarray, shape (d, d)
        M, symmetric.
    mean : ndarray, shape (d,)
        Mean of w.
    """

    root: bool
    centre: Floats
    matrix: Floats
    mean: Floats

    def of(self, rows: Floats) -> Floats:
        """Return frozen embeddings, shape (n, d), as unit rows, shape (n, d)."""
        turned = unit_rows(_spread(rows, self.root, self.centre) @ self.matrix)
        return unit_differences(turned, self.mean)

    @classmethod
    def found(cls, source: RowSource, strength: float) -> Whitening:
        """Find the whitening of a view.

        Parameters
        ----------
        source : ndarray, memory map or HDF5 data set, shape (n, d)
            All training rows; up to 50,000 of them, evenly spread, tell the moments.
        strength : float
            a, from 0 to 1.
        """
        return whitened(source, strength)[0]


def whitened(source: RowSource, strength: float) -> tuple[Whitening, Floats]:
    """Find the whitening of a view, as `Whitening.found`, and whiten the rows that told it.

    These are all rows in their order, unless there are more than 50,000.
    """
    rows = np.ascontiguousarray(read_rows(source, evenly(source.shape[0], _LOOKED_AT)))
    root = bool(rows.min() >= 0)
    first = unit_rows(np.sqrt(rows)) if root else rows
    centre = first.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = unit_differences(first, centre)
    matrix = _power(spread, -strength / 2)
    turned = unit_rows(spread @ matrix)
    mean = turned.mean(axis=0, dtype=np.float64).astype(np.float32)
    return Whitening(root, centre, matrix, mean), unit_differences(turned, mean)


def _power(spread: Floats, exponent: float) -> Floats:
    """Return (Σ/τ + I) to a power, shape (d, d), of the moments Σ of rows, shape (n, d).

    Of fewer rows than directions the products of rows are taken apart, which are fewer: with
    X Xᵀ/n = U diag(v) Uᵀ it is I − Xᵀ U diag(g) Uᵀ X/n, g = (1 − (v/τ + 1)^p) / v, p ≤ 0.
    """
    from scipy.linalg import eigh

    count, wide = spread.shape
    scale = np.float32(1 / count)
    short = (spread @ spread.T if count < wide else spread.T @ spread) * scale
    values, vectors = eigh(short, driver="evd")  # in single precision twice as fast as numpy's
    values = np.maximum(values, _TINY)
    grown = exponent * np.log1p(values / max(float(values.sum()) / wide, float(_TINY)))
    # a product of an array with itself, of which numpy multiplies half
    if count >= wide:
        half = vectors * np.exp(grown / 2)
        return np.asarray(half @ half.T, dtype=np.float32)
    half = (spread.T @ vectors) * np.sqrt(scale * -np.expm1(grown) / values)
    return np.asarray(np.eye(wide, dtype=np.float32) - half @ half.T, dtype=np.float32)


def _spread(rows: Floats, root: bool, centre: Floats) -> Floats:
    if root:  # a row of another source may hold what this view never had
        rows = unit_rows(np.sqrt(np.maximum(rows, 0)))
    return unit_differences(rows, centre)
