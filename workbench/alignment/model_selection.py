"""What methods share: two views of one relation, and a choice by held-out pairs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, Pairs, Relation, TrainingData
from workbench.alignment.space import AlignedSpace
from workbench.errors import WorkbenchError
from workbench.evaluation import Retrieval, retrieve

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

_NOISE = 1e-6


def only_relation(data: TrainingData, method: str) -> tuple[Relation, npt.NDArray[np.int64]]:
    """Return the one relation of two views, with its pairs.

    Raises
    ------
    WorkbenchError
        There are more than two views, or pairs told in two directions.
    """
    if len(data.views) != 2 or len(data.pairs) != 1:
        raise WorkbenchError(
            f"{method} aligns exactly two views by pairs of one relation; here are "
            f"{len(data.views)} views and {len(data.pairs)} relations. Choose two views, or "
            "another method."
        )
    return next(iter(data.pairs.items()))


def centred_pairs(
    data: TrainingData, relation: Relation, pairs: npt.NDArray[np.int64]
) -> tuple[list[Doubles], list[Doubles]]:
    """Return the mean of each side's paired rows, shape (d,), and the rows less it, shape (p, d).

    Raises
    ------
    WorkbenchError
        All paired rows of a view are alike.
    """
    rows = [
        data.views[view][pairs[:, side]].astype(np.float64) for side, view in enumerate(relation)
    ]
    means = [each.mean(axis=0) for each in rows]
    centred = [each - mean for each, mean in zip(rows, means, strict=True)]
    for view, each in zip(relation, centred, strict=True):
        # unit rows in float32: a spread below this is rounding noise
        if np.abs(each).max() < _NOISE:
            raise WorkbenchError(
                f"All {len(pairs):,} pairs {'–'.join(relation)} have equal rows of “{view}”, so "
                "nothing can be learned from them. Add pairs of other items."
            )
    return means, centred


def can_judge(held_out: HeldOut | None) -> bool:
    """Return whether there are held-out pairs to choose by."""
    return held_out is not None and any(len(rows) for rows in held_out.pairs.values())


def held_out_retrieval(space: AlignedSpace, held_out: HeldOut) -> list[Retrieval]:
    """Measure held-out pairs in both directions of each relation that has some."""
    placed = {view: space.embed(view, rows) for view, rows in held_out.views.items()}
    return retrieval_of(placed, held_out.pairs)


def retrieval_of(placed: Mapping[str, Floats], pairs: Pairs) -> list[Retrieval]:
    """Measure pairs of rows that are in one space, in both directions of each relation."""
    found = []
    for (first, second), rows in pairs.items():
        if len(rows):
            ours, theirs = placed[first], placed[second]
            found += [retrieve(ours, theirs, rows), retrieve(theirs, ours, rows[:, ::-1])]
    return found


def held_out_mrr(space: AlignedSpace, held_out: HeldOut) -> float:
    """Return the mean reciprocal rank of held-out partners: what every choice is made by."""
    return float(np.mean([each.mrr for each in held_out_retrieval(space, held_out)]))
