"""The spaces that can be mapped: frozen ones, joint ones, and those of another α of a ladder."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.project import (
    Project,
    Run,
    SpaceName,
    encoded_items,
    load_embeddings,
    read_ladder,
)
from workbench.stations.runs.run_views import check_card, encoders_of

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint64]

_ROWS_AT_ONCE = 65_536
_MULTIPLIERS = 20_260_101  # the seed of those of `row_marks`; kept maps depend on it


@dataclass(frozen=True, eq=False)
class SpaceRows:
    """The items of a space.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item ids.
    rows : ndarray, shape (n, w)
    marks : ndarray of uint64, shape (n,)
        An item with the same mark has the same row, to the last bit of what it was made from.
    """

    ids: Ids
    rows: Floats
    marks: Marks


def read_space(project: Project, space: str) -> SpaceRows:
    """Return the rows of a space, frozen or joint, with their marks.

    In a joint space the mark is of the frozen row and the heads. The joint row itself would not do:
    how it is rounded depends on how many others are mapped with it.

    Raises
    ------
    WorkbenchError
        There is no such modality, run or α, or nothing is encoded.
    """
    name = SpaceName.parse(space)
    if name.view is not None:
        ids, rows = load_embeddings(project, name.view, project.encoder(name.view))
        return SpaceRows(ids, rows, row_marks(rows))
    run, heads = heads_of(project, name)
    return _joint_rows(project, run, heads)


def _joint_rows(project: Project, run: Run, heads: AlignedSpace) -> SpaceRows:
    """Return the joint rows of all views, filled in some at a time: nothing is held twice."""
    with ExitStack() as stack:
        caches = {
            view: stack.enter_context(EmbeddingCache(project.cache_path(view, encoder)))
            for view, encoder in encoders_of(run).items()
        }
        for view, cache in caches.items():
            check_card(run, view, cache.header().card)
        found = {view: encoded_items(project, view, cache) for view, cache in caches.items()}
        count = sum(len(ids) for ids, _ in found.values())
        rows = np.empty((count, heads.joint_width), dtype=np.float32)
        marks, salt = np.empty(count, dtype=np.uint64), mark_of_heads(heads)
        filled = 0
        for view, (_, places) in found.items():
            for start in range(0, len(places), _ROWS_AT_ONCE):
                frozen = caches[view].read(places[start : start + _ROWS_AT_ONCE])
                here = slice(filled, filled + len(frozen))
                rows[here], marks[here] = heads.embed(view, frozen), row_marks(frozen) ^ salt
                filled = here.stop
    return SpaceRows(np.concatenate([ids for ids, _ in found.values()]), rows, marks)


def heads_of(project: Project, space: SpaceName | str) -> tuple[Run, AlignedSpace]:
    """Return the run of a joint space, and its heads, or those of the α that its name has.

    Raises
    ------
    WorkbenchError
        It is no joint space, or the run is missing, has no heads or no ladder.
    """
    name = SpaceName.parse(space) if isinstance(space, str) else space
    if name.frozen:
        raise WorkbenchError(
            f"The {name.in_words()} have no heads and no map in common. Choose image, text or "
            "speech, or a joint space, run:NAME."
        )
    run = project.run(name.run)
    return run, run.space() if name.alpha is None else read_ladder(run).at(name.alpha).space


def row_marks(rows: Floats) -> Marks:
    """Return a number of each row (n, d), by its bits, shape (n,): multiplied, and summed up.

    Two unlike rows have the same one with a chance below 2⁻³² (Dietzfelbinger et al. 1997), and it
    is only asked whether one and the same item still has its row.
    """
    random = np.random.PCG64(_MULTIPLIERS).random_raw(rows.shape[1])
    factors = np.asarray(random, dtype=np.uint64) | np.uint64(1)
    marks = np.empty(len(rows), dtype=np.uint64)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = np.ascontiguousarray(rows[start : start + _ROWS_AT_ONCE], dtype=np.float32)
        marks[start : start + len(some)] = some.view(np.uint32).astype(np.uint64) @ factors
    return marks


def mark_of_heads(heads: AlignedSpace) -> np.uint64:
    """Return a number of the heads of a run, which is of another value for other heads."""
    digest = hashlib.blake2b(repr(heads.configuration()).encode(), digest_size=8)
    for name, array in sorted(heads.tensors().items()):
        digest.update(name.encode() + array.tobytes())
    return np.uint64(int.from_bytes(digest.digest(), "little"))
