"""Laying out a cache: one row an item, with whatever an earlier one already knows.

The layout is written beside the file and renamed into place, so a reader finds the old cache or
the new one. Embeddings that no item wants any more are kept behind the rows: a file that was
moved, touched or comes back has the same content, and need not be encoded again.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO, Literal

import h5py
import numpy as np
import numpy.typing as npt

from workbench.cache.embeddings import (
    EmbeddingCache,
    Ids,
    Marks,
    card_difference,
    reason_of,
)
from workbench.cache.parts import DIGEST, FORMAT
from workbench.cache.sparse_file import SparseFile
from workbench.errors import WorkbenchError
from workbench.whole_files import drop_leftovers, whole_file

_ROWS_AT_ONCE = 4096
_BYTES_AT_ONCE = 1 << 20


def prepare_cache(
    path: Path,
    card: dict[str, Any],
    ids: Ids,
    fingerprints: Marks,
    dtype: Literal["float16", "float32"] = "float32",
) -> None:
    """Make `path` a cache whose first rows are these items, keeping embeddings that are known.

    Parameters
    ----------
    path : Path
    card : dict
        The encoder card, with its ``width``.
    ids : ndarray, shape (n,), int64
        Item ids, in the order of rows.
    fingerprints : ndarray, shape (n,), bytes
        Changes of an item's content change it.
    dtype : {"float16", "float32"}

    Raises
    ------
    WorkbenchError
        There is a cache of another encoder card, or a foreign file, at `path`; or it is in use.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # of an earlier version that was killed
            path.with_name(path.name + ".new").unlink()
        drop_leftovers(path)
        while True:
            try:
                return _prepare(path, card, ids, fingerprints, dtype)
            except FileExistsError:  # for a moment: another process was quicker
                continue
    except OSError as error:
        raise WorkbenchError(
            f"The cache {path} cannot be written: {reason_of(error)}. Is the disk full?"
        ) from None


def _prepare(path: Path, card: dict[str, Any], ids: Ids, fingerprints: Marks, dtype: str) -> None:
    # what lies behind a link is read, and never written: the cache made of it is the project's own
    linked, old = path.is_symlink(), None
    with contextlib.ExitStack() as held:
        if path.exists():
            # held until the new one is in its place: no other process encodes meanwhile
            old = held.enter_context(EmbeddingCache(path, "r" if linked else "r+"))
            header = old.header()
            difference = card_difference(header.card, card)
            if difference:
                raise WorkbenchError(
                    f"{path} was made by another version of the encoder ({difference}). "
                    "Delete the file to encode again."
                )
            whole = old.holds(ids, fingerprints) and old.encoded()[len(ids) :].all()
            if whole and header.dtype == dtype and old.is_current and not linked:
                return
        with whole_file(path, replace=linked or old is not None) as draft:
            _write_draft(draft, card, ids, fingerprints, dtype, old)
            draft.flush()
            os.fsync(draft.fileno())  # the rename must not reach the disk before the bytes
            if os.name == "nt":  # there an open file cannot be replaced
                held.close()


def _write_draft(
    draft: BinaryIO,
    card: dict[str, Any],
    ids: Ids,
    fingerprints: Marks,
    dtype: str,
    old: EmbeddingCache | None,
) -> None:
    """Lay out a cache, with the rows of an old one that are still right, and those set aside."""
    source, aside = _rows_to_keep(old, ids, fingerprints)
    if old is not None and len(aside):
        ids = np.concatenate([ids, old.item_ids()[aside]])
        fingerprints = np.concatenate([fingerprints, old.fingerprints()[aside]])
    source = np.concatenate([source, aside])
    encoded, contents = source >= 0, np.zeros(len(ids), DIGEST)
    if old is not None:
        contents[encoded] = old.contents()[source[encoded]]
    around = SparseFile()  # all but the embeddings
    with h5py.File(around, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["card"] = json.dumps(card, sort_keys=True)
        file["item_ids"] = ids.astype(np.int64)
        file["fingerprints"] = fingerprints.astype(DIGEST)
        file["contents"] = contents
        file["encoded"] = encoded
        shape = len(ids), int(card["width"])
        offset = _lay_out_rows(file, "embeddings", shape, np.dtype(dtype))
    _take_room(draft, around.length)
    around.write_into(draft)
    if old is not None:
        row_bytes = shape[1] * np.dtype(dtype).itemsize
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            some = source[start : start + _ROWS_AT_ONCE]
            known = np.flatnonzero(some >= 0)
            for new, kept, length in _runs(known + start, some[known]):
                rows = old.read(slice(kept, kept + length), stored=True)
                draft.seek(offset + new * row_bytes)
                draft.write(np.ascontiguousarray(rows, dtype).tobytes())


def _lay_out_rows(file: h5py.File, name: str, shape: tuple[int, int], dtype: np.dtype[Any]) -> int:
    """Lay out rows in one piece, without writing them; return where they begin."""
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    create.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    create.set_obj_track_times(False)  # equal caches are equal to the byte
    space = h5py.h5s.create_simple(shape)
    h5py.h5d.create(file.id, name.encode(), h5py.h5t.py_create(dtype), space, create)
    file.flush()
    return file[name].id.get_offset() or 0  # there is none without rows


def _take_room(draft: BinaryIO, size: int) -> None:
    """Take all the room on the disk now, so that it cannot run out while rows are encoded.

    Without the operating system's help zeros are written, which takes as long as the rows will.

    Raises
    ------
    OSError
        The disk is full, or a quota or limit is reached.
    """
    if hasattr(os, "posix_fallocate"):
        with contextlib.suppress(NotImplementedError):
            return os.posix_fallocate(draft.fileno(), 0, size)
    for start in range(0, size, _BYTES_AT_ONCE):
        draft.write(bytes(min(_BYTES_AT_ONCE, size - start)))
    return None


def _rows_to_keep(
    old: EmbeddingCache | None, ids: Ids, fingerprints: Marks
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return for each wanted item its row in an old cache, or -1; and the rows to set aside."""
    source = np.full(len(ids), -1, dtype=np.int64)
    if old is None:
        return source, np.zeros(0, dtype=np.int64)
    done = np.flatnonzero(old.encoded())
    done = done[np.argsort(old.item_ids()[done], kind="stable")]
    old_ids, old_marks = old.item_ids()[done], old.fingerprints()[done]
    place = np.searchsorted(old_ids, ids)
    while True:  # an id has one row, and perhaps one set aside for each content it has had
        inside = place < len(done)
        same = np.zeros(len(ids), dtype=bool)
        same[inside] = old_ids[place[inside]] == ids[inside]
        if not same.any():
            break
        here = np.flatnonzero(same)
        right = here[old_marks[place[here]] == fingerprints[here]]
        source[right] = done[place[right]]
        place = np.where(same, place + 1, len(done))
    left = np.ones(old.header().total, dtype=bool)
    left[source[source >= 0]] = False
    aside = np.sort(done[left[done] & (old.contents()[done] != b"")])
    return source, aside[: len(ids)]  # no more than there are items: it must not grow for ever


def _runs(new: Ids, kept: Ids) -> list[tuple[int, int, int]]:
    """Return (new row, old row, length) of each stretch in which both go on by one."""
    if not len(new):
        return []
    breaks = np.flatnonzero((np.diff(new) != 1) | (np.diff(kept) != 1)) + 1
    starts = [0, *breaks.tolist()]
    ends = [*breaks.tolist(), len(new)]
    return [(int(new[a]), int(kept[a]), b - a) for a, b in zip(starts, ends, strict=True)]
