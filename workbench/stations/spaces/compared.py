"""The rows of a space that is compared: before and after heads, one row a distinct content."""

import numpy as np

from workbench.alignment import standardise
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Project, SpaceName, file_mark
from workbench.stations.runs.rows import listing_of, no_rows, read_view
from workbench.stations.runs.run_space import RunSpace, RunView, row_pairs
from workbench.stations.runs.run_views import encoders_of
from workbench.stations.runs.space_rows import heads_of
from workbench.stations.runs.store import read_run_space


def read_compared_space(
    project: Project, name: SpaceName, control: Control | None = None
) -> Job[RunSpace]:
    """Read the rows of a space.

    Parameters
    ----------
    project : Project
    name : SpaceName
        Of the frozen spaces of a run, the run is read: `RunView.before` are their rows.
    control : Control, optional
        After a stop the views not read yet have no rows.

    Yields
    ------
    Progress

    Returns
    -------
    RunSpace
        Of the frozen space of a modality, one view: its rows around their mean, of unit length,
        before as after.

    Raises
    ------
    WorkbenchError
        The run, its sweep or the embeddings are missing, or they do not fit together.
    """
    control = control or Control()
    if name.view is not None:
        yield Progress(0, 1, f"Reading {name.in_words()}")
        return RunSpace(str(name), {name.view: _frozen_view(project, name.view)}, {}, None)
    if name.alpha is None:
        return (yield from read_run_space(project, name.run, control))
    run, heads = heads_of(project, name)
    written, encoders = run.heads_written(), encoders_of(run)
    views: dict[Modality, RunView] = {}
    for done, view in enumerate(encoders):
        yield Progress(done, len(encoders), f"Reading {view} embeddings of {name.in_words()}")
        views[view] = (
            no_rows(heads, view) if control.stopping
            else read_view(project, run, heads, view, before=True).view()
        )  # fmt: skip
    return RunSpace(run.name, views, row_pairs(project, views), written)


def mark_of_space(project: Project, name: SpaceName) -> object:
    """Return a mark of what a space is made by, which differs once that is another one.

    Raises
    ------
    WorkbenchError
        The run is missing, or no encoder is chosen.
    """
    if name.view is None:
        return project.run(name.run).heads_written()
    encoder = project.encoder(name.view)
    return encoder, file_mark(project.cache_path(name.view, encoder))


def _frozen_view(project: Project, view: Modality) -> RunView:
    encoder = project.encoder(view)
    with EmbeddingCache(project.cache_path(view, encoder)) as cache:
        listing = listing_of(project, cache, view)
        frozen = cache.read(listing.places[: listing.distinct])
    if not len(frozen):
        raise WorkbenchError(f"No {view} items are encoded by {encoder}. Encode first.")
    centre = frozen.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows = standardise(frozen, centre)
    ids = listing.ids[: listing.distinct]
    return RunView(ids, listing.items, listing.content_of_item, rows, rows)
