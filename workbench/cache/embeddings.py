"""Embeddings of one modality by one encoder, in an HDF5 file that survives kill -9 at any moment.

Rows are laid out before encoding starts, and the layout is written beside the file and renamed
into place. The encode loop then only overwrites bytes of existing rows: first the embeddings, and
after these are flushed, their `encoded` marks. Nothing that could tear is changed in between, so a
killed encode loses at most the batch in flight.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError

FORMAT = "gera-workbench embeddings 1"
_DIGEST_BYTES = 64
# what a card says that does not decide the vectors
_BESIDES = frozenset({"library", "licence", "parameters"})
_DATASETS = ("item_ids", "fingerprints", "encoded", "embeddings")
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Header:
    """What a cache says about itself, readable without any model."""

    card: dict[str, Any]
    total: int
    encoded: int
    width: int
    dtype: str


class EmbeddingCache:
    """An open cache.

    Parameters
    ----------
    path : Path
    mode : {"r", "r+"}
        Reading never needs the encoder; only one process writes at a time.

    Raises
    ------
    WorkbenchError
        The file is missing, damaged, foreign, or in use by another process.
    """

    def __init__(self, path: Path, mode: Literal["r", "r+"] = "r") -> None:
        self.path = path
        self._file = _open(path, mode)
        if not _is_ours(self._file):
            self._file.close()
            raise WorkbenchError(
                f"{path} is not an embedding cache of the workbench. Move it away to encode anew."
            )

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def header(self) -> Header:
        """Return the encoder card and the numbers of rows."""
        rows = self._file["embeddings"]
        return Header(
            card=json.loads(self._file.attrs["card"]),
            total=int(rows.shape[0]),
            encoded=int(np.count_nonzero(self._file["encoded"][:])),
            width=int(rows.shape[1]),
            dtype=str(rows.dtype),
        )

    def item_ids(self) -> npt.NDArray[np.int64]:
        """Return the item id of each row, shape (n,)."""
        return np.asarray(self._file["item_ids"][:], dtype=np.int64)

    def encoded(self) -> npt.NDArray[np.bool_]:
        """Return which rows hold an embedding, shape (n,)."""
        return np.asarray(self._file["encoded"][:], dtype=bool)

    def fingerprints(self) -> list[str]:
        """Return the content fingerprint each row was, or is to be, made from."""
        return [text.decode() for text in self._file["fingerprints"][:]]

    def holds(self, items: Sequence[tuple[int, str]]) -> bool:
        """Return whether the rows are these item ids and fingerprints, in this order."""
        return self.item_ids().tolist() == [item for item, _ in items] and (
            self.fingerprints() == [mark for _, mark in items]
        )

    def read(self, rows: npt.NDArray[np.int64] | slice = slice(None)) -> npt.NDArray[np.float32]:
        """Return embeddings as float32, shape (len(rows), width); `rows` must be sorted."""
        stored = self._file["embeddings"]
        if isinstance(rows, slice):
            return np.asarray(stored[rows], dtype=np.float32)
        # block by block: HDF5 is slow at picking many single rows
        found = np.empty((len(rows), stored.shape[1]), dtype=np.float32)
        for start in range(0, len(stored), _ROWS_AT_ONCE):
            first, last = np.searchsorted(rows, (start, start + _ROWS_AT_ONCE))
            if first < last:
                block = stored[start : int(rows[last - 1]) + 1]
                found[first:last] = block[rows[first:last] - start]
        return found

    def write(self, rows: npt.NDArray[np.int64], embeddings: npt.NDArray[np.float32]) -> None:
        """Store embeddings, and mark their rows after they have reached the file.

        Parameters
        ----------
        rows : ndarray, shape (b,)
            Sorted row numbers.
        embeddings : ndarray, shape (b, width)

        Raises
        ------
        WorkbenchError
            The shape is not that, or the disk is full.
        """
        wanted = (len(rows), self._file["embeddings"].shape[1])
        if embeddings.shape != wanted:
            raise WorkbenchError(
                f"The encoder gave embeddings of shape {embeddings.shape} where {wanted} was to be "
                f"stored in {self.path}. Use another encoder, or report this one."
            )
        try:
            self._file["embeddings"][rows] = embeddings
            self._file.flush()
            self._file["encoded"][rows] = np.ones(len(rows), dtype=bool)
            self._file.flush()
        except OSError as error:
            raise WorkbenchError(
                f"The embeddings cannot be written to {self.path}: {_reason(error)}. "
                "Is the disk full? What was written before is kept; encode again to go on."
            ) from None


def prepare_cache(
    path: Path,
    card: dict[str, Any],
    items: Sequence[tuple[int, str]],
    dtype: Literal["float16", "float32"] = "float32",
) -> None:
    """Make `path` a cache with exactly one row an item, keeping embeddings that are still right.

    Parameters
    ----------
    path : Path
    card : dict
        The encoder card, with its ``width``.
    items : sequence of (int, str)
        Item id and content fingerprint, in the order of rows.
    dtype : {"float16", "float32"}

    Raises
    ------
    WorkbenchError
        There is a cache of another encoder card, or a foreign file, at `path`.
    """
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_draft(draft, card, items, dtype, None)
        else:
            # held for writing until the draft is complete: no other process encodes meanwhile
            with EmbeddingCache(path, "r+") as old:
                header = old.header()
                difference = card_difference(header.card, card)
                if difference:
                    raise WorkbenchError(
                        f"{path} was made by another version of the encoder ({difference}). "
                        "Delete the file to encode anew."
                    )
                if header.dtype == dtype and old.holds(items):
                    return
                _write_draft(draft, card, items, dtype, old)
        os.replace(draft, path)  # noqa: PTH105 - the rename must overwrite on every platform
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise WorkbenchError(
            f"The cache {path} cannot be written: {_reason(error)}. Is the disk full?"
        ) from None


def _write_draft(
    draft: Path,
    card: dict[str, Any],
    items: Sequence[tuple[int, str]],
    dtype: str,
    old: EmbeddingCache | None,
) -> None:
    """Lay out a cache, with the rows of an old one that are still right."""
    with h5py.File(draft, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["card"] = json.dumps(card, sort_keys=True)
        file["item_ids"] = np.array([item for item, _ in items], dtype=np.int64)
        file["fingerprints"] = np.array(
            [mark.encode() for _, mark in items], dtype=f"S{_DIGEST_BYTES}"
        )
        encoded = file.create_dataset("encoded", data=np.zeros(len(items), dtype=bool))
        # contiguous and written with fill at once: the encode loop never allocates
        rows = file.create_dataset("embeddings", (len(items), int(card["width"])), dtype)
        for start in range(0, len(items), _ROWS_AT_ONCE):  # whole blocks: h5py spreads slowly
            length = min(_ROWS_AT_ONCE, len(items) - start)
            rows[start : start + length] = np.zeros((length, rows.shape[1]), dtype)
        if old is not None:
            for new, kept, length in _runs_to_keep(old, items):
                rows[new : new + length] = old.read(slice(kept, kept + length))
                encoded[new : new + length] = np.ones(length, dtype=bool)


def _runs_to_keep(
    old: EmbeddingCache, items: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, int, int]]:
    """Yield (new row, old row, length) of each run of rows that stay right, none too long."""
    done = old.encoded()
    row_of = {
        item: row
        for row, item in enumerate(zip(old.item_ids().tolist(), old.fingerprints(), strict=True))
        if done[row]
    }
    new = length = kept = 0
    for row, item in enumerate(items):
        from_row = row_of.get(item, -1)
        if length and length < _ROWS_AT_ONCE and (row, from_row) == (new + length, kept + length):
            length += 1
            continue
        if length:
            yield new, kept, length
        new, kept, length = row, from_row, int(from_row >= 0)
    if length:
        yield new, kept, length


def _open(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    try:
        if path.stat().st_size == 0:  # HDF5 would take it for a new file, and write into it
            raise OSError("it is empty")
        return h5py.File(path, mode)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no cache at {path}. Encode first.") from None
    except OSError as error:
        # HDF5 locks the file; within one process it says instead that the file is open already
        if isinstance(error, BlockingIOError) or "already open" in str(error):
            raise WorkbenchError(
                f"{path} is in use by another process or job. Wait for it, or stop it, and try "
                "again."
            ) from None
        raise WorkbenchError(
            f"{path} cannot be read as HDF5: {_reason(error)}. "
            "If it is damaged, delete it and encode anew."
        ) from None


def _is_ours(file: h5py.File) -> bool:
    """Return whether the format is named and all parts are there, of one length."""
    try:
        card = json.loads(file.attrs["card"])
    except (KeyError, TypeError, ValueError):
        return False
    if str(file.attrs.get("format")) != FORMAT or not isinstance(card, dict):
        return False
    parts = [file.get(name) for name in _DATASETS]
    if not all(isinstance(part, h5py.Dataset) and part.ndim for part in parts):
        return False
    return len({len(part) for part in parts}) == 1 and parts[-1].ndim == 2


def _reason(error: OSError) -> str:
    """Return what HDF5 wraps into several lines."""
    if error.errno:
        return os.strerror(error.errno)
    inside = re.search(r"\((.*)\)", str(error), re.DOTALL)
    return inside[1] if inside else str(error)


def card_difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Say in what two encoder cards differ that decides the vectors; empty when in nothing."""
    names = sorted((old.keys() | new.keys()) - _BESIDES)
    return ", ".join(
        f"{name} was {old.get(name)}, is {new.get(name)}"
        for name in names
        if old.get(name) != new.get(name)
    )
