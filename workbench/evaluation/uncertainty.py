"""How sure a figure is: bootstrap intervals over test items (Efron & Tibshirani 1993).

What is drawn again and again are *groups*: items that pairs link, such as a picture with all its
captions. Captions of one picture do not vary independently, and both directions of retrieval are
drawn together. The same seed and number of groups always give the same draws, so that two runs on
the same test items are compared draw by draw: a *paired* bootstrap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from workbench.evaluation.retrieval import CUTOFFS, rank_figures

Rows = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]
Relation = tuple[str, str]

LEVEL = 0.95
_COUNTS_AT_ONCE = 1 << 20  # 8 MiB of float64


@dataclass(frozen=True)
class Difference:
    """By how much a figure of one run is above that of another, with an interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Bootstrap:
    """Draws of groups with replacement.

    Attributes
    ----------
    groups : int
        How many groups there are; each draw takes as many.
    resamples : int
    seed : int
    """

    groups: int
    resamples: int = 2000
    seed: int = 0

    def counts(self) -> Iterator[tuple[slice, Figures]]:
        """Yield how often each group is drawn, some draws at a time, shape (draws, groups)."""
        random = np.random.default_rng(self.seed)
        height = max(1, _COUNTS_AT_ONCE // max(1, self.groups))
        for start in range(0, self.resamples, height):
            draws = slice(start, min(start + height, self.resamples))
            number = draws.stop - draws.start
            drawn = random.integers(self.groups, size=(number, self.groups))
            drawn += np.arange(number)[:, None] * self.groups
            counts = np.bincount(drawn.ravel(), minlength=number * self.groups)
            yield draws, counts.reshape(number, self.groups).astype(np.float64)

    def means(self, values: Figures, group_of: Rows) -> Figures:
        """Return the mean of each figure in each draw.

        Parameters
        ----------
        values : ndarray, shape (n, f)
            Of each query, such as whether it was answered.
        group_of : ndarray of int, shape (n,)

        Returns
        -------
        ndarray, shape (resamples, f)
            nan in a draw that has no query.
        """
        values = np.asarray(values, dtype=np.float64)
        sums = np.zeros((self.groups, values.shape[1] + 1))
        np.add.at(sums, group_of, np.column_stack([values, np.ones(len(values))]))
        found = np.empty((self.resamples, values.shape[1]))
        for draws, counts in self.counts():
            totals = counts @ sums
            with np.errstate(invalid="ignore"):
                found[draws] = totals[:, :-1] / totals[:, -1:]
        return found

    def medians(self, values: Rows | Figures, group_of: Rows) -> Figures:
        """Return the median of values, shape (n,), in each draw, shape (resamples,)."""
        order = np.argsort(values, kind="stable")
        ordered = np.asarray(values, dtype=np.float64)[order]
        found = np.full(self.resamples, np.nan)
        for draws, counts in self.counts():
            reached = counts[:, group_of[order]].cumsum(axis=1)
            total = reached[:, -1:]
            # as numpy: the middle value, or the mean of the middle two
            middle = ((total + 1) // 2, total // 2 + 1)
            places = [(reached < each).sum(axis=1) for each in middle]
            some = total[:, 0] > 0
            found[draws][some] = (ordered[places[0][some]] + ordered[places[1][some]]) / 2
        return found

    def of_ranks(self, ranks: Rows, group_of: Rows) -> dict[str, Figures]:
        """Return recall@1, @5 and @10, median rank and MRR of ranks in each draw."""
        values = np.column_stack([*(ranks <= k for k in CUTOFFS), 1 / ranks])
        means = self.means(values, group_of).T
        names = [*(f"recall@{k}" for k in CUTOFFS), "mrr"]
        found = dict(zip(names, means, strict=True))
        return found | {"median_rank": self.medians(ranks, group_of)}


def interval(draws: Figures, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of a figure in all draws, shape (resamples,).

    Draws that are not a number, of groups without a query, are left out; nan if all are.
    """
    draws = draws[~np.isnan(draws)]
    if len(draws) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share_intervals(right: Rows, of: Rows, level: float = LEVEL) -> Figures:
    """Return the interval of shares of few items, each ``right`` of ``of``.

    That of Wilson (1927), which holds where a bootstrap of few items gives no width at all, as at
    5 right of 5. The items are taken as independent.

    Parameters
    ----------
    right, of : ndarray of int, shape (n,)
    level : float

    Returns
    -------
    ndarray, shape (n, 2)
        From 0 to 1; nan where there are no items.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    right, of = np.asarray(right, dtype=np.float64), np.asarray(of, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = right / of
        middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
        half = z / (1 + z**2 / of) * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    return np.clip(np.stack([middle - half, middle + half], axis=1), 0, 1)


def rank_intervals(
    ranks: Rows, group_of: Rows, bootstrap: Bootstrap
) -> dict[str, tuple[float, float]]:
    """Return the interval of each retrieval figure.

    Parameters
    ----------
    ranks : ndarray, shape (queries,)
    group_of : ndarray of int, shape (queries,)
        The group of each query, below ``bootstrap.groups``.
    bootstrap : Bootstrap
    """
    drawn = bootstrap.of_ranks(ranks, group_of)
    return {name: interval(draws) for name, draws in drawn.items()}


def rank_differences(
    ranks: Mapping[str, Rows],
    base: Mapping[str, Rows],
    group_of: Mapping[str, Rows],
    bootstrap: Bootstrap,
) -> dict[str, dict[str, Difference]]:
    """Return by how much one run's figures are above another's on the same test items.

    Parameters
    ----------
    ranks, base : mapping of direction to ndarray, shape (queries,)
        Of the run and of the one it is compared to; the same queries in the same order.
    group_of : mapping of direction to ndarray of int, shape (queries,)
    bootstrap : Bootstrap

    Returns
    -------
    dict of direction to dict of figure to Difference
        Besides each direction, ``mean``: that over all directions.
    """
    values: dict[str, dict[str, float]] = {}
    drawn: dict[str, dict[str, Figures]] = {}
    for direction, groups in group_of.items():
        new, old = rank_figures(ranks[direction]), rank_figures(base[direction])
        values[direction] = {name: new[name] - old[name] for name in new}
        these = bootstrap.of_ranks(ranks[direction], groups)
        those = bootstrap.of_ranks(base[direction], groups)
        drawn[direction] = {name: these[name] - those[name] for name in new}
    names = list(next(iter(values.values())))
    values["mean"] = {n: float(np.mean([v[n] for v in values.values()])) for n in names}
    drawn["mean"] = {n: np.mean([d[n] for d in drawn.values()], axis=0) for n in names}
    return {
        direction: {
            name: Difference(values[direction][name], *interval(draws[name])) for name in names
        }
        for direction, draws in drawn.items()
    }


def pair_groups(
    counts: Mapping[str, int], pairs: Mapping[Relation, Rows]
) -> tuple[dict[str, Rows], int]:
    """Return which items pairs link, directly or through others.

    Parameters
    ----------
    counts : mapping of view to int
        Rows of each view.
    pairs : mapping of relation to ndarray, shape (p, 2)

    Returns
    -------
    group_of : dict of view to ndarray of int, shape (rows,)
        A row in no pair is a group of its own.
    groups : int
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    start = dict(zip(counts, np.cumsum([0, *counts.values()]).tolist(), strict=False))
    total = sum(counts.values())
    ends = [np.zeros((0, 2), np.int64)]
    ends += [
        rows + np.array([start[first], start[second]]) for (first, second), rows in pairs.items()
    ]
    joined = np.concatenate(ends)
    links = coo_matrix((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(total, total))
    groups, labels = connected_components(links, directed=False)
    found = {v: labels[start[v] : start[v] + n].astype(np.int64) for v, n in counts.items()}
    return found, int(groups)
