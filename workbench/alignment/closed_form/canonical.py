"""Canonical directions of two views, regularised, from all their items or from the pairs alone.

With Σ_x, Σ_y the covariances of the views, Σ_xy the cross-covariance of the pairs, λ a penalty and
μ the mean eigenvalue of a covariance (Hotelling 1936; the ridge is Vinod's, 1976):

    K_x = (Σ_x + λ μ_x I)^(-1/2)        K_x Σ_xy K_yᵀ = L diag(ρ) Rᵀ
    A = diag(ρ)^(s/2) Lᵀ K_x            B = diag(ρ)^(s/2) Rᵀ K_y

so that ⟨A x, B y⟩ = Σ_k ρ_k^s (canonical variate of x)_k (canonical variate of y)_k. A and B are
the same whichever K there is with Kᵀ K = (Σ + λ μ I)^(-1): at one penalty the inverse of a Cholesky
factor, in a tenth of the time that eigenvectors take.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import Relation, TrainingData
from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.model_selection import centred_pairs
from workbench.geometry.rows import evenly

Doubles = npt.NDArray[np.float64]
Rows = StandardRows | npt.NDArray[np.float64]
Spectrum = tuple[Doubles, Doubles]
Covariance = Literal["all", "paired"]

_NOISE = 1e-6
_LEAST_FACTORED = 1e-6  # of penalties: below it, what few pairs leave open has no Cholesky factor
_LOOKED_AT = 200_000
_BLOCK = 16_384


@dataclass(frozen=True)
class CanonicalDirections:
    """Canonical directions of two views at one penalty.

    Attributes
    ----------
    correlations : ndarray, shape (k,)
        ρ, falling; only those that are no rounding noise. With a penalty, or covariances of more
        than the pairs, they are not exactly correlations, and may pass 1.
    directions : tuple of ndarray, shape (k, d)
        Of each view, unweighted: diag(1/ρ)^(s/2) A.
    """

    correlations: Doubles
    directions: tuple[Doubles, Doubles]

    def weighted(self, exponent: float) -> tuple[Doubles, Doubles]:
        """Return A and B, shape (k, d) each, weighted by ρ^(exponent / 2)."""
        weights = self.correlations[:, None] ** (exponent / 2)
        return weights * self.directions[0], weights * self.directions[1]


@dataclass(frozen=True)
class CanonicalProblem:
    """Two views and their pairs, ready to be solved at any penalty.

    Attributes
    ----------
    means : tuple of ndarray, shape (d,)
        Of each view's paired rows.
    cross : ndarray, shape (d_x, d_y)
        Cross-covariance of the pairs.
    covariances : tuple of ndarray, shape (d, d)
        Of each view.
    scales : tuple of float
        The mean eigenvalue of each covariance, over as many as its rows let be above zero.
    """

    means: tuple[Doubles, Doubles]
    cross: Doubles
    covariances: tuple[Doubles, Doubles]
    scales: tuple[float, float]

    @classmethod
    def of(cls, data: TrainingData, relation: Relation, covariance: Covariance) -> CanonicalProblem:
        """Gather the moments of two views and of their pairs.

        Raises
        ------
        WorkbenchError
            All paired rows of a view are alike.
        """
        pairs = data.pairs[relation]
        (mean_x, mean_y), (x, y) = centred_pairs(data, relation, pairs)
        pools: list[Rows] = [x, y] if covariance == "paired" else [data.views[v] for v in relation]
        (spread_x, scale_x), (spread_y, scale_y) = (covariance_of(pool) for pool in pools)
        return cls((mean_x, mean_y), x.T @ y / len(pairs), (spread_x, spread_y), (scale_x, scale_y))

    @cached_property
    def spectra(self) -> tuple[Spectrum, Spectrum]:
        """Eigenvalues above rounding noise, and eigenvectors, of each covariance."""
        return spectrum_of(self.covariances[0]), spectrum_of(self.covariances[1])

    def solve(self, penalty: float, *, of_several: bool = False) -> CanonicalDirections:
        """Return the canonical directions at a penalty in units of the mean eigenvalue.

        Where it is one of several that are tried, eigenvectors are found once for all.
        """
        one = penalty >= _LEAST_FACTORED and not of_several
        whitenings = [(self._factor if one else self._root)(side, penalty) for side in (0, 1)]
        left, strength, right = np.linalg.svd(
            whitenings[0] @ self.cross @ whitenings[1].T, full_matrices=False
        )
        known = max(1, int(np.sum(strength > _NOISE * strength[0])))
        signs = largest_signs(right[:known])
        directions = (
            signs * left.T[:known] @ whitenings[0],
            signs * right[:known] @ whitenings[1],
        )
        return CanonicalDirections(strength[:known], directions)

    def _root(self, side: int, penalty: float) -> Doubles:
        """Return a K of one side by eigenvectors, shape (r, d)."""
        values, vectors = self.spectra[side]
        whitening: Doubles = vectors.T / np.sqrt(values + penalty * self.scales[side])[:, None]
        return whitening

    def _factor(self, side: int, penalty: float) -> Doubles:
        """Return a K of one side, shape (d, d): the inverse of a triangular factor."""
        from scipy.linalg import lapack

        covariance = self.covariances[side]
        added = penalty * self.scales[side] * np.eye(len(covariance))
        inverse: Doubles = lapack.dtrtri(np.linalg.cholesky(covariance + added), lower=1)[0]
        return inverse

    def onto(self, side: int, placed: Doubles, penalty: float) -> Doubles:
        """Return the map, shape (w, d), from one side onto what the other is mapped to."""
        values, vectors = self.spectra[side]
        cross = self.cross if side == 0 else self.cross.T
        solved = vectors / (values + penalty * self.scales[side]) @ (vectors.T @ cross)
        weight: Doubles = placed @ solved.T
        return weight


def covariance_of(rows: Rows) -> tuple[Doubles, float]:
    """Return the rows' covariance, and its mean eigenvalue over as many as may be above zero.

    Up to 200,000 rows, evenly spread, tell a covariance well enough; they are read in blocks.
    """
    looked_at = evenly(len(rows), _LOOKED_AT)
    wide = rows.shape[1]
    total, products = np.zeros(wide), np.zeros((wide, wide))
    for start in range(0, len(looked_at), _BLOCK):
        block = rows[looked_at[start : start + _BLOCK]].astype(np.float64)
        total += block.sum(axis=0)
        products += block.T @ block
    mean = total / len(looked_at)
    covariance = products / len(looked_at) - np.outer(mean, mean)
    return covariance, float(np.trace(covariance)) / min(len(looked_at), wide)


def spectrum_of(covariance: Doubles) -> Spectrum:
    """Return eigenvalues above rounding noise, shape (r,), and eigenvectors, shape (d, r)."""
    values, vectors = np.linalg.eigh(covariance)
    # singular values of the rows below this are rounding noise; covariances hold their squares
    kept = values > _NOISE**2 * values[-1]
    return values[kept], vectors[:, kept]


def largest_signs(directions: Doubles) -> Doubles:
    """Return signs, shape (k, 1), that make each direction's largest entry positive."""
    largest = np.abs(directions).argmax(axis=1)[:, None]
    return np.sign(np.take_along_axis(directions, largest, axis=1))
