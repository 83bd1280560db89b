"""Drawing batches of pairs, and knowing who belongs together in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.alignment.data import Relation, TrainingData
from workbench.alignment.training.trainable_heads import TrainableHead

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """The pairs of one relation in a step.

    Attributes
    ----------
    relation : tuple of str
    rows : function that returns a tuple of Tensor, shapes (b, d) and (b, e)
        Standardised, before the heads: few losses ask.
    mapped : tuple of Tensor, shape (b, w)
        Unit rows after them.
    also_correct : Tensor of bool, shape (b, b), or None
        Who belongs together off the diagonal.
    """

    relation: Relation
    rows: Callable[[], tuple[Tensor, Tensor]]
    mapped: tuple[Tensor, Tensor]
    also_correct: Tensor | None


class PairBatches:
    """Draws batches of the training pairs; only paired rows are held.

    Parameters
    ----------
    data : TrainingData
    size : int
        Pairs of each relation in a batch; all where there are fewer.
    mixing : float
        See `Mixing`.
    generator : torch.Generator
        On the CPU, so that all devices see the same batches.
    device : torch.device
    """

    def __init__(
        self, data: TrainingData, heads: Mapping[str, TrainableHead], size: int, mixing: float,
        generator: torch.Generator, device: torch.device,
    ) -> None:  # fmt: skip
        import torch

        self._size, self._mixing = size, mixing
        self._generator, self._device = generator, device
        self._rows, self._features = {}, {}
        for view, rows in data.views.items():
            paired = data.paired_rows(view)
            self._rows[view] = torch.from_numpy(rows[paired]).to(device)
            self._features[view] = heads[view].features_at(rows, paired)
        self._pairs = {r: torch.from_numpy(rows) for r, rows in data.pairs_among_paired().items()}
        self._lookups = {relation: PairLookup(rows) for relation, rows in self._pairs.items()}

    def draw(self, heads: Mapping[str, TrainableHead]) -> list[Batch]:
        """Draw pairs of each relation, and map them."""
        return [self._batch(relation, heads) for relation in self._pairs]

    def _batch(self, relation: Relation, heads: Mapping[str, TrainableHead]) -> Batch:
        pairs = self._pairs[relation]
        drawn = pairs[draw(len(pairs), self._size, self._generator)]
        also_correct = self._lookups[relation].also_correct(*drawn.T)
        numbers = dict(zip(relation, sent(drawn, self._device).T, strict=True))
        mixing = None
        if self._mixing:
            mixing = Mixing.drawn(len(drawn), self._mixing, self._generator, self._device)

        def features_of(view: str) -> Tensor:
            features = self._features[view][numbers[view]]
            return features if mixing is None else mixing.of(features)

        def rows_of(view: str) -> Tensor:
            rows = self._rows[view][numbers[view]]
            return rows if mixing is None else mixing.of_unit_rows(rows)

        first, second = relation
        return Batch(
            relation,
            lambda: (rows_of(first), rows_of(second)),
            (heads[first](features_of(first)), heads[second](features_of(second))),
            None if also_correct is None else sent(also_correct, self._device),
        )


def draw(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Draw `size` of `count` numbers without repetition, all of them when there are fewer.

    The cost does not grow with `count` where `count` is large.
    """
    import torch

    if count <= 8 * size:
        return torch.randperm(count, generator=generator)[:size]
    drawn = torch.zeros(0, dtype=torch.int64)
    while len(drawn) < size:
        more = torch.randint(count, (2 * size,), generator=generator)
        drawn = torch.unique(torch.cat([drawn, more]))
    return drawn[torch.randperm(len(drawn), generator=generator)[:size]]


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor of the CPU on a device, without waiting for what that is computing."""
    return tensor.to(device, non_blocking=True)


@dataclass(frozen=True)
class Mixing:
    """Each pair of a batch mixed with another one, both sides alike.

    Mixup of Zhang et al. 2018, arXiv 1710.09412. Each keeps at least half of itself, so that who is
    whose negative stays true.

    Attributes
    ----------
    share : Tensor, shape (b, 1)
        What the other pair counts, at most half.
    other : Tensor of int, shape (b,)
    """

    share: Tensor
    other: Tensor

    @classmethod
    def drawn(
        cls, count: int, most: float, generator: torch.Generator, device: torch.device
    ) -> Mixing:
        """Draw who is mixed with whom; `most`, from 0 to 1, is twice the largest share."""
        import torch

        share = most / 2 * torch.rand((count, 1), generator=generator)
        other = torch.randperm(count, generator=generator)
        return cls(sent(share, device), sent(other, device))

    def of(self, rows: Tensor) -> Tensor:
        """Return rows of one side, shape (b, f), mixed."""
        return rows.lerp(rows[self.other], self.share)

    def of_unit_rows(self, rows: Tensor) -> Tensor:
        """Return unit rows of one side, shape (b, d), mixed and again of unit length."""
        from torch.nn.functional import normalize

        return normalize(self.of(rows), dim=-1)


class PairLookup:
    """Tells which items of a batch belong together besides the drawn pairs.

    Parameters
    ----------
    pairs : Tensor of int, shape (p, 2)
        All training pairs of a relation.
    """

    def __init__(self, pairs: Tensor) -> None:
        import torch

        self._columns = int(pairs[:, 1].max()) + 1
        self._codes = torch.sort(pairs[:, 0] * self._columns + pairs[:, 1]).values
        self._one_to_one = all(len(torch.unique(side)) == len(pairs) for side in pairs.T)

    def also_correct(self, first: Tensor, second: Tensor) -> Tensor | None:
        """Return who belongs together off the diagonal.

        Parameters
        ----------
        first, second : Tensor of int, shape (b,)
            The two sides of the drawn pairs.

        Returns
        -------
        Tensor of bool, shape (b, b), or None where every item has one partner
        """
        import torch

        if self._one_to_one:
            return None
        codes = first[:, None] * self._columns + second[None, :]
        place = torch.searchsorted(self._codes, codes).clamp_max(len(self._codes) - 1)
        return (self._codes[place] == codes).fill_diagonal_(False)
