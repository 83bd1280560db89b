"""Maps and the files they are kept in, with the recipe that made them."""

import hashlib
import io
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.item_ids import Places
from workbench.maps import MapMethod, MapMetric, Plane, turn_onto
from workbench.project import Project, Run, SpaceName
from workbench.received.hdf5 import open_hdf5, read_array, words_beside
from workbench.received.small import parse_json
from workbench.stations.runs.space_rows import Ids, Marks
from workbench.whole_files import write_whole

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

NO_ROW = -1


@dataclass(frozen=True)
class UmapOptions:
    """Options of UMAP, by the names of umap-learn.

    Attributes
    ----------
    neighbours : int
        Few show small groups, many the whole.
    min_dist : float
        How close items may lie on the map, from 0 to 1.
    metric : {"cosine", "euclidean", "correlation", "manhattan"}
        What near means in the space.
    seed : int
    """

    neighbours: int = 15
    min_dist: float = 0.1
    metric: MapMetric = "cosine"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Map:
    """Positions of items.

    Attributes
    ----------
    space : str
        A modality, for its frozen embeddings; ``run:NAME``, for the joint space of a run; or
        ``run:NAME@ALPHA``, for that of another α of its ladder.
    method : {"pca", "umap"}
    ids : ndarray, shape (n,)
        Item ids.
    positions : ndarray, shape (n, 2)
    marks : ndarray of uint64, shape (n,)
        Of the rows it was made from; see `map_spaces.SpaceRows`.
    placed : ndarray of bool, shape (n,)
        Which items came later, and were placed on the map as it was.
    options : UmapOptions or None
        Of UMAP.
    plane : Plane or None
        Of PCA.
    family : str
        Maps of one family were started from each other, or all from one.
    started_from : str
        The space whose map it was started from; empty without one.
    """

    space: str
    method: MapMethod
    ids: Ids
    positions: Floats
    marks: Marks
    placed: Mask
    options: UmapOptions | None = None
    plane: Plane | None = None
    family: str = ""
    started_from: str = ""

    def rows_of(self, ids: Ids) -> npt.NDArray[np.intp]:
        """Return the row of each item, shape (len(ids),); -1 of those that are not on the map."""
        return self._places.of(ids)

    @cached_property
    def _places(self) -> Places:
        return Places(self.ids)

    def rows_kept(self, ids: Ids, marks: Marks) -> npt.NDArray[np.intp]:
        """Return the row of each item whose mark is as it was; -1 of the others."""
        rows = self.rows_of(ids)
        return np.where((rows >= 0) & (self.marks[rows] == marks), rows, NO_ROW)

    def turned_onto(self, other: "Map") -> "Map":
        """Return the map rotated or reflected to be closest to another, as far as they share."""
        rows = other.rows_of(self.ids)
        mine = np.flatnonzero(rows >= 0)
        turn = turn_onto(self.positions[mine], other.positions[rows[mine]])
        plane = None if self.plane is None else self.plane.turned(turn)
        return replace(self, positions=self.positions @ turn, plane=plane)


def path_of(project: Project, space: str, method: MapMethod, options: UmapOptions | None) -> Path:
    """Return where the map of a space is kept.

    That of a run lies with it, and goes along when the run is renamed or deleted.
    """
    tag: str = method
    name = SpaceName.parse(space)
    if name.alpha is not None:
        tag += "At" + f"{name.alpha:g}".replace(".", "p").replace("-", "m").replace("+", "")
        name = replace(name, alpha=None)
    if options not in (None, UmapOptions()):
        tag += "By" + hashlib.blake2b(repr(options).encode(), digest_size=4).hexdigest()
    return project.map_path(str(name), tag)


def read_kept(
    project: Project, space: str, method: MapMethod, options: UmapOptions | None
) -> Map | None:
    """Return a kept map, whether its rows are still there or not; None when there is none."""
    try:
        with open_hdf5(path_of(project, space, method, options), "The map") as file:
            recipe = dict(parse_json(words_beside(file, "recipe")))
            plane = None
            if method == "pca":
                mean, directions = (
                    read_array(file, name, "f", count)
                    for count, name in ((1, "mean"), (2, "directions"))
                )
                plane = Plane(mean, directions)
            found = Map(
                space, method, read_array(file, "ids", "i", 1),
                read_array(file, "positions", "f", 2), read_array(file, "marks", "u", 1),
                read_array(file, "placed", "b", 1), options, plane, str(recipe["family"]),
                str(recipe["started_from"]),
            )  # fmt: skip
    except (WorkbenchError, KeyError, TypeError, ValueError):
        return None  # missing or damaged: a map can always be made again
    count = len(found.ids)
    shapes = found.positions.shape, found.marks.shape, found.placed.shape
    whole = shapes == ((count, 2), (count,), (count,))
    if plane is not None:
        whole = whole and plane.directions.shape == (len(plane.mean), 2)
    # the name says nothing of its run: it may have been called otherwise
    return found if whole and recipe.get("options") == _options(found) else None


def write_kept(project: Project, made: Map) -> None:
    """Keep a map in place of the one before.

    Raises
    ------
    WorkbenchError
        It cannot be written.
    """
    path = path_of(project, made.space, made.method, made.options)
    recipe = {
        "space": made.space, "method": made.method, "options": _options(made),
        "family": made.family, "started_from": made.started_from,
        "placed": int(made.placed.sum()),
    }  # fmt: skip
    try:
        if path.parent == project.root / "maps":
            path.parent.mkdir(exist_ok=True)
        else:  # of a run, which may be renamed or deleted meanwhile
            Run(path.parent.parent).make_folder(path.parent.name)
        write_whole(path, _content(made, recipe))
    except OSError as error:
        raise WorkbenchError(
            f"The map cannot be saved at {path}: "
            f"{error.strerror or 'the file cannot be written'}. Check the folder’s permissions "
            "and the space on the disk."
        ) from None


def _content(made: Map, recipe: dict[str, Any]) -> bytes:
    """Return a map as HDF5, made in memory: its own writing may crash when the disk is full."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["recipe"] = json.dumps(recipe, sort_keys=True)
        for name in ("ids", "positions", "marks", "placed"):
            file[name] = getattr(made, name)
        if made.plane is not None:
            file["mean"], file["directions"] = made.plane.mean, made.plane.directions
    return content.getvalue()


def _options(made: Map) -> dict[str, Any]:
    return {} if made.options is None else dict(vars(made.options))
