"""What a user says of pairs, in a split: own pairs are for training, and nobody else moves."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from workbench.evaluation import pair_groups
from workbench.item_ids import pairs_among
from workbench.project.settings import SplitSettings

Rows = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
RowPairs = dict[tuple[str, str], Rows]

_OWN = 78  # sets the draw of own pairs apart from others by the same seed


def together(pairs: RowPairs, others: RowPairs) -> RowPairs:
    """Return the pairs of both, by relation."""
    none = np.zeros((0, 2), np.int64)
    return {
        relation: np.concatenate([pairs.get(relation, none), others.get(relation, none)])
        for relation in dict.fromkeys([*pairs, *others])
    }


def without(rows: Rows, others: Rows | None) -> Rows:
    """Return the pairs of rows that are not among others, where there are any."""
    return rows if others is None else rows[~pairs_among(rows, others)]


def linked_to_held(
    counts: Mapping[str, int], pairs: RowPairs, own: RowPairs, held: Mapping[str, Marks],
    in_training: Mapping[str, Marks],
) -> dict[str, Marks]:  # fmt: skip
    """Return which rows are held out, or linked to such a row by own pairs.

    Links end at rows that are in training already: nobody moves, and they are seen anyway.
    """
    links = {}
    for relation, rows in together(pairs, own).items():
        seen = (in_training[relation[side]][rows[:, side]] for side in (0, 1))
        links[relation] = rows[~np.logical_or(*seen)]
    linked, groups = pair_groups(counts, links)
    is_held = np.zeros(groups, dtype=bool)
    for view, of_row in linked.items():
        is_held[of_row[held[view]]] = True
    return {view: is_held[of_row] for view, of_row in linked.items()}


def drop_taken_apart(parts: Sequence[RowPairs], now: RowPairs) -> None:
    """Take out of each part the pairs that the user took apart, in place."""
    for part in parts:
        for relation, rows in part.items():
            part[relation] = rows[pairs_among(rows, now.get(relation, rows[:0]))]


def add_own(
    training: RowPairs, validation: RowPairs, own: RowPairs, held: Mapping[str, Marks],
    settings: SplitSettings,
) -> RowPairs:  # fmt: skip
    """Add own pairs to training, in place, and return those that are linked to held-out rows."""
    aside: RowPairs = {}
    for relation, rows in own.items():
        if relation in settings.only_tested or relation[::-1] in settings.only_tested:
            continue
        linked = np.logical_or(*(held[relation[side]][rows[:, side]] for side in (0, 1)))
        if linked.any():
            aside[relation] = rows[linked]
        free, before = rows[~linked], training.get(relation, rows[:0])
        if settings.labels is not None:
            known = len(validation.get(relation, ())) + len(before)
            free = free[: max(0, settings.labels - known)]
        if len(free) or relation in training:
            training[relation] = np.concatenate([before, free])
    return aside


def order_of_own(
    group_of: Mapping[str, Rows], paired: Rows, settings: SplitSettings
) -> tuple[Rows, int, int]:
    """Return an order of groups in which others that come later move none to another part.

    Each group has a number of its own, drawn by the seed and its first row.

    Returns
    -------
    order : ndarray
    first_training, first_kept : int
        Where validation begins, and where what is for training.
    """
    first: dict[int, tuple[int, int]] = {}
    wanted = set(paired.tolist())
    for number, view in enumerate(sorted(group_of)):
        for row, group in enumerate(group_of[view].tolist()):
            if group in wanted:
                first.setdefault(group, (number, row))
    draws = np.array([
        np.random.default_rng([settings.seed, _OWN, *first[group]]).random()
        for group in paired.tolist()
    ])  # fmt: skip
    ends = np.searchsorted(np.sort(draws), [settings.test, settings.test + settings.validation])
    return paired[np.argsort(draws, kind="stable")], int(ends[0]), int(ends[1])
