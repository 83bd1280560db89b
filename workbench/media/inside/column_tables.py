"""Tables whose columns lie one after another, parquet and arrow, and single cells of them."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.media.inside.features import MediaColumn, features_of, media_column

MOST_ROWS = 1000
"""Rows that are read at once, where they hold no media."""

_BYTES_AT_ONCE = 4 << 20  # of a column of media
_TABLES_KEPT_OPEN = 4  # in a process; each keeps `_BYTES_AT_ONCE` for every column read of it
_LOOKED_AT = 20  # rows, for one that is not null


class ColumnTable:
    """An open parquet or arrow file.

    Attributes
    ----------
    schema : pyarrow.Schema
    features : dict of str to object
        What the datasets library has noted of the columns.
    """

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self.features = features_of(schema)
        self._media: dict[str, MediaColumn] | None = None

    def batches(self, leaves: Sequence[str] | None, rows: int) -> Iterator[Any]:
        """Yield record batches of some columns, or of parts of them such as ``image.path``."""
        raise NotImplementedError

    def nulls(self, leaf: str) -> int | None:
        """Return how many rows have nothing in a column, or None where that is not noted."""
        raise NotImplementedError

    def value(self, leaf: str, row: int) -> Any:
        """Return a cell, of a row from 0; rows in rising order are read but once."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""

    def media(self) -> dict[str, MediaColumn]:
        """Return the columns that hold bytes."""
        if self._media is None:
            self._media = {}
            for field in self.schema:
                found = media_column(
                    field.name, field.type, self.features.get(field.name),
                    lambda name=field.name: self._first(name),
                )  # fmt: skip
                if found is not None:
                    self._media[field.name] = found
        return self._media

    def _first(self, name: str) -> Any:
        for row in range(_LOOKED_AT):
            try:
                cell = self.value(name, row)
            except IndexError:
                return None
            if cell not in (None, [], b"") and not (
                isinstance(cell, dict) and not any(cell.values())
            ):
                return cell
        return None


class _ParquetTable(ColumnTable):
    """An open parquet file."""

    def __init__(self, path: Path) -> None:
        from pyarrow.parquet import ParquetFile

        # with a buffer, a column is read piece by piece and not as a whole
        self._file = ParquetFile(path, buffer_size=1 << 18)
        super().__init__(self._file.schema_arrow)
        self._forward: dict[str, _Forward] = {}

    def batches(self, leaves: Sequence[str] | None, rows: int) -> Iterator[Any]:
        wanted = None if leaves is None else list(leaves)
        return iter(self._file.iter_batches(batch_size=rows, columns=wanted))

    def nulls(self, leaf: str) -> int | None:
        total = 0
        facts = self._file.metadata
        for group in range(facts.num_row_groups):
            parts = facts.row_group(group)
            columns = (parts.column(number) for number in range(parts.num_columns))
            own = next((each for each in columns if each.path_in_schema == leaf), None)
            noted = own.statistics if own is not None else None
            if noted is None or not noted.has_null_count:
                return None
            total += noted.null_count
        return total

    def value(self, leaf: str, row: int) -> Any:
        if leaf not in self._forward:
            self._forward[leaf] = _Forward(self._file, leaf)
        return self._forward[leaf].value(row)

    def close(self) -> None:
        self._forward.clear()
        self._file.close()


class _Forward:
    """Reads one column of a parquet file a few rows at a time; back only by reading anew."""

    def __init__(self, file: Any, leaf: str) -> None:
        self._file, self._leaf = file, leaf
        groups = range(file.metadata.num_row_groups)
        self._ends = list(accumulate(file.metadata.row_group(n).num_rows for n in groups))
        self._group, self._start, self._end = -1, 0, 0
        self._batches: Iterator[Any] = iter(())
        self._cells: Any = None

    def value(self, row: int) -> Any:
        if not self._start <= row < self._end:
            self._go_to(row)
        return self._cells[row - self._start].as_py()

    def _go_to(self, row: int) -> None:
        group = bisect_right(self._ends, row)
        if row < 0 or group >= len(self._ends):
            raise IndexError(row)
        if group != self._group or row < self._start:
            self._group = group
            self._start = self._end = self._ends[group - 1] if group else 0
            self._batches = self._file.iter_batches(
                batch_size=self._rows_at_once(group), row_groups=[group], columns=[self._leaf],
                use_threads=False,
            )  # fmt: skip
        while row >= self._end:
            batch = next(self._batches, None)
            if batch is None or not batch.num_rows:
                raise IndexError(row)
            self._cells = part_of(batch.column(0), self._leaf)
            self._start, self._end = self._end, self._end + batch.num_rows

    def _rows_at_once(self, group: int) -> int:
        facts = self._file.metadata.row_group(group)
        columns = (facts.column(number) for number in range(facts.num_columns))
        size: int = sum(
            each.total_uncompressed_size
            for each in columns
            if f"{each.path_in_schema}.".startswith(f"{self._leaf}.")
        )
        a_row = max(1, size // max(1, facts.num_rows))
        return int(max(1, min(MOST_ROWS, _BYTES_AT_ONCE // a_row)))


class _ArrowTable(ColumnTable):
    """An open arrow file, a stream of batches or with a list of them, mapped into memory."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        with path.open("rb") as file:
            has_list = file.read(6) == b"ARROW1"
        self._map = pa.memory_map(str(path))
        try:
            if has_list:
                reader = pa.ipc.open_file(self._map)
                self._all = [reader.get_batch(n) for n in range(reader.num_record_batches)]
            else:
                reader = pa.ipc.open_stream(self._map)
                self._all = list(reader)
            super().__init__(reader.schema)
        except BaseException:
            self._map.close()
            raise
        self._ends = list(accumulate(batch.num_rows for batch in self._all))
        self._checked: set[tuple[int, str]] = set()

    def batches(self, leaves: Sequence[str] | None, rows: int) -> Iterator[Any]:
        names = None if leaves is None else dict.fromkeys(self._whole(leaf) for leaf in leaves)
        for number, batch in enumerate(self._all):
            for name in self.schema.names if names is None else names:
                self._check(number, name)
            chosen = batch if names is None else batch.select(list(names))
            for start in range(0, batch.num_rows, rows):
                yield chosen.slice(start, rows)

    def nulls(self, leaf: str) -> int | None:
        return sum(int(self._cells(n, leaf).null_count) for n in range(len(self._all)))

    def value(self, leaf: str, row: int) -> Any:
        number = bisect_right(self._ends, row)
        if row < 0 or number >= len(self._all):
            raise IndexError(row)
        start = self._ends[number - 1] if number else 0
        return self._cells(number, leaf)[row - start].as_py()

    def close(self) -> None:
        self._all = []
        self._map.close()

    def _cells(self, number: int, leaf: str) -> Any:
        self._check(number, self._whole(leaf))
        return part_of(self._all[number].column(self._whole(leaf)), leaf)

    def _check(self, number: int, name: str) -> None:
        """Look whether the places that a batch names lie in it, before they are followed."""
        if (number, name) not in self._checked:
            self._all[number].column(name).validate(full=True)
            self._checked.add((number, name))

    def _whole(self, leaf: str) -> str:
        names = self.schema.names
        return leaf if leaf in names else leaf.rpartition(".")[0]


def part_of(column: Any, leaf: str) -> Any:
    """Return the cells of a part such as ``image.bytes``, of another column all of them."""
    from pyarrow.types import is_struct

    part = leaf.rpartition(".")[2]
    if not is_struct(column.type) or part not in ("bytes", "path") or "." not in leaf:
        return column
    return column.flatten()[column.type.get_field_index(part)]  # with the nulls of the struct


# --- open tables ----------------------------------------------------------------------------------


_open: OrderedDict[tuple[str, int, int], ColumnTable] = OrderedDict()  # used last at the end
_lock = threading.RLock()


@contextmanager
def opened(path: Path, kept: bool = True) -> Iterator[ColumnTable]:
    """Open a table; whatever the library raises within becomes a sentence.

    Parameters
    ----------
    path : Path
    kept : bool
        Whether it stays open for whoever asks next; one thread at a time then has any. Otherwise it
        is the caller's alone.
    """
    import pyarrow

    kind = path.suffix[1:].lower()
    try:
        if not kept:
            table = _opener(path)
            try:
                yield table
            finally:
                table.close()
            return
        with _lock:
            yield _kept(path)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        with _lock:
            for key in [key for key in _open if key[0] == str(path)]:
                _open.pop(key).close()
        lines = str(error).strip().splitlines()
        reason = (lines[0][:150] if lines else type(error).__name__).rstrip(".")
        raise WorkbenchError(
            f"{path} cannot be read as {kind} ({reason}): write it again or choose another file."
        ) from error


def _kept(path: Path) -> ColumnTable:
    facts = path.stat()
    key = (str(path), facts.st_size, facts.st_mtime_ns)
    if key not in _open:
        _open[key] = _opener(path)
        while len(_open) > _TABLES_KEPT_OPEN:
            _open.popitem(last=False)[1].close()
    _open.move_to_end(key)
    return _open[key]


def _opener(path: Path) -> ColumnTable:
    return _ParquetTable(path) if path.suffix.lower() == ".parquet" else _ArrowTable(path)
