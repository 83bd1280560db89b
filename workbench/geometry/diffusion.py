"""The diffusion operator of a small neighbourhood of points (METHODS.md, section 2).

D_ij = ||x_i - x_j||²      ε = σ · median of the off-diagonal D      k_ij = kernel(D_ij, ε)
q_i = Σ_j k_ij             k̃_ij = k_ij / (q_i q_j)                   (Coifman & Lafon 2006)
d_i = Σ_j k̃_ij             W_ij = k̃_ij / sqrt(d_i d_j)               or row-stochastic k̃ / d
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Kernel = Literal["heat", "inverse", "linear", "squared"]
Normalisation = Literal["symmetric", "row"]

_TINY = 1e-12


@dataclass(frozen=True)
class Operator:
    """Which diffusion operator.

    Attributes
    ----------
    kernel : {"heat", "inverse", "linear", "squared"}
        ``exp(-D/ε)``, ``1/(1 + D/ε)``, ``max(0, 1 - sqrt(D/D_max))``, ``max(0, 1 - D/D_max)``.
    bandwidth : float
        σ, in units of the median squared distance. The last two kernels have none: their scale is
        the largest distance in the neighbourhood.
    density : bool
        Whether to divide the sampling density out first.
    normalisation : {"symmetric", "row"}
    """

    kernel: Kernel = "heat"
    bandwidth: float = 0.3
    density: bool = True
    normalisation: Normalisation = "symmetric"

    def of(self, points: Tensor) -> Tensor:
        """Return the operators of neighbourhoods.

        Parameters
        ----------
        points : Tensor, shape (..., m, d)

        Returns
        -------
        Tensor, shape (..., m, m)
        """
        return self.of_distances(squared_distances(points))

    def of_distances(self, distances: Tensor) -> Tensor:
        """Return the operators of squared distances, shape (..., m, m)."""
        weights = self._weights(distances)
        if self.density:
            mass = weights.sum(-1)
            weights = weights / (mass.unsqueeze(-1) * mass.unsqueeze(-2)).clamp_min(_TINY)
        degree = weights.sum(-1).clamp_min(_TINY)
        if self.normalisation == "row":
            return weights / degree.unsqueeze(-1)
        scale = degree.rsqrt()
        return weights * scale.unsqueeze(-1) * scale.unsqueeze(-2)

    def _weights(self, distances: Tensor) -> Tensor:
        if self.kernel in ("linear", "squared"):
            largest = distances.amax((-1, -2), keepdim=True).clamp_min(_TINY)
            share = distances / largest
            if self.kernel == "linear":
                # the root's slope at 0 is infinite: coinciding points get 0 and no gradient
                share = (share + (share == 0)).sqrt() * (share > 0)
            return (1 - share).clamp_min(0)
        scale = self.bandwidth * median_distance(distances)[..., None, None].clamp_min(_TINY)
        if self.kernel == "heat":
            return (-distances / scale).exp()
        return 1 / (1 + distances / scale)


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
    import torch

    size = distances.shape[-1]
    rows, columns = torch.triu_indices(size, size, offset=1, device=distances.device)
    values = distances[..., rows, columns]
    count = values.shape[-1]
    lower = values.kthvalue((count + 1) // 2, dim=-1).values
    if count % 2:
        return lower
    return (lower + values.kthvalue(count // 2 + 1, dim=-1).values) / 2
