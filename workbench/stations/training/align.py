"""Align: from embeddings and pairs to a run with trained heads."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import (
    OWN_WORDS,
    AlignedSpace,
    HeldOut,
    MethodSettings,
    TrainingState,
    check_alphas,
    check_settings,
    find_method,
    train,
    train_sweep,
)
from workbench.encoders import pick_device
from workbench.errors import WorkbenchError
from workbench.item_ids import pairs_among
from workbench.jobs import Control, Job, Notice, Progress
from workbench.project import (
    Dataset,
    Project,
    Recipe,
    RowPairs,
    Run,
    Split,
    WordsInRecipe,
    load_dataset,
    now,
)
from workbench.stations.runs.data import data_of_run
from workbench.stations.training.align_request import AlignRequest, check_recipe
from workbench.stations.training.alpha_sweep import take_rung
from workbench.stations.training.own_words import (
    find_words,
    find_words_of_labels,
    view_of_words,
    with_words,
    words_alone,
    words_for,
    words_known,
)
from workbench.stations.training.run_writer import RunWriter, keep
from workbench.stations.training.shown_pairs import choose_pairs
from workbench.stations.training.started_from import Start, kept_start
from workbench.words import several

Views = Mapping[str, npt.NDArray[np.float32]]


def align(
    project: Project, request: AlignRequest, control: Control | None = None, *, show: int = 0
) -> Job[Run]:
    """Train an aligned space on the project's embeddings and keep it as a run.

    While it trains, its curves, its recipe and the training itself are kept every ten seconds, and
    when it is stopped: `resume` goes on from there.

    Parameters
    ----------
    project : Project
    request : AlignRequest
    control : Control, optional
        Live values ``alpha``, ``alpha/VIEW``, ``temperature``, ``learning_rate``; a stop keeps the
        heads trained so far.
    show : int
        Of about so many pairs glimpses are given while it trains.

    Yields
    ------
    Progress, Notice, NeighboursFound, StepReport or SweepReport, ShownPairs, Snapshot

    Returns
    -------
    Run

    Raises
    ------
    WorkbenchError
        Before any work, when the request cannot be carried out.
    """
    control = control or Control()
    check_settings(request.method, request.settings)
    request = yield from _as_pairs_allow(project, request)
    start = Start.of(project, request)
    if start is not None:
        request = start.asked(request)
    settings = check_settings(request.method, request.settings)
    device = pick_device(request.device)
    ladder = _checked_ladder(request)
    if ladder:
        settings = yield from _of_a_sweep(request, settings)
    yield Progress(0, 0, "Reading embeddings")
    alone = request.method == OWN_WORDS.name
    created = now()  # of the user's answers, those of later moments are not this run's
    data = load_dataset(project, request.encoders, without_pairs=alone, until=created)
    if request.data_fingerprint is not None:
        yield from _unlike(request, settings, data)
    divided = request.divided(project.settings.split)
    began = None
    if start is not None:
        start.check(settings, data)
        began = yield from start.told(data, divided)
    recipe = Recipe(
        method=request.method, settings=settings.model_dump(mode="json"), seed=request.seed,
        pairs=request.pairs or divided.budget, split=divided, data_fingerprint=data.fingerprint,
        encoders={modality: view.card for modality, view in data.views.items()}, state="running",
        changes=request.changes, stopped_at=request.stop_after, device=device, ladder=ladder,
        rung=request.rung,
        words=WordsInRecipe(wish="off" if ladder else request.words), started_from=began,
        created=created,
    )  # fmt: skip

    def new_folder(recipe: Recipe) -> Run:
        run = project.new_run(request.name or request.method, recipe)
        held.enter_context(run.trained_alone())
        if start is not None:
            run.keep_start(start.space)
        return run

    with ExitStack() as held:
        keeper = RunWriter(new_folder, recipe)
        if alone:
            return (yield from _take_words(project, data, recipe, keeper, control))
        space = None if start is None else start.space
        return (yield from _train(project, data, recipe, keeper, control, show=show, start=space))


def resume(
    project: Project,
    run_name: str,
    control: Control | None = None,
    *,
    device: str | None = None,
    show: int = 0,
) -> Job[Run]:
    """Go on with a run that was stopped or cut off, to the heads it would have had without.

    Steps after the training that was kept last are made again. Yields and returns what `align`
    does.

    Parameters
    ----------
    project : Project
    run_name : str
    control, show
        As for `align`.
    device : str, optional
        Instead of the run's; heads are the same to the bit only on the same one.

    Raises
    ------
    WorkbenchError
        Before any work, when the run is finished or training now, no training is kept with it, or
        the project or the recipe are not as they were.
    """
    run = project.run(run_name)
    with run.trained_alone():  # before anything of it is read
        return (yield from _go_on(project, run, control or Control(), device, show))


def _go_on(project: Project, run: Run, control: Control, device: str | None, show: int) -> Job[Run]:
    """Go on with a run that nobody else trains."""
    recipe = run.recipe()
    state = _kept_training(run, recipe)
    check_recipe(run.name, recipe)
    start = kept_start(run, recipe)
    recipe.device = pick_device(device or recipe.device)
    yield Progress(0, 0, "Reading embeddings")
    data = data_of_run(project, run, recipe, lost="so it cannot be resumed. Align again.")
    if recipe.state == "stopped":  # where it was stopped is not where it is to end
        recipe.stopped_at = None
    recipe.state = "running"
    made = [change for change in recipe.changes if change.step <= state.step]

    def open_folder(_: Recipe) -> Run:
        run.write_curves([row for row in run.curves() if row.get("step", 0) <= state.step])
        return run

    keeper = RunWriter(open_folder, recipe, made, state.step)
    return (yield from _train(project, data, recipe, keeper, control, state, show, start))


def _as_pairs_allow(project: Project, request: AlignRequest) -> Job[AlignRequest]:
    """Return the request; where there are no pairs, and may be words, for these alone."""
    chosen = request.encoders or project.settings.encoders
    asked = request.method == OWN_WORDS.name
    if not asked and project.catalogue.pair_counts():
        return request
    view = view_of_words(project, chosen)
    if view is None and asked:
        raise WorkbenchError(
            "There are no own words here: they need texts, and pictures by an encoder that was "
            "trained to tell named classes apart, or items in folders with names. Choose encoders "
            "on the Encode page, or another method."
        )
    if view is None:
        return request
    if not asked:
        yield Notice(
            f"The project has no pairs yet, so {request.method} has nothing to learn from: own "
            "words are used alone.",
            "warning",
        )
    words: dict[str, Any] = {
        "method": OWN_WORDS.name, "settings": {}, "ladder": [], "rung": None,
        "start_from": request.start_from if asked else None,
    }  # fmt: skip
    encoders = {view: chosen[view], "text": chosen["text"]}
    return request.model_copy(update={**words, "encoders": encoders})


def _take_words(
    project: Project, data: Dataset, recipe: Recipe, keeper: RunWriter, control: Control
) -> Job[Run]:
    """Keep a run of own words alone."""
    split = data.split(recipe.split, recipe.pairs)
    views, _ = data.training(split)
    found = yield from find_words(project, data, control)
    if found is None:
        rows = {view: split.training_rows(view) for view in data.views}
        found = yield from find_words_of_labels(project, data, rows, control)
    if found is None:
        raise WorkbenchError(
            "The image encoder's weights have no classes with names, and items are not in 2 to "
            "1,000 folders with names: there are no own words. Add pairs, or choose another "
            "encoder on the Encode page."
            if not control.stopping
            else "Stopped before the names of the classes were encoded. Align again."
        )
    return (yield from keep(keeper, words_alone(found, views, recipe), control))


def _train(
    project: Project,
    data: Dataset,
    recipe: Recipe,
    keeper: RunWriter,
    control: Control,
    state: TrainingState | None = None,
    show: int = 0,
    start: AlignedSpace | None = None,
) -> Job[Run]:
    """Train as a recipe says, from the beginning or from a state, and keep the run."""
    split = data.split(recipe.split, recipe.pairs)
    if state is None:
        yield from _short_of_pairs(recipe.pairs, split.training)
        yield from _of_own_pairs(data, split)
    views, pairs = data.training(split)
    validation: HeldOut | None = data.held_out(split.validation)
    if validation is not None and not validation.pairs:
        validation = None
    shown: Views = {}
    if show and find_method(recipe.method).trains:
        told, chosen = choose_pairs(data, split, show)
        shown = chosen.views
        yield told
    found = yield from words_for(project, data, recipe, control)
    common: dict[str, Any] = {
        "settings": recipe.settings, "validation": validation, "seed": recipe.seed,
        "control": control, "changes": recipe.changes, "stop_after": recipe.stopped_at,
        "device": recipe.device, "shown": shown, "start": start,
    }  # fmt: skip
    if recipe.ladder:
        if words_known(data):
            yield Notice(
                "A sweep compares α by the learned heads alone: the image encoder’s own words take "
                "part where one α is trained."
            )
        climb = train_sweep(views, pairs, recipe.ladder, **common)
        return (yield from keep(keeper, take_rung(keeper, recipe, climb), control))
    job = train(recipe.method, views, pairs, state=state, **common)
    if found is not None:
        job = with_words(job, found, views, pairs, validation, recipe)
    return (yield from keep(keeper, job, control))


def _checked_ladder(request: AlignRequest) -> list[float]:
    if not request.ladder:
        return []
    if request.method != "gera":
        raise WorkbenchError(
            f"A sweep trains several α, and {request.method} has none. Leave the sweep out, or "
            "use gera."
        )
    return check_alphas(request.ladder)


def _of_a_sweep(request: AlignRequest, settings: MethodSettings) -> Job[MethodSettings]:
    """Return the settings of all rungs."""
    own: dict[str, Any] = {} if "checkpoint" in request.settings else {"checkpoint": "last"}
    if request.settings.get("until_stopped"):
        own["until_stopped"] = False
        yield Notice("A sweep ends at its steps; it does not go on until it is stopped.")
    return settings.model_copy(update=own)


def _kept_training(run: Run, recipe: Recipe) -> TrainingState:
    """Return the training that a run can go on with."""
    if recipe.state == "finished":
        raise WorkbenchError(
            f"The run “{run.name}” is finished, so there is nothing to resume. Repeat it, or "
            "align again."
        )
    if not run.has_training():
        raise WorkbenchError(
            f"The run “{run.name}” cannot be resumed: no training state is saved with it. It is "
            "saved every ten seconds and when a run is stopped, not when it ends by itself. "
            "Align again."
        )
    return run.training()


def _unlike(request: AlignRequest, settings: MethodSettings, data: Dataset) -> Job[None]:
    """Tell why a run that is repeated will not have the same heads."""
    if request.data_fingerprint != data.fingerprint:
        yield Notice(
            "The items, pairs or embeddings differ from those of the repeated run, so the heads "
            "will differ.",
            "warning",
        )
    new = [name for name in type(settings).model_fields if name not in request.settings]
    if new:
        yield Notice(
            "The repeated run was made by another version of the workbench, without "
            f"{', '.join(new)}, so the heads will differ.",
            "warning",
        )


def _short_of_pairs(budget: int | None, training: RowPairs) -> Job[None]:
    for relation, rows in training.items():
        if budget is not None and len(rows) < budget:
            yield Notice(
                f"There are only {len(rows):,} training pairs {'–'.join(relation)}; all are used."
            )


def _of_own_pairs(data: Dataset, split: Split) -> Job[None]:
    """Tell of the user's own pairs: how many are learned from, and why others are not."""
    given = data.given or {}
    own = sum(
        int((~pairs_among(rows, given.get(relation, rows[:0]))).sum())
        for relation, rows in split.training.items()
        if any(map(len, given.values()))
    )
    aside = sum(map(len, split.aside.values()))
    if own:
        yield Notice(f"{several(own, 'pair')} of your own {_are(own)} learned from.")
    if aside:
        yield Notice(
            f"{several(aside, 'pair')} of your own {_are(aside)} not learned from: linked to "
            "held-out items, they would give away what is to be tested."
        )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
