"""SOTAlign's term: two batches matched by a teacher and by a student (arXiv 2602.23353).

Of two batches none of whose items need be partners. The term is KL(P_teacher ‖ P_student) of their
transport plans (`workbench.alignment.transport_plan`).
The authors' code sharpens the teacher: ε 0.005 against the student's 0.05, 100 iterations. How far
cosines of two views spread differs from data to data, and what these numbers do with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.alignment.data import Relation, TrainingData
from workbench.alignment.training.batches import Batch, draw, sent
from workbench.alignment.training.terms import Term, pool
from workbench.alignment.training.trainable_heads import TrainableHead
from workbench.alignment.transport_plan import ITERATIONS, log_plan, transport_plan
from workbench.geometry.rows import evenly

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_SHARPER = 0.1  # the teacher's ε, in units of the student's
_OF_THE_SPREAD = 0.5
_TINY = 1e-6
_LOOKED_AT = 512


class TransportTerm(Term):
    """Matches rows of two views as a linear teacher does (SOTAlign, arXiv 2602.23353).

    The rows are drawn from all of a view, paired and unpaired: which belong together is not told.

    Parameters
    ----------
    relation : tuple of str
    data : TrainingData
    teacher : mapping of view to ndarray, shape (w, d)
        Maps of the teacher, for standardised rows.
    weight : float
    epsilon : float or None
        Of the student; None takes half the standard deviation of the teacher's similarities.
    others : int
        Rows of each view in a step.
    """

    def __init__(
        self, relation: Relation, data: TrainingData, teacher: Mapping[str, np.ndarray],
        weight: float, epsilon: float | None, others: int, seed: int, device: torch.device,
    ) -> None:  # fmt: skip
        import torch
        from torch.nn.functional import normalize

        super().__init__("transport/" + "–".join(relation), weight)
        self._relation, self._others = relation, others
        self._pools = [pool(data, view, seed) for view in relation]
        self._features: list[Tensor] = []
        self._taught = [
            normalize(
                torch.from_numpy(rows).to(device) @ torch.from_numpy(teacher[view]).to(device).T,
                dim=-1,
            )
            for rows, view in zip(self._pools, relation, strict=True)
        ]
        some, others_too = (rows[evenly(len(rows), _LOOKED_AT)] for rows in self._taught)
        spread = float((some @ others_too.T).std()) + _TINY
        self._epsilon = _OF_THE_SPREAD * spread if epsilon is None else epsilon

    def loss(
        self,
        heads: Mapping[str, TrainableHead],
        batches: Sequence[Batch],
        generator: torch.Generator,
    ) -> Tensor:
        """Return KL of the teacher's plan and the student's."""
        drawn = [
            sent(draw(len(rows), self._others, generator), rows.device) for rows in self._taught
        ]
        taught = [rows[some] for rows, some in zip(self._taught, drawn, strict=True)]
        plan = transport_plan(taught[0] @ taught[1].T, _SHARPER * self._epsilon)
        if not self._features:
            self._features = [
                heads[view].features_of(rows)
                for view, rows in zip(self._relation, self._pools, strict=True)
            ]
        first, second = (
            heads[view](rows[some])
            for view, rows, some in zip(self._relation, self._features, drawn, strict=True)
        )
        return transport_loss(first @ second.T, plan, self._epsilon)


def transport_loss(
    similarities: Tensor,
    teacher_plan: Tensor,
    epsilon: float,
    iterations: int = ITERATIONS,
) -> Tensor:
    """Return KL(teacher plan ‖ student plan).

    The gradient is (P_student - P_teacher) / ε. The plan's dual problem is at its optimum, so that
    f and g add nothing (envelope theorem; theorem 5.1 of the paper): nothing is unrolled, and the
    backward pass costs one product. It is exact once the iterations have converged and the
    teacher's plan has uniform marginals too.

    Parameters
    ----------
    similarities : Tensor, shape (a, b)
        Of the student; the only one that gets a gradient.
    teacher_plan : Tensor, shape (a, b)
        From `transport_plan`.
    epsilon : float
        Of the student.
    iterations : int

    Returns
    -------
    Tensor, shape ()
    """
    import torch

    teacher = teacher_plan.detach()
    log_student = log_plan(similarities, epsilon, iterations)
    value = (torch.xlogy(teacher, teacher) - teacher * log_student).sum()
    slope = (log_student.exp() - teacher) / epsilon
    # the difference is zero, and its gradient with respect to the similarities is the slope
    return value + (slope * (similarities - similarities.detach())).sum()
