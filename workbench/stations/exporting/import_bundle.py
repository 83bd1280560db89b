"""Import: an exported run becomes a run of another project, to be measured, mapped and asked.

Its heads stay as they are. What the project has must have been encoded by the encoders that the
heads are for.
"""

from pathlib import Path

from pydantic import ValidationError

from workbench.alignment import OWN_WORDS, AlignedSpace
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.export import Bundle, load
from workbench.jobs import Job, Notice, Progress
from workbench.media import MODALITIES, Modality
from workbench.project import Imported, Project, Recipe, Run, absolute_path, load_dataset
from workbench.received.small import in_words


def import_bundle(project: Project, folder: Path, name: str | None = None) -> Job[Run]:
    """Make a run of the heads of an exported folder.

    Where the project has the data that the heads were trained with, its pairs are split as then.
    Otherwise they are split as the project says, and heads may have seen some of its test pairs:
    that is told.

    Parameters
    ----------
    project : Project
    folder : Path
        As `export` has written it.
    name : str, optional
        Of the run; that of the exported one where not given.

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Run

    Raises
    ------
    WorkbenchError
        There is no bundle, or the project has nothing that was encoded by its encoders.
    """
    yield Progress(0, 1, f"Reading {folder}")
    folder = absolute_path(folder)
    bundle = load(folder)
    views: list[Modality] = []
    for view in (each for each in MODALITIES if each in bundle.views):
        if _is_encoded(project, bundle, view):
            views.append(view)
        else:
            yield Notice(f"The project has no {view} items, so the {view} head is left out.")
    if not views:
        raise WorkbenchError(
            f"The project has nothing that the heads of {folder} are for: "
            f"{', '.join(bundle.views)}. Add items on the Data page and encode them."
        )
    recipe = _recipe(bundle, views)
    told = _settle_data(project, recipe, folder, _trained_when(bundle))
    if told:
        yield Notice(told, "warning")
    finished, recipe.state = recipe.state == "finished", "running"  # until its heads are there
    run = project.new_run(name or bundle.name, recipe)
    recipe.state = "finished" if finished else "stopped"  # of one cut off, nobody goes on with it
    run.write_space(AlignedSpace({view: bundle.space.heads[view] for view in views}), recipe)
    yield Progress(1, 1, f"Imported as {run.name}")
    return run


def _is_encoded(project: Project, bundle: Bundle, view: Modality) -> bool:
    """Whether the project has embeddings by the encoder of a view; False if it has no such items.

    Raises
    ------
    WorkbenchError
        It has items, and they were encoded otherwise or not yet.
    """
    encoder = bundle.card(view).get("name")
    if not isinstance(encoder, str) or not encoder:
        raise WorkbenchError(
            f"The export {bundle.folder} does not tell which {view} encoder its head is for."
        )
    path = project.cache_path(view, encoder)
    if path.exists():
        with EmbeddingCache(path) as cache:
            bundle.check_card(view, cache.header().card)
        return True
    if not project.catalogue.counts().get(view):
        return False
    chosen = project.settings.encoders.get(view)
    now = f"are encoded by {chosen}" if chosen else "are not encoded"
    raise WorkbenchError(
        f"The {view} items of the project {now}, and the {view} head of {bundle.folder} is for "
        f"{encoder}. Encode them with that one first: gera-workbench encode PROJECT "
        f"{view}={encoder}"
    )


def _recipe(bundle: Bundle, views: list[Modality]) -> Recipe:
    """Return the recipe that the bundle tells of, as that of a run of this project.

    Raises
    ------
    WorkbenchError
        It tells of none that this version can read.
    """
    told = bundle.configuration.get("recipe")
    known = dict(told) if isinstance(told, dict) else {}
    known.pop("created", None)  # the run is made now, and is the newest one here
    encoders = {view: bundle.card(view) for view in views}
    try:
        recipe = Recipe.model_validate({**known, "encoders": encoders})
    except ValidationError as error:
        raise WorkbenchError(
            f"The recipe in the export {bundle.folder} cannot be used: {in_words(error)} It may be "
            "from another version of the workbench, or damaged."
        ) from None
    recipe.note = f"Imported from {bundle.folder}"
    recipe.ladder, recipe.rung = [], None  # heads of one α are here, and no others
    return recipe


def _trained_when(bundle: Bundle) -> str:
    told = bundle.configuration.get("recipe")
    return str(told.get("created", "")) if isinstance(told, dict) else ""


def _settle_data(project: Project, recipe: Recipe, folder: Path, trained: str) -> str:
    """Let a recipe be of the data that the project has; return what has to be told of that."""
    encoders = {view: str(recipe.encoders[view]["name"]) for view in MODALITIES
                if view in recipe.encoders}  # fmt: skip
    alone = recipe.method == OWN_WORDS.name
    try:
        data = load_dataset(project, encoders, without_pairs=alone)
    except WorkbenchError as error:
        recipe.imported = Imported(folder=str(folder), elsewhere=True)
        recipe.data_fingerprint = ""
        return f"This run cannot be measured here: {error}"
    elsewhere = data.fingerprint != recipe.data_fingerprint
    if elsewhere and data.given is not None:
        # what the user has said of pairs since it was trained makes it none of another project
        before = load_dataset(project, encoders, without_pairs=alone, until=trained)
        elsewhere = before.fingerprint != recipe.data_fingerprint
        if not elsewhere:
            recipe.created = trained
    recipe.imported = Imported(folder=str(folder), elsewhere=elsewhere)
    if not elsewhere:
        return ""
    recipe.data_fingerprint = data.fingerprint
    recipe.split, recipe.pairs = project.settings.split, None
    return (
        "These heads were trained elsewhere. If items of this project were among their training "
        "pairs, what is measured here tells too much."
    )
