"""Placing: where new items and questions lie on a map that is there, which does not move."""

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.maps import PlacesAmong
from workbench.project import Project
from workbench.stations.kept_maps import Map
from workbench.stations.map_spaces import read_space

Floats = npt.NDArray[np.float32]


class Placer:
    """Places rows of a map's space on the map.

    On a PCA by its own projection. On a UMAP amidst the nearest items that it was made from, see
    `maps.PlacesAmong`: its own transform would need the fitted model, which no file holds.

    Parameters
    ----------
    project : Project
    made : Map
        As `make_map` returned it, turned or not.

    Raises
    ------
    WorkbenchError
        Of a UMAP: its space is not there any more, or has other rows than the map.
    """

    def __init__(self, project: Project, made: Map) -> None:
        self._plane = made.plane
        self._among = None
        if made.plane is None:
            self._among = _among(project, made)

    def place(self, rows: Floats) -> Floats:
        """Return positions of rows (m, d) of the space, shape (m, 2)."""
        if self._among is not None:
            return self._among.place(rows)
        assert self._plane is not None  # noqa: S101 - a map has it, or is one of neighbours
        return self._plane.place(rows)


def place(project: Project, made: Map, rows: Floats) -> Floats:
    """Return positions of rows (m, d) of a map's space, shape (m, 2); see `Placer`.

    A `Placer` that is kept reads the space once for many questions.
    """
    return Placer(project, made).place(rows)


def _among(project: Project, made: Map) -> PlacesAmong:
    found = read_space(project, made.space)
    rows = made.rows_kept(found.ids, found.marks)
    mapped = rows >= 0
    mapped[mapped] = ~made.placed[rows[mapped]]
    if not mapped.any():
        raise WorkbenchError(
            f"The map of {made.space} is of other embeddings than there are now. Make it again."
        )
    metric = made.options.metric if made.options is not None else "cosine"
    return PlacesAmong(found.rows[mapped], made.positions[rows[mapped]], metric)
