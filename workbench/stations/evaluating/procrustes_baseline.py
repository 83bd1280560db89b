"""Before the alignment: where partners rank when frozen spaces are only turned onto each other.

Frozen spaces of two encoders do not meet: there is no rank in them. The least that makes them meet
is one rotation, found by the pairs that the run was trained with (orthogonal Procrustes, Schönemann
1966). What a rank was by that alone is what a run's own rank can be set beside.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench.alignment import fit
from workbench.errors import WorkbenchError
from workbench.evaluation import ranks_of_partners
from workbench.jobs import Control, Job, Progress
from workbench.media import Modality
from workbench.project import Project, RowPairs
from workbench.stations.runs.data import data_of_run_if_unchanged
from workbench.stations.runs.run_space import RunSpace

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_MOST_ROWS = 200_000  # of all views: more take long, and as much memory again


@dataclass(frozen=True, eq=False)
class ProcrustesBaseline:
    """A run's frozen rows turned onto each other.

    Attributes
    ----------
    rows : dict of modality to ndarray, shape (n, w)
        Unit rows, in the order of `RunView.before`.
    """

    rows: dict[str, Floats]

    def rank(self, modality: Modality, row: int, other: Modality, partners: Rows) -> int | None:
        """Return the rank of the best partner of a row among another view; None without one."""
        if len(partners) == 0:
            return None
        return int(ranks_of_partners(self.rows[modality][row], self.rows[other], partners).min())


def procrustes_baseline(
    project: Project, space: RunSpace, control: Control | None = None
) -> Job[ProcrustesBaseline | None]:
    """Turn the frozen spaces of a run onto each other.

    Parameters
    ----------
    project : Project
    space : RunSpace
    control : Control, optional

    Yields
    ------
    Progress

    Returns
    -------
    ProcrustesBaseline or None
        None where there are too many rows for a look, where the training pairs are not known any
        more as the data have changed, or where Procrustes has no answer.
    """
    control = control or Control()
    if sum(len(view.ids) for view in space.views.values()) > _MOST_ROWS:
        return None
    yield Progress(0, 0, f"Rotating the frozen spaces of {space.run_name} onto each other")
    pairs = _training_rows(project, space)
    if pairs is None or control.stopping:
        return None
    frozen: dict[str, Floats] = {
        name: view.before for name, view in space.views.items() if len(view.ids)
    }
    try:
        turned = fit("procrustes", frozen, pairs, control=control)
    except WorkbenchError:  # too few pairs, or rows that are all alike
        return None
    return ProcrustesBaseline({name: turned.embed(name, rows) for name, rows in frozen.items()})


def _training_rows(project: Project, space: RunSpace) -> RowPairs | None:
    """Return the training pairs of a run as rows of its space."""
    run = project.run(space.run_name)
    recipe = run.recipe()
    data = data_of_run_if_unchanged(project, run, recipe)
    if data is None:
        return None
    found: RowPairs = {}
    for relation, rows in data.split(recipe.split, recipe.pairs).training.items():
        sides = [
            space.views[cast("Modality", view)].rows_of(data.views[view].ids[side])
            for view, side in zip(relation, rows.T, strict=True)
        ]
        found[relation] = np.stack(sides, axis=1)
    return found
