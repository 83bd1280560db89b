"""The ladder of a run: keeping it, taking other heads of it, and looking at any α of it."""

from collections.abc import Generator
from dataclasses import dataclass

from workbench.alignment import AlignedSpace, AlphaSweep, HeldOut, Snapshot, SweepReport
from workbench.alignment.data import prepare
from workbench.alignment.training.validation import Validation
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Progress
from workbench.project import (
    Project,
    Recipe,
    Run,
    add_to_rung_curves,
    read_ladder,
    read_rung_curves,
    write_ladder,
)
from workbench.stations.runs.data import data_of_run
from workbench.stations.training.run_writer import RunWriter
from workbench.stations.training.shown_pairs import ShownPairs, choose_pairs

_SHOWN = 200
_STEPS_AT_ONCE = 500


def take_rung(
    keeper: RunWriter, recipe: Recipe, climb: Generator[Event, None, AlphaSweep]
) -> Generator[Event, None, AlignedSpace]:
    """Train a ladder, keep it with its run, and return the heads that the run has of it.

    They are those of the α that the recipe names, else of the knee; without validation pairs, of
    the rung nearest to the α of the settings.

    Parameters
    ----------
    keeper : RunWriter
    recipe : Recipe
    climb : generator
        Of `train_sweep`.
    """
    curves = _RungCurves(keeper, len(recipe.ladder))
    while True:
        try:
            event = next(climb)
        except StopIteration as end:
            ladder: AlphaSweep = end.value
            break
        yield event
        if isinstance(event, SweepReport):
            curves.take(event)
    curves.write()
    write_ladder(keeper.run, ladder)
    rung = ladder.knee() if recipe.rung is None else ladder.at(recipe.rung)
    alpha = recipe.settings["alpha"]
    if rung is None:
        rung = ladder.at(alpha if isinstance(alpha, float) else max(alpha.values()))
    keeper.take_rung(rung.alpha, read_rung_curves(keeper.run, ladder.nearest(rung.alpha)))
    return rung.space


class _RungCurves:
    """Writes the curves of all rungs, some hundred steps at a time."""

    def __init__(self, keeper: RunWriter, rungs: int) -> None:
        self._keeper = keeper
        self._rows: list[list[dict[str, float]]] = [[] for _ in range(rungs)]

    def take(self, report: SweepReport) -> None:
        """Take the figures of a step."""
        for rows, rung in zip(self._rows, report.rungs, strict=True):
            rows.append(rung.row())
        if len(self._rows[0]) >= _STEPS_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what is not written yet."""
        for number, rows in enumerate(self._rows):
            if rows:
                add_to_rung_curves(self._keeper.run, number, rows)
                rows.clear()


def sweep_in_words(ladder: AlphaSweep) -> str:
    """Return what the figures of a ladder say, in a sentence or two."""
    knee = ladder.knee()
    if knee is None:
        return "No pairs are kept for validation, so the α of the sweep cannot be compared."
    best, error = ladder.best_recall(), ladder.standard_error()
    if knee is ladder.rungs[-1]:
        return (
            f"No α costs recall: up to {knee.alpha:g}, R@10 stays within one standard error "
            f"({100 * error:.1f} points) of the best, {best:.1%}."
        )
    return (
        f"The knee is at α = {knee.alpha:g}: up to there R@10 stays within one standard error "
        f"({100 * error:.1f} points) of the best, {best:.1%}."
    )


def pick(project: Project, run_name: str, alpha: float, control: Control | None = None) -> Job[Run]:
    """Let a run have other heads of its ladder.

    Between two rungs the heads are mixed if that is as good as the rungs, else the nearest rung's
    are taken. What was measured of the heads before is deleted.

    Parameters
    ----------
    project : Project
    run_name : str
    alpha : float
    control : Control, optional
        A stop before the heads are taken leaves the run as it is.

    Yields
    ------
    Progress

    Returns
    -------
    Run

    Raises
    ------
    WorkbenchError
        The run has no ladder, it is training now, or the files cannot be read or written.
    """
    run = project.run(run_name)
    if not 0 <= alpha <= 1000:
        raise WorkbenchError("α must be a number from 0 to 1000.")
    yield Progress(0, 1, f"Reading the sweep of {run_name}")
    with run.trained_alone():
        ladder, recipe = read_ladder(run), run.recipe()
        if control is not None and control.stopping:
            return run
        rung = ladder.at(alpha)
        recipe.rung = recipe.settings["alpha"] = rung.alpha
        run.write_space(rung.space, recipe, read_rung_curves(run, ladder.nearest(rung.alpha)))
    yield Progress(1, 1, f"“{run_name}” has the heads of α = {rung.alpha:g}")
    return run


@dataclass(frozen=True, eq=False)
class Scrubbed:
    """What a ladder gives at an α.

    Attributes
    ----------
    alpha : float
        Of the heads; that of a rung, where those between are not as good.
    is_rung : bool
    glimpse : Snapshot
        Where the shown pairs are.
    figures : dict of str to float
        On the validation pairs, as `StepReport.validation`; empty without any, and for heads
        between rungs that were not measured.
    """

    alpha: float
    is_rung: bool
    glimpse: Snapshot
    figures: dict[str, float]


class Scrubber:
    """Moves through a ladder; made by `scrubber`.

    Attributes
    ----------
    ladder : AlphaSweep
    shown : ShownPairs
    """

    def __init__(
        self, ladder: AlphaSweep, shown: ShownPairs, held_out: HeldOut, watch: Validation | None
    ) -> None:
        self.ladder, self.shown = ladder, shown
        self._held_out, self._watch = held_out, watch

    def at(self, alpha: float, *, measure: bool = True) -> Scrubbed:
        """Return places and figures at an α.

        Parameters
        ----------
        alpha : float
        measure : bool
            Whether to measure heads that lie between rungs, which takes most of the time.
        """
        rung = self.ladder.at(alpha)
        is_rung = rung.alpha in self.ladder.alphas
        mapped = {view: rung.space.embed(view, rows) for view, rows in self._held_out.views.items()}
        figures = rung.figures
        if measure and not is_rung and self._watch is not None:
            figures = self._watch.look(rung.space).figures
        return Scrubbed(rung.alpha, is_rung, Snapshot(0, mapped), figures)


def scrubber(project: Project, run_name: str, shown: int = _SHOWN) -> Job[Scrubber]:
    """Make ready to move through the ladder of a run.

    Parameters
    ----------
    project : Project
    run_name : str
    shown : int
        Of about so many pairs the places are told.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run has no ladder, or the data have changed since it was made.
    """
    run = project.run(run_name)
    yield Progress(0, 2, f"Reading the sweep of {run_name}")
    ladder, recipe = read_ladder(run), run.recipe()
    yield Progress(1, 2, "Reading embeddings")
    data = data_of_run(
        project, run, recipe,
        lost="so the validation pairs of its sweep are no longer the same. Align again.",
    )  # fmt: skip
    split = data.split(recipe.split, recipe.pairs)
    told, held_out = choose_pairs(data, split, shown)
    validation = data.held_out(split.validation)
    watch = Validation(prepare(*data.training(split)), validation) if validation.pairs else None
    return Scrubber(ladder, told, held_out, watch)
