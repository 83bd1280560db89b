"""Which pairs are shown, by their place in the shared space, while a run trains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import HeldOut, Snapshot
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.geometry import unit_differences
from workbench.jobs import Event, Job, Progress
from workbench.maps import nearest_rows
from workbench.project import (
    Dataset,
    Project,
    RowPairs,
    Split,
    rows_in,
    rows_of_items,
)
from workbench.stations.runs.data import data_of_run
from workbench.stations.runs.run_views import encoders_of

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

MOST_GROUPS = 7
"""As many as there are colours that the colour-blind tell apart."""
_LEAST_OF_A_GROUP = 8


@dataclass(frozen=True, eq=False)
class ShownPairs(Event):
    """The items of every `Snapshot` that follows.

    Attributes
    ----------
    ids : dict of view to ndarray, shape (n,)
        Item ids, in the order of a glimpse's rows.
    pairs : dict of relation to ndarray, shape (p, 2)
        Places in `ids` of the items that belong together.
    held_out : bool
        Whether they are validation pairs, which training does not see.
    """

    ids: dict[str, Rows]
    pairs: RowPairs
    held_out: bool


def choose_pairs(data: Dataset, split: Split, count: int) -> tuple[ShownPairs, HeldOut]:
    """Choose pairs to show: of the validation pairs if there are any, else training pairs.

    Where there are none at all, items that are in no pair are chosen.

    Parameters
    ----------
    data : Dataset
    split : Split
        Of `data`.
    count : int
        How many in all, divided among the relations; the same ones each time.

    Returns
    -------
    ShownPairs
    HeldOut
        Their embeddings, and the same pairs.
    """
    held_out = any(len(rows) for rows in split.validation.values())
    known = split.validation if held_out else split.training
    share = max(1, count // max(1, len(known)))
    random = np.random.default_rng(0)
    if not any(len(rows) for rows in known.values()):
        alone = {
            name: np.sort(random.permutation(rows)[:count]) for name, rows in split.unpaired.items()
        }
        ids = {name: view.ids[alone[name]] for name, view in data.views.items()}
        rows = {name: view.embeddings[alone[name]] for name, view in data.views.items()}
        return ShownPairs(ids, {}, held_out), HeldOut(rows, {})
    chosen = {
        relation: rows[np.sort(random.permutation(len(rows))[:share])]
        for relation, rows in known.items()
    }
    found = data.held_out(chosen)
    ids = {name: view.ids[rows_in(chosen, name)] for name, view in data.views.items()}
    return ShownPairs(ids, dict(found.pairs), held_out), found


@dataclass(frozen=True, eq=False)
class ShownNeighbourhoods:
    """Where shown items lie in their own frozen embeddings, which no training moves.

    Attributes
    ----------
    neighbours : dict of view to ndarray, shape (n, k)
        Of each item, in the order of a glimpse's rows, its nearest other ones by cosine.
    groups : dict of view to ndarray, shape (n,)
        Its neighbourhood, from 0: views are divided each by itself, and their neighbourhoods
        numbered so that items that belong together have the same number where that can be.
    """

    neighbours: dict[str, Rows]
    groups: dict[str, Rows]


def show_run(project: Project, run_name: str, count: int) -> Job[None]:
    """Yield what a training that ended in a run's heads would: its pairs, and one glimpse of them.

    Parameters
    ----------
    project : Project
    run_name : str
    count : int
        How many pairs, as `align` is told.

    Yields
    ------
    Progress, ShownPairs, Snapshot

    Raises
    ------
    WorkbenchError
        The run is missing or has no heads, or the data have changed since it was made.
    """
    run = project.run(run_name)
    yield Progress(0, 0, f"Reading embeddings of {run_name}")
    recipe, space = run.recipe(), run.space()
    data = data_of_run(
        project, run, recipe,
        lost="so its validation pairs are no longer the same. Align again to see them.",
    )  # fmt: skip
    shown, found = choose_pairs(data, data.split(recipe.split, recipe.pairs), count)
    yield shown
    step = recipe.stopped_at if recipe.stopped_at is not None else recipe.settings.get("steps", 0)
    yield Snapshot(step, {view: space.embed(view, rows) for view, rows in found.views.items()})


def neighbourhoods_of(
    project: Project, shown: ShownPairs, run_name: str | None = None
) -> Job[ShownNeighbourhoods]:
    """Find neighbours and neighbourhoods of shown items before any training.

    Cosines are of embeddings around the mean of the shown items.

    Parameters
    ----------
    project : Project
    shown : ShownPairs
    run_name : str, optional
        The run whose encoders are meant; without, the project's.

    Yields
    ------
    Progress

    Raises
    ------
    WorkbenchError
        Items are not encoded any more.
    """
    yield Progress(0, 0, "Finding neighbourhoods")
    encoders = encoders_of(project.run(run_name)) if run_name else project.settings.encoders
    frozen = {
        view: _around_their_mean(_embeddings(project, view, encoders, ids))
        for view, ids in shown.ids.items()
    }
    groups = {view: _divided(rows) for view, rows in frozen.items()}
    return ShownNeighbourhoods(
        {view: nearest_rows(rows) for view, rows in frozen.items()}, _matched(groups, shown.pairs)
    )


def _embeddings(project: Project, view: str, encoders: Mapping[Any, str], ids: Rows) -> Floats:
    """Read the frozen embeddings of a few items."""
    all_ids, marks = project.catalogue.fingerprints(view)  # type: ignore[arg-type]
    known = np.isin(ids, all_ids).all()
    with EmbeddingCache(project.cache_path(view, encoders[view])) as cache:  # type: ignore[arg-type]
        rows = rows_of_items(cache, all_ids, marks)
        rows = rows[np.searchsorted(all_ids, ids)] if known else np.full(len(ids), -1)
        if (rows < 0).any():
            raise WorkbenchError(
                f"Some of the {view} items shown are gone or have changed. Align again."
            )
        return cache.read(rows)


def _around_their_mean(rows: Floats) -> Floats:
    return (
        unit_differences(rows, rows.mean(axis=0, dtype=np.float64).astype(np.float32))
        if len(rows)
        else rows
    )


def _divided(rows: Floats) -> Rows:
    """Return a neighbourhood for each row, by k-means; few rows make few neighbourhoods."""
    from sklearn.cluster import KMeans

    distinct = len(np.unique(rows, axis=0))
    count = min(MOST_GROUPS, distinct, max(1, len(rows) // _LEAST_OF_A_GROUP))
    if count < 2:
        return np.zeros(len(rows), dtype=np.int64)
    found = KMeans(count, n_init=8, random_state=0).fit(rows).labels_
    return np.asarray(found, dtype=np.int64)


def _matched(groups: dict[str, Rows], pairs: RowPairs) -> dict[str, Rows]:
    """Return each view's neighbourhoods numbered after those of a view that it is paired with."""
    from scipy.optimize import linear_sum_assignment

    links = [(first, second, rows) for (first, second), rows in pairs.items()]
    links += [(second, first, rows[:, ::-1]) for first, second, rows in links]
    done = dict(list(groups.items())[:1])
    for _ in groups:  # each time round, one more view at least is reached if any can be
        for known, new, rows in links:
            if known in done and new not in done:
                together = np.zeros((MOST_GROUPS, MOST_GROUPS), dtype=np.int64)
                np.add.at(together, (groups[new][rows[:, 1]], done[known][rows[:, 0]]), 1)
                number = linear_sum_assignment(together, maximize=True)[1]
                done[new] = number[groups[new]].astype(np.int64)
    return groups | done
