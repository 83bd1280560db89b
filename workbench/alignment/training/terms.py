"""What is added to the loss of the pairs: the interface of a term, and rows for terms to draw from.

One file a term: `geometry_term` is GeRA's, `structure_term` and `transport_term` are its rivals'.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import TrainingData
from workbench.alignment.training.batches import Batch
from workbench.alignment.training.trainable_heads import TrainableHead
from workbench.jobs import Control, Job

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = npt.NDArray[np.float32]

# from so many rows others are drawn: as good as all of them, and none is read in a step
POOL = 8192


class Term(ABC):
    """A term of the loss.

    Parameters
    ----------
    name : str
        As step reports call it.
    weight : float
        What it counts, where no live value says.
    """

    def __init__(self, name: str, weight: float = 0.0) -> None:
        self.name = name
        self._weight = weight

    def weight(self, values: Mapping[str, float]) -> float:
        """Return what the term counts, by the live values in force; 0 leaves it out."""
        return self._weight

    def ready(self, control: Control) -> Job[None]:
        """Prepare what takes time, before the first step that needs the term; nothing here."""
        yield from ()

    @abstractmethod
    def loss(
        self,
        heads: Mapping[str, TrainableHead],
        batches: Sequence[Batch],
        generator: torch.Generator,
    ) -> Tensor:
        """Return the loss of a step."""


def pool(data: TrainingData, view: str, seed: int) -> Floats:
    """Return up to 8,192 rows of a view as heads take them, drawn by the seed, in their order.

    Every view draws its own: where rows of two views happen to stand in one order, the same
    numbers would be partners that nobody told.
    """
    rows = data.views[view]
    random = np.random.default_rng([seed, 3, list(data.views).index(view)])
    some = np.sort(random.choice(len(rows), min(len(rows), POOL), replace=False))
    return rows[some]
