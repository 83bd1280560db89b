"""Choosing among closed-form solutions where no pairs are kept for validation.

Each fold of the training pairs is left out in turn, and searched for with what the others give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from workbench.alignment.closed_form.canonical import largest_signs
from workbench.alignment.data import Relation, TrainingData
from workbench.alignment.model_selection import retrieval_of
from workbench.evaluation import pair_groups
from workbench.geometry import unit_rows

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
RowPairs = dict[Relation, Numbers]
Choice = TypeVar("Choice")
Maps = Mapping[str, npt.NDArray[np.floating]]

_FOLDS = 5
_MOST_GROUPS = 400  # more choose no better, and take long
_NOISE = 1e-6


def cross_validated(
    data: TrainingData,
    choices: Sequence[Choice],
    solve: Callable[[TrainingData], Callable[[Choice], Maps]],
) -> Choice:
    """Return the choice whose maps find pairs best that were left out; the first of equals.

    Parameters
    ----------
    data : TrainingData
        Of paired rows alone: a pair is searched for among all of them.
    choices : sequence
    solve : callable
        Takes the pairs of all folds but one, and returns what gives the maps of a choice, shape
        (w, d) each.
    """
    scores = np.zeros(len(choices))
    for rest, left_out in _folds(data):
        maps_of = solve(rest)
        # among those left out alone: pairs that were fitted lie otherwise than new ones will
        own, renumbered = _by_themselves(data.views, left_out)
        for number, choice in enumerate(choices):
            maps = maps_of(choice)
            placed = {
                view: unit_rows(np.asarray(rows @ maps[view].T, dtype=np.float32))
                for view, rows in own.items()
            }
            found = retrieval_of(placed, renumbered)
            scores[number] += float(np.mean([each.mrr for each in found]))
    return choices[int(scores.argmax())]


def _folds(data: TrainingData) -> Iterator[tuple[TrainingData, RowPairs]]:
    """Yield the data without the pairs of a fold, and these; items that share a pair stay so."""
    group_of, groups = pair_groups({v: len(rows) for v, rows in data.views.items()}, data.pairs)
    order = np.random.default_rng(0).permutation(groups)
    fold_of = np.where(order < _MOST_GROUPS, order % min(_FOLDS, groups), -1)
    folds = {r: fold_of[group_of[r[0]][rows[:, 0]]] for r, rows in data.pairs.items()}
    for fold in range(min(_FOLDS, groups)):
        kept = {r: rows[(folds[r] >= 0) & (folds[r] != fold)] for r, rows in data.pairs.items()}
        left_out = {r: rows[folds[r] == fold] for r, rows in data.pairs.items()}
        if all(len(rows) > 1 for rows in kept.values()) and any(map(len, left_out.values())):
            yield TrainingData(data.views, kept), left_out


def _by_themselves(
    views: Mapping[str, Any], pairs: RowPairs
) -> tuple[dict[str, Doubles], RowPairs]:
    """Return the rows that occur in pairs, and the pairs by their places among these."""
    held_out = TrainingData(dict(views), pairs)
    rows = {view: held_out.paired_rows(view) for view in views}
    own = {view: views[view][some] for view, some in rows.items()}
    return own, held_out.pairs_among_paired()


def among_pairs(
    data: TrainingData, features: Callable[[str, Numbers], Floats] | None = None
) -> tuple[TrainingData, dict[str, Doubles]]:
    """Return the paired rows' features by the directions that they fill, and these directions.

    What is learned of pairs alone lies among as many directions as there are pairs, which are
    often fewer than features.

    Parameters
    ----------
    data : TrainingData
    features : callable, optional
        Takes a view and row numbers; without it the rows themselves serve.

    Returns
    -------
    TrainingData
        Views of shape (p, r), and the pairs.
    dict of view to ndarray, shape (r, f)
    """
    bases, short = {}, {}
    for view, rows in data.views.items():
        numbers = data.paired_rows(view)
        paired = (rows[numbers] if features is None else features(view, numbers)).astype(np.float64)
        left, strength, right = np.linalg.svd(paired, full_matrices=False)
        # rows that are all zero keep their directions: CCA says what is wrong with them
        known = strength >= _NOISE * strength[0]
        signs = largest_signs(right[known])
        bases[view] = right[known] * signs
        short[view] = (left * strength)[:, known] * signs.T
    return TrainingData(short, data.pairs_among_paired()), bases
