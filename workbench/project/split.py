"""Dividing pairs into training, validation and test, and the rest into unpaired items.

Pairs that share an item form one group, and a group never straddles a split: captions of one
picture stay together, and so do two pictures with one caption.

What a user pairs by hand moves nobody: the groups are drawn from the pairs that rules find, and own
pairs are for training. So what is measured on held-out pairs can be compared before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.evaluation import pair_groups
from workbench.project.answers.own_split import (
    Marks,
    RowPairs,
    add_own,
    drop_taken_apart,
    linked_to_held,
    order_of_own,
    together,
    without,
)
from workbench.project.settings import SplitSettings

Rows = npt.NDArray[np.int64]

_UNPAIRED = 77  # sets the draw of unpaired items apart from others by the same seed


@dataclass(frozen=True)
class Split:
    """Who serves for what. All numbers are rows of a view.

    Attributes
    ----------
    training, validation, test : dict of relation to ndarray, shape (p, 2)
        Pairs.
    unpaired : dict of view to ndarray, shape (u,)
        Rows in no pair that training may use: no test or validation item is among them.
        A relation that is only tested is neither in `training` nor in `validation`.
    aside : dict of relation to ndarray, shape (p, 2)
        Own pairs that serve for nothing: to learn from them would give away a held-out item.
    """

    training: RowPairs
    validation: RowPairs
    test: RowPairs
    unpaired: dict[str, Rows]
    aside: RowPairs = field(default_factory=dict)

    def training_rows(self, view: str) -> Rows:
        """Return the sorted rows of a view that training may see: paired and unpaired."""
        return np.union1d(rows_in(self.training, view), self.unpaired[view])


def rows_in(pairs: RowPairs, view: str) -> Rows:
    """Return the sorted rows of a view that occur in pairs, each once."""
    sides = [rows[:, s] for relation, rows in pairs.items() for s in (0, 1) if relation[s] == view]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *sides]))


def split_pairs(
    counts: Mapping[str, int],
    pairs: RowPairs,
    settings: SplitSettings,
    budget: int | None = None,
    now: RowPairs | None = None,
) -> Split:
    """Split pairs by group, and choose the unpaired items.

    Parameters
    ----------
    counts : mapping of view to int
        Rows of each view.
    pairs : dict of relation to ndarray, shape (p, 2)
        Rows of the two views that belong together, as rules have it.
    settings : SplitSettings
        Seed, fractions of the groups, and budget. With `labels`, of each relation so many pairs
        are for training and validation together: with one seed those of fewer labels are among
        those of more, training pairs among training pairs.
    budget : int, optional
        Use only this many training pairs of each relation, instead of the settings' budget.
        Smaller budgets are subsets of larger ones with the same seed; the last group may be cut,
        and then the pairs beyond the cut are unknown to training, as the user's budget says. Items
        of the pairs left over become unpaired, each group giving items of one view only, so that
        no hidden pair survives among the unpaired (mathematics.md, Split).
    now : dict of relation to ndarray, shape (p, 2), optional
        The pairs as the user has them: those that are in `pairs` alone are taken out of their part,
        and the others are for training, whatever the budget; of `labels` they are the last. One
        that is linked to a held-out group serves for nothing. Where rules find no pairs at all,
        these are divided, and further ones do not move them.

    Returns
    -------
    Split
    """
    drawn = pairs if now is None or any(map(len, pairs.values())) else now
    group_of, groups = pair_groups(counts, drawn)
    random = np.random.default_rng(settings.seed)
    paired = np.flatnonzero(_groups_in(drawn, group_of, groups))
    if drawn is pairs:
        order = random.permutation(paired)
        first_training = round(len(order) * settings.test)
        first_kept = first_training + round(len(order) * settings.validation)
    else:
        order, first_training, first_kept = order_of_own(group_of, paired, settings)
    rank = np.full(groups, len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))

    in_order = {}
    for relation, rows in drawn.items():
        ranks = rank[group_of[relation[0]][rows[:, 0]]]
        in_order[relation] = rows[np.argsort(ranks, kind="stable")], np.sort(ranks)
    if settings.labels is not None:
        every = [ranks[ranks >= first_training] for _, ranks in in_order.values()]
        first_kept = _end_of_validation(every, settings) or first_training

    test, validation, training = {}, {}, {}
    for relation, (rows, ranks) in in_order.items():
        test[relation] = rows[ranks < first_training]
        if relation in settings.only_tested or relation[::-1] in settings.only_tested:
            continue
        validation[relation] = rows[(ranks >= first_training) & (ranks < first_kept)]
        rest = rows[ranks >= first_kept]
        if settings.labels is not None:
            # from the other end, where the validation pairs of more labels come last
            rest = rest[::-1][: max(0, settings.labels - len(validation[relation]))]
        training[relation] = rest[: budget or settings.budget]

    held = {view: (rank < first_kept)[of_row] for view, of_row in group_of.items()}
    aside: RowPairs = {}
    if now is not None and drawn is pairs:
        in_training = {
            view: ((rank >= first_kept) & (rank < len(order)))[of_row]
            for view, of_row in group_of.items()
        }
        own = {relation: without(rows, pairs.get(relation)) for relation, rows in now.items()}
        held = linked_to_held(counts, pairs, own, held, in_training)
        drop_taken_apart((training, validation, test), now)
        aside = add_own(training, validation, own, held, settings)
    has_pairs = _groups_in(together(drawn, now or {}), group_of, groups)
    used = _groups_in(training, group_of, groups)
    # each group left over gives items of one view that it has, drawn evenly among them
    views = sorted(counts)
    has = np.zeros((len(views), groups), dtype=bool)
    for number, view in enumerate(views):
        has[number, group_of[view]] = True
    chosen = np.floor(random.random(groups) * has.sum(axis=0)) + 1
    gives = has & (np.cumsum(has, axis=0) == chosen)
    unpaired = {}
    for number, view in enumerate(views):
        alone = ~has_pairs[group_of[view]]
        spare = ~held[view] & ~used[group_of[view]] & gives[number][group_of[view]]
        unpaired[view] = np.flatnonzero(alone | spare)
        if settings.unpaired is not None:
            most = round(settings.unpaired * len(rows_in(training, view)))
            unpaired[view] = _some(unpaired[view], most, [settings.seed, number])
    return Split(training, validation, test, unpaired, aside)


def _groups_in(pairs: RowPairs, group_of: Mapping[str, Rows], groups: int) -> Marks:
    """Return which groups have one of these pairs."""
    found = np.zeros(groups, dtype=bool)
    for relation, rows in pairs.items():
        for side in (0, 1):
            found[group_of[relation[side]][rows[:, side]]] = True
    return found


def _some(rows: Rows, most: int, seed: Sequence[int]) -> Rows:
    """Return at most so many rows, drawn by a seed of their own: no other draw depends on them."""
    return np.sort(np.random.default_rng([*seed, _UNPAIRED]).permutation(rows)[:most])


def _end_of_validation(every: Sequence[Rows], settings: SplitSettings) -> int | None:
    """Return the first rank that is not for validation, where labels are counted in all.

    Parameters
    ----------
    every : sequence of ndarray
        Of each relation the ranks of the pairs that are not for the test, ascending.

    Returns
    -------
    int or None
        None where there is nothing for validation. Whole groups are taken, and no relation gets
        more than its share of the labels, or of the pairs where there are fewer.
    """
    assert settings.labels is not None  # noqa: S101 - asked for only then
    ends = []
    for ranks in every:
        wanted = round(min(settings.labels, len(ranks)) * settings.validation)
        if wanted < len(ranks):
            ends.append(int(ranks[wanted]))
    return min(ends, default=None)
