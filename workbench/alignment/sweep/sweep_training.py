"""Heads of several α trained beside each other: one start, one set of batches and operators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.alignment.data import TrainingData
from workbench.alignment.settings.trained_settings import GeraSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.batches import Batch
from workbench.alignment.training.terms import Term
from workbench.alignment.training.training import StepFigures, Training, spread
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    from torch import Tensor


class SweepTraining(Training):
    """Trains the heads of each rung as `Training` would at its α, up to rounding.

    Rungs see the same pairs and anchors and share everything that does not depend on heads: what
    is drawn, the features of rows, the frozen operators.

    Parameters
    ----------
    data : TrainingData
    settings : GeraSettings
        Their temperature is set, not learned; their α counts for nothing.
    alphas : sequence of float
        One a rung, of all views, in rising order; the last is above 0.
    seed, device, start
        As for `Training`.

    Attributes
    ----------
    fallen : set of int
        Rungs whose loss is not a number any more; their heads stay as they were before.
    """

    def __init__(
        self, data: TrainingData, settings: GeraSettings, alphas: Sequence[float], seed: int,
        device: str = "cpu", start: AlignedSpace | None = None,
    ) -> None:  # fmt: skip
        import torch

        super().__init__(data, settings, seed, device, copies=len(alphas), start=start)
        self._alphas = torch.tensor(alphas, dtype=torch.float32, device=self._device)
        self._flat = sum(alpha == 0 for alpha in alphas)  # rungs that no term counts for
        self.fallen: set[int] = set()

    def ready(self, values: Mapping[str, float], control: Control) -> Job[None]:
        """Prepare the terms."""
        yield from super().ready(self._with_alpha(values), control)

    def step_all(self, step: int, values: Mapping[str, float]) -> list[StepFigures]:
        """Make one step of every rung; return what it gave, in the order of rungs.

        Parameters
        ----------
        step : int
            From 1.
        values : mapping of str to float
            ``temperature`` and ``learning_rate``, of all rungs.
        """
        import torch

        values = self._with_alpha(values)
        batches = self._batches.draw(self.heads)
        total, losses = self._losses(batches, values)
        self._set_rate(step, values)
        self._optimiser.zero_grad()
        total.sum().backward()  # type: ignore[no-untyped-call]
        norms = self._clip()
        table = torch.stack([total, norms, *spread(batches), *losses.values()]).detach()
        rungs = table.T.tolist()
        for number, (loss, length, *_) in enumerate(rungs):
            if not (math.isfinite(loss) and math.isfinite(length)):
                self.fallen.add(number)
        self._descend()
        return [
            StepFigures(
                math.nan if number in self.fallen else loss,
                dict(list(zip(losses, parts, strict=True))[: 1 if number < self._flat else None]),
                length, values["temperature"], rank, cosine,
            )
            for number, (loss, length, rank, cosine, *parts) in enumerate(rungs)
        ]  # fmt: skip

    def _with_alpha(self, values: Mapping[str, float]) -> dict[str, float]:
        """Let each term that an α weighs count; `_weight` says how much, by rung."""
        return {**values, **{f"alpha/{view}": 1.0 for view in self.heads}}

    def _loss(self, term: Term, batches: list[Batch]) -> Tensor:
        from torch.nn.functional import pad

        counted = {view: head.without_first(self._flat) for view, head in self.heads.items()}
        losses = term.loss(counted, batches, self._generators[term.name])
        return pad(losses, (self._flat, 0))

    def _weight(self, term: Term, values: Mapping[str, float]) -> Tensor:
        return self._alphas * term.weight(values)

    def _clip(self) -> Tensor:
        """Scale the gradient of each rung down to the largest norm allowed; return the norms."""
        import torch

        gradients = [p.grad for p in self._parameters.values() if p.grad is not None]
        norms = torch.stack([g.flatten(1).square().sum(1) for g in gradients]).sum(0).sqrt()
        scale = (self._settings.clip / (norms + 1e-6)).clamp_max(1.0)
        for gradient in gradients:
            gradient *= scale.view(-1, 1, 1)
        return norms

    def _descend(self) -> None:
        """Let the optimiser make its step, and put back the rungs that have fallen."""
        import torch

        fallen = sorted(self.fallen)
        before = {n: p.detach()[fallen].clone() for n, p in self._parameters.items() if fallen}
        self._optimiser.step()
        with torch.no_grad():
            for name, rows in before.items():
                self._parameters[name][fallen] = rows
