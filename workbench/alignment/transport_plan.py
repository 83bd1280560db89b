"""Entropic transport plans: who of two sets of items may belong together, as a soft matching.

For similarities S between them the plan is

    P = argmax ⟨P, S⟩ - ε Σ_ij P_ij log P_ij    over P ≥ 0 with row sums 1/a and column sums 1/b
      = exp((S_ij + f_i + g_j) / ε)

with f and g found by Sinkhorn's iterations (Cuturi 2013).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

ITERATIONS = 100
# e^±600 is well within double precision; cosines, from -1 to 1, stay below it down to ε = 0.0034
_SPREAD, _WIDEST = 600, 2


def transport_plan(similarities: Tensor, epsilon: float, iterations: int = ITERATIONS) -> Tensor:
    """Return the entropic plan with uniform marginals, without gradients.

    Parameters
    ----------
    similarities : Tensor, shape (a, b)
        Cosines: what goes together gets more.
    epsilon : float
        Small plans are near a matching, large ones near uniform. None is too small, for iterations
        go over to logarithms in time; but the smaller, the more it takes until rows add up.
    iterations : int
        Columns add up exactly after any number, rows in the limit.

    Returns
    -------
    Tensor, shape (a, b)
        Sums to 1.
    """
    return log_plan(similarities, epsilon, iterations).exp()


def log_plan(similarities: Tensor, epsilon: float, iterations: int) -> Tensor:
    """Return log P; one potential a row and a column, renewed in turn."""
    import torch

    with torch.no_grad():
        if similarities.device.type == "mps":  # has no double precision
            return _in_logarithms(similarities / epsilon, iterations)
        logits = similarities.double() / epsilon
        # to look how far they really spread would wait for a GPU to be done
        if _WIDEST / epsilon <= _SPREAD:
            plan = _by_products(logits - logits.amax(), iterations)
        else:
            plan = _in_logarithms(logits, iterations)
        return plan.to(similarities.dtype)


def _by_products(logits: Tensor, iterations: int) -> Tensor:
    """Iterate on the exponentials: two matrix-vector products in place of b² exponentials each."""
    kernel = logits.exp()
    rows, columns = kernel.shape
    across = kernel.new_ones(columns)
    down = kernel.new_ones(rows)
    for _ in range(iterations):
        down = 1 / (rows * (kernel @ across))
        across = 1 / (columns * (kernel.T @ down))
    return logits + down.log()[:, None] + across.log()


def _in_logarithms(logits: Tensor, iterations: int) -> Tensor:
    """Iterate where the exponentials would leave the range of numbers."""
    rows, columns = logits.shape
    across = logits.new_zeros(columns)
    down = logits.new_zeros(rows)
    for _ in range(iterations):
        down = -math.log(rows) - (logits + across).logsumexp(dim=1)
        across = -math.log(columns) - (logits + down[:, None]).logsumexp(dim=0)
    return logits + down[:, None] + across
