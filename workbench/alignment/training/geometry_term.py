"""The geometric term of one view while training: its neighbourhoods, and their frozen operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.frozen_rows import StandardRows
from workbench.alignment.training.batches import Batch, draw, sent
from workbench.alignment.training.reports import NeighboursFound
from workbench.alignment.training.terms import POOL, Term
from workbench.alignment.training.trainable_heads import TrainableHead
from workbench.geometry import (
    Neighbourhoods,
    Operator,
    find_neighbours,
    near_groups,
    neighbourhood_loss,
    squared_distances,
)
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# with fewer rows than this a view has no geometry to keep
FEWEST_ROWS = 3
_GROUP = 32
_BUDGET_BYTES = 512 * 2**20


@dataclass(frozen=True, eq=False)
class _GroupRows:
    """What a step needs of a group of anchors, on the device.

    Attributes
    ----------
    rows : Tensor of int, shape (m,)
        Places of the distinct rows of all its neighbourhoods among those of all groups.
    places : Tensor of int, shape (a, K + 1)
        The neighbourhoods, by place in `rows`.
    features : Tensor, shape (m, f)
    """

    rows: Tensor
    places: Tensor
    features: Tensor


class GeometryTerm(Term):
    """Draws anchors of a view and compares their neighbourhoods before and after the head.

    Anchors are drawn in groups of some thirty that lie near each other: their neighbourhoods
    overlap, so that each row goes through the head for many of them. Every row is in one group,
    and every group as likely. Of a view of many rows, 8,192 anchors are drawn once, and only
    their neighbourhoods are found and kept, among all rows: a step costs the same whatever the
    number of rows.

    Operators of the frozen space never change, nor do features of rows: each is computed when its
    group is first drawn, and kept while they fit into half a gibibyte, operators in float16.

    Parameters
    ----------
    view : str
    rows : StandardRows, shape (n, d)
        All rows of the view, paired and unpaired; every one may be a neighbour.
    allowed : ndarray of int or None
        Rows that may be drawn as anchors; None for all.
    neighbours : int
        K; capped by the number of rows.
    anchors : int
        How many are drawn in a step.
    operator : Operator
    keep_epsilon : bool
        Whether the mapped neighbourhoods have the kernel width of the frozen ones.
    seed : int
    device : torch.device
    """

    def __init__(
        self, view: str, rows: StandardRows, allowed: npt.NDArray[np.int64] | None,
        neighbours: int, anchors: int, operator: Operator, keep_epsilon: bool, seed: int,
        device: torch.device,
    ) -> None:  # fmt: skip
        super().__init__(f"geometric/{view}")
        self.found: Neighbourhoods | None = None
        self._view, self._all, self._allowed = view, rows, allowed
        self._neighbours, self._anchors = neighbours, anchors
        self._operator, self._keep_epsilon = operator, keep_epsilon
        self._seed, self._device = seed, device
        self._groups_seen: dict[int, _GroupRows] = {}
        self._room = _BUDGET_BYTES  # that features may still take

    def weight(self, values: Mapping[str, float]) -> float:
        """Return α of the view."""
        return values[f"alpha/{self._view}"] if len(self._all) >= FEWEST_ROWS else 0.0

    def ready(self, control: Control) -> Job[None]:
        """Choose anchors and find their neighbourhoods, once."""
        import torch

        if self.found is not None or control.stopping:
            return
        groups = self._groups()
        chosen = np.concatenate(groups)
        found = yield from find_neighbours(self._all.frozen, self._neighbours, chosen, control)
        if len(found.rows) < len(chosen):  # stopped
            return
        distinct, place = np.unique(found.rows, return_inverse=True)
        self._distinct = distinct
        self._rows = torch.from_numpy(self._all.frozen[distinct]).to(self._device)
        # on the CPU, where looking for what is distinct waits for no device
        self._places = torch.from_numpy(place.reshape(found.rows.shape))
        ends = np.cumsum([len(group) for group in groups]).tolist()
        self._spans = list(zip([0, *ends], ends, strict=False))
        count, size = found.rows.shape
        self._kept: Tensor | None = None
        if count * size * size * 2 <= _BUDGET_BYTES:
            self._kept = torch.empty((count, size, size), dtype=torch.float16, device=self._device)
        self._known: set[int] = set()
        self.found = found
        yield NeighboursFound(self._view, found.index, found.recall)

    def _groups(self) -> list[npt.NDArray[np.int64]]:
        """Return the groups of anchors, at most 8,192 anchors in all."""
        frozen = self._all.frozen
        rows = frozen if self._allowed is None else frozen[self._allowed]
        size = min(_GROUP, self._anchors)
        groups = near_groups(rows, size, self._seed)
        if self._allowed is not None:
            groups = [self._allowed[group] for group in groups]
        most = max(1, POOL // size)
        if len(groups) > most:
            drawn = np.random.default_rng([self._seed, 4]).permutation(len(groups))[:most]
            groups = [groups[number] for number in np.sort(drawn)]
        return groups

    def loss(
        self,
        heads: Mapping[str, TrainableHead],
        batches: Sequence[Batch],
        generator: torch.Generator,
    ) -> Tensor:
        """Return the geometric loss of newly drawn anchors; of several heads, one each."""
        import torch

        groups = self._draw(generator)
        anchors = torch.cat([torch.arange(*self._spans[group]) for group in groups])
        drawn = [self._seen(group, heads[self._view]) for group in groups]
        starts = np.cumsum([0, *(len(each.rows) for each in drawn)]).tolist()
        place = torch.cat([each.places + start for each, start in zip(drawn, starts, strict=False)])
        rows = self._rows[torch.cat([each.rows for each in drawn])]
        epsilon = None
        if self._keep_epsilon:
            epsilon = self._operator.epsilon(squared_distances(rows[place]))
        if self._kept is None:
            frozen = self._operator.of(rows[place])
        else:
            self._keep(self._kept, groups)
            frozen = self._kept[sent(anchors, self._device)].to(rows)
        mapped = heads[self._view](torch.cat([each.features for each in drawn]))
        if mapped.dim() == 2:
            return neighbourhood_loss(mapped, place, frozen, self._operator, epsilon)
        # heads beside each other, one after the other: what is looked up here fits into a cache
        each = [neighbourhood_loss(one, place, frozen, self._operator, epsilon) for one in mapped]
        return torch.stack(each)

    def _seen(self, group: int, head: TrainableHead) -> _GroupRows:
        """Return the rows of a group of anchors and their features, computed once.

        Neighbourhoods overlap: each distinct row goes through the head once a group. The rows of
        a group stay together, as features may round as the number of rows has it, and a training
        that goes on after a stop meets its groups in another order.
        """
        import torch

        if group in self._groups_seen:
            return self._groups_seen[group]
        own, place = torch.unique(self._places[slice(*self._spans[group])], return_inverse=True)
        features = head.features_of(self._all[self._distinct[own.numpy()]])
        seen = _GroupRows(sent(own, self._device), sent(place, self._device), features)
        if self._room >= features.nbytes:
            self._room -= features.nbytes
            self._groups_seen[group] = seen
        return seen

    def _draw(self, generator: torch.Generator) -> list[int]:
        """Return the numbers of some groups of anchors."""
        wanted = max(1, round(self._anchors / min(_GROUP, self._anchors)))
        groups: list[int] = draw(len(self._spans), wanted, generator).tolist()
        return groups

    def _keep(self, kept: Tensor, groups: Sequence[int]) -> None:
        """Compute the operators of groups that are drawn for the first time.

        Each group by itself: a product of matrices may round as the number of matrices has it, and
        a training that goes on after a stop meets its groups again in another company.
        """
        for group in groups:
            if group not in self._known:
                span = slice(*self._spans[group])
                places = sent(self._places[span], self._device)
                kept[span] = self._operator.of(self._rows[places]).to(kept)
                self._known.add(group)
