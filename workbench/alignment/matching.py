"""How the pairs of a batch are told from what is no pair, and what is learned for that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from workbench.alignment.batches import Batch
from workbench.alignment.losses import contrastive_loss
from workbench.alignment.sigmoid import sigmoid_loss
from workbench.alignment.trained_settings import (
    ContrastiveSettings,
    SotalignSettings,
    TrainedSettings,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_COLDEST, _WARMEST = 0.005, 0.5  # of a learned temperature


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
