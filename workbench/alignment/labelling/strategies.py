"""Strategies: which items a person is asked about next, so that their answers help most.

What was measured of them, and by what, is in resources/help/labelling.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.geometry.rows import evenly
from workbench.jobs import drain
from workbench.search.means import nearest_centres, spherical_means

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_ROUNDS = 20
_LEARNED_FROM = 5_000  # rows that clusters are found of; more find no others
_A_CLUSTER = 10  # rows at least, where there are so many
_UNSURE = 4  # times as many of the least sure as are asked about, to choose among


@dataclass(frozen=True, eq=False)
class Pool:
    """The items of a view that somebody may be asked about.

    Attributes
    ----------
    frozen : ndarray, shape (n, d)
        All items of the view: unit rows of its frozen geometry.
    free : ndarray, shape (f,)
        Rows that may be asked about, ascending.
    known : ndarray, shape (k,)
        Rows whose partners are known, or were asked for: what is like them is known too.
    margins : ndarray, shape (f,), or None
        Of the free rows, by how much their likeliest partner is ahead of the next; None where
        there is no space that could tell.
    """

    frozen: Floats
    free: Rows
    known: Rows
    margins: Floats | None = None


@dataclass(frozen=True)
class Strategy:
    """A way of choosing.

    Attributes
    ----------
    name : str
    words : str
        What it does, for people.
    choose : callable
        Takes a pool, how many and a seed; returns rows in the order of asking.
    needs_space : bool
        Whether it looks at margins.
    """

    name: str
    words: str
    choose: Callable[[Pool, int, int], Rows]
    needs_space: bool = False


def choose_items(pool: Pool, strategy: str, count: int, seed: int = 0) -> Rows:
    """Return the rows to ask about, in this order.

    Parameters
    ----------
    pool : Pool
    strategy : str
        A name of `STRATEGIES`.
    count : int
        Fewer come where fewer are free.
    seed : int

    Raises
    ------
    WorkbenchError
        There is no such strategy, or it needs a space and there is none.
    """
    known = {each.name: each for each in STRATEGIES}
    if strategy not in known:
        raise WorkbenchError(f"There is no strategy “{strategy}”. There are: {', '.join(known)}.")
    if known[strategy].needs_space and pool.margins is None:
        raise WorkbenchError(
            f"The strategy “{strategy}” asks where a run is unsure. Choose a run, or another "
            "strategy."
        )
    count = min(count, len(pool.free))
    return known[strategy].choose(pool, count, seed) if count else pool.free[:0]


def _random(pool: Pool, count: int, seed: int) -> Rows:
    return np.random.default_rng(seed).permutation(pool.free)[:count]


def _representative(pool: Pool, count: int, seed: int) -> Rows:
    return _representatives(pool, pool.free, count, seed)


def _diverse(pool: Pool, count: int, seed: int) -> Rows:
    """Choose, one after another, what is farthest from all that is known or chosen.

    The greedy k-centre of Gonzalez (1985), as Sener & Savarese (2018) use it to label by.
    """
    if len(pool.known) == 0:
        first = np.random.default_rng(seed).choice(pool.free, 1)
        others = np.setdiff1d(pool.free, first)
        return np.append(first, _farthest(pool.frozen, others, first, count - 1))
    return _farthest(pool.frozen, pool.free, pool.known, count)


def _uncertain(pool: Pool, count: int, seed: int) -> Rows:
    return pool.free[_least_sure(pool)][:count]


def _uncertain_representative(pool: Pool, count: int, seed: int) -> Rows:
    return _representatives(pool, _unsure(pool, count), count, seed)


def _uncertain_diverse(pool: Pool, count: int, seed: int) -> Rows:
    """Choose far from each other among the least sure, as Zhang & Zhu (2025) join both.

    In the view that is asked about; their paper is arXiv 2510.03247.
    """
    return _diverse(replace(pool, free=_unsure(pool, count)), count, seed)


def _unsure(pool: Pool, count: int) -> Rows:
    """Return the free rows to choose among where the surest are left out, ascending."""
    return np.sort(pool.free[_least_sure(pool)][: _UNSURE * count])


def _least_sure(pool: Pool) -> Rows:
    assert pool.margins is not None  # noqa: S101 - `choose_items` has looked
    return np.argsort(pool.margins, kind="stable")


def _representatives(pool: Pool, among: Rows, count: int, seed: int) -> Rows:
    """Choose the middle of each large cluster in which nothing is known yet, largest first.

    There are as many clusters as items will be known then, so at least `count` of them hold none
    that is known now (Hacohen, Dekel & Weinshall 2022, arXiv 2202.02794: with few labels typical
    items teach more than unusual ones).
    """
    if count >= len(among):
        return among
    rows = pool.frozen
    sample = np.union1d(among, pool.known)
    clusters = len(pool.known) + count
    sample = sample[evenly(len(sample), max(_LEARNED_FROM, _A_CLUSTER * clusters))]
    clusters = min(clusters, len(sample))
    begin = _spread(rows[sample], clusters, seed)
    centres = drain(spherical_means(rows[sample], begin, _ROUNDS, seed=seed))
    cluster, cosine = nearest_centres(rows[among], centres)
    taken = np.zeros(clusters, dtype=bool)
    taken[nearest_centres(rows[pool.known], centres)[0]] = True
    size = np.bincount(cluster, minlength=clusters)
    chosen: list[Rows] = []
    left = np.ones(len(among), dtype=bool)
    found = 0
    while found < count:  # a second round only where clusters without known items are too few
        # the middle of each cluster comes first, and the clusters by their size
        order = np.flatnonzero(left)[np.lexsort((-cosine[left], cluster[left]))]
        _, first = np.unique(cluster[order], return_index=True)
        middles = order[first]
        middles = middles[np.lexsort((-size[cluster[middles]], taken[cluster[middles]]))]
        fresh = middles[~taken[cluster[middles]]]
        some = (fresh if len(fresh) else middles)[: count - found]
        chosen.append(some)
        left[some] = False
        taken[cluster[some]] = True
        found += len(some)
    return among[np.concatenate(chosen)]


def _spread(rows: Floats, count: int, seed: int) -> Floats:
    """Return rows to begin clusters with: k-means++ (Arthur & Vassilvitskii 2007)."""
    from sklearn.cluster import kmeans_plusplus

    centres, _ = kmeans_plusplus(rows, count, random_state=seed, n_local_trials=1)
    return np.asarray(centres, dtype=np.float32)


def _farthest(rows: Floats, free: Rows, known: Rows, count: int) -> Rows:
    """Return free rows, each the farthest from those known and chosen before it."""
    nearest = nearest_centres(rows[free], rows[known])[1]
    chosen = np.zeros(count, dtype=np.int64)
    for number in range(count):
        place = int(nearest.argmin())
        chosen[number] = free[place]
        nearest = np.maximum(nearest, rows[free] @ rows[free[place]])
        nearest[place] = np.inf
    return chosen


STRATEGIES = (
    Strategy("representative", "The middle of each group in which nothing is labelled yet.",
             _representative),
    Strategy("uncertain-representative",
             "The same among items whose likeliest partners are close to each other.",
             _uncertain_representative, needs_space=True),
    Strategy("uncertain", "Items whose two likeliest partners are close to each other.",
             _uncertain, needs_space=True),
    Strategy("uncertain-diverse",
             "Of the unsure ones those that are as far as can be from all that is labelled.",
             _uncertain_diverse, needs_space=True),
    Strategy("diverse", "Items that are as far as can be from all that is labelled.", _diverse),
    Strategy("random", "Any items: what the others are measured against.", _random),
)  # fmt: skip
"""The first is the default."""
