"""STRUCTURE's term: a batch's similarity graph before and after the head.

Gröger et al. 2025, arXiv 2506.16895. What the paper leaves open is as in its authors' code: rows
are unit rows less their batch's mean, the diagonal stays in, the temperature is the contrastive
loss's, one level. One thing differs: that code exchanges the arguments of both divergences (it
takes KL of the mixture from each graph); here it is the Jensen-Shannon divergence as it is
defined, bounded by log 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.alignment.data import TrainingData
from workbench.alignment.training.batches import Batch, draw, sent
from workbench.alignment.training.terms import Floats, Term, pool
from workbench.alignment.training.trainable_heads import TrainableHead

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class StructureTerm(Term):
    """Keeps the similarities among a view's rows in the batch (STRUCTURE, arXiv 2506.16895)."""

    def __init__(
        self, view: str, data: TrainingData, weight: float, temperature: float, levels: int,
        others: int, seed: int, device: torch.device,
    ) -> None:  # fmt: skip
        super().__init__(f"structure/{view}", weight)
        self._view = view
        self._temperature, self._levels, self._others = temperature, levels, others
        self._drawn_from = pool(data, view, seed) if others else None
        self._device = device
        self._pool: tuple[Tensor, Tensor] | None = None  # on the device, with their features

    def loss(
        self,
        heads: Mapping[str, TrainableHead],
        batches: Sequence[Batch],
        generator: torch.Generator,
    ) -> Tensor:
        """Return the divergence of the graphs before and after the head."""
        import torch

        sides = [
            (batch.rows()[side], batch.mapped[side])
            for batch in batches
            for side in (0, 1)
            if batch.relation[side] == self._view
        ]
        if self._drawn_from is not None:
            rows, features = self._pooled(self._drawn_from, heads[self._view])
            drawn = sent(draw(len(rows), self._others, generator), self._device)
            sides.append((rows[drawn], heads[self._view](features[drawn])))
        frozen, mapped = (torch.cat([side[k] for side in sides]) for k in (0, 1))
        return structure_loss(frozen, mapped, self._temperature, self._levels)

    def _pooled(self, rows: Floats, head: TrainableHead) -> tuple[Tensor, Tensor]:
        import torch

        if self._pool is None:
            self._pool = torch.from_numpy(rows).to(self._device), head.features_of(rows)
        return self._pool


def structure_loss(frozen: Tensor, mapped: Tensor, temperature: float, levels: int = 1) -> Tensor:
    """Return the Jensen-Shannon divergence of a batch's similarity graphs, a mean over rows.

    A graph P is the row-wise softmax of cosines over the temperature, a random walk on the batch;
    level l compares walks of l steps:

        L = 1/levels Σ_l 1/l · 1/b Σ_i JS(P^l_i, Q^l_i),    JS(p, q) = (KL(p ‖ m) + KL(q ‖ m)) / 2,
        m = (p + q) / 2

    Parameters
    ----------
    frozen : Tensor, shape (b, d)
        Unit rows before the head.
    mapped : Tensor, shape (b, w)
        Unit rows of the same items after it.
    temperature : float
        At 0.05 a row's weight on itself outweighs cosines below about 0.8, so that only near
        neighbours are compared.
    levels : int
        Steps of the longest walk.

    Returns
    -------
    Tensor, shape ()
        From 0 to log 2, in nats.
    """
    before, after = _log_graph(frozen, temperature), _log_graph(mapped, temperature)
    loss = _divergence(before, after)
    walk_before, walk_after = before.exp(), after.exp()
    step_before, step_after = walk_before, walk_after
    for level in range(2, levels + 1):
        walk_before, walk_after = walk_before @ step_before, walk_after @ step_after
        loss = loss + _divergence(_safe_log(walk_before), _safe_log(walk_after)) / level
    return loss / levels


def _log_graph(rows: Tensor, temperature: float) -> Tensor:
    from torch.nn.functional import log_softmax

    centred = rows - rows.mean(dim=0)
    return log_softmax(centred @ centred.T / temperature, dim=-1)


def _divergence(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean over rows of the Jensen-Shannon divergence, from log-probabilities.

    In logarithms, weights that underflow to zero add nothing, and their gradients stay finite.
    """
    import math

    import torch

    mixture = torch.logaddexp(first, second) - math.log(2)
    terms = first.exp() * (first - mixture) + second.exp() * (second - mixture)
    return terms.sum(dim=-1).mean() / 2


def _safe_log(weights: Tensor) -> Tensor:
    import torch

    return weights.clamp_min(torch.finfo(weights.dtype).tiny).log()
