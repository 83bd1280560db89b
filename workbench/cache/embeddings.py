"""Embeddings of one modality by one encoder, in an HDF5 file that survives kill -9 at any moment.

Rows are laid out before encoding starts (`workbench.cache.layout`). The encode loop then only
overwrites bytes of existing rows: first embeddings and content hashes, and after these are
flushed, their `encoded` marks. Nothing that could tear is changed in between, so a killed encode
loses at most the batch in flight, and others may read while one process writes.
"""

import json
import mmap
import os
import re
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError

FORMAT = "gera-workbench embeddings 2"
_BEFORE = "gera-workbench embeddings 1"  # had no content hashes
DIGEST = "S64"
# what a card says that does not decide the vectors, or only their last digits
_BESIDES = frozenset({"library", "licence", "parameters", "dtype"})
_DATASETS = ("item_ids", "fingerprints", "encoded", "embeddings")

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
        self._file = _open(path, mode)
        self._note = _user_note(path) if mode == "r+" else None
        if not _is_ours(self._file):
            self._file.close()
            raise WorkbenchError(
                f"{path} is not an embedding cache of the workbench. Move it away to encode anew."
            )
        if self._note is not None:
            self._identity = _identity(path)
            with _writing_lock:  # HDF5 lets one process open a file for writing twice
                if self._identity in _writing:
                    self._file.close()
                    raise _in_use(path)
                _writing.add(self._identity)
            _leave_note(self._note)

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, *_: object) -> None:
        if self._note is not None:  # before the lock is given back: the next one leaves its own
            self._note.unlink(missing_ok=True)
            with _writing_lock:
                _writing.discard(self._identity)
        self._file.close()

    @property
    def is_current(self) -> bool:
        """Whether the file is of the present format."""
        return str(self._file.attrs["format"]) == FORMAT

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

    def item_ids(self) -> Ids:
        """Return the item id of each row, shape (n,)."""
        return np.asarray(self._file["item_ids"][:], dtype=np.int64)

    def encoded(self) -> npt.NDArray[np.bool_]:
        """Return which rows hold an embedding, shape (n,)."""
        return np.asarray(self._file["encoded"][:], dtype=bool)

    def fingerprints(self) -> Marks:
        """Return what each row was, or is to be, made from, shape (n,)."""
        return np.asarray(self._file["fingerprints"][:], dtype=DIGEST)

    def contents(self) -> Marks:
        """Return the hash of the content of each encoded row, shape (n,); empty if not known."""
        if "contents" not in self._file:
            return np.zeros(len(self._file["item_ids"]), DIGEST)
        return np.asarray(self._file["contents"][:], dtype=DIGEST)

    def content(self, row: int) -> str:
        """Return the hash of the content of one row; empty if not known."""
        return self._file["contents"][row].decode() if "contents" in self._file else ""

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
        """
        dataset = self._file["embeddings"]
        offset = dataset.id.get_offset()
        try:
            handle = self._file.id.get_vfd_handle() if offset and dataset.size else None
        except (NotImplementedError, ValueError, RuntimeError):  # no plain file descriptor here
            handle = None
        dtype = dataset.dtype if stored else np.dtype(np.float32)
        if handle is None or os.name != "posix":
            return _picked(dataset, rows).astype(dtype, copy=False)
        # the rows lie in one piece: HDF5's own selection of rows is many times slower
        with mmap.mmap(handle, 0, access=mmap.ACCESS_READ) as view:
            all_rows: Floats = np.ndarray(dataset.shape, dataset.dtype, view, offset)
            picked = all_rows[rows].astype(dtype, copy=isinstance(rows, slice))
            del all_rows  # it holds the map open
        return picked

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
        wanted = (len(rows), self._file["embeddings"].shape[1])
        if embeddings.shape != wanted:
            raise WorkbenchError(
                f"The encoder gave embeddings of shape {embeddings.shape} where {wanted} was to be "
                f"stored in {self.path}. Use another encoder, or report this one."
            )
        try:
            _put(self._file["embeddings"], rows, embeddings)
            if contents is not None:
                _put(self._file["contents"], rows, contents.astype(DIGEST))
            self._file.flush()
            _put(self._file["encoded"], rows, np.ones(len(rows), dtype=bool))
            self._file.flush()
        except OSError as error:
            raise WorkbenchError(
                f"The embeddings cannot be written to {self.path}: {reason_of(error)}. "
                "Is the disk full? What was written before is kept; encode again to go on."
            ) from None


def _put(dataset: h5py.Dataset, rows: Ids, values: npt.NDArray[Any]) -> None:
    """Write rows, each run of neighbours at once: HDF5 is slow with single ones."""
    starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
    for first, last in zip(starts, [*starts[1:], len(rows)], strict=True):
        start = int(rows[first])
        dataset[start : start + last - first] = values[first:last]


def _picked(dataset: h5py.Dataset, rows: Ids | slice) -> Floats:
    """Let HDF5 pick rows; it wants them ascending and none twice."""
    if isinstance(rows, slice):
        return np.asarray(dataset[rows])
    ascending, place = np.unique(rows, return_inverse=True)
    return np.asarray(dataset[ascending])[place]


def _open(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    try:
        if path.stat().st_size == 0:  # HDF5 would take it for a new file, and write into it
            raise OSError("it is empty")
        try:
            # what a reader sees is right at any moment, see above: it need not wait for the writer
            return h5py.File(path, mode, locking=mode == "r+")
        except OSError as error:
            if mode == "r+" or _OTHER_LOCKING not in str(error):
                raise
            return h5py.File(path, mode, locking=True)  # this process writes it at the moment
    except FileNotFoundError:
        raise WorkbenchError(f"There is no cache at {path}. Encode first.") from None
    except OSError as error:
        # HDF5 locks the file; within one process it says instead that the file is open already
        words = str(error)
        if isinstance(error, BlockingIOError) or "already open" in words or _OTHER_LOCKING in words:
            raise _in_use(path) from None
        raise WorkbenchError(
            f"{path} cannot be read as HDF5: {reason_of(error)}. "
            "If it is damaged, delete it and encode anew."
        ) from None


_writing: set[tuple[int, int]] = set()
_writing_lock = threading.Lock()


def _identity(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino


def _in_use(path: Path) -> WorkbenchError:
    return WorkbenchError(
        f"{path} is in use by {_user(path)}. Wait for it, or stop it, and try again."
    )


def _user_note(path: Path) -> Path:
    return path.with_name(path.name + ".user")


def _leave_note(note: Path) -> None:
    """Write who writes the cache; only read where the file's lock says that somebody does."""
    name = Path(sys.argv[0] or "python").name
    try:
        note.write_text(
            f"process {os.getpid()} ({name}), since {datetime.now():%H:%M}", encoding="utf-8"
        )
    except OSError:
        return


def _user(path: Path) -> str:
    """Return who is at work on a locked cache, as far as it is known."""
    try:
        return _user_note(path).read_text(encoding="utf-8")[:120]
    except (OSError, UnicodeDecodeError):
        return "another job, or by another process"


def _is_ours(file: h5py.File) -> bool:
    """Return whether the format is named and all parts are there, of one length."""
    try:
        card = json.loads(file.attrs["card"])
    except (KeyError, TypeError, ValueError):
        return False
    known = str(file.attrs.get("format"))
    if known not in (FORMAT, _BEFORE) or not isinstance(card, dict):
        return False
    names = _DATASETS if known == _BEFORE else ("contents", *_DATASETS)
    parts = [file.get(name) for name in names]
    if not all(isinstance(part, h5py.Dataset) and part.ndim for part in parts):
        return False
    return len({len(part) for part in parts}) == 1 and parts[-1].ndim == 2


def reason_of(error: OSError) -> str:
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
