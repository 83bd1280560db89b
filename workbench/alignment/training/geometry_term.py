"""The geometric term of one view while training: its neighbourhoods, and their frozen operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class GeometryTerm(Term):
    """Draws anchors of a view and compares their neighbourhoods before and after the head.

    Anchors are drawn in groups of some thirty that lie near each other: their neighbourhoods
    overlap, so that each row goes through the head for many of them. Every row is in one group,
    and every group as likely. Of a view of many rows, 8,192 anchors are drawn once, and only
    their neighbourhoods are found and kept, among all rows: a step costs the same whatever the
    number of rows.

    Operators of the frozen space never change, nor do features of rows: each is computed when its
    group is first drawn. Operators are kept in float16 while they fit into half a gibibyte.

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
        self._features: Tensor | None = None  # of the distinct rows
        self._at_home: set[int] = set()  # groups whose rows have them

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
        sizes = [len(group) for group in groups]
        self._home = np.full(len(distinct), len(groups))  # the first group that each row is in
        group_of = np.repeat(np.arange(len(groups)), np.multiply(sizes, found.rows.shape[1]))
        np.minimum.at(self._home, place.ravel(), group_of)
        ends = np.cumsum(sizes).tolist()
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
        # neighbourhoods overlap: each distinct row goes through the head once
        distinct, place = torch.unique(self._places[anchors], return_inverse=True)
        features = self._features_of(heads[self._view], distinct)
        distinct, place = sent(distinct, self._device), sent(place, self._device)
        epsilon = None
        if self._keep_epsilon:
            epsilon = self._operator.epsilon(squared_distances(self._rows[distinct][place]))
        if self._kept is None:
            frozen = self._operator.of(self._rows[distinct][place])
        else:
            self._keep(self._kept, groups)
            frozen = self._kept[sent(anchors, self._device)].to(self._rows.dtype)
        mapped = heads[self._view](features[distinct])
        if mapped.dim() == 2:
            return neighbourhood_loss(mapped, place, frozen, self._operator, epsilon)
        # heads beside each other, one after the other: what is looked up here fits into a cache
        each = [neighbourhood_loss(one, place, frozen, self._operator, epsilon) for one in mapped]
        return torch.stack(each)

    def _features_of(self, head: TrainableHead, drawn: Tensor) -> Tensor:
        """Return the features of all rows, of which those drawn are computed by now.

        A row is computed with all whose first group of anchors is the same: features may round as
        the number of rows has it, and a training that goes on after a stop meets its groups in
        another order.
        """
        import torch

        homes = np.unique(self._home[drawn.numpy()])
        for home in homes[~np.isin(homes, list(self._at_home))].tolist():
            own = np.flatnonzero(self._home == home)
            found = head.features_at(self._all, self._distinct[own])
            if self._features is None:
                shape = len(self._distinct), found.shape[1]
                self._features = torch.empty(shape, dtype=found.dtype, device=self._device)
            self._features[sent(torch.from_numpy(own), self._device)] = found
            self._at_home.add(home)
        assert self._features is not None  # noqa: S101 - some rows are drawn in every step
        return self._features

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
