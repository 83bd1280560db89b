"""One training, a step at a time: heads, optimiser, batches, terms, and the state to go on by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.alignment.data import TrainingData
from workbench.alignment.settings.trained_settings import TrainedSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.batches import Batch, PairBatches
from workbench.alignment.training.initialisation import beginning
from workbench.alignment.training.losses import matching_of
from workbench.alignment.training.objectives import terms_of
from workbench.alignment.training.terms import Term
from workbench.alignment.training.trainable_heads import PlainMap, TrainableHead
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_SPREAD_OF = 64  # rows a side
_MOMENTS = ("exp_avg", "exp_avg_sq")  # as AdamW calls them


@dataclass(frozen=True)
class StepFigures:
    """What one step gave.

    Attributes
    ----------
    loss : float
        Not a number where the step was not made.
    losses : dict of str to float
        Each part, unweighted.
    gradient_norm, temperature : float
    effective_rank : float
        Of the mapped batch: b² / ||G||² of its Gram matrix G, the number of directions that carry
        it; 1 in a collapse.
    mean_cosine : float
        Of two different items of the batch; near 1 in a collapse.
    """

    loss: float
    losses: dict[str, float]
    gradient_norm: float
    temperature: float
    effective_rank: float
    mean_cosine: float


class Training:
    """Heads in training.

    Parameters
    ----------
    data : TrainingData
    settings : TrainedSettings
    seed : int
    device : str
        Of torch.
    copies : int, optional
        How many heads of each view are trained beside each other; see `SweepTraining`.
    start : AlignedSpace, optional
        Heads to begin with, for which the rows of the data are prepared.

    Raises
    ------
    WorkbenchError
        There is no such device, or the pairs tell nothing of a view.
    """

    def __init__(
        self, data: TrainingData, settings: TrainedSettings, seed: int, device: str = "cpu",
        copies: int | None = None, start: AlignedSpace | None = None,
    ) -> None:  # fmt: skip
        import torch

        self._settings = settings
        self._device = _device(device)
        features, begin = beginning(data, settings, seed, start)
        self.heads = {
            view: TrainableHead(features[view], begin[view], self._device, copies)
            for view in data.views
        }
        self._matching = matching_of(settings, self._device)
        self.terms = terms_of(settings, data, seed, self._device)
        # one for the pairs and one a term: runs that differ in α see the same batches
        names = ["pairs", *(term.name for term in self.terms)]
        self._generators = {
            name: torch.Generator().manual_seed(seed + number) for number, name in enumerate(names)
        }
        self._batches = PairBatches(
            data, self.heads, settings.batch_pairs, settings.mixing, self._generators["pairs"],
            self._device,
        )  # fmt: skip
        self._parameters = {
            f"{view}.{name}": tensor
            for view, head in self.heads.items()
            for name, tensor in head.parameters.items()
        } | self._matching.scalars
        self._optimiser = torch.optim.AdamW(
            self._parameters.values(),
            lr=settings.learning_rate,
            betas=(0.9, 0.95),
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self.learning_rate = settings.learning_rate

    def ready(self, values: Mapping[str, float], control: Control) -> Job[None]:
        """Prepare the terms that count now and have not counted before."""
        for term in self.terms:
            if term.weight(values) > 0:
                yield from term.ready(control)

    def step(self, step: int, values: Mapping[str, float]) -> StepFigures:
        """Make one step; where its numbers are not finite the heads stay as they are."""
        import torch

        temperature = self._matching.temperature(values)
        batches = self._batches.draw(self.heads)
        total, losses = self._losses(batches, values)
        self._set_rate(step, values)
        self._optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self._parameters.values(), self._settings.clip)
        learned = [temperature.detach()[0]] if isinstance(temperature, torch.Tensor) else []
        # all numbers in one copy: on a GPU each copy waits for the step to end
        loss, length, rank, cosine, *parts = torch.stack(
            [total, norm, *spread(batches), *losses.values(), *learned]
        ).tolist()
        if math.isfinite(loss) and math.isfinite(length):
            self._optimiser.step()
            self._matching.keep_within()
        else:
            loss = math.nan
        warmth = parts.pop() if learned else values["temperature"]
        return StepFigures(
            loss, dict(zip(losses, parts, strict=True)), length, warmth, rank, cosine
        )

    def maps(self, number: int | None = None) -> dict[str, PlainMap]:
        """Return the maps of the features as they are now; of several, those of a number."""
        return {view: head.plain(number) for view, head in self.heads.items()}

    def space(self, maps: Mapping[str, PlainMap] | None = None) -> AlignedSpace:
        """Return the heads as they are now, or those of maps that were taken earlier."""
        return AlignedSpace(
            {
                view: self.heads[view].features.head(each)
                for view, each in (maps or self.maps()).items()
            }
        )

    def check_maps(self, maps: Mapping[str, PlainMap]) -> None:
        """Refuse maps that are not of these heads.

        Raises
        ------
        WorkbenchError
        """
        if _shapes(maps) != _shapes(self.maps()):
            raise WorkbenchError(
                "The saved training is damaged: its heads so far do not fit. Align again."
            )

    def _losses(
        self, batches: list[Batch], values: Mapping[str, float]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return what is minimised, and its parts without their weights."""
        import torch

        matches = [self._matching.loss(batch, values) for batch in batches]
        losses = {"contrastive": torch.stack(matches).sum(0)}
        total = losses["contrastive"]
        for term in self.terms:
            if term.weight(values) > 0:
                losses[term.name] = self._loss(term, batches)
                total = total + self._weight(term, values) * losses[term.name]
        return total, losses

    def _loss(self, term: Term, batches: list[Batch]) -> Tensor:
        """Return the loss of a term: a number, or one for each of heads beside each other."""
        return term.loss(self.heads, batches, self._generators[term.name])

    def _weight(self, term: Term, values: Mapping[str, float]) -> float | Tensor:
        """Return what a term counts: a number, or one for each of heads beside each other."""
        return term.weight(values)

    def _set_rate(self, step: int, values: Mapping[str, float]) -> None:
        self.learning_rate = values["learning_rate"] * self._schedule(step)
        for group in self._optimiser.param_groups:
            group["lr"] = self.learning_rate

    def _schedule(self, step: int) -> float:
        """Return the share of the learning rate: linear warm-up, then half a cosine to zero.

        Where no end is known it stays as it is after the warm-up.
        """
        warm = max(1, round(self._settings.warm_up * self._settings.steps))
        if step <= warm:
            return step / warm
        if self._settings.until_stopped:
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (self._settings.steps - warm + 1)))

    # ------------------------------------------------------------------ state

    def tensors(self) -> dict[str, Tensor]:
        """Return everything that a step changes, to go on from here to the bit."""
        kept = {f"parameter/{name}": p.detach() for name, p in self._parameters.items()}
        for name, parameter in self._parameters.items():
            for moment, value in self._optimiser.state.get(parameter, {}).items():
                kept[f"optimiser/{name}/{moment}"] = value
        for name, generator in self._generators.items():
            kept[f"generator/{name}"] = generator.get_state()
        return {name: tensor.cpu().clone() for name, tensor in kept.items()}

    def restore(self, kept: Mapping[str, Tensor]) -> None:
        """Go back to a state of `tensors`, after at least one step.

        Raises
        ------
        WorkbenchError
            It is not of such a training: names, shapes or types differ.
        """
        import torch

        if _forms(kept) != _forms(self.tensors()) | self._forms_of_moments():
            raise WorkbenchError(
                "The saved training is damaged: its tensors do not fit these heads. Align again."
            )
        for name, parameter in self._parameters.items():
            with torch.no_grad():
                parameter.copy_(kept[f"parameter/{name}"])
            self._optimiser.state[parameter] = {
                moment: kept[f"optimiser/{name}/{moment}"].clone().to(self._device)
                for moment in ("step", *_MOMENTS)
            }
        try:
            for name, generator in self._generators.items():
                generator.set_state(kept[f"generator/{name}"].clone())
        except RuntimeError:
            raise WorkbenchError(
                "The saved training is damaged: the state of its random generators is not valid. "
                "Align again."
            ) from None

    def _forms_of_moments(self) -> dict[str, tuple[object, ...]]:
        """Return shape and type of what the optimiser keeps once it has made a step."""
        import torch

        number = torch.zeros(())
        return {
            name: form
            for each, parameter in self._parameters.items()
            for name, form in _forms(
                {f"optimiser/{each}/step": number}
                | {f"optimiser/{each}/{moment}": parameter for moment in _MOMENTS}
            ).items()
        }


def _forms(tensors: Mapping[str, Tensor]) -> dict[str, tuple[object, ...]]:
    return {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in tensors.items()}


def _shapes(maps: Mapping[str, PlainMap]) -> dict[str, dict[str, tuple[int, ...]]]:
    return {
        view: {name: array.shape for name, array in each.arrays().items()}
        for view, each in maps.items()
    }


def _device(name: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device).tolist()
    except (AssertionError, NotImplementedError, RuntimeError):
        raise WorkbenchError(
            f"This machine or its PyTorch has no device “{name}”. Train on “cpu”, which is always "
            "available."
        ) from None
    return device


def spread(batches: list[Batch]) -> tuple[Tensor, Tensor]:
    """Return effective rank and mean off-diagonal cosine of mapped rows of a step.

    Of up to 64 rows a side: more tell the same, and all of them would cost as much as a term.
    """
    import torch

    with torch.no_grad():
        some = [side[..., :_SPREAD_OF, :] for batch in batches for side in batch.mapped]
        mapped = torch.cat(some, dim=-2)
        count = mapped.shape[-2]
        gram = mapped @ mapped.mT if count < mapped.shape[-1] else mapped.mT @ mapped
        squares = gram.square().sum((-1, -2)) / count**2
        cosine = (mapped.sum(-2).square().sum(-1) - count) / (count * (count - 1))
    return 1 / squares.clamp_min(1e-12), cosine
