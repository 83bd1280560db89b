"""Align: from embeddings and pairs to a run with trained heads."""

from collections.abc import Generator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.alignment import (
    AlignedSpace,
    HeldOut,
    LiveChange,
    StepReport,
    check_settings,
    find_method,
    train,
)
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Notice, Progress, Stopwatch
from workbench.media import Modality
from workbench.project import Project, Recipe, Run, SplitSettings, in_words, load_dataset
from workbench.stations.run_views import encoders_of


class AlignRequest(BaseModel):
    """What to align, and how.

    Attributes
    ----------
    method : str
    settings : dict
        Of the method; what is missing takes its default.
    pairs : int or None
        Budget of training pairs of each relation; None takes the split's.
    seed : int
    name : str or None
        Of the run; None takes the method's.
    changes : list of LiveChange
        Changes to make again at their steps, from an earlier recipe.
    stop_after : int or None
        Step to end at, as if stopped there.
    split : SplitSettings or None
        How pairs are divided; None takes the project's way.
    encoders : dict of modality to encoder name, or None
        Whose embeddings are aligned; None takes the project's choice.
    data_fingerprint : str or None
        Of the data that a repeated run had; other data are told of.
    """

    model_config = ConfigDict(extra="forbid")

    method: str = "gera"
    settings: dict[str, Any] = {}
    pairs: int | None = Field(None, ge=2)
    seed: int = Field(0, ge=0, lt=2**63)
    name: str | None = None
    changes: list[LiveChange] = []
    stop_after: int | None = Field(None, ge=0)
    split: SplitSettings | None = None
    encoders: dict[Modality, str] | None = None
    data_fingerprint: str | None = None

    @classmethod
    def checked(cls, **values: Any) -> "AlignRequest":
        """Make a request, or say in a sentence what is wrong with it."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise WorkbenchError(f"This cannot be aligned: {in_words(error)}") from None

    @classmethod
    def of_run(cls, run: Run) -> "AlignRequest":
        """Return the request that repeats a run."""
        recipe = run.recipe()
        if recipe.state == "running":
            raise WorkbenchError(
                f"The run “{run.name}” was cut off, or is training now: its recipe is not "
                "complete. Repeat another one."
            )
        return cls.checked(
            method=recipe.method, settings=recipe.settings, pairs=recipe.pairs, seed=recipe.seed,
            changes=recipe.changes, stop_after=recipe.stopped_at, split=recipe.split,
            encoders=encoders_of(run) if recipe.encoders else None,
            data_fingerprint=recipe.data_fingerprint or None,
        )  # fmt: skip


def align(project: Project, request: AlignRequest, control: Control | None = None) -> Job[Run]:
    """Train an aligned space on the project's embeddings and keep it as a run.

    Parameters
    ----------
    project : Project
    request : AlignRequest
    control : Control, optional
        Live values ``alpha``, ``alpha/VIEW``, ``temperature``, ``learning_rate``; a stop keeps the
        heads trained so far.

    Yields
    ------
    Progress, Notice, StepReport

    Returns
    -------
    Run

    Raises
    ------
    WorkbenchError
        Before any work, when the request cannot be carried out.
    """
    control = control or Control()
    settings = check_settings(request.method, request.settings)
    yield Progress(0, 0, "Reading embeddings")
    data = load_dataset(project, request.encoders)
    divided = request.split or project.settings.split
    budget = request.pairs or divided.budget
    split = data.split(divided, budget)
    yield from _short_of_pairs(budget, {r: len(p) for r, p in split.training.items()})
    if request.data_fingerprint not in (None, data.fingerprint):
        yield Notice(
            "The items, pairs or embeddings are not those of the run that is repeated: the heads "
            "will differ.",
            "warning",
        )
    views, pairs = data.training(split)
    validation: HeldOut | None = data.held_out(split.validation)
    if validation is not None and not validation.pairs:
        validation = None
        yield Notice("No pairs are kept for validation, so the last heads are kept.", "warning")

    recipe = Recipe(
        method=request.method, settings=settings.model_dump(mode="json"), seed=request.seed,
        pairs=budget, split=divided, data_fingerprint=data.fingerprint,
        encoders={modality: view.card for modality, view in data.views.items()}, state="running",
    )  # fmt: skip
    job = train(
        request.method, views, pairs, settings=request.settings, validation=validation,
        seed=request.seed, control=control, changes=request.changes, stop_after=request.stop_after,
    )  # fmt: skip
    return (yield from _keep(project, request, recipe, job))


def _short_of_pairs(budget: int | None, have: dict[tuple[str, str], int]) -> Job[None]:
    for relation, count in have.items():
        if budget is not None and count < budget:
            yield Notice(
                f"There are only {count:,} training pairs {'–'.join(relation)}; all are used."
            )


def _keep(
    project: Project,
    request: AlignRequest,
    recipe: Recipe,
    job: Generator[Event, None, AlignedSpace],
) -> Job[Run]:
    """Run the training; keep recipe, curves and heads, also when it ends early."""
    reports: list[StepReport] = []
    watch = Stopwatch()
    run: Run | None = None
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                space: AlignedSpace = end.value
                break
            # the folder is made when the method has accepted its input, not before
            run = run or _new_run(project, request, recipe)
            if isinstance(event, StepReport):
                reports.append(event)
                recipe.changes += event.changes
            yield event
    except BaseException:
        # cut off by an error or by whoever listens: what was seen is kept, and says “running”
        if run is not None and reports:
            run.write_curves(reports)
            run.write_recipe(recipe)
        raise
    run = run or _new_run(project, request, recipe)
    last = reports[-1].step if reports else 0
    ended_early = find_method(request.method).trains and last < recipe.settings["steps"]
    recipe.state = "stopped" if ended_early else "finished"
    recipe.stopped_at = last if ended_early else None
    recipe.seconds = round(watch.seconds(), 3)
    run.write_space(space)
    if reports:
        run.write_curves(reports)
    run.write_recipe(recipe)
    if ended_early:
        yield Notice(f"Stopped at step {last:,}; the run “{run.name}” keeps its heads.")
    return run


def _new_run(project: Project, request: AlignRequest, recipe: Recipe) -> Run:
    run = project.new_run(request.name or request.method)
    run.write_recipe(recipe)
    return run
