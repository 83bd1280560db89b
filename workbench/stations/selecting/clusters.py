"""Clusters: items of a run that lie together, found by spherical k-means."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job
from workbench.media import Modality
from workbench.search import nearest_centres, spherical_means
from workbench.stations.runs.run_space import RunSpace
from workbench.stations.selecting.item_columns import ItemColumns

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

MOST_CLUSTERS = 40
_MOST_UNASKED = 10  # a legend of more is hard to read
_ROUNDS = 25
_SAMPLE = 50_000  # rows that k-means learns from
_FIRST_SAMPLE = 5_000  # rows among which its first centres are drawn
_SAME = 1e-6  # more than a squared distance of unit rows is wrong by in float32


@dataclass(frozen=True, eq=False)
class Clusters:
    """Items in clusters, the largest cluster first.

    Attributes
    ----------
    space : RunSpace
        Whose rows were divided.
    of : modality or None
        The view whose frozen rows were divided; None for the aligned rows of all views.
    cluster_of : dict of modality to ndarray, shape (n,)
        The number of each row's cluster, from 0.
    sizes : list of int
        Rows in each cluster; copies of an item are one row.
    typical : list of int
        The id of the item nearest to each cluster's centre.
    complete : bool
        Whether it was not stopped.
    """

    space: RunSpace
    of: Modality | None
    cluster_of: dict[Modality, Rows]
    sizes: list[int]
    typical: list[int]
    complete: bool = True

    def of_items(self, ids: Rows) -> Rows:
        """Return the number of each item's cluster by id, shape (len(ids),); -1 without one."""
        found = np.full(len(ids), -1, dtype=np.int64)
        for name, clusters in self.cluster_of.items():
            rows = self.space.views[name].rows_of(ids)
            found[rows >= 0] = clusters[rows[rows >= 0]]
        return found


def usual_count(items: int) -> int:
    """Return how many clusters so many items are divided into unasked.

    Two thirds of the cube root, from 2 to 10: 4 for 200 items, 8 for 2,000.
    """
    return int(min(max(round(2 / 3 * items ** (1 / 3)), 2), _MOST_UNASKED))


def name_clusters(found: Clusters, items: ItemColumns) -> list[tuple[str, int]]:
    """Name clusters by the most frequent label of their items, or by their most typical item.

    Parameters
    ----------
    found : Clusters
    items : ItemColumns
        All of a project; those that were not divided are left out.

    Returns
    -------
    list of (str, int)
        What each cluster is called, and how many of the items it has, copies among them. Of equally
        frequent labels it is the first in order; “” where there is neither a label nor the item.
    """
    groups, codes, labels = found.of_items(items.ids), items.label.codes, items.label.names
    sizes = np.bincount(groups[groups >= 0], minlength=len(found.sizes)).tolist()
    told = (groups >= 0) & (codes >= 0)
    # one number for a cluster and a label of it, so that each is counted in one go
    pairs, counts = np.unique(groups[told] * len(labels) + codes[told], return_counts=True)
    named = []
    for number, (typical, size) in enumerate(zip(found.typical, sizes, strict=True)):
        first, end = np.searchsorted(pairs, [number * len(labels), (number + 1) * len(labels)])
        if end > first:
            name = labels[pairs[first + counts[first:end].argmax()] % len(labels)]
        else:
            item = items.item(typical)
            name = "" if item is None else item.name
        named.append((name, size))
    return named


def cluster_items(
    space: RunSpace,
    count: int | None = None,
    *,
    of: Modality | None = None,
    seed: int = 0,
    control: Control | None = None,
) -> Job[Clusters]:
    """Divide items into clusters by spherical k-means, the same each time.

    The first centres are drawn by k-means++ (Arthur & Vassilvitskii 2007), the rounds are those of
    faiss. Of more than 50,000 rows so many are learnt from.

    Parameters
    ----------
    space : RunSpace
    count : int, optional
        Of clusters, at most `MOST_CLUSTERS`; by `usual_count` where not given. Where rows are
        fewer, or the same, there are fewer.
    of : modality, optional
        Divide the frozen rows of this view instead of the aligned rows of all.
    seed : int
    control : Control, optional

    Yields
    ------
    Progress
        Counts rounds.

    Raises
    ------
    WorkbenchError
        `count` is out of range, or the run has no such view.
    """
    control = control or Control()
    if count is not None and not 1 <= count <= MOST_CLUSTERS:
        raise WorkbenchError(
            f"The number of clusters is {count}. Give one from 1 to {MOST_CLUSTERS}."
        )
    if of is not None and of not in space.views:
        raise WorkbenchError(f"The run “{space.run_name}” has no {of} view to divide.")
    names = list(space.views) if of is None else [of]
    rows = [space.views[n].after if of is None else space.views[n].before for n in names]
    ends = np.cumsum([0, *map(len, rows)]).tolist()
    total = ends[-1]
    if total == 0:
        nothing = {name: np.zeros(0, dtype=np.int64) for name in names}
        return Clusters(space, of, nothing, [], [])
    joined = np.ascontiguousarray(np.concatenate(rows), dtype=np.float32)
    wanted = min(usual_count(total) if count is None else count, total)
    centres = yield from _centres(joined, wanted, seed, control)
    nearest, score = nearest_centres(joined, centres)
    ids = np.concatenate([space.views[name].ids for name in names])
    order, number_of = _largest_first(nearest, len(centres))
    cluster_of = number_of[nearest]
    return Clusters(
        space, of,
        {n: cluster_of[a:b] for n, a, b in zip(names, ends[:-1], ends[1:], strict=True)},
        np.bincount(cluster_of, minlength=len(order)).tolist(),
        [_most_typical(np.flatnonzero(nearest == old), score, ids) for old in order],
        complete=not control.stopping,
    )  # fmt: skip


def _centres(rows: Floats, count: int, seed: int, control: Control) -> Job[Floats]:
    """Return centres of clusters, shape (count, w), or fewer where rows are the same."""
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(rows))[:_SAMPLE])
    sample = rows if len(chosen) == len(rows) else rows[chosen]
    few = np.sort(random.permutation(len(sample))[: max(_FIRST_SAMPLE, count)])
    first = _first_centres(sample[few], count, random)
    return (yield from spherical_means(sample, first, _ROUNDS, control, seed=seed))


def _first_centres(rows: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw rows to begin with, each the likelier the farther it is from those drawn before.

    Not scikit-learn's, which takes two seconds to import; faiss has it from 1.14 on. Fewer than
    `count` where rows are the same.
    """
    chosen = [int(random.integers(len(rows)))]
    away = np.full(len(rows), np.inf)
    while True:
        new = 2 - 2 * np.vecdot(rows, rows[chosen[-1]]).astype(np.float64)  # squared, of unit rows
        away = np.minimum(away, np.where(new > _SAME, new, 0.0))
        if len(chosen) == count or not away.any():
            return np.ascontiguousarray(rows[chosen], dtype=np.float32)
        up_to = away.cumsum()
        drawn = int(np.searchsorted(up_to, random.random() * up_to[-1], side="right"))
        chosen.append(min(drawn, len(rows) - 1))


def _largest_first(nearest: Rows, count: int) -> tuple[list[int], Rows]:
    """Return the clusters that have rows, the largest first, and the new number of each."""
    sizes = np.bincount(nearest, minlength=count)
    order = [old for old in np.argsort(-sizes, kind="stable").tolist() if sizes[old]]
    number_of = np.full(count, -1, dtype=np.int64)
    number_of[order] = np.arange(len(order))
    return order, number_of


def _most_typical(members: Rows, score: Floats, ids: Rows) -> int:
    """Return the id of the member nearest to its centre, of equal ones the smallest."""
    best = members[score[members] == score[members].max()]
    return int(ids[best].min())
