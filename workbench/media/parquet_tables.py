"""Tables of parquet files, read batch by batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.media.columns import Row, cell_text

_ROWS_AT_ONCE = 1000


def parquet_columns(path: Path) -> list[str]:
    """Return the names of the columns.

    Raises
    ------
    WorkbenchError
        The file cannot be read as parquet, or has no columns.
    """
    with _opened(path) as table:
        names = [cell_text(name) for name in table.schema_arrow.names]
    if not names:
        raise WorkbenchError(f"The parquet file {path} has no columns: choose another file.")
    return names


def parquet_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield the rows, numbered from 1; of the columns only those asked for are read.

    Raises
    ------
    WorkbenchError
        The file turns out to be damaged.
    """
    number = 0
    with _opened(path) as table:
        wanted = None if columns is None else [_path_alone(table, name) for name in columns]
        for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE, columns=wanted):
            names = [cell_text(name) for name in batch.schema.names]
            cells = [_texts(column) for column in batch.columns]
            for row in zip(*cells, strict=True):
                number += 1
                yield number, dict(zip(names, row, strict=True))


def _path_alone(table: Any, name: str) -> str:
    """Of a column of pictures or recordings with their bytes (the datasets library's) the path."""
    from pyarrow.types import is_struct

    kind = table.schema_arrow.field(name).type
    inner = [kind.field(place).name for place in range(kind.num_fields)] if is_struct(kind) else []
    return f"{name}.path" if "path" in inner else name


def _texts(column: Any) -> list[str]:
    from pyarrow.types import is_timestamp

    if is_timestamp(column.type):  # Python's own have no nanoseconds
        column = column.cast("string")
    return [cell_text(value) for value in column.to_pylist()]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a parquet file; whatever the library raises within becomes a sentence."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as table:
            yield table
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        lines = str(error).strip().splitlines()
        reason = (lines[0][:150] if lines else type(error).__name__).rstrip(".")
        raise WorkbenchError(
            f"{path} cannot be read as parquet ({reason}): write it again or choose another file."
        ) from error
