"""Canonical correlations that unpaired items take part in, by a transport coupling.

The present space says which unpaired items of two views may belong together: a transport plan Π
between some of each. What correlates over the plan is added to what correlates over the pairs.
With Z a view's features, U some of its unpaired rows and u = Z_U less their mean (mathematics.md,
Coupled correlations):

    S = E_x(U_x) E_y(U_y)ᵀ      ε = ½ std(S)      Π = Sinkhorn(exp(S/ε)), uniform marginals
    C = (C_pairs + ω u_xᵀ Π u_y) / (1 + ω)        Σ_v = (Σ_pairs,v + ω u_vᵀ u_v / n) / (1 + ω)
    K_v = (Σ_v + λ tr(Σ_v) I)^(−1/2)              K_x C K_y = L diag(ρ) Rᵀ
    A = diag(ρ) Lᵀ K_x                            B = diag(ρ) Rᵀ K_y

Three rounds: a better space gives a better plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.transport_plan import transport_plan
from workbench.geometry import unit_rows

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

ROUNDS = 3
_ITERATIONS = 40
_SHARPNESS = 0.5  # ε in units of the spread of the similarities
_FULL_WEIGHT = 100  # pairs, up to twice as many, beside which the coupling counts as much
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Side:
    """One view's features.

    Attributes
    ----------
    paired : ndarray, shape (p, f)
        Row k of one side belongs to row k of the other.
    unpaired : ndarray, shape (u, f)
        Some rows that are in no pair.
    start : ndarray, shape (w, f)
        The map into the present space.
    """

    paired: Floats
    unpaired: Floats
    start: Floats


def coupled_maps(first: Side, second: Side, penalty: float, width: int) -> tuple[Floats, Floats]:
    """Return maps of two views' features by coupled canonical correlations, shape (w, f) each.

    Parameters
    ----------
    first, second : Side
    penalty : float
        λ, as a share of the whole variance.
    width : int
        Directions, at most.
    """
    sides = (first, second)
    maps = [side.start for side in sides]
    pairs = len(first.paired)
    weight = min(1.0, _FULL_WEIGHT / pairs) if pairs > 2 * _FULL_WEIGHT else 1.0
    moments = [_Moments.of(side, weight) for side in sides]
    whitenings = [each.whitening(penalty) for each in moments]
    cross = whitenings[0] @ (moments[0].paired.T @ moments[1].paired / pairs) @ whitenings[1]
    # the rounds in single precision: they are most of the work
    single = [each.astype(np.float32) for each in whitenings]
    turned = [each.unpaired.astype(np.float32) @ k for each, k in zip(moments, single, strict=True)]
    cross = cross.astype(np.float32)
    for _ in range(ROUNDS):
        placed = [unit_rows(side.unpaired @ each.T) for side, each in zip(sides, maps, strict=True)]
        plan = coupling(placed[0] @ placed[1].T)
        both = turned[0].T @ plan @ turned[1]
        joined = np.asarray((cross + weight * both) / (1 + weight), dtype=np.float32)
        maps = [
            beside(side.start, each @ k, side.unpaired)
            for side, each, k in zip(sides, _strongest(joined, width), single, strict=True)
        ]
    return maps[0], maps[1]


@dataclass(frozen=True, eq=False)
class _Moments:
    paired: Doubles
    unpaired: Doubles
    covariance: Doubles

    @classmethod
    def of(cls, side: Side, weight: float) -> _Moments:
        paired = side.paired - side.paired.mean(axis=0, dtype=np.float64)
        unpaired = side.unpaired - side.unpaired.mean(axis=0, dtype=np.float64)
        both = paired.T @ paired / len(paired) + weight * (unpaired.T @ unpaired / len(unpaired))
        return cls(paired, unpaired, both / (1 + weight))

    def whitening(self, penalty: float) -> Doubles:
        values, vectors = np.linalg.eigh(self.covariance)
        added = max(penalty * float(np.trace(self.covariance)), _TINY)
        whitening: Doubles = (vectors / np.sqrt(np.maximum(values, 0) + added)) @ vectors.T
        return whitening


def _strongest(correlations: Floats, width: int) -> tuple[Floats, Floats]:
    """Return the strongest singular directions of each side times their strength, (k, f) each.

    By the eigenvectors of the smaller product, in half the time; weak ones lose digits, and their
    say with them.
    """
    from scipy.linalg import eigh

    if len(correlations) > correlations.shape[1]:
        right, left = _strongest(correlations.T, width)
        return left, right
    values, vectors = eigh(correlations @ correlations.T, driver="evd")
    left = vectors[:, ::-1][:, :width].T
    return np.sqrt(np.maximum(values[::-1][:width, None], 0)) * left, left @ correlations


def coupling(similarities: Floats) -> Floats:
    """Return the transport plan of similarities, shape (a, b), whose entries sum to 1.

    ε is half the spread of the similarities, so that it does not matter how wide they lie.
    """
    import torch

    epsilon = _SHARPNESS * float(similarities.std()) + _TINY
    plan: Floats = transport_plan(torch.from_numpy(similarities), epsilon, _ITERATIONS).numpy()
    return plan


def beside(first: Floats, second: Floats, rows: Floats) -> Floats:
    """Return two maps one above the other, so that a cosine is about the mean of their cosines.

    Parameters
    ----------
    first, second : ndarray, shapes (v, f) and (w, f)
    rows : ndarray, shape (n, f)
        On which each comes out of length √½ in root mean square.
    """
    return np.concatenate([_scaled(first, rows), _scaled(second, rows)])


def _scaled(weight: Floats, rows: Floats) -> Floats:
    mapped = rows @ weight.T
    length = float(np.sqrt(2 * np.square(mapped).sum(axis=1).mean()))
    return np.asarray(weight / max(length, _TINY), dtype=np.float32)
