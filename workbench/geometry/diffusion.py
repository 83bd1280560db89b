"""The diffusion operator of a small neighbourhood of points (mathematics.md, Diffusion operator).

D_ij = ||x_i - x_j||²      ε = σ · median of the off-diagonal D      k_ij = kernel(D_ij, ε)
q_i = Σ_j k_ij             k̃_ij = k_ij / (q_i q_j)                   (Coifman & Lafon 2006)
d_i = Σ_j k̃_ij             W_ij = k̃_ij / sqrt(d_i d_j)               or row-stochastic k̃ / d
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Kernel = Literal["heat", "inverse", "linear", "squared"]
Normalisation = Literal["symmetric", "row"]
Scale = Literal["median", "local"]

TINY = 1e-12


@dataclass(frozen=True)
class Operator:
    """Which diffusion operator.

    Attributes
    ----------
    kernel : {"heat", "inverse", "linear", "squared"}
        ``exp(-D/ε)``, ``1/(1 + D/ε)``, ``max(0, 1 - sqrt(D/ε))``, ``max(0, 1 - D/ε)``.
    bandwidth : float
        σ, in units of `scale`. The last two kernels have none: their ε is the largest squared
        distance in the neighbourhood.
    density : bool
        Whether to divide the sampling density out first.
    normalisation : {"symmetric", "row"}
    scale : {"median", "local"}
        What the ε of the first two kernels goes by: one ε for all, σ times the median squared
        distance; or an ε for each two points, ``ε_ij = σ s_i s_j`` with s_i the distance of point
        i to its `local_neighbour`-th nearest other (self-tuning; Zelnik-Manor & Perona 2004).
    local_neighbour : int
        Capped at what the neighbourhood has; 7 in their paper.
    """

    kernel: Kernel = "heat"
    bandwidth: float = 0.3
    density: bool = True
    normalisation: Normalisation = "symmetric"
    scale: Scale = "median"
    local_neighbour: int = 7

    def of(self, points: Tensor, epsilon: Tensor | float | None = None) -> Tensor:
        """Return the operators of neighbourhoods.

        Parameters
        ----------
        points : Tensor, shape (..., m, d)
        epsilon : Tensor, broadcast to (..., m, m), or float, optional
            See `epsilon`; that of the frozen space, for example. Computed by default.

        Returns
        -------
        Tensor, shape (..., m, m)
        """
        return self.of_distances(squared_distances(points), epsilon)

    def of_distances(self, distances: Tensor, epsilon: Tensor | float | None = None) -> Tensor:
        """Return the operators of squared distances, shape (..., m, m)."""
        share = distances / (self.epsilon(distances) if epsilon is None else epsilon)
        weights = self.weights(share)
        left, right, *_ = self.sides(weights)
        return weights * left.unsqueeze(-1) * right.unsqueeze(-2)

    def epsilon(self, distances: Tensor) -> Tensor:
        """Return what squared distances are measured by.

        Parameters
        ----------
        distances : Tensor, shape (..., m, m)
            Squared.

        Returns
        -------
        Tensor, shape (..., 1, 1), or (..., m, m) with the local scale
            Always positive.
        """
        if self.kernel in ("linear", "squared"):
            return distances.amax((-1, -2), keepdim=True).clamp_min(TINY)
        if self.scale == "median":
            return self.bandwidth * median_distance(distances)[..., None, None].clamp_min(TINY)
        roots = self.local_distance(distances).clamp_min(TINY).sqrt()
        return self.bandwidth * roots.unsqueeze(-1) * roots.unsqueeze(-2)

    def local_distance(self, distances: Tensor) -> Tensor:
        """Return each point's squared distance to its `local_neighbour`-th, shape (..., m)."""
        # a point's first nearest is itself
        return nth_smallest(distances, min(self.local_neighbour, distances.shape[-1] - 1) + 1)

    def weights(self, share: Tensor) -> Tensor:
        """Return the kernel of D/ε, shape (..., m, m), one on the diagonal."""
        if self.kernel == "heat":
            return (-share).exp()
        if self.kernel == "inverse":
            return (1 + share).reciprocal()
        if self.kernel == "linear":
            # the root's slope at 0 is infinite: coinciding points get 0 and no gradient
            share = (share + (share == 0)).sqrt() * (share > 0)
        return (1 - share).clamp_min(0)

    def sides(self, weights: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return l, r, p and s of the operator k_ij l_i r_j, each of shape (..., m).

        With p = 1/q and s_i = Σ_j k_ij p_j, the degrees are d = p s; without `density` p = 1/d,
        and s is one. None of the sums can vanish, for k_ii is 1.
        """
        rarity = weights.sum(-1).reciprocal()
        if not self.density:
            reach = rarity.new_ones(rarity.shape)
            if self.normalisation == "row":
                return rarity, reach, rarity, reach
        else:
            reach = (weights * rarity.unsqueeze(-2)).sum(-1)
            if self.normalisation == "row":
                return reach.reciprocal(), rarity, rarity, reach
        side = (rarity / reach).sqrt()
        return side, side, rarity, reach


def squared_distances(points: Tensor) -> Tensor:
    """Return squared Euclidean distances within each neighbourhood.

    Parameters
    ----------
    points : Tensor, shape (..., m, d)

    Returns
    -------
    Tensor, shape (..., m, m)
        Never negative, zero on the diagonal.
    """
    import torch

    # far from the origin the products below would cancel each other's digits
    points = points - points.mean(-2, keepdim=True)
    gram = points @ points.transpose(-1, -2)
    norms = gram.diagonal(dim1=-2, dim2=-1)
    distances = (norms.unsqueeze(-1) + norms.unsqueeze(-2) - 2 * gram).clamp_min(0)
    off_diagonal = 1 - torch.eye(points.shape[-2], dtype=points.dtype, device=points.device)
    return distances * off_diagonal


def median_distance(distances: Tensor) -> Tensor:
    """Return the median of the off-diagonal entries of symmetric matrices, shape (...)."""
    if distances.shape[-1] < 2:
        return distances.sum((-1, -2))
    values, middle = _middle(distances)
    found = [nth_smallest(values, n) for n in middle]
    return (found[0] + found[-1]) / 2


def median_places(distances: Tensor) -> Tensor:
    """Return where the medians stand in the flattened matrices.

    Returns
    -------
    Tensor of int, shape (..., 1), or (..., 2) where the median is the mean of two entries
    """
    import torch

    values, middle = _middle(distances)
    if _is_plain(values):  # one pass for both
        numbers = [n - 1 for n in middle]
        order = np.argpartition(values.numpy(), numbers, axis=-1)
        found = torch.from_numpy(order[..., numbers])
    else:
        found = torch.stack([first_place(values, nth_smallest(values, n)) for n in middle], dim=-1)
    return _above_diagonal(distances.shape[-1], distances.device)[found]


def first_place(values: Tensor, value: Tensor) -> Tensor:
    """Return where along the last axis a value stands that is there, shape (...)."""
    return (values == value.unsqueeze(-1)).byte().argmax(-1)


def _middle(distances: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """Return the entries above the diagonal, shape (..., c), and which by size are the middle."""
    size = distances.shape[-1]
    values = distances.flatten(-2).index_select(-1, _above_diagonal(size, distances.device))
    count = values.shape[-1]
    return values, (count // 2 + 1,) if count % 2 else (count // 2, count // 2 + 1)


def nth_smallest(values: Tensor, n: int) -> Tensor:
    """Return the n-th smallest along the last axis, counted from one, shape (...)."""
    import torch

    if not _is_plain(values):
        return values.kthvalue(n, dim=-1).values
    # several times faster, and knows no gradient
    return torch.from_numpy(np.partition(values.numpy(), n - 1, axis=-1)[..., n - 1])


def _is_plain(values: Tensor) -> bool:
    """Return whether numpy can read the values as they are, and no gradient is asked for."""
    import torch

    known = values.dtype in (torch.float32, torch.float64) and values.device.type == "cpu"
    return known and not values.requires_grad


@functools.lru_cache(maxsize=8)
def _above_diagonal(size: int, device: torch.device) -> Tensor:
    """Return where the entries above the diagonal stand in a flattened square matrix."""
    import torch

    places: Tensor = torch.triu_indices(size, size, offset=1, device=device)
    return places[0] * size + places[1]
