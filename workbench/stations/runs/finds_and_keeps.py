"""What α buys and costs: how many partners heads find, and how many neighbours they keep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.alignment import check_settings
from workbench.alignment.data import prepare
from workbench.alignment.training.validation import Validation
from workbench.errors import WorkbenchError
from workbench.jobs import Job, Progress
from workbench.project import (
    Dataset,
    Project,
    Recipe,
    Run,
    WordsInRecipe,
    has_ladder,
    load_dataset,
    read_ladder_figures,
)
from workbench.stations.runs.data import data_of_run_if_unchanged
from workbench.stations.runs.run_table import mean_recall

# what decides which heads are kept and how often one looks, but not how they are trained
_WATCHING = ("alpha", "checkpoint", "checkpoint_step", "validate_every", "patience")


@dataclass(frozen=True)
class FindsAndKeeps:
    """Two figures of heads.

    Attributes
    ----------
    finds : float or None
        R@10, mean of all directions; None without pairs to measure it on.
    keeps : float or None
        Share of the ten nearest neighbours in the frozen space that still are, mean of the views.
    chance : float or None
        R@10 of guessing, which is what a frozen space finds; it keeps all neighbours.
    step : int or None
        Of the training, where that is known.
    tested : bool
        Whether the figures are of the test pairs, for want of validation pairs.
    """

    finds: float | None = None
    keeps: float | None = None
    chance: float | None = None
    step: int | None = None
    tested: bool = False


@dataclass(frozen=True)
class Felt:
    """What is known of a run's heads, and of those to compare them with.

    Attributes
    ----------
    now : FindsAndKeeps
        Of the heads that the run has.
    start : FindsAndKeeps or None
        Where its training was first looked at.
    zero : FindsAndKeeps or None
        Of heads trained alike at α = 0, if the project has some.
    """

    now: FindsAndKeeps
    start: FindsAndKeeps | None = None
    zero: FindsAndKeeps | None = None


def of_figures(figures: Mapping[str, float]) -> FindsAndKeeps:
    """Return what figures on the validation pairs say, as `StepReport.validation` has them."""
    kept = [value for name, value in figures.items() if name.startswith("preservation/")]
    step = figures.get("step")
    return FindsAndKeeps(
        figures.get("recall@10"), sum(kept) / len(kept) if kept else None,
        figures.get("chance@10"), None if step is None else int(step),
    )  # fmt: skip


def of_report(report: Mapping[str, Any]) -> FindsAndKeeps:
    """Return what evaluation found on the test pairs; nothing where nothing was measured."""
    if not report:
        return FindsAndKeeps(tested=True)
    kept = [value for value in report.get("preservation", {}).values() if value is not None]
    chances = {name: each.get("chance", {}) for name, each in report["retrieval"].items()}
    return FindsAndKeeps(
        mean_recall(dict(report), "recall@10"), sum(kept) / len(kept) if kept else None,
        mean_recall({"retrieval": chances}, "recall@10"), tested=True,
    )  # fmt: skip


def first_look(rows: Sequence[Mapping[str, float]]) -> FindsAndKeeps | None:
    """Return the figures of the first row of curves that has some."""
    return next(map(of_figures, looked_at(rows)), None)


def looked_at(rows: Iterable[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """Return the rows of curves that have figures of what heads find or keep."""
    return [row for row in rows if any(name.startswith("preservation/") for name in row)]


def felt(project: Project, run_name: str) -> Job[Felt]:
    """Measure the heads of a run on its validation pairs, and find what to compare them with.

    Without validation pairs, or where the data have changed, what evaluation found on the test
    pairs is told instead.

    Parameters
    ----------
    project : Project
    run_name : str

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        The run is missing or damaged.
    """
    run = project.run(run_name)
    yield Progress(0, 0, f"Measuring {run_name} on the validation pairs")
    recipe = run.recipe()
    data = data_of_run_if_unchanged(project, run, recipe)
    now = _measured(run, recipe, data) or of_report(run.report())
    has_words = recipe.words.share > 0  # which the curves, of learned heads, know nothing of
    start = None if has_words else first_look(run.curves())
    return Felt(now, start, _at_zero(project, recipe, recipe.data_fingerprint, has_words))


def felt_at_zero(
    project: Project,
    settings: Mapping[str, Any],
    pairs: int | None = None,
    seed: int = 0,
    words: str | float = "auto",
) -> Job[FindsAndKeeps | None]:
    """Return what heads give that were trained at α = 0 on the data of the project as it is now.

    Parameters
    ----------
    project : Project
    settings : mapping
        Of ``gera``; its α counts for nothing.
    pairs, seed, words
        As for `align`. With several such runs the one of the same seed is taken, else the newest.

    Yields
    ------
    Progress
    """
    yield Progress(0, 0, "Looking for heads of α = 0")
    split = project.settings.split
    wanted = Recipe(
        method="gera", settings=check_settings("gera", settings).model_dump(mode="json"),
        pairs=pairs or split.budget, split=split, seed=seed, words=WordsInRecipe(wish=words),
    )  # fmt: skip
    if not _runs_alike(project, wanted):
        return None
    return _at_zero(project, wanted, load_dataset(project).fingerprint, has_words=False)


def sweep_marks(project: Project, run_name: str) -> tuple[list[float], float | None]:
    """Return the α of the rungs of a run's sweep and that of its knee, if it has one.

    Nothing is returned of a sweep that is damaged: who looks at it is told.
    """
    try:
        ladder = read_ladder_figures(project.run(run_name))
    except WorkbenchError:
        return [], None
    knee = ladder.knee()
    return ladder.alphas, None if knee is None or knee is ladder.rungs[-1] else knee.alpha


def _measured(run: Run, recipe: Recipe, data: Dataset | None) -> FindsAndKeeps | None:
    """Return figures on the validation pairs; None where they, or the data, are not there."""
    if data is None or not run.has_heads():
        return None
    split = data.split(recipe.split, recipe.pairs)
    held_out = data.held_out(split.validation)
    if not held_out.pairs:
        return None
    watch = Validation(prepare(*data.training(split)), held_out)
    return of_figures(watch.look(run.space()).figures)


def _at_zero(
    project: Project, wanted: Recipe, fingerprint: str, has_words: bool
) -> FindsAndKeeps | None:
    """Return figures of heads of α = 0, with own words or of the learned heads alone."""
    for run, recipe in _runs_alike(project, wanted):
        # the figures of a sweep are of learned heads, those measured are of all that a run has
        measured_with_words = recipe.words.share > 0 and not has_ladder(run)
        if recipe.data_fingerprint != fingerprint or measured_with_words != has_words:
            continue
        try:
            if has_ladder(run):
                ladder = read_ladder_figures(run)
                found = of_figures(ladder.rungs[ladder.alphas.index(0.0)].figures)
            else:
                data = data_of_run_if_unchanged(project, run, recipe)
                found = _measured(run, recipe, data) or of_report(run.report())
        except WorkbenchError:  # it is shown as damaged where it is chosen
            continue
        if found.keeps is not None:
            return found
    return None


def _runs_alike(project: Project, wanted: Recipe) -> list[tuple[Run, Recipe]]:
    """Return runs trained as a recipe says but at α = 0, the best to compare with first."""
    found = []
    for run in map(project.shelf.place, project.shelf.names()):
        try:
            recipe = run.recipe()
        except WorkbenchError:
            continue
        # of a run still to be made it is not known whether there are words to be had
        same_words = recipe.words.wish == wanted.words.wish or wanted.words.wish == "auto"
        same = same_words and _without_alpha(recipe) == _without_alpha(wanted)
        if same and not recipe.trained_elsewhere and _has_zero(recipe):
            found.append((run, recipe))
    found.sort(key=lambda each: (each[1].seed == wanted.seed, each[1].created), reverse=True)
    return found


def _without_alpha(recipe: Recipe) -> tuple[object, ...]:
    settings = {n: value for n, value in recipe.settings.items() if n not in _WATCHING}
    return recipe.method, settings, recipe.pairs, recipe.split


def _has_zero(recipe: Recipe) -> bool:
    """Return whether a training to the end has heads of α = 0, all the way."""
    to_the_end = recipe.state == "finished" and recipe.settings.get("checkpoint") != "step"
    if not to_the_end or recipe.method != "gera":
        return False
    if recipe.ladder:
        return 0.0 in recipe.ladder
    alpha = recipe.settings.get("alpha", 0.0)
    values = alpha.values() if isinstance(alpha, dict) else [alpha]
    return not any(values) and not recipe.changes_made()
