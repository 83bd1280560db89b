"""The part “vectors”: all items in the joint space, for other people's programs."""

from pathlib import Path
from typing import Any

import numpy as np

from workbench.export.contents import Contents, ViewItems
from workbench.jobs import Control, Job, Progress
from workbench.media import MODALITIES

TABLE_FILE = "items.parquet"
ROWS_FILE = "vectors.npy"
IDS_FILE = "ids.npy"
COLUMNS = ("id", "modality", "path", "text", "label", "split", "vector")

_ROWS_AT_ONCE = 16_384
_BYTES_OF_WORDS = 100  # of an item's path, text and label in the table, about


def words_schema() -> Any:
    """Return names and types of the columns of the table but for the vectors (pyarrow)."""
    import pyarrow as pa

    kinds = {"id": pa.int64()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS[:-1]])


def size(contents: Contents) -> int:
    """Estimate the bytes of the table and the arrays."""
    return contents.item_count * (2 * 4 * contents.width + _BYTES_OF_WORDS + 16)


def write(folder: Path, contents: Contents, control: Control) -> Job[dict[str, Any]]:
    """Write a table with one row an item, and the same rows as plain arrays.

    Yields
    ------
    Progress
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    views = [view for view in MODALITIES if view in contents.space.views]
    total, width = contents.item_count, contents.width
    schema = words_schema().append(pa.field("vector", pa.list_(pa.float32(), width)))
    ids, counts = [], {}
    with (
        pq.ParquetWriter(folder / TABLE_FILE, schema) as table,
        _GrowingArray(folder / ROWS_FILE, width) as plain,
    ):
        for view in views:
            yield Progress(len(plain), total, f"Reading {view} items")
            items = contents.items(view)
            ids.append(items.ids)
            counts[view] = len(items.ids)
            for first in range(0, len(items.ids), _ROWS_AT_ONCE):
                control.wait_while_paused()
                if control.stopping:
                    return {}
                some = slice(first, first + _ROWS_AT_ONCE)
                table.write_batch(_batch(items, view, some, schema))
                plain.add(items.rows[some])
                yield Progress(len(plain), total, f"Writing {view} vectors")
    np.save(folder / IDS_FILE, np.concatenate(ids), allow_pickle=False)
    return {"items": counts, "width": width, "columns": list(COLUMNS)}


def _batch(items: ViewItems, view: str, some: slice, schema: Any) -> Any:
    import pyarrow as pa

    rows = np.ascontiguousarray(items.rows[some], dtype=np.float32)
    told = [[word or None for word in words[some]]
            for words in (items.paths, items.texts, items.labels, items.splits)]  # fmt: skip
    columns = [
        pa.array(items.ids[some]),
        pa.array([view] * len(rows), pa.string()),
        *(pa.array(words, pa.string()) for words in told),
        pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1]),
    ]
    return pa.record_batch(columns, schema=schema)


class _GrowingArray:
    """A file of NumPy that gets rows one block after another: all of them may be gigabytes.

    How many there are is written into its beginning at the end.
    """

    def __init__(self, path: Path, width: int) -> None:
        self._file, self._width, self._count = path.open("wb"), width, 0

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> "_GrowingArray":
        self._write_header()
        return self

    def __exit__(self, *_: object) -> None:
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def add(self, rows: Any) -> None:
        self._file.write(np.ascontiguousarray(rows, dtype="<f4").tobytes())
        self._count += len(rows)

    def _write_header(self) -> None:
        # the format leaves room for the first length to grow
        np.lib.format.write_array_header_1_0(
            self._file,
            {"descr": "<f4", "fortran_order": False, "shape": (self._count, self._width)},
        )
