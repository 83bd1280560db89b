"""Map: 2-D positions of a space's items, kept with the recipe that made them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.maps import MapMethod, pca_map, umap_map
from workbench.media import MODALITIES
from workbench.project import Project, load_embeddings
from workbench.stations.run_views import encoders_of, joint_rows

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

RUN_PREFIX = "run:"


@dataclass(frozen=True)
class Map:
    """Positions of items.

    Attributes
    ----------
    space : str
        A modality, for its frozen embeddings, or ``run:NAME``, for the joint space of a run.
    method : {"pca", "umap"}
    ids : ndarray, shape (n,)
        Item ids.
    positions : ndarray, shape (n, 2)
    """

    space: str
    method: MapMethod
    ids: Ids
    positions: Floats


def make_map(
    project: Project,
    space: str,
    method: MapMethod = "pca",
    *,
    neighbours: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
    control: Control | None = None,
) -> Job[Map | None]:
    """Make a 2-D map of a space, or read it when it was made before from the same rows.

    Parameters
    ----------
    project : Project
    space : str
        ``image``, ``text`` or ``speech``, or ``run:NAME``.
    method : {"pca", "umap"}
    neighbours, min_dist, seed
        Of UMAP.

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
        The space is unknown or has no embeddings.
    """
    control = control or Control()
    if method not in ("pca", "umap"):
        raise WorkbenchError(f"There is no map method “{method}”. Methods: pca, umap.")
    yield Progress(0, 0, f"Reading {space}")
    ids, rows = load_space_rows(project, space)
    if len(ids) == 0:
        raise WorkbenchError(f"“{space}” has no embeddings yet. Encode first.")
    options = (
        {} if method == "pca" else {"neighbours": neighbours, "min_dist": min_dist, "seed": seed}
    )
    recipe = {"space": space, "method": method, "rows": _fingerprint(ids, rows), **options}
    known = _read(project, space, method)
    # not by its name: the run may have been called otherwise
    if known and {**known[1], "space": space} == recipe:
        return known[0]
    if method == "pca":
        positions: Floats | None = pca_map(rows)
    else:
        positions = yield from umap_map(rows, neighbours, min_dist, seed, control)
    if positions is None:
        yield Notice("The map was stopped.")
        return None
    made = Map(space, method, ids, positions)
    _write(project, made, recipe)
    yield Progress(1, 1, "Mapped")
    return made


def read_map(project: Project, space: str, method: MapMethod) -> Map | None:
    """Return a map made before, or None when there is none or its rows have changed."""
    known = _read(project, space, method)
    if known is None:
        return None
    try:
        rows = _fingerprint(*load_space_rows(project, space))
    except WorkbenchError:
        return None
    return known[0] if known[1].get("rows") == rows else None


def load_space_rows(project: Project, space: str) -> tuple[Ids, Floats]:
    """Return ids and rows of a space, frozen or joint.

    Raises
    ------
    WorkbenchError
        There is no such modality or run, or nothing is encoded.
    """
    if space.startswith(RUN_PREFIX):
        run = project.run(space.removeprefix(RUN_PREFIX))
        heads = run.space()
        parts = [joint_rows(project, run, heads, view) for view in encoders_of(run)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    for modality in MODALITIES:
        if space == modality:
            return load_embeddings(project, modality, project.encoder(modality))
    raise WorkbenchError(
        f"There is no space “{space}”. Spaces: {', '.join(MODALITIES)}, or run:NAME."
    )


def _fingerprint(ids: Ids, rows: Floats) -> str:
    digest = hashlib.blake2b(ids.tobytes(), digest_size=16)
    digest.update(np.ascontiguousarray(rows).tobytes())
    return digest.hexdigest()


def _read(project: Project, space: str, method: MapMethod) -> tuple[Map, dict[str, Any]] | None:
    path = project.map_path(space, method)
    try:
        with h5py.File(path) as file:
            recipe = dict(json.loads(file.attrs["recipe"]))
            found = Map(space, method, file["ids"][:], file["positions"][:])
    except (OSError, KeyError, TypeError, ValueError):
        return None  # missing or damaged: a map can always be made again
    return (found, recipe) if found.positions.shape == (len(found.ids), 2) else None


def _write(project: Project, made: Map, recipe: dict[str, Any]) -> None:
    path = project.map_path(made.space, made.method)
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(draft, "w") as file:
            file.attrs["recipe"] = json.dumps(recipe, sort_keys=True)
            file["ids"] = made.ids
            file["positions"] = made.positions
        draft.replace(path)
    except OSError as error:
        raise WorkbenchError(
            f"The map cannot be kept at {path}: {error.strerror or 'the file cannot be written'}. "
            "Check the folder’s permissions and the space on the disk."
        ) from None
