"""Looks at held-out pairs, where there are any, and at neighbourhoods while training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.model_selection import retrieval_of
from workbench.alignment.space import AlignedSpace
from workbench.evaluation import NeighbourOverlap
from workbench.geometry.rows import evenly

if TYPE_CHECKING:
    from workbench.alignment.training.trainable_heads import TrainableHead

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_LOOKED_AT = 512
_NEIGHBOURS = 10


@dataclass(frozen=True)
class Look:
    """What heads score on the validation pairs, and how many neighbours they keep.

    Attributes
    ----------
    figures : dict of str to float
        As `StepReport.validation`.
    reciprocal_ranks : ndarray, shape (q,)
        Of the best partner of each query, in both directions of all relations; none without pairs.
    """

    figures: dict[str, float]
    reciprocal_ranks: npt.NDArray[np.float64]

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank, each direction counting alike."""
        return self.figures["mrr"]

    @property
    def kept(self) -> float:
        """Share of the nearest neighbours that is kept, a mean over views."""
        shares = [v for name, v in self.figures.items() if name.startswith("preservation/")]
        return float(np.mean(shares))


class Validation:
    """Validation of a growing space.

    Parameters
    ----------
    data : TrainingData
        Up to 512 rows of each view, evenly spread, serve to watch neighbourhoods.
    held_out : HeldOut, optional
        Without it only neighbourhoods are watched.
    """

    def __init__(self, data: TrainingData, held_out: HeldOut | None) -> None:
        self._data, self._held_out = data, held_out or HeldOut({}, {})
        self._watched: dict[str, Rows] = {}
        self._overlap: dict[str, NeighbourOverlap] = {}
        for view, rows in data.views.items():
            some = evenly(len(rows), _LOOKED_AT)
            self._watched[view] = some
            self._overlap[view] = NeighbourOverlap(rows.frozen[some], _NEIGHBOURS)
        self._features: dict[str, tuple[Floats, Floats | None]] = {}

    def look(self, space: AlignedSpace) -> Look:
        """Look at finished heads."""

        def embed(view: str, watched: bool) -> Floats:
            if watched:
                return space.embed(view, self._data.views[view].raw(self._watched[view]))
            return space.embed(view, self._held_out.views[view])

        return self._look(embed)

    def look_at(self, heads: Mapping[str, TrainableHead], number: int | None = None) -> Look:
        """Look at heads in training; of several beside each other, at that of a number.

        What a head sees of a row does not change while it is trained, so it is computed once.
        """
        for view, head in heads.items():
            if view not in self._features:
                rows, held_out = self._data.views[view], self._held_out.views.get(view)
                self._features[view] = (
                    head.features.at(rows, self._watched[view]),
                    None if held_out is None else head.features.of(rows.standardised(held_out)),
                )
        maps = {view: head.plain(number) for view, head in heads.items()}

        def embed(view: str, watched: bool) -> Floats:
            features = self._features[view][0 if watched else 1]
            assert features is not None  # noqa: S101 - a relation is asked of views that it has
            return maps[view].of_features(features)

        return self._look(embed)

    def _look(self, embed: Callable[[str, bool], Floats]) -> Look:
        kept = {
            f"preservation/{view}": overlap.of(embed(view, True))
            for view, overlap in self._overlap.items()
        }
        if not self._held_out.pairs:
            return Look(kept, np.zeros(0))
        placed = {view: embed(view, False) for view in self._held_out.views}
        found = retrieval_of(placed, self._held_out.pairs)
        figures = {
            "recall@1": float(np.mean([each.recall[1] for each in found])),
            "recall@10": float(np.mean([each.recall[10] for each in found])),
            "mrr": float(np.mean([each.mrr for each in found])),
            "chance@10": float(np.mean([each.chance_recall[10] for each in found])),
        }
        return Look(figures | kept, np.concatenate([1 / each.ranks for each in found]))
