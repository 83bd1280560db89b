"""Looks at held-out pairs and at neighbourhoods while training."""

import math

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.model_selection import held_out_retrieval
from workbench.alignment.space import AlignedSpace
from workbench.evaluation import NeighbourOverlap

Floats = npt.NDArray[np.float32]

_LOOKED_AT = 512
_NEIGHBOURS = 10


class Validation:
    """Validation of a growing space.

    Parameters
    ----------
    data : TrainingData
        Up to 512 rows of each view, evenly spread, serve to watch neighbourhoods.
    held_out : HeldOut
    """

    def __init__(self, data: TrainingData, held_out: HeldOut) -> None:
        self._held_out = held_out
        self._raw: dict[str, Floats] = {}
        self._overlap: dict[str, NeighbourOverlap] = {}
        for view, rows in data.views.items():
            some = np.linspace(0, len(rows) - 1, min(_LOOKED_AT, len(rows))).astype(np.int64)
            self._raw[view] = rows.raw(some)
            self._overlap[view] = NeighbourOverlap(rows[some], _NEIGHBOURS)

    def look(self, space: AlignedSpace) -> dict[str, float]:
        """Return recall on held-out pairs, beside that of guessing, and preservation by view."""
        found = held_out_retrieval(space, self._held_out)
        figures = {
            "recall@1": float(np.mean([each.recall[1] for each in found])),
            "recall@10": float(np.mean([each.recall[10] for each in found])),
            "mrr": float(np.mean([each.mrr for each in found])),
            "chance@10": float(np.mean([each.chance_recall[10] for each in found])),
        }
        for view, rows in self._raw.items():
            mapped = space.embed(view, rows)
            figures[f"preservation/{view}"] = self._overlap[view].of(mapped)
        return figures


class Best:
    """The best heads so far by validation.

    Parameters
    ----------
    patience : int
        Steps without improvement after which to stop; 0 never stops.
    """

    def __init__(self, patience: int) -> None:
        self.score, self.step = -math.inf, 0
        self.space: AlignedSpace | None = None
        self._patience = patience

    def judge(self, step: int, score: float, space: AlignedSpace) -> bool:
        """Keep the heads if they are better than all before, and say so."""
        if score <= self.score:
            return False
        self.restore(score, step, space)
        return True

    def out_of_patience(self, step: int) -> bool:
        """Return whether the best is too long ago."""
        return bool(self._patience and self.space and step - self.step >= self._patience)

    def restore(self, score: float, step: int, space: AlignedSpace | None) -> None:
        """Take over what was best before."""
        self.score, self.step, self.space = score, step, space
