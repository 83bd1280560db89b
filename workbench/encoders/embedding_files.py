"""Files of embeddings from elsewhere, read row by row; nothing pickled is ever read."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.revision import package_version
from workbench.errors import WorkbenchError
from workbench.media import decode_text
from workbench.memory import physical_memory
from workbench.words import size

EMBEDDING_NAMES = ("embeddings", "embedding", "vectors", "vector", "features")
ID_NAMES = (
    *("ids", "id", "paths", "path", "files", "file", "names", "name", "filename", "filenames"),
    *("file_name", "file_names", "filepath", "file_path", "image_path", "image_paths", "image"),
    *("audio_path", "audio_paths", "audio", "key", "keys", "uid", "uids", "uuid", "url", "index"),
)

_TXT_BESIDE = (".ids.txt", ".txt", "_ids.txt", "_names.txt", "_paths.txt", "_filenames.txt")
_NPY_BESIDE = ("_ids.npy", ".ids.npy", "_names.npy", "_paths.npy", "_filenames.npy")
_CALLED_AS_NAMES = re.compile(r"(?:.*[\W_])?(?:id|(?:file)?name|(?:file)?path|file|url|key)s?")
_SHARE_OF_MEMORY = 4  # ids take less than a fourth of it
_IN_MEMORY = 1 << 30  # bytes; a larger table of parquet goes to a file for the time being


@dataclass(frozen=True)
class EmbeddingFile:
    """The vectors of a file.

    Attributes
    ----------
    rows, width : int
    dtype : str
        In which the file holds them.
    ids : dict of str to list of str
        What may name the rows, by the name of its column or array: those of `ID_NAMES` first.
    read : callable
        ``read(rows)`` returns those rows, shape (len(rows), width); `rows` are int64, in any order.
    library : str
        What reads the file, with version.
    ids_file : Path or None
        Where the ids are, if not in the file.
    """

    rows: int
    width: int
    dtype: str
    ids: dict[str, list[str]]
    read: Callable[[NDArray[np.int64]], NDArray[Any]]
    library: str
    ids_file: Path | None = None


def open_embeddings(path: Path) -> EmbeddingFile:
    """Open a file of embeddings.

    ``.npy`` holds a 2-D array, mapped into memory; ids stand beside it, one a line in
    ``NAME.ids.txt`` or ``NAME.txt``, or in an array ``NAME_ids.npy``. ``.npz`` and ``.h5`` hold a
    2-D array ``embeddings`` (or a single 2-D one) and perhaps arrays of as many names.
    ``.parquet`` holds a column of lists ``embedding`` (or a single such column) and perhaps columns
    of names. `EMBEDDING_NAMES` are the names of tables that count, the better ones first.

    Raises
    ------
    WorkbenchError
        The file is missing, of another kind, damaged, holds pickled objects, or holds no table of
        numbers.
    """
    kinds: dict[str, Callable[[Path], EmbeddingFile]] = {
        ".npy": _open_npy,
        ".npz": _open_npz,
        ".h5": _open_hdf5,
        ".hdf5": _open_hdf5,
        ".parquet": _open_parquet,
    }
    if path.suffix.lower() not in kinds:
        raise WorkbenchError(
            f"The file {path} is not a file of embeddings that the workbench can read: save them "
            f"as {', '.join(kinds)}."
        )
    if not path.is_file():
        raise WorkbenchError(f"The file {path} does not exist: check the path.")
    with _readable(path):
        opened = kinds[path.suffix.lower()](path)
    if not opened.rows or not opened.width:
        raise WorkbenchError(f"The file {path} holds no vectors: check how it was written.")
    return opened


def is_called_as_names(column: str) -> bool:
    """Whether a column is called as one of names is, such as “imageId” or “clip_file”."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()
    return column in ID_NAMES or _CALLED_AS_NAMES.fullmatch(words) is not None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what the libraries raise on a bad file into a sentence."""
    try:
        yield
    except WorkbenchError:
        raise
    except MemoryError as error:
        raise WorkbenchError(
            f"There is not enough memory for {path}: save the embeddings as .npy, which is read "
            "in parts."
        ) from error
    except Exception as error:  # zipfile, zlib, h5py and pyarrow have errors of their own
        words = str(error).lower()
        if any(sign in words for sign in ("allow_pickle", "pickled", "python objects")):
            raise WorkbenchError(
                f"The file {path} holds pickled Python objects, which the workbench never reads: "
                "save the numbers as a float array, and ids with dtype=str."
            ) from error
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
        raise WorkbenchError(
            f"The file {path} cannot be read as embeddings ({reason}): check that it is complete."
        ) from error


def _open_npy(path: Path) -> EmbeddingFile:
    table = np.load(path, mmap_mode="r", allow_pickle=False)
    _check_table(path, "its array", table.shape, table.dtype)
    stem = path.with_suffix("")
    beside = [
        *(stem.with_name(f"{stem.name}{end}") for end in _TXT_BESIDE),
        *(stem.with_name(f"{stem.name}{end}") for end in _NPY_BESIDE),
    ]
    ids_file = next((file for file in beside if file.is_file()), None)
    ids: dict[str, list[str]] = {}
    if ids_file is not None and ids_file.suffix == ".npy":
        found = np.load(ids_file, allow_pickle=False)
        ids[ids_file.name] = _as_words(ids_file, ids_file.name, found)
    elif ids_file is not None:
        words = decode_text(ids_file.read_bytes()).removesuffix("\n").split("\n")
        ids[ids_file.name] = words
    return _of_array(table, ids, "numpy", ids_file)


def _open_npz(path: Path) -> EmbeddingFile:
    with np.load(path, allow_pickle=False) as arrays:
        name = _table_in(path, arrays)
        table = arrays[name]
        ids = _ids_in(path, name, arrays, table.shape)
    _check_table(path, f"its array “{name}”", table.shape, table.dtype)
    return _of_array(table, ids, "numpy")


def _open_hdf5(path: Path) -> EmbeddingFile:
    from workbench.received.hdf5 import data_set, data_sets, open_hdf5

    with open_hdf5(path, "The file") as file:
        arrays = data_sets(file)
        name = _table_in(path, arrays)
        table = arrays[name]
        _check_table(path, f"its dataset “{name}”", table.shape, table.dtype)
        shape, dtype = table.shape, str(table.dtype)
        ids = _ids_in(path, name, arrays, shape)

    def read(rows: NDArray[np.int64]) -> NDArray[Any]:
        # h5py wants ascending rows without repeats
        wanted, back = np.unique(rows, return_inverse=True)
        with _readable(path), open_hdf5(path, "The file") as file:
            found: NDArray[Any] = data_set(file, name)[wanted]
        return found[back]

    return EmbeddingFile(shape[0], shape[1], dtype, ids, read, _library("h5py"))


def _open_parquet(path: Path) -> EmbeddingFile:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        lists = [field.name for field in schema if _is_list(field.type)]
        name = _pick(path, "column of lists", lists, EMBEDDING_NAMES)
        ids = {c: _column_as_words(path, c, file) for c in _columns_of_names(schema, lists)}
        table = _lists_as_table(path, name, file)
        dtype = str(schema.field(name).type.value_type)
    names = {"float": "float32", "double": "float64", "halffloat": "float16"}
    return _of_array(table, ids, "pyarrow", dtype=names.get(dtype, dtype))


def _of_array(
    table: NDArray[Any],
    ids: dict[str, list[str]],
    library: str,
    ids_file: Path | None = None,
    dtype: str | None = None,
) -> EmbeddingFile:
    rows, width = table.shape
    dtype = dtype or str(table.dtype)
    return EmbeddingFile(
        rows, width, dtype, ids, lambda rows: table[rows], _library(library), ids_file
    )


def _lists_as_table(path: Path, name: str, file: Any) -> NDArray[np.float32]:
    """Read a column of lists of equal length; a row without a list becomes NaN."""
    import pyarrow.compute as pc

    table: NDArray[np.float32] | None = None
    start = 0
    for batch in file.iter_batches(batch_size=8192, columns=[name]):
        column = batch.column(0)
        full = ~column.is_null().to_numpy(zero_copy_only=False)
        lengths = pc.list_value_length(column).drop_null().to_numpy(zero_copy_only=False)
        if table is None and len(lengths):
            table = _room(file.metadata.num_rows, int(lengths[0]))
        if table is not None and len(lengths):
            odd = np.flatnonzero(lengths != table.shape[1])
            if len(odd):
                row = start + int(np.flatnonzero(full)[odd[0]])
                raise WorkbenchError(
                    f"In {path} row {row + 1:,} has {lengths[odd[0]]} numbers and those before it "
                    f"{table.shape[1]}: all vectors must have the same length."
                )
            values = column.flatten().to_numpy(zero_copy_only=False)
            rows = start + np.flatnonzero(full)
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
                table[rows] = values.reshape(len(lengths), -1).astype(np.float32)
        start += len(full)
    return np.empty((0, 0), dtype=np.float32) if table is None else table


def _room(rows: int, width: int) -> NDArray[np.float32]:
    """Return a table of NaN, in memory or, a large one, in a file that goes with the program."""
    if rows * width * 4 <= _IN_MEMORY:
        return np.full((rows, width), np.nan, dtype=np.float32)
    place = tempfile.TemporaryFile()  # noqa: SIM115  the map holds it open
    table: NDArray[np.float32] = np.memmap(place, np.float32, "w+", shape=(rows, width))
    for start in range(0, rows, 65536):
        table[start : start + 65536] = np.nan
    return table


def _table_in(path: Path, arrays: Mapping[str, Any]) -> str:
    """Return which array is the table."""
    named = next((name for name in EMBEDDING_NAMES if name in arrays), None)
    if named is not None:
        return named
    flat = [name for name in arrays if len(arrays[name].shape) == 2 and name not in ID_NAMES]
    return _pick(path, "2-D array", flat, ())


def _ids_in(
    path: Path, table: str, arrays: Mapping[str, Any], shape: tuple[int, ...]
) -> dict[str, list[str]]:
    """Return the arrays that may name the rows: those called so, and others as long as the table.

    Raises
    ------
    WorkbenchError
        One that is called so is no list of names.
    """
    found = {}
    for name in _known_first(list(arrays)):
        array = arrays[name]
        fits = array.shape == shape[:1] and (array.dtype.kind in "SUiu" or array.dtype.kind == "O")
        if name != table and (name in ID_NAMES or fits):
            if array.nbytes > physical_memory() // _SHARE_OF_MEMORY:
                raise WorkbenchError(
                    f"The ids “{name}” in {path} take {size(array.nbytes)}, more than there is "
                    "memory for: save one a row."
                )
            found[name] = _as_words(path, name, array[()])
    return found


def _known_first(names: list[str]) -> list[str]:
    return [*(name for name in ID_NAMES if name in names),
            *(name for name in names if name not in ID_NAMES)]  # fmt: skip


def _columns_of_names(schema: Any, lists: list[str]) -> list[str]:
    """Return the columns that may name rows; one that cannot only where no other is called so."""
    names = [name for name in _known_first(schema.names) if name not in lists]
    fit = [name for name in names if _may_name(schema.field(name).type)]
    if any(name in ID_NAMES or _is_text(schema.field(name).type) for name in fit):
        return fit
    return [name for name in names if is_called_as_names(name) or name in fit]


def _column_as_words(path: Path, name: str, file: Any) -> list[str]:
    import pyarrow as pa

    column = file.read(columns=[name]).column(0)
    if not (pa.types.is_integer(column.type) or _is_text(column.type)):
        raise WorkbenchError(
            f"The column “{name}” of {path} holds {column.type}: ids must be texts or whole "
            "numbers."
        )
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _may_name(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind)) or _is_text(kind)


def _pick(path: Path, what: str, found: list[str], names: tuple[str, ...]) -> str:
    """Return the only one of some arrays or columns, or the one that is called as it should be."""
    named = [name for name in names if name in found]
    if named or len(found) == 1:
        return (named or found)[0]
    has = f"has {len(found)} ({', '.join(found[:5])})" if found else "has none"
    raise WorkbenchError(
        f"The file {path} should hold one {what} of embeddings and {has}: name it "
        f"“{EMBEDDING_NAMES[0]}”."
    )


def _check_table(path: Path, what: str, shape: tuple[int, ...], dtype: Any) -> None:
    if len(shape) != 2:
        raise WorkbenchError(
            f"The file {path} must hold one vector a row, but {what} has the shape {shape}: save "
            "it as (items, width)."
        )
    if np.dtype(dtype).kind not in "fiu":
        raise WorkbenchError(
            f"The file {path} must hold numbers, but {what} is of the type {dtype}: save it as "
            "float32 or float16."
        )


def _as_words(path: Path, name: str, values: NDArray[Any]) -> list[str]:
    """Return an array of ids as texts."""
    if values.ndim != 1:
        raise WorkbenchError(
            f"The ids “{name}” in {path} have the shape {values.shape}: save one a row."
        )
    found = values.tolist()
    if not all(isinstance(value, str | bytes | int) for value in found):
        raise WorkbenchError(
            f"The ids “{name}” in {path} are of the type {values.dtype}: save texts or whole "
            "numbers."
        )
    return [
        value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
        for value in found
    ]


def _is_list(kind: Any) -> bool:
    """Whether a type of pyarrow is a list of numbers."""
    import pyarrow.types as types

    lists = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    if not any(check(kind) for check in lists):
        return False
    return bool(types.is_floating(kind.value_type) or types.is_integer(kind.value_type))


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    value = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(value) or types.is_large_string(value))


def _library(package: str) -> str:
    return f"{package} {package_version(package)}"
