"""Embeddings of one modality by one encoder, in an HDF5 file that survives kill -9 at any moment.

Rows are laid out before encoding starts (`workbench.cache.layout`). The encode loop then only
overwrites bytes of existing rows: first embeddings and content hashes, and after these their
`encoded` marks. Nothing that could tear is changed in between, so a killed encode loses at most
the batch in flight, and others may read while one process writes.
"""

import json
import math
import mmap
import os
import re
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Any, ClassVar, Literal

import h5py
import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.whole_files import write_whole

FORMAT = "gera-workbench embeddings 2"
_BEFORE = "gera-workbench embeddings 1"  # had no content hashes
DIGEST = "S64"
# what a card says that does not decide the vectors, or only their last digits
_BESIDES = frozenset({"library", "licence", "parameters", "dtype"})
_DATASETS = ("item_ids", "fingerprints", "encoded", "embeddings")

_BY_HDF5 = os.name == "nt"  # whether HDF5 locks a cache that is written
if not _BY_HDF5:
    import fcntl

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
    is full, and its picking of single rows is slow.

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
        if not _is_ours(file):
            file.close()
            self._bytes.close()
            raise WorkbenchError(
                f"{path} is not an embedding cache of the workbench. Move it away to encode again."
            )
        self._format = str(file.attrs["format"])
        self._card: dict[str, Any] = json.loads(file.attrs["card"])
        names = [*_DATASETS, *([] if self._format == _BEFORE else ["contents"])]
        self._places = {
            name: _Place(file[name].id.get_offset() or 0, file[name].shape, file[name].dtype)
            for name in names
        }
        self._lock = _Lock(path, file, self._bytes) if mode == "r+" else None
        if self._lock is None or not _BY_HDF5:
            file.close()

    def __enter__(self) -> "EmbeddingCache":
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()
        self._bytes.close()

    @property
    def is_current(self) -> bool:
        """Whether the file is of the present format."""
        return self._format == FORMAT

    @property
    def dtype(self) -> np.dtype[Any]:
        """In which embeddings are kept."""
        return self._places["embeddings"].dtype

    def header(self) -> Header:
        """Return the encoder card and the numbers of rows."""
        rows = self._places["embeddings"]
        return Header(
            card=self._card,
            total=rows.shape[0],
            encoded=int(np.count_nonzero(self.encoded())),
            width=rows.shape[1],
            dtype=str(rows.dtype),
        )

    def item_ids(self) -> Ids:
        """Return the item id of each row, shape (n,)."""
        return self._block("item_ids").astype(np.int64, copy=False)

    def encoded(self) -> npt.NDArray[np.bool_]:
        """Return which rows hold an embedding, shape (n,)."""
        return self._block("encoded").astype(bool, copy=False)

    def fingerprints(self) -> Marks:
        """Return what each row was, or is to be, made from, shape (n,)."""
        return self._block("fingerprints").astype(DIGEST, copy=False)

    def contents(self) -> Marks:
        """Return the hash of the content of each encoded row, shape (n,); empty if not known."""
        if "contents" not in self._places:
            return np.zeros(self._places["encoded"].shape, DIGEST)
        return self._block("contents").astype(DIGEST, copy=False)

    def content(self, row: int) -> str:
        """Return the hash of the content of one row; empty if not known."""
        known = "contents" in self._places
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
        """
        place = self._places["embeddings"]
        dtype = place.dtype if stored else np.dtype(np.float32)
        if isinstance(rows, slice):
            start, stop, step = rows.indices(place.shape[0])
            return self._block("embeddings", start, stop)[::step].astype(dtype, copy=False)
        if not len(rows):
            return np.empty((0, place.shape[1]), dtype)
        with mmap.mmap(self._bytes.fileno(), 0, access=mmap.ACCESS_READ) as view:
            all_rows: Floats = np.ndarray(place.shape, place.dtype, view, place.offset)
            picked = all_rows[rows].astype(dtype, copy=False)
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
        wanted = (len(rows), self._places["embeddings"].shape[1])
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

    def _block(self, name: str, start: int = 0, stop: int | None = None) -> npt.NDArray[Any]:
        """Read neighbouring rows of a dataset."""
        place = self._places[name]
        count = max(0, (place.shape[0] if stop is None else stop) - start)
        found = np.empty((count, *place.shape[1:]), place.dtype)
        self._bytes.seek(place.offset + start * place.row_bytes)
        unread = found.reshape(-1).view(np.uint8).data
        while len(unread):
            length = self._bytes.readinto(unread)
            if not length:
                raise WorkbenchError(
                    f"{self.path} is too short: delete the damaged file and encode again."
                )
            unread = unread[length:]
        return found

    def _put(self, name: str, rows: Ids, values: npt.NDArray[Any]) -> None:
        """Write rows of a dataset, each run of neighbours at once."""
        place = self._places[name]
        plain = np.ascontiguousarray(values, place.dtype)
        ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        first = 0
        for last in ends if len(rows) else ():
            self._bytes.seek(place.offset + int(rows[first]) * place.row_bytes)
            unwritten = plain[first:last].reshape(-1).view(np.uint8).data
            while len(unwritten):
                unwritten = unwritten[self._bytes.write(unwritten) :]
            first = last


@dataclass(frozen=True)
class _Place:
    """Where the rows of a dataset lie in the file."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def row_bytes(self) -> int:
        return self.dtype.itemsize * math.prod(self.shape[1:])


class _Lock:
    """The right to write a cache: a lock on the file between processes, and one within this.

    It is the lock that HDF5 takes, but where HDF5 opens a file for writing it also writes to it,
    which ends in a traceback on a full disk.
    """

    _writing: ClassVar[set[tuple[int, int]]] = set()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path, file: h5py.File, content: FileIO) -> None:
        facts = os.fstat(content.fileno())
        self._file, self._note = file, _user_note(path)
        if not _BY_HDF5:
            try:
                fcntl.flock(content.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not os.path.samestat(facts, path.stat()):  # laid out anew since it was opened
                    raise BlockingIOError
            except BlockingIOError:
                content.close()
                file.close()
                raise _in_use(path) from None
        self._identity = facts.st_dev, facts.st_ino
        with self._guard:  # HDF5 lets one process open a file for writing twice
            if self._identity in self._writing:
                file.close()
                raise _in_use(path)
            self._writing.add(self._identity)
        _leave_note(self._note)

    def release(self) -> None:
        """Let others write, once the file is closed."""
        self._note.unlink(missing_ok=True)  # before the lock is given back: the next leaves its own
        with self._guard:
            self._writing.discard(self._identity)
        self._file.close()


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
        if _BY_HDF5 or os.path.samestat(
            os.fstat(file.id.get_vfd_handle()), os.fstat(content.fileno())
        ):
            return file, content
        file.close()
        content.close()


def _open(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    mode = mode if _BY_HDF5 else "r"
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
            f"{path} cannot be read as HDF5: {reason_of(error)}. If it is damaged, delete it and "
            "encode again."
        ) from None


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
        write_whole(note, f"process {os.getpid()} ({name}), since {datetime.now():%H:%M}".encode())
    except OSError:
        return


def _user(path: Path) -> str:
    """Return who is at work on a locked cache, as far as it is known."""
    note = _user_note(path)
    try:
        if note.is_file() and not note.is_symlink():
            return note.read_text(encoding="utf-8")[:120]
    except (OSError, UnicodeDecodeError):
        pass
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
