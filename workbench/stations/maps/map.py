"""Map: 2-D positions of a space's items, kept with the recipe that made them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.maps import METRICS, MapMethod, MapMetric, PlacesAmong, plane_of_blocks, umap_map
from workbench.project import Project, SpaceName
from workbench.stations.maps.kept_maps import Map, UmapOptions, path_of, read_kept, write_kept
from workbench.stations.runs.space_rows import Ids, SpaceRows, read_space

Floats = npt.NDArray[np.float32]

_LEAST_SHARED = 3  # items, below which two maps cannot be likened
_SHARE = 0.25  # of the items of a map, at least, that must be on the one it is started from
_KEPT = 0.5  # of the items of a map, at least, that others are placed among


def make_map(
    project: Project,
    space: str,
    method: MapMethod = "pca",
    *,
    neighbours: int = 15,
    min_dist: float = 0.1,
    metric: MapMetric = "cosine",
    seed: int = 0,
    like: Map | Sequence[Map] | None = None,
    anew: bool = False,
    control: Control | None = None,
) -> Job[Map | None]:
    """Make a 2-D map of a space, or read it when it was made before from the same rows.

    A map does not move for items that come or go: new ones are placed on it, see `Placer`. It is
    made again when fewer than half of its items have the rows that they had; then it starts where
    the map before it ended.

    Parameters
    ----------
    project : Project
    space : str
        ``image``, ``text`` or ``speech``; ``run:NAME``, all views of a run in one map; or
        ``run:NAME@ALPHA``, the same at another α of the run's ladder.
    method : {"pca", "umap"}
    neighbours, min_dist, metric, seed
        Of UMAP; see `UmapOptions`.
    like : Map or sequence of Map, optional
        A map to be comparable to, such as that of another run. The map is rotated or reflected to
        be closest to it. A UMAP starts from the positions of another UMAP, unless the one that is
        kept was started from it, or it from that one, or both from a third. Of several the first
        is taken that shares enough items.
    anew : bool
        Make it again, from nothing but `like`, and with all items alike.
    control : Control, optional

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Map or None
        None when stopped.

    Raises
    ------
    WorkbenchError
        The space is unknown or has no embeddings, or an option cannot be.
    """
    control = control or Control()
    options = _checked(method, UmapOptions(neighbours, min_dist, metric, seed))
    space = str(SpaceName.parse(space))  # however it was written
    yield Progress(0, 0, f"Reading {space}")
    found = read_space(project, space)
    if len(found.ids) == 0:
        raise WorkbenchError(f"“{space}” has no embeddings yet. Encode first.")
    others = [like] if isinstance(like, Map) else like or ()
    other = next((each for each in others if _shares(found.ids, each)), None)
    if other is None and isinstance(like, Map):
        yield Notice(
            f"The maps of {space} and {like.space} share too few items for one to be aligned to "
            "the other."
        )
    known = None if anew else read_kept(project, space, method, options)
    if known is not None and not _is_of(known, found):
        known = None
    made = None
    if known is not None and _is_like(known, other):
        made = _as_it_is(known, found)
    if made is None and method == "pca":
        made = _by_pca(space, found)
    elif made is None:
        before = next((each for each in (other, known) if _starts(found.ids, each)), None)
        made = yield from _by_umap(space, found, options, before, control)
    if made is None:
        yield Notice("The map was stopped.")
        return None
    if made is not known:
        try:
            write_kept(project, made)
        except WorkbenchError as error:  # the project cannot be written
            yield Notice(f"{error} The map is shown, and not kept.", "warning")
    yield Progress(1, 1, "Mapped")
    return made if other is None else made.turned_onto(other)


def read_map(
    project: Project, space: str, method: MapMethod, options: UmapOptions | None = None
) -> Map | None:
    """Return a map made before, or None when there is none or its rows have changed."""
    if method == "umap":
        options = options or UmapOptions()
    try:
        space = str(SpaceName.parse(space))
        known = read_kept(project, space, method, options)
        found = None if known is None else read_space(project, space)
    except WorkbenchError:
        return None
    if known is None or found is None or len(found.ids) != len(known.ids):
        return None
    as_it_was = _is_of(known, found) and (known.rows_kept(found.ids, found.marks) >= 0).all()
    return known if as_it_was else None


def map_file(
    project: Project, space: str, method: MapMethod, options: UmapOptions | None = None
) -> Path:
    """Return where the map of a space is kept once it is made."""
    return path_of(project, space, method, options if method == "umap" else None)


def _checked(method: MapMethod, options: UmapOptions) -> UmapOptions | None:
    """Return the options of a method.

    Raises
    ------
    WorkbenchError
        There is no such method or metric, or a number is out of range.
    """
    if method not in ("pca", "umap"):
        raise WorkbenchError(f"There is no map method “{method}”. Methods: pca, umap.")
    if options.metric not in METRICS:
        raise WorkbenchError(
            f"There is no metric “{options.metric}”. Metrics: {', '.join(METRICS)}."
        )
    if options.neighbours < 2:
        raise WorkbenchError(f"UMAP needs at least 2 neighbours, not {options.neighbours}.")
    if not 0 <= options.min_dist <= 1:
        raise WorkbenchError(f"The least distance must be from 0 to 1, not {options.min_dist}.")
    if not 0 <= options.seed < 2**32:
        raise WorkbenchError(f"The seed must be from 0 to {2**32 - 1}, not {options.seed}.")
    return options if method == "umap" else None


def _is_of(known: Map, found: SpaceRows) -> bool:
    """Whether a kept map can be of a space: its plane is as wide as the space."""
    return known.plane is None or len(known.plane.mean) == found.width


def _shares(ids: Ids, other: Map) -> bool:
    shared = int((other.rows_of(ids) >= 0).sum())
    return shared >= max(_LEAST_SHARED, _SHARE * len(ids))


def _is_like(known: Map, other: Map | None) -> bool:
    """Whether a kept map needs no making again to be like another: if it was made like it."""
    if other is None or other.method == "pca" or known.method == "pca":
        return True  # a rotation is all that can be done
    return known.family == other.family


def _starts(ids: Ids, other: Map | None) -> TypeGuard[Map]:
    return other is not None and other.method == "umap" and _shares(ids, other)


def _as_it_is(known: Map, found: SpaceRows) -> Map | None:
    """Return a kept map with the items there are now, or None where too few are as they were."""
    rows = known.rows_kept(found.ids, found.marks)
    here = rows >= 0
    if here.all() and len(rows) == len(known.ids):
        return known
    mapped = here.copy()
    mapped[here] = ~known.placed[rows[here]]
    if mapped.sum() < _KEPT * len(rows):
        return None
    positions = np.empty((len(rows), 2), dtype=np.float32)
    positions[here] = known.positions[rows[here]]
    if known.plane is not None:
        positions[~here] = known.plane.place(found.rows[~here])
    elif known.options is not None:
        among = PlacesAmong(found.rows[mapped], positions[mapped], known.options.metric)
        positions[~here] = among.place(found.rows[~here])
    return replace(
        known, ids=found.ids, positions=positions, marks=found.marks, placed=~mapped,
    )  # fmt: skip


def _by_pca(space: str, found: SpaceRows) -> Map:
    plane = plane_of_blocks(found.blocks)
    positions = np.concatenate([plane.place(block) for block in found.blocks()])
    return Map(
        space, "pca", found.ids, positions, found.marks,
        np.zeros(len(found.ids), dtype=bool), plane=plane,
    )  # fmt: skip


def _by_umap(
    space: str, found: SpaceRows, options: UmapOptions | None, before: Map | None, control: Control
) -> Job[Map | None]:
    options = options or UmapOptions()
    start = None if before is None else _start(found, before, options.metric)
    positions = yield from umap_map(
        found.rows, options.neighbours, options.min_dist, options.seed, control,
        metric=options.metric, start=start,
    )  # fmt: skip
    if positions is None:
        return None
    family = before.family if before is not None else _new_family(found, options)
    made = Map(
        space, "umap", found.ids, positions, found.marks, np.zeros(len(found.ids), dtype=bool),
        options=options, family=family, started_from="" if before is None else before.space,
    )  # fmt: skip
    return made if before is None else made.turned_onto(before)


def _start(found: SpaceRows, before: Map, metric: MapMetric) -> Floats:
    """Return where items lie on a map before; those that are not on it lie among the others."""
    rows = before.rows_of(found.ids)
    here = rows >= 0
    start = np.empty((len(rows), 2), dtype=np.float32)
    start[here] = before.positions[rows[here]]
    start[~here] = PlacesAmong(found.rows[here], start[here], metric).place(found.rows[~here])
    return start


def _new_family(found: SpaceRows, options: UmapOptions) -> str:
    digest = hashlib.blake2b(repr(options).encode(), digest_size=8)
    digest.update(found.ids.tobytes() + found.marks.tobytes())
    return digest.hexdigest()
