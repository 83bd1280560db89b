"""HDF5: embeddings and maps. A file may point into other files, and claim what it does not hold."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from workbench.received.small import check_regular

_HEAP = b"GCOL\x01\0\0\0"  # with its version
_HEAD_BYTES = 1 << 16
_MOST_PACKED = 1100  # times: what deflate can pack most tightly is zeros, 1032 times


def open_hdf5(path: Path, what: str) -> h5py.File:
    """Open a file for reading.

    Raises
    ------
    MissingFileError
    WorkbenchError
        It is no regular file.
    ValueError
        It is no HDF5.
    """
    check_regular(path, what)
    check_heaps(path)
    with _library():
        return h5py.File(path, "r")


def check_heaps(path: Path) -> None:
    """Refuse a file whose texts do not lie one after the other: the library would look for ever.

    It keeps texts such as an encoder's card in heaps, lists of objects that each say how long they
    are, and follows a length of zero without end. Only the head of the file is looked at, where
    the heaps of this program's files lie.

    Raises
    ------
    ValueError
    OSError
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    start = head.find(_HEAP)
    while start >= 0:
        size = int.from_bytes(head[start + 8 : start + 16], "little")
        place, end = start + 16, min(start + size, len(head))
        while place + 16 <= end and any(head[place : place + 2]):  # number 0 is the room left
            length = int.from_bytes(head[place + 8 : place + 16], "little")
            place += 16 + (length + 7) // 8 * 8
        room = int.from_bytes(head[place + 8 : place + 16], "little")
        if place > start + size or (place + 16 <= end and room == 0):
            raise ValueError("the lengths of its texts are damaged")
        start = head.find(_HEAP, start + 4)


def data_sets(file: h5py.File) -> dict[str, h5py.Dataset]:
    """Return the data sets at the top of a file whose bytes lie in it.

    Raises
    ------
    ValueError
        One leads into other files, or claims more than it holds.
    """
    found: dict[str, h5py.Dataset] = {}
    with _library():
        for name in file:
            with suppress(KeyError):  # a group, or a type
                found[name] = _within(file, name)
    return found


def data_set(file: h5py.File, name: str) -> h5py.Dataset:
    """Return a data set whose bytes lie in this file, as many as it claims.

    Raises
    ------
    KeyError
        There is none of that name.
    ValueError
        It leads into other files, or claims more than it holds; the message says which.
    """
    with _library():
        return _within(file, name)


def words_beside(file: h5py.File, name: str) -> str:
    """Return what an attribute of a file says.

    Raises
    ------
    KeyError
        There is none of that name.
    ValueError
        It is no single text, or damaged.
    """
    with _library():
        # looked at before it is read: it could claim any number of texts
        single = file.attrs.get_id(name).shape == ()
        found = file.attrs[name] if single else None
    if not isinstance(found, str):
        raise ValueError(f"“{name}” is no text")
    return found


def read_array(file: h5py.File, name: str, kinds: str, dimensions: int) -> npt.NDArray[Any]:
    """Return an array that this program has written whole, in one piece.

    Parameters
    ----------
    file : h5py.File
    name : str
    kinds : str
        Of its type, as numpy has them: ``"f"`` of floating numbers, ``"iu"`` of whole ones.
    dimensions : int

    Raises
    ------
    KeyError, ValueError
        As `data_set`; or it is of another type or shape, laid out otherwise, or not finite.
    """
    found = data_set(file, name)
    right = found.dtype.kind in kinds and found.ndim == dimensions
    if not right or not (lies_in_one_piece(found) or found.size == 0):
        raise ValueError(f"“{name}” is not as this program writes it")
    with _library():
        array: npt.NDArray[Any] = found[()]
    if not np.isfinite(array).all():
        raise ValueError(f"“{name}” has numbers that are not finite")
    return array


def lies_in_one_piece(found: h5py.Dataset) -> bool:
    """Whether the rows of a data set lie in the file one after the other, as they are in memory."""
    layout = found.id.get_create_plist().get_layout()
    return bool(layout == h5py.h5d.CONTIGUOUS) and not found.dtype.hasobject


def _within(file: h5py.File, name: str) -> h5py.Dataset:
    link = file.get(name, getlink=True)
    if link is None:
        raise KeyError(name)
    if not isinstance(link, h5py.HardLink):
        raise ValueError(f"“{name}” is a link, perhaps into another file")
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise KeyError(name)
    made = found.id.get_create_plist()
    if found.shape is None:
        raise ValueError(f"“{name}” has no shape")
    if made.get_layout() == h5py.h5d.VIRTUAL or made.get_external_count():
        raise ValueError(f"“{name}” keeps its numbers in other files")
    # what is not there would be read as zeros
    if found.nbytes > found.id.get_storage_size() * (_MOST_PACKED if made.get_nfilters() else 1):
        raise ValueError(f"“{name}” claims the shape {found.shape} and holds less")
    return found


@contextmanager
def _library() -> Iterator[None]:
    """Turn what the library raises of a damaged file into one kind of error."""
    try:
        yield
    except (KeyError, ValueError):
        raise
    except Exception as error:  # OSError, RuntimeError, TypeError, SystemError, ...
        raise ValueError(str(error)) from None
