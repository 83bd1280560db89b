"""Drawing batches, and knowing who belongs together in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


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
