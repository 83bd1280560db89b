"""Training heads by GeRA and its trained rivals; α = 0 is the contrastive baseline, the same code.

Each step: a batch of pairs of every relation gives the loss of the pairs; the method's terms whose
weight is above 0 are added; AdamW moves the heads. Values in the `Control` are read at every step,
so that a change acts on the next one and is reported with its step number.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.settings.trained_settings import TrainedSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.checkpoints import Checkpoints, HeadsKept
from workbench.alignment.training.diagnoses import diagnose
from workbench.alignment.training.live_values import LiveValues
from workbench.alignment.training.reports import LiveChange, StepReport
from workbench.alignment.training.snapshots import Snapshots
from workbench.alignment.training.threads import FEW_ROWS, SMALL_BATCH, one_thread
from workbench.alignment.training.training import Training
from workbench.alignment.training.training_state import Origin, TrainingState
from workbench.alignment.training.validation import Validation
from workbench.jobs import Control, Event, Notice, Stopwatch

Floats = npt.NDArray[np.float32]

_SECONDS_A_STATE = 10.0
_REPORTS_LOOKED_AT = 256


def train_heads(
    data: TrainingData,
    settings: TrainedSettings,
    held_out: HeldOut | None = None,
    seed: int = 0,
    control: Control | None = None,
    changes: Sequence[LiveChange] = (),
    stop_after: int | None = None,
    state: TrainingState | None = None,
    device: str = "cpu",
    shown: Mapping[str, Floats] | None = None,
    start: AlignedSpace | None = None,
) -> Generator[Event, None, AlignedSpace]:
    """Train one head a view.

    Parameters
    ----------
    data : TrainingData
        Items in no pair are unpaired.
    settings : TrainedSettings
    held_out : HeldOut, optional
        Watched every few steps; the heads that are kept are chosen by it, the start among them.
    seed : int
    control : Control, optional
        Live values: ``alpha`` or ``alpha/VIEW``, ``temperature``, ``learning_rate``.
    changes : sequence of LiveChange
        Changes to make again, from an earlier run's recipe.
    stop_after : int, optional
        End at this step, as if stopped there.
    state : TrainingState, optional
        Go on from here, of the same data, settings and seed: to the bit as if never stopped.
    device : str
        Of torch.
    shown : mapping of view to ndarray, shape (n, d), optional
        Frozen embeddings to have glimpses of. The training does not depend on them.
    start : AlignedSpace, optional
        Learned heads to begin with, for which the rows of the data are prepared.

    Yields
    ------
    StepReport, Notice, Progress, NeighboursFound, Snapshot
    HeadsKept
        At the end.
    TrainingState
        When stopped, and every ten seconds, for the listener to keep.

    Returns
    -------
    AlignedSpace

    Raises
    ------
    WorkbenchError
        The state is of another training, or damaged; there is no such device; or a change names
        what is not there.
    """
    control = control or Control()
    live = LiveValues(settings, list(data.views), control, changes)
    course = _Course(data, settings, held_out, seed, live, device, start)
    course.begin(state)
    glimpses = Snapshots(shown or {}, data, course.training.heads)
    clock, saved = Stopwatch(), 0.0
    for step in course.steps():
        control.wait_while_paused()
        # before the step, so that a training that goes on finds itself at its end too
        if course.checkpoints.out_of_patience(course.done):
            yield Notice(
                f"Stopped early at step {course.done:,}: validation has not improved for "
                f"{settings.patience:,} steps."
            )
            break
        yield from glimpses.after(step - 1)
        changed = live.at(step)  # as late as may be: what is moved meanwhile acts on this step
        yield from course.training.ready(live.values, control)
        if control.stopping or (stop_after is not None and step > stop_after):
            break
        report = course.step(step, changed)
        if report is None:
            yield Notice(
                f"Training diverged at step {step}: the loss is no longer a number. The last good "
                "heads are kept. Lower the learning rate or α, or raise the temperature.",
                "warning",
            )
            break
        yield report
        yield from course.signs_in(report)
        if clock.seconds() - saved > _SECONDS_A_STATE:
            saved = clock.seconds()
            yield course.state()
        if course.checkpoints.wants(step):
            break
    yield from glimpses.after(course.done, last=True)
    if control.stopping or course.done == stop_after:
        yield course.state()
    kept, space = course.result()
    yield kept
    return space


class _Course:
    """A training with what goes on beside it: live values, validation, and signs of failure."""

    def __init__(
        self, data: TrainingData, settings: TrainedSettings, held_out: HeldOut | None, seed: int,
        live: LiveValues, device: str, start: AlignedSpace | None,
    ) -> None:  # fmt: skip
        self._origin = Origin.of(data, settings, seed, start)
        few = device == "cpu" and sum(map(len, data.views.values())) <= FEW_ROWS
        with one_thread(few, of_all_libraries=True):
            self.training = Training(data, settings, seed, device, start=start)
        self.checkpoints = Checkpoints(
            settings.checkpoint, settings.checkpoint_step, settings.patience
        )
        self.done = 0
        self._settings, self._live = settings, live
        self._small_steps = device == "cpu" and settings.batch_pairs <= SMALL_BATCH
        self._watch = Validation(data, held_out)
        self._reports: list[StepReport] = []
        self._warned: set[str] = set()
        self._moved = False  # α, while training

    def begin(self, state: TrainingState | None) -> None:
        """Begin at a state, or at the start, which is the first candidate for the best heads."""
        if state is not None:
            self._origin.expect(state)
        if state is not None and state.step > 0:
            self.training.restore(state.tensors)
            self._live.values.update(state.values)
            for each in state.candidates:
                self.training.check_maps(each.maps)
            self.checkpoints.restore(state.best_score, state.best_step, state.candidates)
            self.done, self._moved = state.step, state.moved
        else:
            self._look(0)
        self._in_force = dict(self._live.values)
        self._began, self._clock = self.done, Stopwatch()

    def steps(self) -> Iterable[int]:
        """Return the numbers of the steps still to be made."""
        if self._settings.until_stopped:
            return count(self.done + 1)
        return range(self.done + 1, self._settings.steps + 1)

    def step(self, step: int, changed: tuple[LiveChange, ...]) -> StepReport | None:
        """Make a step, and look at the validation pairs if it is time; None if it diverged."""
        with one_thread(self._small_steps):
            figures = self.training.step(step, self._live.values)
        if not math.isfinite(figures.loss):
            return None
        self.done, self._in_force = step, dict(self._live.values)
        self._moved |= any(change.name.startswith("alpha") for change in changed)
        validation, is_best = None, False
        if self._is_looked_at(step):
            validation, is_best = self._look(step)
        return StepReport(
            step,
            0 if self._settings.until_stopped else self._settings.steps,
            figures.loss,
            figures.losses,
            {view: self._in_force[f"alpha/{view}"] for view in self.training.heads},
            figures.temperature,
            self.training.learning_rate,
            figures.gradient_norm,
            figures.effective_rank,
            figures.mean_cosine,
            self._clock.rate(step - self._began) or 0.0,
            changed,
            validation,
            is_best,
        )

    def _look(self, step: int) -> tuple[dict[str, float], bool]:
        """Return the figures of the heads as they are, and whether none before found better."""
        look = self._watch.look_at(self.training.heads)
        judged = len(look.reciprocal_ranks) > 0
        return look.figures, judged and self.checkpoints.judge(step, look, self.training.maps)

    def signs_in(self, report: StepReport) -> Iterator[Notice]:
        """Warn of each sign of failure the first time that it is seen."""
        if not self._is_looked_at(report.step):
            return
        self._reports.append(report)
        if len(self._reports) > _REPORTS_LOOKED_AT:
            del self._reports[1:-1:2]  # so that a look costs the same in a long training
        for found in diagnose(self._reports, self._settings.clip):
            if found.name not in self._warned:
                self._warned.add(found.name)
                yield Notice(found.sentence, "warning")

    def state(self) -> TrainingState:
        """Return where it stands; a stop may fall between a wish and its step, which then waits."""
        return TrainingState(
            self.done, self.training.tensors(), self._in_force, self._origin, self._moved,
            self.checkpoints.best_score, self.checkpoints.best_step,
            tuple(self.checkpoints.candidates),
        )  # fmt: skip

    def result(self) -> tuple[HeadsKept, AlignedSpace]:
        """Return the heads that are kept, and which they are."""
        kept, maps = self.checkpoints.chosen(self.done, self._moved)
        return kept, self.training.space(maps)

    def _is_looked_at(self, step: int) -> bool:
        return step % self._settings.validate_every == 0 or step in (1, self._settings.steps)
