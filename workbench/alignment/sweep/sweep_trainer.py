"""Training a ladder: GeRA at several α in one pass."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, Pairs, TrainingData
from workbench.alignment.methods.registry import check_settings, prepared
from workbench.alignment.settings.trained_settings import GeraSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.sweep.alpha_sweep import AlphaSweep, Rung, half_way, rung_place
from workbench.alignment.sweep.sweep_training import SweepTraining
from workbench.alignment.training.checkpoints import Checkpoints, Rule
from workbench.alignment.training.live_values import LiveValues
from workbench.alignment.training.reports import LiveChange, StepReport
from workbench.alignment.training.snapshots import Snapshots
from workbench.alignment.training.training import StepFigures
from workbench.alignment.training.validation import Validation
from workbench.errors import WorkbenchError
from workbench.geometry import RowSource
from workbench.jobs import Control, Event, Notice, Progress, Stopwatch

Floats = npt.NDArray[np.float32]

SWEEP_ALPHAS = (0.0, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_MOST_RUNGS = 32
_LEAST, _MOST = 0.001, 1000.0


@dataclass(frozen=True)
class SweepReport(Event):
    """One step of all rungs.

    Attributes
    ----------
    step, steps : int
    steps_per_second : float
    rungs : tuple of StepReport
        From the smallest α up; the loss of a rung that has fallen is not a number.
    changes : tuple of LiveChange
        What took effect at this step, of temperature and learning rate.
    """

    step: int
    steps: int
    steps_per_second: float
    rungs: tuple[StepReport, ...]
    changes: tuple[LiveChange, ...] = ()


def check_alphas(alphas: Sequence[float]) -> list[float]:
    """Return the α of a ladder, to six digits, sorted and each once.

    Raises
    ------
    WorkbenchError
        There are fewer than two or more than 32, or one is neither 0 nor from 0.001 to 1000.
    """
    known = sorted({float(f"{alpha:.6g}") for alpha in alphas})
    if not 2 <= len(known) <= _MOST_RUNGS:
        raise WorkbenchError(
            f"A sweep needs from 2 to {_MOST_RUNGS} different values of α, not {len(known)}."
        )
    if not all(alpha == 0 or _LEAST <= alpha <= _MOST for alpha in known):
        raise WorkbenchError(f"Each α of a sweep must be 0, or from {_LEAST:g} to {_MOST:g}.")
    return known


def train_sweep(
    views: Mapping[str, RowSource],
    pairs: Pairs,
    alphas: Sequence[float] = SWEEP_ALPHAS,
    *,
    settings: Mapping[str, Any] | None = None,
    validation: HeldOut | None = None,
    seed: int = 0,
    control: Control | None = None,
    changes: Sequence[LiveChange] = (),
    stop_after: int | None = None,
    device: str = "cpu",
    shown: Mapping[str, Floats] | None = None,
    start: AlignedSpace | None = None,
) -> Generator[Event, None, AlphaSweep]:
    """Train GeRA at several α beside each other.

    Each rung is trained as it would be by itself, up to rounding, which a long training amplifies.

    Parameters
    ----------
    views, pairs, validation, seed, changes, stop_after, device, shown, start
        As for `train`.
    alphas : sequence of float
        One a rung, of all views.
    settings : mapping, optional
        Of ``gera``; α counts for nothing, and the temperature must not be learned.
    control : Control, optional
        Live values: ``temperature``, ``learning_rate``. A wish for α chooses the rung that
        glimpses show.

    Yields
    ------
    SweepReport, Notice, Progress, NeighboursFound, Snapshot

    Returns
    -------
    AlphaSweep
        After a stop, of the heads so far.

    Raises
    ------
    WorkbenchError
        As `train`; or the rungs or settings are none of a ladder.
    """
    known = check_alphas(alphas)
    checked = check_settings("gera", settings)
    assert isinstance(checked, GeraSettings)  # noqa: S101 - it is the method's own class
    if checked.learn_temperature:
        raise WorkbenchError(
            "All α of a sweep share one temperature, so it cannot be learned. Set "
            "“learn_temperature” to false."
        )
    if checked.until_stopped:
        raise WorkbenchError(
            "A sweep ends at its steps, for all α alike. Set “until_stopped” to false."
        )
    data, held_out, start = prepared(views, pairs, checked, validation, seed, start)
    control = control or Control()
    live = LiveValues(checked, list(data.views), control, changes)
    climb = _Climb(data, checked, known, held_out, seed, device, start)
    glimpses = Snapshots(shown or {}, data, climb.training.heads)
    for step in range(1, checked.steps + 1):
        control.wait_while_paused()
        if climb.is_over():
            break
        changed = live.at(step)
        glimpses.copy = climb.nearest(live.values[f"alpha/{next(iter(data.views))}"])
        yield from glimpses.after(step - 1)
        yield from climb.training.ready(live.values, control)
        if control.stopping or (stop_after is not None and step > stop_after):
            break
        report = climb.step(step, live.values, changed)
        yield report
        yield from climb.falls()
    yield from glimpses.after(climb.done, last=True)
    return (yield from climb.ladder())


class _Climb:
    """A ladder in training, with what goes on beside it."""

    def __init__(
        self, data: TrainingData, settings: GeraSettings, alphas: list[float],
        held_out: HeldOut | None, seed: int, device: str, start: AlignedSpace | None,
    ) -> None:  # fmt: skip
        self.training = SweepTraining(data, settings, alphas, seed, device, start)
        self.done = 0
        self._settings, self._alphas, self._views = settings, alphas, list(data.views)
        self._watch = Validation(data, held_out) if held_out else None
        self._pairs = sum(len(rows) for rows in held_out.pairs.values()) if held_out else 0
        # by the last heads, unless the best are asked for: what α does is not to be mixed with
        # where validation happened to be highest
        rule: Rule = "best" if settings.checkpoint == "best" else "last"
        self._best = [Checkpoints(rule, None, settings.patience) for _ in alphas]
        self._told: set[int] = set()
        self._clock = Stopwatch()
        if self._watch:
            look = self._watch.look_at(self.training.heads, 0)  # all begin alike
            for number, best in enumerate(self._best):
                best.judge(0, look, partial(self.training.maps, number))

    def nearest(self, alpha: float) -> int:
        """Return the number of the rung whose α is nearest."""
        return round(rung_place(alpha, self._alphas))

    def is_over(self) -> bool:
        """Return whether there is no rung left to train."""
        return all(
            number in self.training.fallen or best.out_of_patience(self.done)
            for number, best in enumerate(self._best)
        )

    def step(
        self, step: int, values: Mapping[str, float], changed: tuple[LiveChange, ...]
    ) -> SweepReport:
        """Make a step of all rungs, and look at the validation pairs if it is time."""
        figures = self.training.step_all(step, values)
        self.done = step
        rate = self._clock.rate(step) or 0.0
        kept = tuple(change for change in changed if not change.name.startswith("alpha"))
        rungs = tuple(self._told_of(n, step, each, rate) for n, each in enumerate(figures))
        return SweepReport(step, self._settings.steps, rate, rungs, kept)

    def _told_of(self, rung: int, step: int, figures: StepFigures, rate: float) -> StepReport:
        validation, is_best, best = None, False, self._best[rung]
        looks = step % self._settings.validate_every == 0 or step in (1, self._settings.steps)
        # a training of its own would have ended when it was out of patience
        ended = rung in self.training.fallen or best.out_of_patience(step - 1)
        if self._watch and looks and not ended:
            look = self._watch.look_at(self.training.heads, rung)
            validation = look.figures
            is_best = best.judge(step, look, partial(self.training.maps, rung))
        return StepReport(
            step, self._settings.steps, figures.loss, figures.losses,
            dict.fromkeys(self._views, self._alphas[rung]), figures.temperature,
            self.training.learning_rate, figures.gradient_norm, figures.effective_rank,
            figures.mean_cosine, rate, (), validation, is_best,
        )  # fmt: skip

    def falls(self) -> Generator[Notice, None, None]:
        """Tell of each rung that has fallen, once."""
        for rung in sorted(self.training.fallen - self._told):
            self._told.add(rung)
            yield Notice(
                f"The training at α = {self._alphas[rung]:g} diverged at step {self.done}: its "
                "last good heads are kept. Lower the learning rate, or leave this α out.",
                "warning",
            )

    def ladder(self) -> Generator[Event, None, AlphaSweep]:
        """Return the best heads of each rung, or the last, and what lies between them."""
        rungs, between = [], []
        for number, alpha in enumerate(self._alphas):
            yield Progress(number, 2 * len(self._alphas), "Measuring each α")
            _, kept = self._best[number].chosen(self.done, moved=False)
            space = self.training.space(self.training.maps(number) if kept is None else kept)
            rungs.append(Rung(alpha, space, self._figures(space)))
        for number, (low, high) in enumerate(pairwise(rungs), start=len(rungs)):
            yield Progress(number, 2 * len(rungs), "Measuring between neighbouring α")
            between.append(self._figures(half_way(low, high)))
        return AlphaSweep(tuple(rungs), tuple(between), self._pairs)

    def _figures(self, space: AlignedSpace) -> dict[str, float]:
        return self._watch.look(space).figures if self._watch else {}
