"""Nearest neighbours within one space, the neighbourhoods N_K (mathematics.md, Geometric term)."""

from dataclasses import dataclass

import numpy as np

from workbench.errors import WorkbenchError
from workbench.geometry.approximate import LEAST_RECALL, search_by_clusters, search_by_graph
from workbench.geometry.exact import search_exactly
from workbench.geometry.rows import Ids, RowSource, blocks, check_finite
from workbench.jobs import Control, Job, Progress, drain

# Training asks about some thousands of rows at most and is answered exactly; the graph is for whole
# sets. Building it costs a time a row, searching exactly one a query and row: so the number of
# queries decides, whatever the number of rows. tests/bench/neighbours.py, two cores, width 384:
# the graph is ahead from some tens of thousands of queries on, and by much from here on.
APPROXIMATE_FROM = 120_000
CLUSTERS_FROM = 30_000  # where nearly all neighbours will do


@dataclass(frozen=True)
class Neighbourhoods:
    """Which rows lie nearest to each of some rows.

    Attributes
    ----------
    rows : ndarray of int64, shape (q, K + 1)
        Row numbers by ascending Euclidean distance; the row itself always stands first, also
        among exact duplicates. After a stop only the queries that were finished, from the first.
    index : str
        How they were found, in words, for a recipe.
    recall : float
        Share of the true neighbours that were found: 1 if the search was exact, else measured on
        a sample of exact answers.
    """

    rows: Ids
    index: str
    recall: float


def find_neighbours(
    points: RowSource,
    neighbours: int,
    queries: Ids | None = None,
    control: Control | None = None,
    *,
    nearly: bool = False,
) -> Job[Neighbourhoods]:
    """Find neighbourhoods N_K: a row itself, then its K nearest neighbours.

    Parameters
    ----------
    points : RowSource, shape (n, d)
        An array, a memory map, an HDF5 data set, or what else has a shape and gives rows for a
        slice or for ascending row numbers. It is read in blocks, never whole.
    neighbours : int
        K; capped at n - 1.
    queries : ndarray of int, shape (q,), optional
        Rows whose neighbourhoods are wanted; all by default.
    control : Control, optional
    nearly : bool
        Whether nearly all neighbours will do, as for a map: from `CLUSTERS_FROM` queries on they
        are looked for in the clusters nearest to each row. These hold all rows once more.

    Yields
    ------
    Progress
        Counts queries.

    Returns
    -------
    Neighbourhoods
        Exact below `APPROXIMATE_FROM` queries. From there on by a graph, or before by clusters, if
        these find 98 % of the true neighbours of a sample; if not, exact after all.

    Raises
    ------
    WorkbenchError
        There are no rows or no neighbours to find, a query is no row, or a row is not finite.
    """
    control = control or Control()
    asked = _asked(points, neighbours, queries)
    for first, block in blocks(points):
        control.wait_while_paused()
        if control.stopping:
            break
        check_finite(block, first)
        yield Progress(0, len(asked), "Reading the rows")
    width = min(neighbours, points.shape[0] - 1) + 1
    words = "exact"
    if len(asked) >= (CLUSTERS_FROM if nearly else APPROXIMATE_FROM) and not control.stopping:
        search = search_by_clusters if nearly else search_by_graph
        some = yield from search(points, asked, width, control)
        # a stop before anything was measured leaves nan, which is not below
        if not some.recall < LEAST_RECALL:
            return Neighbourhoods(_own_first(some.rows, asked), some.index, some.recall)
        words = f"exact, for the recall of an {some.index} was only {some.recall:.3f}"
    found = yield from search_exactly(points, asked, width, control)
    return Neighbourhoods(_own_first(found, asked), words, 1.0)


def nearest_neighbours(points: RowSource, neighbours: int, queries: Ids | None = None) -> Ids:
    """Return neighbourhoods N_K: `find_neighbours` run to its end.

    Returns
    -------
    ndarray of int64, shape (q, K + 1)
    """
    return drain(find_neighbours(points, neighbours, queries)).rows


def _asked(points: RowSource, neighbours: int, queries: Ids | None) -> Ids:
    """Return the rows asked about, or refuse the question."""
    shape = tuple(points.shape)
    if len(shape) != 2 or 0 in shape:
        raise WorkbenchError(
            f"Neighbours are found among the rows of a matrix, and this one has shape {shape}. "
            "Give at least one row and one column."
        )
    if neighbours < 1:
        raise WorkbenchError(f"The number of neighbours is {neighbours}. Give at least 1.")
    if queries is None:
        return np.arange(shape[0])
    asked = np.asarray(queries, dtype=np.int64)
    outside = asked[(asked < 0) | (asked >= shape[0])]
    if len(outside):
        raise WorkbenchError(
            f"Row {outside[0]} is asked about, but rows go from 0 to {shape[0] - 1}. "
            "Ask about rows that exist."
        )
    return asked


def _own_first(found: Ids, asked: Ids) -> Ids:
    """Put each row at the head of its neighbours."""
    own = asked[: len(found), None]
    elsewhere = found != own
    # among more than K duplicates a row may miss itself: then its last neighbour gives way
    elsewhere[elsewhere.all(axis=1), -1] = False
    others = found[elsewhere].reshape(len(found), found.shape[1] - 1)
    return np.concatenate([own, others], axis=1)
