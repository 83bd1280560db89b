"""The contrastive term (mathematics.md, Contrastive term).

The geometric one is `workbench.geometry.neighbourhood_loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def contrastive_loss(
    first: Tensor, second: Tensor, temperature: float | Tensor, also_correct: Tensor | None = None
) -> Tensor:
    """Return the symmetric InfoNCE loss of a batch of pairs.

    Parameters
    ----------
    first, second : Tensor, shape (b, w)
        Unit rows; row k of one belongs to row k of the other.
    temperature : float or Tensor, shape (1,)
    also_correct : Tensor of bool, shape (b, b), optional
        Off the diagonal: row k of `first` and row l of `second` belong together too, and are then
        not counted as negatives of each other.

    Returns
    -------
    Tensor, shape ()
    """
    import torch
    from torch.nn.functional import cross_entropy

    logits = first @ second.T / temperature
    if also_correct is not None:
        logits = logits.masked_fill(also_correct, -torch.inf)
    target = torch.arange(len(first), device=first.device)
    return (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2
