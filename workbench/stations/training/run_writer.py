"""Keeping a run's folder while it trains, so that neither a stop nor a crash loses much."""

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress

from workbench.alignment import (
    AlignedSpace,
    HeadsKept,
    LiveChange,
    NeighboursFound,
    StepReport,
    SweepReport,
    TrainingState,
    find_method,
)
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Notice, Stopwatch
from workbench.project import FoundNeighbours, KeptHeads, Recipe, Run


class RunWriter:
    """Writes curves, recipe, heads and the training to go on with.

    Parameters
    ----------
    make_folder : callable
        Returns the run of a recipe; called when there is something to keep, not before.
    recipe : Recipe
        Its changes are still to be made, and it ends at `stopped_at` if that is set.
    made : list of LiveChange
        Changes made before, by a run that goes on.
    last : int
        The last step made before.
    """

    def __init__(
        self,
        make_folder: Callable[[Recipe], Run],
        recipe: Recipe,
        made: list[LiveChange] | None = None,
        last: int = 0,
    ) -> None:
        self._make_folder = make_folder
        self._recipe = recipe
        self._planned, self._made = list(recipe.changes), list(made or [])
        self._last = last
        self._rows: list[dict[str, float]] = []  # of the curves, not written yet
        self._run: Run | None = None
        self._seconds, self._watch = recipe.seconds, Stopwatch()
        self._complained = False

    @property
    def run(self) -> Run:
        """The run; its folder is made when first asked for."""
        if self._run is None:
            self._run = self._make_folder(self._recipe_now())
        return self._run

    def hear(self, event: Event) -> Iterator[Event]:
        """Take what a training tells; yield what others should hear of it."""
        if isinstance(event, TrainingState):
            yield from self._keep_training(event)
            return
        if isinstance(event, NeighboursFound):
            found = FoundNeighbours(index=event.index, recall=event.recall)
            self._recipe.neighbours[event.view] = found
        elif isinstance(event, StepReport):
            self._last = event.step
            self._made += event.changes
            self._rows.append(event.row())
            if self._run is None:
                self.write_progress()
        elif isinstance(event, HeadsKept):
            self._recipe.kept = KeptHeads(step=event.step, rule=event.rule, why=event.why)
        elif isinstance(event, SweepReport):
            self._last = event.step
            self._made += event.changes
            if self._run is None:
                self.write_progress()
        yield event

    def take_rung(self, alpha: float, rows: list[dict[str, float]]) -> None:
        """Let the heads of a ladder's rung be those of the run.

        Parameters
        ----------
        alpha : float
        rows : list of dict
            Curves of the rung, or of the nearest one.
        """
        self._recipe.rung = self._recipe.settings["alpha"] = alpha
        self._rows = rows

    def _keep_training(self, state: TrainingState) -> Iterator[Notice]:
        try:
            # before the training itself: what it does not know of yet is made again
            self.write_progress()
            self.run.keep_training(state)
        except WorkbenchError as error:
            if not self._complained:  # a full disk is no reason to stop training, nor to nag
                self._complained = True
                yield Notice(
                    f"{error} The training continues, but could not be resumed after a crash.",
                    "warning",
                )

    def write_progress(self) -> None:
        """Write curves and recipe as far as they are."""
        self._add_to_curves()
        self.run.write_recipe(self._recipe_now())

    def finish(self, space: AlignedSpace, stopping: bool) -> Iterator[Notice]:
        """Keep the heads, and what they were made with.

        Parameters
        ----------
        space : AlignedSpace
        stopping : bool
            Whether the training was asked to stop: then it can go on later. One that ended by
            itself, for want of patience or because it diverged, cannot.
        """
        recipe, run = self._recipe, self.run
        self._add_to_curves()
        trains = find_method(recipe.method).trains
        ended_early = trains and not self._is_at_its_end(recipe)
        stopped = stopping or self._last == recipe.stopped_at
        recipe.state = "stopped" if ended_early else "finished"
        recipe.stopped_at = self._last if ended_early else None
        resumable = ended_early and stopped and run.has_training()
        run.write_space(space, self._recipe_now())
        if not resumable:
            run.drop_training()
        if ended_early:
            words = "keeps its heads" + (" and can be resumed from there" if resumable else "")
            yield Notice(f"Stopped at step {self._last:,}; the run “{run.name}” {words}.")

    def _is_at_its_end(self, recipe: Recipe) -> bool:
        """Return whether all steps are made, or the one whose heads were asked for."""
        if recipe.kept is not None and recipe.kept.rule == "step":
            return True
        endless: bool = recipe.settings.get("until_stopped", False)
        return not endless and bool(self._last >= recipe.settings["steps"])

    def cut_off(self) -> None:
        """Keep what was seen: the recipe still says that it runs."""
        if self._run is not None or self._rows:
            with suppress(WorkbenchError):  # what cut it off is told, not that the disk is full too
                self.write_progress()

    def _add_to_curves(self) -> None:
        if self._rows:
            self.run.add_to_curves(self._rows)
            self._rows = []

    def _recipe_now(self) -> Recipe:
        recipe = self._recipe
        recipe.changes = self._made + [c for c in self._planned if c.step > self._last]
        recipe.seconds = round(self._seconds + self._watch.seconds(), 3)
        return recipe


def keep(
    keeper: RunWriter, job: Generator[Event, None, AlignedSpace], control: Control
) -> Job[Run]:
    """Run a training, keep it as a run, and return the run."""
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                space: AlignedSpace = end.value
                break
            yield from keeper.hear(event)
    except BaseException:
        # by an error or by whoever listens
        keeper.cut_off()
        raise
    yield from keeper.finish(space, control.stopping)
    return keeper.run
