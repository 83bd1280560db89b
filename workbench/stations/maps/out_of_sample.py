"""Placing: where new items and questions lie on a map that is there, which does not move."""

from functools import partial

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.maps import PlacesAmong
from workbench.project import Project, SpaceName
from workbench.stations.maps.kept_maps import Map
from workbench.stations.runs.space_rows import SpaceRows, mark_of_heads, read_space
from workbench.stations.runs.store import RunStore

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
    store : RunStore, optional
        Where the run of a joint space may have been read before.

    Raises
    ------
    WorkbenchError
        Of a UMAP: its space is not there any more, or has other rows than the map.
    """

    def __init__(self, project: Project, made: Map, *, store: RunStore | None = None) -> None:
        self._plane = made.plane
        self._among = None
        self.bytes = 0  # that are taken beside the rows of a run
        if made.plane is None:
            self._among, copied = _among(project, made, store or RunStore())
            self.bytes = self._among.bytes + copied

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


def kept_placer(project: Project, made: Map, store: RunStore) -> Placer:
    """Return the placer of a map of a run's joint space, made once and kept with the run.

    Raises
    ------
    WorkbenchError
        As `Placer`; or the run is missing or has no heads.
    """
    stored = store.of(project, SpaceName.parse(made.space).run)

    def make() -> tuple[Placer, int]:
        placer = Placer(project, made, store=store)
        return placer, placer.bytes

    placer = stored.part(("placer", made.space, made.options), make, of=made)
    assert placer is not None  # noqa: S101 - only a stop gives none
    return placer


def _among(project: Project, made: Map, store: RunStore) -> tuple[PlacesAmong, int]:
    """Return what places among mapped rows, and the bytes of rows that were copied for it."""
    pieces, positions, copied = [], [], 0
    for found in _read(project, made.space, store):
        rows = made.rows_kept(found.ids, found.marks)
        mapped = rows >= 0
        mapped[mapped] = ~made.placed[rows[mapped]]
        pieces.append(found.rows if mapped.all() else found.rows[mapped])
        copied += 0 if mapped.all() else pieces[-1].nbytes
        positions.append(made.positions[rows[mapped]])
    if not any(len(each) for each in positions):
        raise WorkbenchError(
            f"The map of {made.space} was made from embeddings that have changed since. Make it "
            "again."
        )
    metric = made.options.metric if made.options is not None else "cosine"
    return PlacesAmong(pieces, np.concatenate(positions), metric), copied


def _read(project: Project, space: str, store: RunStore) -> list[SpaceRows]:
    """Return the rows of a space; of the joint space of a run by view, as the store has them."""
    name = SpaceName.parse(space)
    if name.frozen or name.alpha is not None:
        return [read_space(project, space)]
    stored = store.of(project, name.run)
    salt = mark_of_heads(stored.heads)
    found = (stored.all_rows(view, marks=True) for view in stored.encoders)
    return [
        SpaceRows(each.ids, each.marked() ^ salt, each.joint.shape[1], partial(iter, [each.joint]))
        for each in found
    ]
