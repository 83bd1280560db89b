"""Item ids as sets, as pairs, and as what finds a row: NumPy's own ways take long with a million.

A set is an ascending array in which no id stands twice.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]

_LOOSEST = 4  # places of a table for each id: ids of a project are counted up, and few are missing


def as_set(ids: npt.ArrayLike) -> Ids:
    """Return ids as a set, in an array of its own."""
    found = np.array(ids, dtype=np.int64).ravel()
    if (found[1:] > found[:-1]).all():  # the usual case, and a hundred times as quick as to sort
        return found
    found.sort()
    return _each_once(found)


def union(one: Ids, other: Ids) -> Ids:
    """Return the ids that are in either of two sets."""
    return _each_once(np.sort(np.concatenate([one, other]), kind="stable"))  # merges what is sorted


def intersection(one: Ids, other: Ids) -> Ids:
    """Return the ids that are in both of two sets."""
    found: Ids = one[np.isin(one, other, assume_unique=True)]
    return found


def difference(one: Ids, other: Ids) -> Ids:
    """Return the ids of one set that are not in another."""
    found: Ids = one[~np.isin(one, other, assume_unique=True)]
    return found


def _each_once(ascending: Ids) -> Ids:
    is_new = np.ones(len(ascending), dtype=bool)
    is_new[1:] = ascending[1:] != ascending[:-1]
    return ascending[is_new]


def distinct_pairs(pairs: npt.ArrayLike) -> Ids:
    """Return pairs, shape (p, 2), each once and in order: `numpy.unique` along axis 0.

    That sorts rows as structures, 0.7 s for a million, in which no other thread works. As one
    number each, pairs are sorted in 0.15 s.
    """
    rows = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    code = _PairCode.of(rows)
    if code is None:
        found: Ids = np.unique(rows, axis=0)
        return found
    return code.pairs(_each_once(np.sort(code.numbers(rows))))


def pairs_among(pairs: Ids, others: Ids) -> npt.NDArray[np.bool_]:
    """Return which pairs are among others; both of shape (p, 2)."""
    both = np.concatenate([pairs, others])
    code = _PairCode.of(both)
    if code is not None:
        return np.isin(code.numbers(pairs), code.numbers(others))
    _, number = np.unique(both, axis=0, return_inverse=True)
    number = number.ravel()  # one release of numpy gives it two axes
    return np.isin(number[: len(pairs)], number[len(pairs) :])


@dataclass(frozen=True)
class _PairCode:
    """Pairs as single numbers, in the same order."""

    least: tuple[int, int]
    width: int  # how many seconds there may be

    @classmethod
    def of(cls, pairs: Ids) -> "_PairCode | None":
        """Return the code of pairs; None where they do not fit into 63 bits."""
        if len(pairs) == 0:
            return cls((0, 0), 1)
        (first, second), most = pairs.min(axis=0).tolist(), pairs.max(axis=0).tolist()
        width = most[1] - second + 1
        return cls((first, second), width) if (most[0] - first + 1) * width < 2**63 else None

    def numbers(self, pairs: Ids) -> Ids:
        """Return the number of each pair."""
        first, second = self.least
        found: Ids = (pairs[:, 0] - first) * self.width + (pairs[:, 1] - second)
        return found

    def pairs(self, numbers: Ids) -> Ids:
        """Return the pair of each number."""
        first, second = np.divmod(numbers, self.width)
        return np.stack([first + self.least[0], second + self.least[1]], axis=1)


class Places:
    """Where ids stand in an array.

    Where they lie close together that is a look into a table, else a search in halves, which takes
    twenty times as long.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
        Distinct, in any order.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def of(self, ids: npt.ArrayLike) -> Rows:
        """Return the place of each id, shape (len(ids),); -1 of those that are not there."""
        wanted = np.asarray(ids, dtype=np.int64)
        if not len(self._ids):
            return np.full(len(wanted), -1, dtype=np.intp)
        if self._table is not None:
            # the last one says of every id beyond the table that it is not there
            within = (wanted - self._first).clip(-1, len(self._table) - 1)
            near: Rows = self._table[within].astype(np.intp)
            return near
        ascending, order = self._sorted
        place = np.minimum(np.searchsorted(ascending, wanted), len(order) - 1)
        found: Rows = np.where(ascending[place] == wanted, order[place], -1)
        return found

    @cached_property
    def _first(self) -> int:
        return int(self._ids.min())

    @cached_property
    def _table(self) -> npt.NDArray[np.int32] | None:
        span = int(self._ids.max()) - self._first + 1
        if span > _LOOSEST * len(self._ids) + 1024:
            return None
        table = np.full(span + 1, -1, dtype=np.int32)
        table[self._ids - self._first] = np.arange(len(self._ids), dtype=np.int32)
        return table

    @cached_property
    def _sorted(self) -> tuple[Ids, Rows]:
        order = np.argsort(self._ids, kind="stable")
        return self._ids[order], order
