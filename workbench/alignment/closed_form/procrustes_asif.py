"""Methods with no training: orthogonal Procrustes and ASIF."""

import numpy as np

from workbench.alignment.closed_form.procrustes_maps import procrustes_maps, shared_width
from workbench.alignment.data import HeldOut, TrainingData
from workbench.alignment.heads import AnchorHead, LinearHead
from workbench.alignment.model_selection import only_relation
from workbench.alignment.settings.solved_settings import AsifSettings, ProcrustesSettings
from workbench.alignment.space import AlignedSpace


def procrustes(
    data: TrainingData, settings: ProcrustesSettings, held_out: HeldOut | None = None
) -> AlignedSpace:
    """Turn the views onto each other by their pairs (Schönemann 1966)."""
    width = shared_width(data, settings.width)
    maps = procrustes_maps(data, width)
    return AlignedSpace(
        {
            view: LinearHead(
                weight=maps[view],
                bias=np.zeros(width, dtype=np.float32),
                **data.preparation(view),
            )
            for view in data.views
        }
    )


def asif(
    data: TrainingData, settings: AsifSettings, held_out: HeldOut | None = None
) -> AlignedSpace:
    """Describe each item by its similarities to the pairs (arXiv 2210.01738).

    Raises
    ------
    WorkbenchError
        There are more than two views.
    """
    (first, second), pairs = only_relation(data, "ASIF")
    kept = min(settings.kept, len(pairs))
    return AlignedSpace(
        {
            view: AnchorHead(
                anchors=data.views[view][pairs[:, side]],
                kept=kept,
                power=settings.power,
                **data.preparation(view),
            )
            for side, view in enumerate((first, second))
        }
    )
