"""The spaces that can be mapped: frozen ones, joint ones, and those of another α of a ladder."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.media import Modality
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
    """The items of a space; of their rows only so many are held as are looked at.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Item ids.
    marks : ndarray of uint64, shape (n,)
        An item with the same mark has the same row, to the last bit of what it was made from.
    width : int
        Of a row.
    blocks : callable
        Yields the rows in their order, some thousands at a time, read and mapped at each call.
    """

    ids: Ids
    marks: Marks
    width: int
    blocks: Callable[[], Iterator[Floats]]

    @cached_property
    def rows(self) -> Floats:
        """All rows, shape (n, width), which stay in memory from then on."""
        rows, filled = np.empty((len(self.ids), self.width), dtype=np.float32), 0
        for block in self.blocks():
            if len(block) == len(rows):  # somebody has them in memory as it is
                return block
            rows[filled : filled + len(block)] = block
            filled += len(block)
        return rows


def read_space(project: Project, space: str) -> SpaceRows:
    """Return the items of a space, frozen or joint, with the marks of their rows.

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
        return SpaceRows(ids, row_marks(rows), rows.shape[1], lambda: _parts(rows))
    run, heads = heads_of(project, name)
    salt = mark_of_heads(heads)
    found = [(ids, row_marks(frozen) ^ salt) for _, ids, frozen in _frozen_of_run(project, run)]
    marks = np.concatenate([each for _, each in found])

    def blocks() -> Iterator[Floats]:
        done = 0
        for view, _, frozen in _frozen_of_run(project, run):
            expected = marks[done : done + len(frozen)]
            if not np.array_equal(row_marks(frozen) ^ salt, expected):
                raise WorkbenchError(
                    "The embeddings have changed while they were read. Make the map again."
                )
            yield heads.embed(view, frozen)
            done += len(frozen)

    return SpaceRows(np.concatenate([ids for ids, _ in found]), marks, heads.joint_width, blocks)


def _frozen_of_run(project: Project, run: Run) -> Iterator[tuple[Modality, Ids, Floats]]:
    """Yield the items of all views of a run and their frozen rows, some thousands at a time."""
    for view, encoder in encoders_of(run).items():
        with EmbeddingCache(project.cache_path(view, encoder)) as cache:
            check_card(run, view, cache.header().card)
            ids, places = encoded_items(project, view, cache)
            for start in range(0, max(1, len(ids)), _ROWS_AT_ONCE):
                some = slice(start, start + _ROWS_AT_ONCE)
                yield view, ids[some], cache.read(places[some])


def _parts(rows: Floats) -> Iterator[Floats]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


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
