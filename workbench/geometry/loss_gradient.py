"""How far operators are from given ones, and the slope of that over squared distances.

Written out rather than left to autograd, which takes some three times as long at matrices as small
as those of neighbourhoods. With k the kernel, q_i = Σ_j k_ij, p = 1/q and s_i = Σ_j k_ij p_j every
operator is

W_ij = k_ij l_i r_j     symmetric l = r = sqrt(p / s), row-stochastic l = 1/s, r = p;
                        density off: l = r = sqrt(p), and l = p, r = 1

and the differential of L = Σ_ij (W_ij - F_ij)² follows from

dL = Σ_ij R_ij dW_ij,   R = 2 (W - F),   dW_ij = l_i r_j dk_ij + W_ij (d log l_i + d log r_j)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.geometry.diffusion import TINY, first_place, median_places

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.geometry.diffusion import Operator


def difference_and_gradient(
    distances: Tensor, frozen: Tensor, operator: Operator, epsilon: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return Σ (W(D) - F)² over all neighbourhoods, and its slope over their distances.

    Parameters
    ----------
    distances : Tensor, shape (a, m, m)
        Squared, symmetric, with no gradient to record.
    frozen : Tensor, shape (a, m, m)
        F.
    operator : Operator
    epsilon : Tensor, shape (a, 1, 1) or (a, m, m), or None
        Given; or computed from the distances, which then matter through it as well.

    Returns
    -------
    tuple of Tensor
        The loss, shape (); and t, shape (a, m, m), symmetric, with dL = Σ_ij t_ij dD_ij / 2.
    """
    places = None
    if epsilon is None:
        places = _source_places(distances, operator)
        epsilon = _epsilon_at(distances, places, operator)
    share = distances / epsilon
    weights = operator.weights(share)
    slope, loss = _over_weights(weights, frozen, operator)
    slope = slope + slope.transpose(-1, -2)
    slope *= _kernel_slope(operator, share, weights)
    slope /= epsilon
    if places is not None:
        _add_epsilons_part(slope, distances, places, operator)
    return loss, slope


def _over_weights(weights: Tensor, frozen: Tensor, operator: Operator) -> tuple[Tensor, Tensor]:
    """Return dL/dk, shape (a, m, m), and L."""
    left, right, rarity, reach = operator.sides(weights)
    found = weights * left.unsqueeze(-1) * right.unsqueeze(-2)
    rest = found - frozen
    loss = rest.square().sum()
    rest *= 2
    found *= rest
    over_left, over_right = found.sum(-1), found.sum(-2)  # dL / d log l, dL / d log r
    rest *= left.unsqueeze(-1)
    rest *= right.unsqueeze(-2)
    symmetric = operator.normalisation == "symmetric"
    half = (over_left + over_right) / 2
    if operator.density:
        over_reach = -(half if symmetric else over_left) / reach
        rest.addcmul_(over_reach.unsqueeze(-1), rarity.unsqueeze(-2))
        indirect = (weights * over_reach.unsqueeze(-1)).sum(-2) * rarity
        over_rarity = (half if symmetric else over_right) + indirect  # dL / d log p
    else:
        over_rarity = half if symmetric else over_left
    rest -= (over_rarity * rarity).unsqueeze(-1)
    return rest, loss


def _kernel_slope(operator: Operator, share: Tensor, weights: Tensor) -> Tensor:
    """Return dk / d(D/ε), shape (a, m, m)."""
    if operator.kernel == "heat":
        return -weights
    if operator.kernel == "inverse":
        return -weights.square()
    if operator.kernel == "squared":
        return -(share <= 1).to(share)
    # as the operator has it: coinciding points have no slope
    return share.rsqrt().mul_(-0.5).masked_fill_((share <= 0) | (share > 1), 0)


def _is_local(operator: Operator) -> bool:
    return operator.scale == "local" and operator.kernel in ("heat", "inverse")


def _source_places(distances: Tensor, operator: Operator) -> Tensor | None:
    """Return where the distances stand that ε is made of: in each row, or in the flat matrix."""
    if distances.shape[-1] < 2:
        return None
    if _is_local(operator):
        return first_place(distances, operator.local_distance(distances)).unsqueeze(-1)
    if operator.kernel in ("linear", "squared"):
        return distances.flatten(-2).argmax(-1, keepdim=True)
    return median_places(distances)


def _epsilon_at(distances: Tensor, places: Tensor | None, operator: Operator) -> Tensor:
    """Return the ε of distances; that of a median is looked up, where it is known to stand."""
    if places is None or _is_local(operator) or operator.kernel not in ("heat", "inverse"):
        return operator.epsilon(distances)
    middle = distances.flatten(-2).gather(-1, places).mean(-1)
    return operator.bandwidth * middle[..., None, None].clamp_min(TINY)


def _add_epsilons_part(
    slope: Tensor, distances: Tensor, places: Tensor, operator: Operator
) -> None:
    """Add to t what the distances do through ε: it is one of them, or made of some of them.

    As ε dL/dε is -Σ t_ij D_ij / 2, a distance that ε is proportional to gets that, divided by
    itself.
    """
    import torch

    pull = (slope * distances).sum(-1)
    if _is_local(operator):
        nearest = distances.gather(-1, places).squeeze(-1)
        # ε_ij goes with the root of a distance of i, and ε_ji with it too
        part = torch.where(nearest > TINY, -pull / (2 * nearest.clamp_min(TINY)), 0).unsqueeze(-1)
        slope.scatter_add_(-1, places, part)
        slope.scatter_add_(-2, places.transpose(-1, -2), part.transpose(-1, -2))
        return
    size, count = distances.shape[-1], places.shape[-1]
    scale = distances.flatten(-2).gather(-1, places).mean(-1)
    part = torch.where(scale > TINY, -pull.sum(-1) / (2 * count * scale.clamp_min(TINY)), 0)
    part = part.unsqueeze(-1).expand(places.shape)
    slope.flatten(-2).scatter_add_(-1, places, part)
    slope.flatten(-2).scatter_add_(-1, places % size * size + places // size, part)
