"""Snapshots of some rows as a training moves them, for a map that is drawn meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import TrainingData
from workbench.errors import WorkbenchError
from workbench.jobs import Event, Stopwatch

if TYPE_CHECKING:
    from workbench.alignment.training.trainable_heads import TrainableHead

Floats = npt.NDArray[np.float32]

_SECONDS_A_GLIMPSE = 0.33


@dataclass(frozen=True, eq=False)
class Snapshot(Event):
    """Where some rows are in the shared space.

    Attributes
    ----------
    step : int
        The step after which; 0 is the start.
    mapped : dict of view to ndarray, shape (n, w)
        Unit rows.
    """

    step: int
    mapped: dict[str, Floats]


class Snapshots:
    """Maps the same rows a few times a second; the training does not feel it.

    Parameters
    ----------
    rows : mapping of view to ndarray, shape (n, d)
        Frozen embeddings, of views that are trained. None need be in the training.
    data : TrainingData
    heads : mapping of view to TrainableHead

    Attributes
    ----------
    copy : int or None
        Which of several heads beside each other is seen.

    Raises
    ------
    WorkbenchError
        A view is not trained.
    """

    def __init__(
        self,
        rows: Mapping[str, Floats],
        data: TrainingData,
        heads: Mapping[str, TrainableHead],
    ) -> None:
        if unknown := sorted(rows.keys() - heads.keys()):
            raise WorkbenchError(
                f"Rows of “{unknown[0]}” cannot be shown, since only these views are trained: "
                f"{', '.join(heads)}."
            )
        self.copy: int | None = None
        self._heads = heads
        # features do not change while heads do
        self._features = {}
        for view, some in rows.items():
            self._features[view] = heads[view].features_of(data.views[view].standardised(some))
        self._clock, self._next = Stopwatch(), 0.0
        self._seen: int | None = None

    def after(self, step: int, last: bool = False) -> Iterator[Snapshot]:
        """Yield a glimpse if it is time for one; after the last step it is, unless it was seen."""
        if not self._features or step == self._seen:
            return
        if last or self._clock.seconds() >= self._next:
            yield Snapshot(step, self._mapped())
            self._seen = step
            # from here on: a listener that is slow gets fewer
            self._next = self._clock.seconds() + _SECONDS_A_GLIMPSE

    def _mapped(self) -> dict[str, Floats]:
        import torch

        with torch.no_grad():
            mapped = {view: self._heads[view](some) for view, some in self._features.items()}
            return {
                view: (rows if self.copy is None else rows[self.copy]).cpu().numpy()
                for view, rows in mapped.items()
            }
