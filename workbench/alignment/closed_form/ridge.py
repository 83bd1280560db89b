"""Ridge regression from one view to the other, solved at once.

Views come standardised; least squares has an intercept, which is the same as centring the pairs on
their own mean. With X and Y the centred rows of the pairs and X = U diag(s) Vᵀ,

    W(λ) = argmin ‖X W - Y‖² + λ ‖W‖² = V diag(s / (s² + λ)) Uᵀ Y        (Hoerl & Kennard 1970)

so that one singular value decomposition serves every penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.heads import LinearHead
from workbench.alignment.model_selection import (
    can_judge,
    centred_pairs,
    held_out_mrr,
    only_relation,
)
from workbench.alignment.settings.solved_settings import RidgeSettings
from workbench.alignment.space import AlignedSpace
from workbench.geometry.rows import evenly

Doubles = npt.NDArray[np.float64]

PENALTIES = tuple(float(penalty) for penalty in np.logspace(-3, 3, 13))
_LOOKED_AT = 2_000
_TINY = 1e-12


def ridge(
    data: TrainingData, settings: RidgeSettings, held_out: HeldOut | None = None
) -> AlignedSpace:
    """Predict one view from the other, or each from the other.

    When the second view is predicted, the shared space is that view's own: its head only centres,
    the first view's head predicts. Retrieval runs both ways and the order in a relation says
    nothing, so by default each view is predicted from the other and the two spaces stand side by
    side: (a W x, x) for the first view and (y, b V y) for the second. Least squares shrinks what
    it predicts; a and b stretch predictions to the root mean square length of what they are
    predicted from, so that the cosine is about the mean of the two directions' cosines. (A linear
    head cannot make every prediction equally long, which would make it exactly the mean.)

    Parameters
    ----------
    data : TrainingData
        Two views, one relation.
    settings : RidgeSettings
    held_out : HeldOut, optional
        Chooses one penalty, by MRR. Without it each prediction chooses its own by the exact
        squared error of leaving items out.

    Returns
    -------
    AlignedSpace
        Linear heads, as wide as the predicted view, or as both together.

    Raises
    ------
    WorkbenchError
        There are more than two views, or all paired rows of one are alike.
    """
    relation, pairs = only_relation(data, "Ridge")
    views = [data.views[view] for view in relation]
    means, centred = centred_pairs(data, relation, pairs)
    predicted = {"both": (0, 1), "first": (0,), "second": (1,)}[settings.predicted]
    # side → the prediction of that side's view from the other
    solved = {
        side: Regression.of(centred[1 - side], centred[side], pairs[:, 1 - side])
        for side in predicted
    }

    def space(penalty: Callable[[Regression], float]) -> AlignedSpace:
        predictions = {side: each.weight(penalty(each)) for side, each in solved.items()}
        if len(predictions) == 2:
            for side, weight in predictions.items():
                stretch = _stretch(views[1 - side], means[1 - side], weight)
                predictions[side] = stretch * weight
        heads = {}
        for side, view in enumerate(relation):
            weight = _side_by_side(predictions, side, views[side].shape[1])
            bias = -weight @ means[side]
            heads[view] = LinearHead(
                weight=weight.astype(np.float32),
                bias=bias.astype(np.float32),
                **data.preparation(view),
            )
        return AlignedSpace(heads)

    if settings.penalty is not None:
        fixed = settings.penalty
        return space(lambda _: fixed)
    if held_out is not None and can_judge(held_out):
        judge = held_out
        best = max(PENALTIES, key=lambda penalty: held_out_mrr(space(lambda _: penalty), judge))
        return space(lambda _: best)
    return space(lambda each: min(PENALTIES, key=each.left_out_error))


@dataclass(frozen=True)
class Regression:
    """One least squares problem, decomposed once and solved for any penalty.

    Attributes
    ----------
    left : ndarray, shape (p, r)
        U: left singular vectors of the inputs, one column each.
    strength : ndarray, shape (r,)
        Their singular values.
    right : ndarray, shape (r, d)
    outputs : ndarray, shape (p, e)
    groups : ndarray of int, shape (p,)
        Rows of one item carry one number, from 0.
    """

    left: Doubles
    strength: Doubles
    right: Doubles
    outputs: Doubles
    groups: npt.NDArray[np.int64]

    @classmethod
    def of(cls, inputs: Doubles, outputs: Doubles, items: npt.NDArray[np.int64]) -> Regression:
        """Decompose the centred inputs, shape (p, d); `items` tells which rows are one item's."""
        left, strength, right = np.linalg.svd(inputs, full_matrices=False)
        _, groups = np.unique(items, return_inverse=True)
        return cls(left, strength, right, outputs, groups)

    def weight(self, penalty: float) -> Doubles:
        """Return the map, shape (e, d), at a penalty in units of the mean eigenvalue."""
        shrunk = self.strength / (self.strength**2 + self._absolute(penalty))
        weight: Doubles = (self.right.T @ (shrunk[:, None] * (self.left.T @ self.outputs))).T
        return weight

    def left_out_error(self, penalty: float) -> float:
        """Return the mean squared error of each row, predicted without its item.

        The rows of an item in several pairs are alike, so they are left out together, or each
        would be predicted from its twins. For m rows with the same leverage h and residuals r the
        exact error without them is (I - h 11ᵀ)⁻¹ r = r + h Σr / (1 - m h) (Sherman & Morrison
        1950); with m = 1 it is the usual r / (1 - h). The intercept counts as one more direction,
        of leverage 1/p.
        """
        share = self.strength**2 / (self.strength**2 + self._absolute(penalty))
        fitted = self.left @ (share[:, None] * (self.left.T @ self.outputs))
        residual = self.outputs - fitted
        leverage = np.square(self.left) @ share + 1 / len(residual)
        sums = np.zeros((self.groups.max() + 1, residual.shape[1]))
        np.add.at(sums, self.groups, residual)
        free = np.maximum(1 - np.bincount(self.groups)[self.groups] * leverage, _TINY)
        error = residual + (leverage / free)[:, None] * sums[self.groups]
        return float(np.mean(np.square(error).sum(axis=1)))

    def _absolute(self, penalty: float) -> float:
        """Return λ: the mean is over the eigenvalues that the number of rows lets be above 0."""
        return max(penalty * float(np.mean(self.strength**2)), _TINY)


def _stretch(rows: StandardRows, mean: Doubles, weight: Doubles) -> float:
    """Return the factor that makes predictions from the rows as long as the rows, on average."""
    some = rows[evenly(len(rows), _LOOKED_AT)] - mean
    return float(np.linalg.norm(some) / max(float(np.linalg.norm(some @ weight.T)), _TINY))


def _side_by_side(predictions: dict[int, Doubles], side: int, wide: int) -> Doubles:
    """Return a view's map: one block a predicted view, itself or its prediction of the other."""
    # the second view's space comes first, as in (a W x, x) and (y, b V y)
    blocks = [
        np.eye(wide) if predicted == side else predictions[predicted]
        for predicted in sorted(predictions, reverse=True)
    ]
    return np.concatenate(blocks)
