"""The losses of pairs: InfoNCE (mathematics.md, Contrastive term) and SigLIP's pairwise sigmoid.

Each stands as a function of one batch, and as what a training asks: with the numbers, such as the
temperature, that are learned beside the heads. The geometric loss is
`workbench.geometry.neighbourhood_loss`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from workbench.alignment.settings.trained_settings import (
    ContrastiveSettings,
    SotalignSettings,
    TrainedSettings,
)
from workbench.alignment.training.batches import Batch

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_COLDEST, _WARMEST = 0.005, 0.5  # of a learned temperature


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


def sigmoid_loss(
    first: Tensor,
    second: Tensor,
    scale: float | Tensor,
    bias: float | Tensor,
    also_correct: Tensor | None = None,
) -> Tensor:
    """Return -1/b Σ_kl log sigmoid(± (scale ⟨first_k, second_l⟩ + bias)), plus for partners.

    A sum over candidates and a mean over the batch, as in the paper: every pair of rows is a
    yes-or-no question of its own, so that nothing is normalised over the batch.

    Parameters
    ----------
    first, second : Tensor, shape (b, w)
        Unit rows; row k of one belongs to row k of the other.
    scale, bias : float or Tensor, shape ()
        The paper learns both, beginning at 10 and -10. The bias makes up for the many more
        questions whose answer is no.
    also_correct : Tensor of bool, shape (b, b), optional
        Off the diagonal: row k of `first` and row l of `second` belong together too. As in
        `contrastive_loss` they are left out, not counted as partners: otherwise items of many
        partners would weigh more.

    Returns
    -------
    Tensor, shape ()
    """
    import torch
    from torch.nn.functional import softplus

    logits = first @ second.T * scale + bias
    # -log sigmoid(z) = softplus(-z), which overflows for no z
    losses = softplus(
        logits.where(~torch.eye(len(first), dtype=torch.bool, device=first.device), -logits)
    )
    if also_correct is not None:
        losses = losses.masked_fill(also_correct, 0)
    return losses.sum() / len(first)


class Matching(Protocol):
    """The loss of the pairs.

    Attributes
    ----------
    scalars : dict of str to Tensor, shape (1,)
        Numbers that are learned beside the heads.
    """

    scalars: dict[str, Tensor]

    def temperature(self, values: Mapping[str, float]) -> float | Tensor:
        """Return τ in force; one that is learned as a tensor of shape (1,)."""
        ...

    def loss(self, batch: Batch, values: Mapping[str, float]) -> Tensor:
        """Return the loss of a batch; of heads beside each other, one each."""
        ...

    def keep_within(self) -> None:
        """Bring the learned numbers back into their ranges after a step."""
        ...


class InfoNce:
    """The symmetric InfoNCE loss; its temperature is set, or learned from where it is set."""

    def __init__(self, settings: ContrastiveSettings, device: torch.device) -> None:
        self.scalars: dict[str, Tensor] = {}
        if settings.learn_temperature:
            self.scalars["log_temperature"] = _scalar(math.log(settings.temperature), device)

    def temperature(self, values: Mapping[str, float]) -> float | Tensor:
        """Return τ as it is set or moved, or as it is learned."""
        if self.scalars:
            return self.scalars["log_temperature"].exp()
        return values["temperature"]

    def loss(self, batch: Batch, values: Mapping[str, float]) -> Tensor:
        """Return the loss of a batch; of heads beside each other, one each."""
        import torch

        warmth, also_correct = self.temperature(values), batch.also_correct
        if batch.mapped[0].dim() == 2:
            return contrastive_loss(*batch.mapped, warmth, also_correct)
        # one after the other: all their similarities together leave the processor's cache
        each = zip(*batch.mapped, strict=True)
        return torch.stack([contrastive_loss(*pair, warmth, also_correct) for pair in each])

    def keep_within(self) -> None:
        """Clamp a learned τ itself: clamped on its way into the loss it would lose its slope."""
        for logarithm in self.scalars.values():
            logarithm.data.clamp_(math.log(_COLDEST), math.log(_WARMEST))


class Sigmoid:
    """The pairwise sigmoid loss; its scale, 1/τ, and its bias are learned."""

    def __init__(self, settings: SotalignSettings, device: torch.device) -> None:
        self.scalars = {
            "log_scale": _scalar(math.log(settings.sigmoid_scale), device),
            "bias": _scalar(settings.sigmoid_bias, device),
        }

    def temperature(self, values: Mapping[str, float]) -> Tensor:
        """Return one over the scale."""
        return (-self.scalars["log_scale"]).exp()

    def loss(self, batch: Batch, values: Mapping[str, float]) -> Tensor:
        """Return the loss of a batch."""
        scale, bias = self.scalars["log_scale"].exp(), self.scalars["bias"]
        return sigmoid_loss(*batch.mapped, scale, bias, batch.also_correct)

    def keep_within(self) -> None:
        """Any number will do."""


def matching_of(settings: TrainedSettings, device: torch.device) -> Matching:
    """Return the loss of the pairs of a method, told by its settings."""
    if isinstance(settings, SotalignSettings):
        return Sigmoid(settings, device)
    assert isinstance(settings, ContrastiveSettings)  # noqa: S101 - there is no third kind
    return InfoNce(settings, device)


def _scalar(value: float, device: torch.device) -> Tensor:
    import torch

    return torch.tensor([value], device=device, requires_grad=True)
