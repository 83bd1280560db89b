"""Rows of a space wherever they lie: an array, a memory map, a data set of an HDF5 file."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

# 200 MB at width 384
BLOCK_ROWS = 131_072


class RowSource(Protocol):
    """What has a shape (n, d), and gives rows for a slice or for ascending row numbers."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and their width."""

    def __getitem__(self, rows: Any, /) -> Any:
        """Return rows, as an array of numbers."""


def blocks(points: RowSource, size: int = BLOCK_ROWS) -> Iterator[tuple[int, Floats]]:
    """Read all rows in their order, a block at a time.

    Parameters
    ----------
    points : RowSource, shape (n, d)
    size : int
        Rows a block.

    Yields
    ------
    tuple of int and ndarray of shape (<= size, d)
        The number of the block's first row, and the block.
    """
    for start in range(0, points.shape[0], size):
        yield start, _plain(points[start : start + size])


def read_rows(points: RowSource, rows: Ids) -> Floats:
    """Return rows in any order, also one row several times, shape (len(rows), d)."""
    if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return _plain(points[int(rows[0]) : int(rows[0]) + len(rows)])
    distinct, places = np.unique(rows, return_inverse=True)
    return _plain(points[distinct])[places]


def evenly(count: int, most: int) -> Ids:
    """Return at most so many row numbers of `count`, evenly spread, ascending and each once."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def check_finite(block: Floats, first: int) -> None:
    """Refuse rows with NaN or Inf: they are near to nothing.

    Raises
    ------
    WorkbenchError
        Names the first such row.
    """
    if np.isfinite([block.min(), block.max()]).all():
        return
    bad = np.flatnonzero(~np.isfinite(block).all(axis=1))
    raise WorkbenchError(
        f"Row {first + bad[0]} holds NaN or Inf, so it has no neighbours. "
        "Encode its item again, or leave it out."
    )


def _plain(rows: Any) -> Floats:
    return np.ascontiguousarray(rows, dtype=np.float32)
