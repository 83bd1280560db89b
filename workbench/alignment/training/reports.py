"""What training tells, step by step."""

from dataclasses import dataclass, field

from pydantic import BaseModel

from workbench.jobs import Event


class LiveChange(BaseModel, frozen=True, allow_inf_nan=False):
    """A value changed while training: `name` is ``alpha/VIEW``, ``temperature`` or
    ``learning_rate``, and the change acts from `step` on."""  # noqa: D205, D209

    step: int
    name: str
    value: float


@dataclass(frozen=True)
class NeighboursFound(Event):
    """How the neighbours within a view were found, before the first step that needs them.

    Attributes
    ----------
    view : str
    index : str
        In words, for a recipe.
    recall : float
        Share of the true neighbours that were found, measured; 1 if the search was exact.
    """

    view: str
    index: str
    recall: float


@dataclass(frozen=True)
class StepReport(Event):
    """One training step.

    Attributes
    ----------
    step, steps : int
        From 1, and in all; in all 0 where it goes on until it is stopped.
    loss : float
        What was minimised: contrastive + Σ α · geometric.
    losses : dict of str to float
        ``contrastive``, and ``geometric/VIEW`` where α is above 0; of other methods
        ``structure/VIEW`` or ``transport/FIRST–SECOND``. Unweighted.
    alpha : dict of view to float
        In force at this step.
    temperature, learning_rate, gradient_norm, steps_per_second : float
    effective_rank : float
        Of the mapped batch: in how many directions it spreads, as the participation ratio, which
        is lower than the effective rank by entropy that evaluation tells.
    mean_cosine : float
        Of two different items of the batch; near 1 in a collapse.
    changes : tuple of LiveChange
        What took effect at this step.
    validation : dict of str to float or None
        Every so often: ``preservation/VIEW``, the overlap of 10 nearest neighbours before and after
        the head; and, where there are validation pairs, ``recall@1`` and ``recall@10`` on them
        (mean of both directions of all relations), ``mrr``, and ``chance@10``, the recall of
        guessing.
    best : bool
        Whether this validation is the best so far.
    """

    step: int
    steps: int
    loss: float
    losses: dict[str, float]
    alpha: dict[str, float]
    temperature: float
    learning_rate: float
    gradient_norm: float
    effective_rank: float
    mean_cosine: float
    steps_per_second: float
    changes: tuple[LiveChange, ...] = ()
    validation: dict[str, float] | None = None
    best: bool = field(default=False)

    def row(self) -> dict[str, float]:
        """Return it flat, as one row of the curves."""
        return {
            "step": self.step,
            "loss": self.loss,
            **self.losses,
            **{f"alpha/{view}": value for view, value in self.alpha.items()},
            "temperature": self.temperature,
            "learning_rate": self.learning_rate,
            "gradient_norm": self.gradient_norm,
            "effective_rank": self.effective_rank,
            "mean_cosine": self.mean_cosine,
            **(self.validation or {}),
        }
