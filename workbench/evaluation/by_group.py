"""Recall of groups of queries, such as those with one label, and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation.uncertainty import Bootstrap, Difference, interval
from workbench.jobs import Control

Rows = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GroupRecall:
    """Share of a group's queries that find a right answer among the first k.

    Attributes
    ----------
    group : str
    queries : int
    recall, low, high : float
        With the ends of a 95 % bootstrap interval over what pairs link; all the same where there
        is one such group.
    difference : Difference or None
        To the recall of the ranks it was compared to, a paired bootstrap; None without any.
    """

    group: str
    queries: int
    recall: float
    low: float
    high: float
    difference: Difference | None = None


def recall_by_group(
    ranks: Rows,
    groups: Sequence[str],
    linked: Rows,
    cutoff: int = 10,
    *,
    base: Rows | None = None,
    resamples: int = 2000,
    seed: int = 0,
    control: Control | None = None,
) -> list[GroupRecall]:
    """Return the recall of each group of queries, largest groups first.

    Parameters
    ----------
    ranks : ndarray, shape (q,)
        Of each query's best partner, from 1.
    groups : sequence of str, length q
        Which group each query is of.
    linked : ndarray of int, shape (q,)
        Which queries pairs link: they are drawn together, as everywhere (see `Bootstrap`).
    cutoff : int
        k.
    base : ndarray, shape (q,), optional
        Ranks of the same queries in another run, to compare to.
    resamples, seed : int
        Of the bootstrap.
    control : Control, optional
        Groups not measured at a stop are left out.

    Returns
    -------
    list of GroupRecall
    """
    names, group_of, sizes = np.unique(
        np.array([*groups, ""], dtype=object)[:-1], return_inverse=True, return_counts=True
    )
    of_group = np.split(np.argsort(group_of, kind="stable"), np.cumsum(sizes)[:-1])
    found: list[GroupRecall] = []
    for number in np.lexsort((np.arange(len(names)), -sizes)).tolist():
        if control is not None and control.stopping:
            break
        own = of_group[number]
        distinct, place = np.unique(linked[own], return_inverse=True)
        bootstrap = Bootstrap(len(distinct), resamples, seed)
        hits = [ranks[own] <= cutoff] + ([] if base is None else [base[own] <= cutoff])
        values = np.column_stack(hits).astype(np.float64)
        draws = bootstrap.means(values, place)
        low, high = interval(draws[:, 0])
        mean = values.mean(axis=0)
        apart = None
        if base is not None:
            ends = interval(draws[:, 0] - draws[:, 1])
            apart = Difference(float(mean[0] - mean[1]), *ends)
        found.append(GroupRecall(str(names[number]), len(own), float(mean[0]), low, high, apart))
    return found
