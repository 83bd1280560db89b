"""Embeddings of one modality by one encoder, in an HDF5 file that survives kill -9 at any moment.

Rows are laid out before encoding starts, and the layout is written beside the file and renamed
into place. The encode loop then only overwrites bytes of existing rows: first the embeddings, and
after these are flushed, their `encoded` marks. Nothing that could tear is changed in between, so a
killed encode loses at most the batch in flight.
"""

import json
import os
from collections.abc import Sequence
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
        if self._file.attrs.get("format") != FORMAT:
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

    def read(self, rows: npt.NDArray[np.int64] | slice = slice(None)) -> npt.NDArray[np.float32]:
        """Return embeddings as float32, shape (len(rows), width); `rows` must be sorted."""
        return np.asarray(self._file["embeddings"][rows], dtype=np.float32)

    def write(self, rows: npt.NDArray[np.int64], embeddings: npt.NDArray[np.float32]) -> None:
        """Store embeddings, and mark their rows after they have reached the file.

        Parameters
        ----------
        rows : ndarray, shape (b,)
            Sorted row numbers.
        embeddings : ndarray, shape (b, width)
        """
        try:
            self._file["embeddings"][rows] = embeddings
            self._file.flush()
            self._file["encoded"][rows] = True
            self._file.flush()
        except OSError as error:
            raise WorkbenchError(
                f"The embeddings cannot be written to {self.path}: {error}. "
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
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = np.array([item for item, _ in items], dtype=np.int64)
    prints = np.array([mark.encode() for _, mark in items], dtype=f"S{_DIGEST_BYTES}")
    kept = None
    if path.exists():
        with EmbeddingCache(path) as old:
            header = old.header()
            if _differing(header.card, card):
                raise WorkbenchError(
                    f"{path} was made by another version of the encoder "
                    f"({_difference(header.card, card)}). Delete the file to encode anew."
                )
            same_rows = np.array_equal(old.item_ids(), ids)
            if same_rows and header.dtype == dtype and old.fingerprints() == [p for _, p in items]:
                return
            kept = _rows_to_keep(old, items)
    draft = path.with_name(path.name + ".new")
    try:
        with h5py.File(draft, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["card"] = json.dumps(card, sort_keys=True)
            file.create_dataset("item_ids", data=ids)
            file.create_dataset("fingerprints", data=prints)
            file.create_dataset("encoded", data=np.zeros(len(ids), dtype=bool))
            # contiguous and written with fill at once: the encode loop never allocates
            rows = file.create_dataset("embeddings", (len(ids), int(card["width"])), dtype)
            for start in range(0, len(ids), 4096):
                rows[start : start + 4096] = 0
            if kept is not None and len(kept.new):
                with EmbeddingCache(path) as old:
                    rows[kept.new] = old.read(kept.old)[kept.order]
                file["encoded"][kept.new] = True
            file.flush()
        os.replace(draft, path)  # noqa: PTH105 - the rename must overwrite on every platform
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise WorkbenchError(
            f"The cache {path} cannot be written: {error}. Is the disk full?"
        ) from None


@dataclass(frozen=True)
class _KeptRows:
    """Rows that stay right: row `new[i]` is what was read at `old[order[i]]`; `old` is sorted."""

    new: npt.NDArray[np.int64]
    old: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]


def _rows_to_keep(old: EmbeddingCache, items: Sequence[tuple[int, str]]) -> _KeptRows:
    done = old.encoded()
    row_of = {
        (int(item), mark): row
        for row, (item, mark) in enumerate(zip(old.item_ids(), old.fingerprints(), strict=True))
        if done[row]
    }
    pairs = [(new, row_of[item]) for new, item in enumerate(items) if item in row_of]
    new = np.array([pair[0] for pair in pairs], dtype=np.int64)
    from_old = np.array([pair[1] for pair in pairs], dtype=np.int64)
    sorted_old, order = np.unique(from_old, return_inverse=True)
    return _KeptRows(new, sorted_old, order)


def _open(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    try:
        return h5py.File(path, mode)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no cache at {path}. Encode first.") from None
    except BlockingIOError:
        raise WorkbenchError(
            f"{path} is in use by another process. Wait for it, or stop it, and try again."
        ) from None
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be read as HDF5: {error}. If it is damaged, delete it and encode anew."
        ) from None


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    return ", ".join(f"{n} was {old.get(n)}, is {new.get(n)}" for n in _differing(old, new))


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    names = (old.keys() | new.keys()) - _BESIDES
    return sorted(name for name in names if old.get(name) != new.get(name))
