"""The geometric term: diffusion operators of neighbourhoods before and after a map, compared.

L_geo = mean over anchors of  Σ_ij ( W(S)_ij - W(f(S))_ij )²        (mathematics.md, Geometric term)

From the loss to the squared distances its gradient is t (`difference_and_gradient`). From there to
the rows it is

dL/dx_i = 2 Σ_j t_ij (x_i - x_j)

one product of matrices, where autograd would take two and add up larger ones.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.geometry.loss_gradient import difference_and_gradient

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.geometry.diffusion import Operator

# anchors whose products are taken together on the CPU, at least and by the bytes of their rows:
# these stay in the processor's cache
_TOGETHER, _TOGETHER_BYTES = 16, 768 * 2**10
# one Gram matrix of s rows is about this much faster an operation than many of m rows
_GRAM_GAIN = 2.0
# how far the rows of one Gram matrix may lie from their centre, squared and against the widest
# distance in a neighbourhood: each factor of two costs a bit of its distances
_REACH = 8.0


def neighbourhood_loss(
    mapped: Tensor,
    places: Tensor,
    frozen: Tensor,
    operator: Operator,
    epsilon: Tensor | None = None,
) -> Tensor:
    """Return how far a map changes the operators of some anchors' neighbourhoods.

    Parameters
    ----------
    mapped : Tensor, shape (u, w)
        Mapped rows, each once however many neighbourhoods it is in.
    places : Tensor of int, shape (a, m)
        Which of the mapped rows each neighbourhood is made of.
    frozen : Tensor, shape (a, m, m)
        The neighbourhoods' operators before the map.
    operator : Operator
    epsilon : Tensor, shape (a, 1, 1) or (a, m, m), optional
        ε of the neighbourhoods (`Operator.epsilon`), if it is not that of their mapped points.

    Returns
    -------
    Tensor, shape ()
        The mean over anchors; it has a gradient for `mapped` only, and that once. On the CPU both
        are the same to the bit at each call. Anchors cost less if those that follow one another
        share rows.
    """
    loss: Tensor = _function().apply(mapped, places, frozen, operator, epsilon)
    return loss


@functools.cache
def _function() -> Any:
    """Return the function with a gradient of its own; torch is there by now."""
    import torch

    class NeighbourhoodLoss(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,
            mapped: Tensor,
            places: Tensor,
            frozen: Tensor,
            operator: Operator,
            epsilon: Tensor | None,
        ) -> Tensor:
            anchors, m = places.shape
            distances = mapped.new_empty((anchors, m, m))
            spans = _together(places, mapped)
            parts = [_measured(mapped, places, some, distances) for some in spans]
            if not ctx.needs_input_grad[0]:
                found = operator.of_distances(distances, epsilon)
                return (found - frozen).square().sum() / anchors
            loss, pull = difference_and_gradient(distances, frozen, operator, epsilon)
            _put_springs(pull, 2 / anchors)
            slope = torch.zeros_like(mapped)
            for part in parts:
                part.pull(pull, slope)
            ctx.save_for_backward(slope)
            return loss / anchors

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
            (slope,) = ctx.saved_tensors
            return slope * outer, None, None, None, None

    return NeighbourhoodLoss


def _together(places: Tensor, mapped: Tensor) -> list[slice]:
    step = max(len(places), 1)
    if places.device.type == "cpu":
        an_anchor = places.shape[1] * mapped.shape[1] * mapped.element_size()
        step = min(step, max(_TOGETHER, _TOGETHER_BYTES // max(1, an_anchor)))
    return [slice(start, start + step) for start in range(0, len(places), step)]


def _put_springs(pull: Tensor, factor: float) -> None:
    """Make of t_ij, times a factor, the matrix whose product with rows is Σ_j t_ij (x_i - x_j)."""
    diagonal = pull.diagonal(dim1=-2, dim2=-1)
    diagonal.zero_()
    pull *= -factor
    diagonal.copy_(-pull.sum(-1))


@dataclass(frozen=True)
class _Part:
    """Some of the neighbourhoods, with what their gradient needs.

    Attributes
    ----------
    some : slice
        Which.
    targets : Tensor of int
        The mapped rows that they are made of.
    rows : Tensor
        These rows, centred: of each neighbourhood, shape (a, m, w), or each once, shape (s, w).
    entries : Tensor of int, or None
        In the latter case, where the distances stand in the flattened (s, s).
    """

    some: slice
    targets: Tensor
    rows: Tensor
    entries: Tensor | None

    def pull(self, springs: Tensor, slope: Tensor) -> None:
        """Add the gradient of these neighbourhoods to that of the mapped rows."""
        its = springs[self.some]
        if self.entries is not None:
            size = len(self.targets)
            its = its.new_zeros(size * size).index_add_(0, self.entries, its.flatten())
            its = its.view(size, size)
        # adds in the order of rows: the same to the bit whatever the number of threads
        slope.index_add_(0, self.targets, (its @ self.rows).flatten(0, -2))


def _measured(mapped: Tensor, places: Tensor, some: slice, distances: Tensor) -> _Part:
    """Put the squared distances within some neighbourhoods into their place."""
    import torch

    here = places[some]
    anchors, m = here.shape
    if mapped.device.type == "cpu":  # elsewhere to count distinct rows would wait for the device
        distinct, place = torch.unique(here, return_inverse=True)
        size = len(distinct)
        if size * size <= _GRAM_GAIN * anchors * m * m:
            rows = _centred(mapped.index_select(0, distinct))
            among = rows.new_empty((size, size))
            reach = _squared_distances(rows, among)
            entries = (place.unsqueeze(-1) * size + place.unsqueeze(-2)).flatten()
            within = among.flatten().index_select(0, entries).view(anchors, m, m)
            # a neighbourhood much tighter than all together would lose its digits
            if reach <= _REACH * within.amax((-1, -2)).min():
                distances[some] = within
                return _Part(some, distinct, rows, entries)
    rows = _centred(mapped.index_select(0, here.flatten()).view(anchors, m, -1))
    _squared_distances(rows, distances[some])
    return _Part(some, here.flatten(), rows, None)


def _centred(rows: Tensor) -> Tensor:
    rows -= rows.mean(-2, keepdim=True)
    return rows


def _squared_distances(rows: Tensor, distances: Tensor) -> Tensor:
    """Put the squared distances of centred rows into a matrix; return the largest norm squared."""
    import torch

    torch.matmul(rows, rows.transpose(-1, -2), out=distances)
    norms = distances.diagonal(dim1=-2, dim2=-1).clone()
    distances *= -2
    distances += norms.unsqueeze(-1)
    distances += norms.unsqueeze(-2)
    distances.clamp_min_(0)
    distances.diagonal(dim1=-2, dim2=-1).zero_()
    return norms.max()
