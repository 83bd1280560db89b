"""Embeddings of one modality by one encoder, in an HDF5 file that survives kill -9 at any moment.

Rows are laid out before encoding starts (`workbench.cache.layout`). The encode loop then only
overwrites bytes of existing rows: first embeddings and content hashes, and after these their
`encoded` marks. Nothing that could tear is changed in between, so a killed encode loses at most
the batch in flight, and others may read while one process writes.
"""

import os
import re
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
import numpy.typing as npt

from workbench.cache.parts import (
    DIGEST,
    DamagedCacheError,
    NotACacheError,
    Part,
    Place,
    parts_of,
)
from workbench.cache.writing_lock import BY_HDF5, WritingLock, in_use
from workbench.errors import WorkbenchError
from workbench.received.hdf5 import check_heaps
from workbench.received.small import MissingFileError, check_regular

# what a card says that does not decide the vectors, or only their last digits
_BESIDES = frozenset({"library", "licence", "parameters", "dtype"})

_OTHER_LOCKING = "locking flag values"  # what HDF5 says of a file this process has open otherwise

Ids = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bytes_]
Floats = npt.NDArray[np.floating[Any]]


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

    The rows of each dataset lie in one piece, so they are read and written at their place in the
    file. HDF5 itself only lays out and describes: its own writing can end in a crash when the disk
    is full, and its picking of single rows is slow. It reads only what another program has laid
    out otherwise (`workbench.cache.parts`), which the next encode lays out anew.

    Parameters
    ----------
    path : Path
    mode : {"r", "r+"}
        Reading never needs the encoder, and is possible while another process writes. Only one
        process writes at a time.

    Raises
    ------
    WorkbenchError
        The file is missing, damaged, foreign, or in use by another process.
    """

    def __init__(self, path: Path, mode: Literal["r", "r+"] = "r") -> None:
        self.path = path
        file, self._bytes = _open_both(path, mode)
        try:
            found = parts_of(file, os.fstat(self._bytes.fileno()).st_size)
        except NotACacheError:
            self._bytes.close()
            file.close()
            raise WorkbenchError(
                f"{path} is not an embedding cache of the workbench. Move it away to encode again."
            ) from None
        except DamagedCacheError as error:
            self._bytes.close()
            file.close()
            raise _damaged(path, error) from None
        self._card, self._parts, self._current = found.card, found.by_name, found.current
        self._ids_are_right = False
        self._lock = WritingLock(path, file, self._bytes) if mode == "r+" else None
        # the library reads what another program has laid out
        foreign = any(not isinstance(part, Place) for part in found.by_name.values())
        self._file = file if foreign else None
        if not foreign and (self._lock is None or not BY_HDF5):
            file.close()

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._lock is not None:
            self._lock.release()
        self._bytes.close()

    @property
    def is_current(self) -> bool:
        """Whether the file is of the present format, and laid out as this program does it."""
        return self._current

    @property
    def dtype(self) -> np.dtype[Any]:
        """In which embeddings are kept."""
        return self._parts["embeddings"].dtype

    def header(self) -> Header:
        """Return the encoder card and the numbers of rows."""
        rows = self._parts["embeddings"]
        return Header(
            card=self._card,
            total=rows.shape[0],
            encoded=int(np.count_nonzero(self.encoded())),
            width=rows.shape[1],
            dtype=str(rows.dtype),
        )

    def item_ids(self) -> Ids:
        """Return the item id of each row, shape (n,).

        Raises
        ------
        WorkbenchError
            One is negative, or an item has two encoded rows of the same content.
        """
        ids: Ids = self._block("item_ids").astype(np.int64, copy=False)
        if not self._ids_are_right:
            self._check_ids(ids)
            self._ids_are_right = True
        return ids

    def encoded(self) -> npt.NDArray[np.bool_]:
        """Return which rows hold an embedding, shape (n,)."""
        marked: npt.NDArray[np.bool_] = self._block("encoded").astype(bool)
        return marked

    def fingerprints(self) -> Marks:
        """Return what each row was, or is to be, made from, shape (n,)."""
        return self._block("fingerprints").astype(DIGEST, copy=False)

    def contents(self) -> Marks:
        """Return the hash of the content of each encoded row, shape (n,); empty if not known."""
        if "contents" not in self._parts:
            return np.zeros(self._parts["encoded"].shape, DIGEST)
        return self._block("contents").astype(DIGEST, copy=False)

    def content(self, row: int) -> str:
        """Return the hash of the content of one row; empty if not known."""
        known = "contents" in self._parts
        return str(self._block("contents", row, row + 1)[0].decode()) if known else ""

    def holds(self, ids: Ids, fingerprints: Marks) -> bool:
        """Return whether the first rows are these items, in this order."""
        count = len(ids)
        return np.array_equal(self.item_ids()[:count], ids) and np.array_equal(
            self.fingerprints()[:count], fingerprints
        )

    def read(self, rows: Ids | slice = slice(None), *, stored: bool = False) -> Floats:
        """Return embeddings, shape (len(rows), width), rows in any order.

        Parameters
        ----------
        rows : ndarray of int, or slice
        stored : bool
            Keep the numbers as they are in the file; otherwise they become float32.

        Raises
        ------
        WorkbenchError
            Some are not finite: this program writes none such.
        """
        part = self._parts["embeddings"]
        dtype = part.dtype if stored else np.dtype(np.float32)
        if isinstance(rows, slice):
            start, stop, step = rows.indices(part.shape[0])
            found = self._block("embeddings", start, stop, dtype)[::step]
            return found.astype(dtype, copy=False)
        if not len(rows):
            return np.empty((0, part.shape[1]), dtype)
        try:
            return part.picked(self._bytes, rows, dtype)
        except DamagedCacheError as error:
            raise _damaged(self.path, error) from None

    def write(self, rows: Ids, embeddings: Floats, contents: Marks | None = None) -> None:
        """Store embeddings, and mark their rows after they have reached the file.

        Parameters
        ----------
        rows : ndarray, shape (b,)
            Ascending row numbers.
        embeddings : ndarray, shape (b, width)
        contents : ndarray, shape (b,), bytes, optional
            Hash of what each was made from.

        Raises
        ------
        WorkbenchError
            The shape is not that, or the disk is full.
        """
        wanted = (len(rows), self._parts["embeddings"].shape[1])
        if embeddings.shape != wanted:
            raise WorkbenchError(
                f"The encoder returned embeddings of shape {embeddings.shape}, but {self.path} "
                f"expects {wanted}. Use another encoder, or report this one."
            )
        try:
            self._put("embeddings", rows, embeddings)
            if contents is not None:
                self._put("contents", rows, contents)
            self._put("encoded", rows, np.ones(len(rows), dtype=bool))
        except OSError as error:
            raise WorkbenchError(
                f"The embeddings cannot be written to {self.path}: {reason_of(error)}. Is the "
                "disk full? What was written before is kept; encode again to continue."
            ) from None

    def _block(
        self,
        name: str,
        start: int = 0,
        stop: int | None = None,
        finite: np.dtype[Any] | None = None,
    ) -> npt.NDArray[Any]:
        """Read neighbouring rows of a dataset; they must be finite as a type where one is given."""
        part = self._parts[name]
        stop = part.shape[0] if stop is None else stop
        try:
            return part.block(self._bytes, start, stop, finite)
        except DamagedCacheError as error:
            raise _damaged(self.path, error) from None

    def _check_ids(self, ids: Ids) -> None:
        """Refuse ids that are none, and two rows for the same: nobody could tell which is right."""
        if len(ids) and ids.min() < 0:
            raise _damaged(self.path, "it has negative ids")
        if (np.diff(ids) > 0).all():  # as after an encode that had nothing to set aside
            return
        order = np.argsort(ids, kind="stable")
        after = ids[order][1:] == ids[order][:-1]
        twice = order[np.flatnonzero(np.append(after, False) | np.append(False, after))]
        twice = twice[self.encoded()[twice]]
        rows = list(zip(ids[twice].tolist(), self.fingerprints()[twice].tolist(), strict=True))
        if len(set(rows)) < len(rows):
            raise _damaged(self.path, "it has two rows for the same content of an item")

    def _put(self, name: str, rows: Ids, values: npt.NDArray[Any]) -> None:
        """Write rows of a dataset, each run of neighbours at once."""
        place = self._writable(name)
        plain = np.ascontiguousarray(values, place.dtype)
        ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        first = 0
        for last in ends if len(rows) else ():
            self._bytes.seek(place.offset + int(rows[first]) * place.row_bytes)
            unwritten = plain[first:last].reshape(-1).view(np.uint8).data
            while len(unwritten):
                unwritten = unwritten[self._bytes.write(unwritten) :]
            first = last

    def _writable(self, name: str) -> Place:
        part: Part = self._parts[name]
        if isinstance(part, Place):
            return part
        raise WorkbenchError(
            f"{self.path} was laid out by another program, and cannot be written: encode again."
        )


def _open_both(path: Path, mode: Literal["r", "r+"]) -> tuple[h5py.File, FileIO]:
    """Open a file for HDF5, and for reading and writing rows: the same, if it is just replaced."""
    if mode == "r+" and path.is_symlink():
        raise WorkbenchError(
            f"{path} is a link to another place, into which nothing is written. Put the file "
            "itself there."
        )
    while True:
        file = _open(path, mode)
        try:
            content = path.open("rb" if mode == "r" else "r+b", buffering=0)
        except OSError as error:
            file.close()
            raise WorkbenchError(f"{path} cannot be opened: {error.strerror}.") from None
        if BY_HDF5 or os.path.samestat(
            os.fstat(file.id.get_vfd_handle()), os.fstat(content.fileno())
        ):
            return file, content
        file.close()
        content.close()


def _open(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    mode = mode if BY_HDF5 else "r"
    try:
        # HDF5 would take an empty file for a new one, and write into it
        if check_regular(path, "The cache") == 0:
            raise OSError("it is empty")
        check_heaps(path)
        try:
            # what a reader sees is right at any moment, see above: it need not wait for the writer
            return h5py.File(path, mode, locking=mode == "r+")
        except OSError as error:
            if mode == "r+" or _OTHER_LOCKING not in str(error):
                raise
            return h5py.File(path, mode, locking=True)  # this process writes it at the moment
    except MissingFileError:
        raise WorkbenchError(f"There is no cache at {path}. Encode first.") from None
    except (OSError, RuntimeError, ValueError) as error:
        # HDF5 locks the file; within one process it says instead that the file is open already
        words = str(error)
        if isinstance(error, BlockingIOError) or "already open" in words or _OTHER_LOCKING in words:
            raise in_use(path) from None
        raise WorkbenchError(
            f"{path} cannot be read as HDF5: {reason_of(error)}. If it is damaged, delete it and "
            "encode again."
        ) from None


def _damaged(path: Path, why: object) -> WorkbenchError:
    return WorkbenchError(
        f"{path} is damaged, or another program has changed it: {why}. Delete the file and encode "
        "again."
    )


def reason_of(error: OSError | RuntimeError | ValueError) -> str:
    """Return what HDF5 wraps into several lines."""
    if isinstance(error, OSError) and error.errno:
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
