"""The data sets of a cache: what is checked of them once, on opening, and how rows are read.

The program's own lie in one piece each, so their rows are read at their place in the file. Another
program may have written the file anew, in chunks, compressed, or in other types: what means the
same is read by HDF5, and the rest is refused. Numbers that are not finite are found where rows are
read: to look for them on opening would take as long as reading them all.
"""

import math
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from workbench.memory import physical_memory
from workbench.received.hdf5 import data_set, lies_in_one_piece, words_beside
from workbench.received.small import parse_json
from workbench.words import size

FORMAT = "gera-workbench embeddings 2"
BEFORE = "gera-workbench embeddings 1"  # had no content hashes
DIGEST = "S64"

Rows = npt.NDArray[np.int64]
Fits = Callable[[np.dtype[Any]], bool]

_BYTES_AT_ONCE = 1 << 20  # read and looked through while they are in the processor's cache
_FOREIGN_ROWS_AT_ONCE = 8192
_SHARE_OF_MEMORY = 4  # what is known of all rows takes less than a fourth of it

# the types that can stand for what is meant, and those that this program writes
_MAY_BE: dict[str, Fits] = {
    "item_ids": lambda dtype: dtype.kind in "iu",
    "fingerprints": lambda dtype: dtype.kind == "S" and 0 < dtype.itemsize <= 64,
    "contents": lambda dtype: dtype.kind == "S" and 0 < dtype.itemsize <= 64,
    "encoded": lambda dtype: dtype.kind in "biu",
    "embeddings": lambda dtype: dtype.kind == "f" and dtype.itemsize <= 8,
}
_OURS: dict[str, tuple[str, ...]] = {
    "item_ids": ("int64",),
    "fingerprints": (DIGEST,),
    "contents": (DIGEST,),
    "encoded": ("bool",),
    "embeddings": ("float16", "float32"),
}


class NotACacheError(Exception):
    """The file is something else."""


class DamagedCacheError(Exception):
    """The file was a cache; the message says what is wrong with it."""


@dataclass(frozen=True)
class Place:
    """Rows that lie in one piece of the file."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def row_bytes(self) -> int:
        """How many bytes a row takes."""
        return self.dtype.itemsize * math.prod(self.shape[1:])

    def block(
        self, file: FileIO, start: int, stop: int, finite: np.dtype[Any] | None
    ) -> npt.NDArray[Any]:
        """Return neighbouring rows.

        Raises
        ------
        DamagedCacheError
            The file ends before, or holds numbers that are not finite as the type that is given.
        """
        found = np.empty((max(0, stop - start), *self.shape[1:]), self.dtype)
        file.seek(self.offset + start * self.row_bytes)
        numbers = found.reshape(-1)
        at_once = max(1, _BYTES_AT_ONCE // self.dtype.itemsize)
        for first in range(0, len(numbers), at_once):
            some = numbers[first : first + at_once]
            unread = some.view(np.uint8).data
            while len(unread):
                length = file.readinto(unread)
                if not length:
                    raise DamagedCacheError("it is too short")
                unread = unread[length:]
            if finite is not None:
                _check_finite(some, finite)
        return found

    def picked(self, file: FileIO, rows: Rows, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return rows in any order, which are finite numbers.

        Raises
        ------
        DamagedCacheError
        """
        if rows.min() < 0 or rows.max() >= self.shape[0]:
            raise IndexError(f"a row is not among the {self.shape[0]:,} of a cache")
        found = np.empty((len(rows), *self.shape[1:]), dtype)
        at_once = max(1, _BYTES_AT_ONCE // self.row_bytes)
        end = self.offset + self.shape[0] * self.row_bytes
        with mmap.mmap(file.fileno(), end, access=mmap.ACCESS_READ) as view:
            all_rows: npt.NDArray[Any] = np.ndarray(self.shape, self.dtype, view, self.offset)
            try:
                for first in range(0, len(rows), at_once):
                    some = found[first : first + at_once]
                    wanted = rows[first : first + at_once]
                    if dtype == self.dtype:  # all are there: clipping only spares a copy
                        np.take(all_rows, wanted, 0, some, "clip")
                    else:
                        with np.errstate(over="ignore"):  # beyond float32 they become infinite
                            some[...] = all_rows[wanted]
                    _check_finite(some.reshape(-1), dtype)
            finally:
                del all_rows  # it holds the map open
        return found


@dataclass(frozen=True)
class Foreign:
    """Rows as another program has laid them out; HDF5 reads them, more slowly."""

    found: h5py.Dataset

    @property
    def shape(self) -> tuple[int, ...]:
        """As of an array."""
        shape: tuple[int, ...] = self.found.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """As of an array."""
        dtype: np.dtype[Any] = self.found.dtype
        return dtype

    def block(
        self, _file: FileIO, start: int, stop: int, finite: np.dtype[Any] | None
    ) -> npt.NDArray[Any]:
        """Return neighbouring rows, as `Place.block` does."""
        try:
            found: npt.NDArray[Any] = self.found[start : max(start, stop)]
        except Exception as error:  # the library has many kinds for what is damaged
            raise DamagedCacheError(str(error)) from None
        if finite is not None:
            _check_finite(found.reshape(-1), finite)
        return found

    def picked(self, file: FileIO, rows: Rows, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return rows in any order, as `Place.picked` does."""
        found = np.empty((len(rows), *self.shape[1:]), dtype)
        order = np.argsort(rows, kind="stable")
        ends = np.searchsorted(
            rows[order], np.arange(0, self.shape[0], _FOREIGN_ROWS_AT_ONCE)
        ).tolist()
        for number, (first, last) in enumerate(zip(ends, [*ends[1:], len(rows)], strict=True)):
            if first < last:
                start = number * _FOREIGN_ROWS_AT_ONCE
                some = self.block(file, start, start + _FOREIGN_ROWS_AT_ONCE, None)
                with np.errstate(over="ignore"):
                    found[order[first:last]] = some[rows[order[first:last]] - start]
        _check_finite(found.reshape(-1), dtype)
        return found


Part = Place | Foreign


@dataclass(frozen=True)
class Parts:
    """What a cache consists of.

    Attributes
    ----------
    card : dict
        Of the encoder.
    by_name : dict of str to Part
    current : bool
        Whether all of it is as this program writes it today.
    """

    card: dict[str, Any]
    by_name: dict[str, Part]
    current: bool


def parts_of(file: h5py.File, length: int) -> Parts:
    """Return the parts of an open cache, whose file has so many bytes.

    Raises
    ------
    NotACacheError
    DamagedCacheError
    """
    known, card = _said(file)
    names = [name for name in _MAY_BE if name != "contents" or known == FORMAT]
    by_name: dict[str, Part] = {}
    for name in names:
        try:
            found = data_set(file, name)
        except KeyError:
            raise NotACacheError from None
        except ValueError as error:
            raise DamagedCacheError(str(error)) from None
        by_name[name] = _part(name, found, length)
    count = math.prod(by_name["item_ids"].shape)
    for name, part in by_name.items():
        wanted = (count, card.get("width")) if name == "embeddings" else (count,)
        if part.shape != wanted:
            raise DamagedCacheError(f"“{name}” has the shape {part.shape} instead of {wanted}")
    besides = count * sum(p.dtype.itemsize for n, p in by_name.items() if n != "embeddings")
    if besides > physical_memory() // _SHARE_OF_MEMORY:
        raise DamagedCacheError(
            f"it has {count:,} rows, and what is known of them takes {size(besides)} of memory"
        )
    current = known == FORMAT and all(
        isinstance(part, Place) and part.dtype in map(np.dtype, _OURS[name])
        for name, part in by_name.items()
    )
    return Parts(card, by_name, current)


def _said(file: h5py.File) -> tuple[str, dict[str, Any]]:
    """Return the format and the card."""
    try:
        known, said = words_beside(file, "format"), words_beside(file, "card")
    except (KeyError, ValueError):
        raise NotACacheError from None
    if known not in (FORMAT, BEFORE):
        raise NotACacheError
    try:
        card = parse_json(said)
    except ValueError as error:
        raise DamagedCacheError(f"its card: {error}") from None
    if not isinstance(card, dict):
        raise DamagedCacheError("its card is none")
    return known, card


def _part(name: str, found: h5py.Dataset, length: int) -> Part:
    dtype = np.dtype(found.dtype)
    if not _MAY_BE[name](dtype) or dtype.subdtype is not None:
        raise DamagedCacheError(f"“{name}” is of the type {dtype}")
    if not lies_in_one_piece(found):
        return Foreign(found)
    place = Place(found.id.get_offset() or 0, found.shape, dtype)
    if place.offset + found.nbytes > length:
        raise DamagedCacheError("it is too short")
    return place


def _check_finite(numbers: npt.NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Refuse numbers that are not finite, or would not be as another type."""
    with np.errstate(over="ignore", invalid="ignore"):
        plain = numbers.astype(dtype, copy=False)
        # one pass, without an array of answers: a sum of squares that is finite has no other terms
        if plain.dtype == np.float32 and math.isfinite(np.dot(plain, plain)):
            return
    if not np.isfinite(plain).all():
        raise DamagedCacheError("it holds numbers that are not finite")
