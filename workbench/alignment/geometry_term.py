"""The geometric term of one view while training: its neighbourhoods, and their frozen operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.batches import draw
from workbench.alignment.losses import geometric_loss
from workbench.geometry import Operator, nearest_neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

# with fewer rows than this a view has no geometry to keep
FEWEST_ROWS = 3
_BUDGET_BYTES = 512 * 2**20


class GeometryTerm:
    """Draws anchors of a view and compares their neighbourhoods before and after the head.

    Operators of the frozen space never change: each is computed when its anchor is first drawn,
    and kept in float16 while they fit into half a gibibyte.

    Parameters
    ----------
    rows : Tensor, shape (n, d)
        Standardised rows of the view, paired and unpaired.
    anchors : ndarray of int or None
        Rows that may be drawn as anchors; None for all. Every row may be a neighbour.
    neighbours : int
        K; capped by the number of rows.
    operator : Operator
    """

    def __init__(
        self,
        rows: Tensor,
        anchors: npt.NDArray[np.int64] | None,
        neighbours: int,
        operator: Operator,
    ) -> None:
        import torch

        self._rows = rows
        self._operator = operator
        found = nearest_neighbours(rows.cpu().numpy(), neighbours, anchors)
        self._neighbourhoods = torch.from_numpy(found)
        count, size = self._neighbourhoods.shape
        self._known = torch.zeros(count, dtype=torch.bool)
        keep = count * size * size * 2 <= _BUDGET_BYTES
        self._kept = torch.empty((count, size, size), dtype=torch.float16) if keep else None

    def loss(
        self, head: Callable[[Tensor], Tensor], anchors: int, generator: torch.Generator
    ) -> Tensor:
        """Return the geometric loss of newly drawn anchors.

        Parameters
        ----------
        head : callable
            Maps standardised rows, shape (u, d), to unit rows, shape (u, w).
        anchors : int
            How many to draw, without repetition.
        generator : torch.Generator
        """
        import torch

        drawn = draw(len(self._neighbourhoods), anchors, generator)
        neighbourhoods = self._neighbourhoods[drawn]
        # neighbourhoods overlap: each distinct row goes through the head once
        distinct, place = torch.unique(neighbourhoods, return_inverse=True)
        # a look-up as of an embedding table: its backward adds in a fixed order, so that the same
        # recipe gives the same heads to the bit (plain indexing adds in the order of threads)
        mapped = torch.nn.functional.embedding(place, head(self._rows[distinct]))
        return geometric_loss(mapped, self._frozen(drawn), self._operator)

    def _frozen(self, drawn: Tensor) -> Tensor:
        if self._kept is None:
            return self._operator.of(self._rows[self._neighbourhoods[drawn]])
        new = drawn[~self._known[drawn]]
        if len(new):
            fresh = self._operator.of(self._rows[self._neighbourhoods[new]])
            self._kept[new] = fresh.to(self._kept)
            self._known[new] = True
        return self._kept[drawn].to(self._rows)
