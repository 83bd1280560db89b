"""Rows of parquet and arrow tables, whose bytes stay where they are, and single cells of them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.media.inside.column_tables import MOST_ROWS, ColumnTable, opened, part_of
from workbench.media.inside.features import MediaColumn, class_names
from workbench.media.rows.columns import Inside, Row, cell_text

_ROWS_OF_MEDIA = 16  # where it must be looked whether each row has bytes


def column_names(path: Path) -> list[str]:
    """Return the names of the columns.

    Raises
    ------
    WorkbenchError
        The file cannot be read as what it is, or has no columns.
    """
    with opened(path) as table:
        names = [cell_text(name) for name in table.schema.names]
    if not names:
        raise WorkbenchError(
            f"The {path.suffix[1:].lower()} file {path} has no columns: choose another file."
        )
    return names


def column_media(path: Path) -> dict[str, MediaColumn]:
    """Return the columns that hold bytes."""
    with opened(path) as table:
        return dict(table.media())


def classes_told(path: Path, name: str) -> list[str]:
    """Return what the numbers of a column stand for; nothing where they are numbers."""
    with opened(path) as table:
        return class_names(table.features.get(name))


def column_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield the rows, numbered from 1; of the columns only those asked for are read, and no bytes.

    A cell of media is an `Inside`, or the path that it is, or empty.

    Raises
    ------
    WorkbenchError
        The file turns out to be damaged.
    """
    with opened(path, kept=False) as table:
        names = list(table.schema.names) if columns is None else list(columns)
        media = {name: held for name, held in table.media().items() if name in names}
        bare = {name for name, held in media.items() if held.several or held.modality is None}
        leaves, looked = _leaves(table, names, media, bare)
        number = 0
        for batch in table.batches(leaves or [table.schema.names[0]],
                                   _ROWS_OF_MEDIA if looked else MOST_ROWS):  # fmt: skip
            cells = [
                [""] * batch.num_rows if name in bare
                else _media_cells(batch, name, media[name], name in looked, number)
                if name in media
                else _texts(_column(batch, name), class_names(table.features.get(name)))
                for name in names
            ]  # fmt: skip
            shown = [cell_text(name) for name in names]
            for row in zip(*cells, strict=True):
                number += 1
                yield number, dict(zip(shown, row, strict=True))


def _leaves(
    table: ColumnTable, names: Sequence[str], media: dict[str, MediaColumn], bare: set[str]
) -> tuple[list[str], set[str]]:
    """Return what is to be read for some columns, and which of them are looked at row by row."""
    leaves, looked = [], set()
    for name in names:
        held = media.get(name)
        if held is None:
            leaves.append(name)
        elif name not in bare:
            leaf = f"{name}.bytes" if held.in_struct else name
            if held.named:
                leaves.append(f"{name}.path")
            if table.nulls(leaf) != 0:
                leaves.append(leaf)
                looked.add(name)
    return leaves, looked


def _column(batch: Any, name: str) -> Any:
    return batch.column(batch.schema.get_all_field_indices(name)[-1])


def _media_cells(batch: Any, name: str, held: MediaColumn, looked: bool, before: int) -> list[str]:
    column = _column(batch, name) if looked or held.named else None
    paths: list[str | None] = [None] * batch.num_rows
    there = [True] * batch.num_rows
    if held.named:
        paths = part_of(column, f"{name}.path").to_pylist()
    if looked:
        leaf = f"{name}.bytes" if held.in_struct else name
        there = part_of(column, leaf).is_valid().to_pylist()
    rows = enumerate(zip(paths, there, strict=True), start=before + 1)
    return [
        Inside(cell_text(path), f"{row}.{name}") if is_there else cell_text(path)
        for row, (path, is_there) in rows
    ]


def _texts(column: Any, classes: list[str]) -> list[str]:
    from pyarrow.types import is_timestamp

    if is_timestamp(column.type):  # Python's own have no nanoseconds
        column = column.cast("string")
    values = column.to_pylist()
    if classes:
        return [
            classes[value] if isinstance(value, int) and 0 <= value < len(classes)
            else cell_text(value)
            for value in values
        ]  # fmt: skip
    return [cell_text(value) for value in values]


# --- single cells ---------------------------------------------------------------------------------


def read_cell(path: Path, place: str) -> bytes:
    """Return the bytes at a place of a table, such as ``12.image``: row from 1, and column.

    Raises
    ------
    WorkbenchError
        The file cannot be read, or has nothing there.
    """
    row, _, name = place.partition(".")
    with opened(path) as table:
        held = next((n for n in table.media() if Path(f"0.{n}") == Path(f"0.{name}")), None)
        content = None
        if held is not None and row.isdecimal():
            leaf = f"{held}.bytes" if table.media()[held].in_struct else held
            with suppress(IndexError):
                content = table.value(leaf, int(row) - 1)
    if not isinstance(content, bytes):
        raise WorkbenchError(
            f"{path} has no picture or recording in row {row[:20]}, column “{name[:60]}”: it has "
            "changed since the last scan, so scan again."
        )
    return content
