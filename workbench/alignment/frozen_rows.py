"""Frozen rows, standardised as they are read, wherever they lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import standardise
from workbench.geometry import RowSource
from workbench.geometry.rows import blocks, read_rows

Floats = npt.NDArray[np.float32]


class StandardRows:
    """A view's rows, less its centre and of unit length, computed when they are asked for.

    Nothing is copied before that: a million rows may stay in a memory map or an HDF5 file.

    Parameters
    ----------
    source : ndarray, memory map or HDF5 data set, shape (n, d)
    centre : ndarray, shape (d,)
    """

    def __init__(self, source: RowSource, centre: Floats) -> None:
        self._source = source
        self.centre = centre

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and their width."""
        rows, width = self._source.shape
        return rows, width

    def __len__(self) -> int:
        return self._source.shape[0]

    def __getitem__(self, rows: Any) -> Floats:
        """Return rows for a slice, or for row numbers in any order."""
        if isinstance(rows, slice):
            return standardise(self._source[rows], self.centre)
        return standardise(read_rows(self._source, np.asarray(rows)), self.centre)

    def standardised(self, rows: Floats) -> Floats:
        """Return other rows of the view, shape (m, d), treated as these are."""
        return standardise(rows, self.centre)

    def raw(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Return rows as they were given, neither centred nor scaled."""
        return read_rows(self._source, rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all rows, read in blocks; for views that fit into memory."""
        every = np.empty(self.shape, dtype=np.float32)
        for first, block in blocks(self._source):
            every[first : first + len(block)] = standardise(block, self.centre)
        return every if dtype is None else every.astype(dtype, copy=False)
