"""Read tables row by row: values parted by commas and the like, JSON lines, parquet, shards."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.media.inside import container_columns, container_rows, is_container
from workbench.media.rows.columns import Assumed, Row, SkippedRecord
from workbench.media.rows.delimited import delimited_rows
from workbench.media.rows.dialects import find_dialect
from workbench.media.rows.json_tables import json_columns, json_rows
from workbench.media.rows.lines import check_record_file

_JSON = (".jsonl", ".ndjson", ".json")


def table_columns(path: Path) -> list[str]:
    """Return the columns of a table.

    Parameters
    ----------
    path : Path
        ``.parquet``, ``.arrow``, a shard of ``.tar``;
        ``.jsonl``, ``.ndjson`` or ``.json``, whose columns are the names in its first
        objects; else values parted by comma, semicolon, tab or pipe under a line of names.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged or no table.
    """
    check_record_file(path)
    kind = path.suffix.lower()
    if is_container(path):
        return container_columns(path)
    if kind in _JSON:
        return json_columns(path)
    return find_dialect(path).names


def is_delimited(path: Path) -> bool:
    """Whether a table is lines of cells, so that its columns may have no names."""
    return not is_container(path) and path.suffix.lower() not in _JSON


def read_rows(
    path: Path,
    skipped: list[SkippedRecord] | None = None,
    assumed: list[Assumed] | None = None,
) -> Iterator[Row]:
    """Return the rows of a table, all cells as text, never all of them in memory.

    Parameters
    ----------
    path : Path
        See `table_columns`.
    skipped : list of SkippedRecord, optional
        Rows that cannot be read are left out and, if a list is given, added to it.
    assumed : list of Assumed, optional
        What was assumed is added to it.

    Returns
    -------
    iterator of (int, dict of str to str)
        Number from 1 - the line (the last of a row that spans several), in parquet the row - and
        the cells by column; a cell that is not there is empty.

    Raises
    ------
    WorkbenchError
        At the call: the file is missing, empty, damaged or no table. While reading: it is damaged
        further on.
    """
    return _only_rows(table_rows(path), table_columns(path), skipped, assumed)


def _only_rows(
    rows: Iterator[Row | SkippedRecord | Assumed],
    names: list[str],
    skipped: list[SkippedRecord] | None,
    assumed: list[Assumed] | None,
) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, tuple):
            number, cells = row
            yield number, dict.fromkeys(names, "") | cells
        elif isinstance(row, SkippedRecord) and skipped is not None:
            skipped.append(row)
        elif isinstance(row, Assumed) and assumed is not None:
            assumed.append(row)


def table_rows(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[Row | SkippedRecord | Assumed]:
    """Yield the rows of a checked table, reasons for those that cannot be read, and assumptions.

    Parameters
    ----------
    path : Path
    columns : sequence of str, optional
        Only these are wanted; files that need not read the others do not.
    """
    kind = path.suffix.lower()
    if is_container(path):
        return container_rows(path, columns)
    if kind in _JSON:
        return json_rows(path)
    return delimited_rows(path)
