"""Does a space keep the neighbourhoods of another (mathematics.md, Neighbourhood preservation)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation.blockwise_scores import blockwise_scores

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_LEAST = np.float32(-2)  # below any cosine, above a row's score with itself


@dataclass(frozen=True)
class Neighbourhoods:
    """The nearest neighbours of items in two spaces.

    Attributes
    ----------
    rows : ndarray, shape (m,)
        Which items.
    before, after : ndarray, shape (m, k)
        Their neighbours in the two spaces, by row, ascending.
    intruders, lost_ranks : ndarray, shape (m,)
        Σ (r - k) over neighbours that are only in the new space, r their rank in the old one; and
        over neighbours that are only in the old space, r their rank in the new one.
    items : int
        n: among how many items neighbours were looked for.
    """

    rows: Rows
    before: Rows
    after: Rows
    intruders: Rows
    lost_ranks: Rows
    items: int

    @property
    def neighbours(self) -> int:
        """How many neighbours k an item has here."""
        return int(self.before.shape[1])

    @property
    def overlap(self) -> npt.NDArray[np.float64]:
        """Share of its neighbours that each item keeps, shape (m,)."""
        kept = (self.before[:, :, None] == self.after[:, None, :]).any(axis=2)
        return np.asarray(kept.mean(axis=1), dtype=np.float64)

    @property
    def trustworthiness(self) -> float:
        """1 - 2 / (n k (2n - 3k - 1)) · Σ_i Σ (r - k) over intruders (Venna & Kaski 2001).

        The sum over a sample of items stands for that over all. From 0 to 1; 1 when no item has
        a new neighbour that was farther away before.
        """
        return self._one_less(self.intruders)

    @property
    def continuity(self) -> float:
        """The same of the neighbours that are lost, ranked in the new space."""
        return self._one_less(self.lost_ranks)

    def changes(self, place: int) -> tuple[Rows, Rows, Rows]:
        """Return the neighbours that item `rows[place]` has kept, lost and gained, by row."""
        old, new = self.before[place], self.after[place]
        return np.intersect1d(old, new), np.setdiff1d(old, new), np.setdiff1d(new, old)

    def _one_less(self, excess: Rows) -> float:
        k, others = self.neighbours, self.items - 1
        # the most there can be: the farthest items, as many as fit, are the neighbours
        strangers = min(k, others - k)
        worst = strangers * (others - k) - strangers * (strangers - 1) / 2
        return float(1 - excess.mean() / worst) if worst else 1.0


def compare_neighbourhoods(
    before: Floats,
    after: Floats,
    neighbours: int = 10,
    *,
    most: int = 2000,
    rows: Rows | None = None,
    seed: int = 0,
) -> Neighbourhoods:
    """Find neighbourhoods by cosine in two spaces, and how far their members came or went.

    Equal scores rank in an order drawn by `seed`, the same in both spaces: a space that keeps its
    ties changes nothing, and one in which all items coincide keeps what chance keeps.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
        Unit rows of the same items, at least two.
    neighbours : int
        k; capped at n - 1.
    most : int
        Of more items, so many drawn by `seed` are looked at; their neighbours are looked for
        among all.
    rows : ndarray of int, shape (m,), optional
        Which items are looked at, ascending, instead of drawn ones.
    seed : int

    Returns
    -------
    Neighbourhoods
    """
    count = len(before)
    if count < 2 or count != len(after):
        raise ValueError(f"{count} and {len(after)} rows; two or more of the same items wanted")
    width = min(neighbours, count - 1)
    order = tie_order(count, seed)
    rows = np.sort(order[:most]) if rows is None else rows
    columns = np.empty(count, dtype=np.int64)  # of each row
    columns[order] = np.arange(count)
    found: dict[str, list[Rows]] = {"before": [], "after": [], "in": [], "out": []}
    old_strips = blockwise_scores(before[rows], before[order])
    new_strips = blockwise_scores(after[rows], after[order])
    for (some, old_scores), (_, new_scores) in zip(old_strips, new_strips, strict=True):
        own = columns[rows[some]]
        old = _nearest(old_scores, own, width)
        new = _nearest(new_scores, own, width)
        found["before"].append(order[old])
        found["after"].append(order[new])
        found["in"].append(_excess(old_scores, new))
        found["out"].append(_excess(new_scores, old))
    joined = {name: np.concatenate(parts) for name, parts in found.items()}
    return Neighbourhoods(
        rows, np.sort(joined["before"]), np.sort(joined["after"]), joined["in"], joined["out"],
        count,
    )  # fmt: skip


def neighbour_overlap(before: Floats, after: Floats, neighbours: int = 10) -> float:
    """Return the mean share of a row's nearest neighbours that it keeps.

    Parameters
    ----------
    before, after : ndarray, shapes (n, d) and (n, e)
        Unit rows of the same items in two spaces.
    neighbours : int

    Returns
    -------
    float
        From 0 to 1; nan with fewer than two rows.
    """
    return NeighbourOverlap(before, neighbours).of(after)


class NeighbourOverlap:
    """The same of one space and many others: its own neighbours are found once.

    Parameters
    ----------
    before : ndarray, shape (n, d)
        Unit rows.
    neighbours : int
    """

    def __init__(self, before: Floats, neighbours: int = 10) -> None:
        self._width = min(neighbours, len(before) - 1)
        self._known = _nearest_places(before, self._width) if self._width > 0 else None

    def of(self, after: Floats) -> float:
        """Return the overlap with the neighbours among the same items, shape (n, e), now."""
        if self._known is None:
            return float("nan")
        now = _nearest_places(after, self._width)
        kept = [np.count_nonzero(self._known == column[:, None]) for column in now.T]
        return float(sum(kept) / now.size)


def _nearest_places(rows: Floats, width: int) -> Rows:
    """Return the nearest neighbours of all rows, in the drawn order that settles ties."""
    order = tie_order(len(rows))
    ordered = rows[order]
    strips = blockwise_scores(ordered, ordered)
    found = [
        _nearest(scores, np.arange(some.start, some.start + len(scores)), width)
        for some, scores in strips
    ]
    return np.concatenate(found)


def tie_order(count: int, seed: int = 0) -> Rows:
    """Return all rows in the order in which they rank where their scores are equal."""
    return np.random.default_rng(seed).permutation(count)


def _nearest(scores: Floats, own: Rows, count: int) -> Rows:
    """Return the columns of each row's highest scores, ties to the earlier column.

    A row's score with itself, in column `own`, is set to minus infinity on the way.
    """
    np.maximum(scores, _LEAST, out=scores)
    scores[np.arange(len(scores)), own] = -np.inf
    last = np.partition(scores, -count, axis=1)[:, -count, None]
    taken = scores >= last
    for row in np.flatnonzero(np.count_nonzero(taken, axis=1) > count):  # more tie than fit
        level = np.flatnonzero(scores[row] == last[row])
        surplus = np.count_nonzero(taken[row]) - count
        taken[row, level[len(level) - surplus :]] = False
    return np.nonzero(taken)[1].reshape(len(scores), count)


def _excess(scores: Floats, columns: Rows) -> Rows:
    """Return Σ max(0, r - k) over the k columns of each row, r the rank of their scores."""
    total = np.zeros(len(scores), dtype=np.int64)
    for column in columns.T:
        score = np.take_along_axis(scores, column[:, None], axis=1)
        ahead = np.count_nonzero(scores > score, axis=1)
        level = np.count_nonzero(scores >= score, axis=1) - ahead
        for row in np.flatnonzero(level > 1):  # others tie with it, some in an earlier column
            ahead[row] += np.count_nonzero(scores[row, : column[row]] == score[row])
        total += np.maximum(ahead + 1 - columns.shape[1], 0)
    return total
