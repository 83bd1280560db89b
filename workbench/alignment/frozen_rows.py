"""Frozen rows, prepared for the heads as they are read, wherever they lie."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import prepared_rows
from workbench.alignment.whitening import Whitening
from workbench.geometry import RowSource
from workbench.geometry.rows import blocks, read_rows

Floats = npt.NDArray[np.float32]

_KEPT_BYTES = 32 * 2**20


class StandardRows:
    """A view's rows as its head takes them, computed when they are asked for.

    They are less their centre and of unit length, or whitened besides. Nothing is copied before
    they are asked for: a million rows may stay in a memory map or an HDF5 file. Up to 32 MiB of
    whitened rows are kept, since a start asks for the same ones many times over.

    Parameters
    ----------
    source : ndarray, memory map or HDF5 data set, shape (n, d)
    centre : ndarray, shape (d,)
    whitening : Whitening, optional
    whitened : ndarray, shape (n, d), optional
        The rows as whitened, where they are known already.
    """

    def __init__(
        self, source: RowSource, centre: Floats, whitening: Whitening | None = None,
        whitened: Floats | None = None,
    ) -> None:  # fmt: skip
        self._source = source
        self.centre = centre
        self.whitening = whitening
        self._kept: Floats | None = None
        if whitened is not None and len(whitened) == len(self) and self._is_kept:
            self._kept = whitened

    @property
    def frozen(self) -> StandardRows:
        """The rows centred and of unit length alone: the space whose geometry is to be kept."""
        return StandardRows(self._source, self.centre) if self.whitening else self

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and their width."""
        rows, width = self._source.shape
        return rows, width

    def __len__(self) -> int:
        return self._source.shape[0]

    def __getitem__(self, rows: Any) -> Floats:
        """Return rows for a slice, or for row numbers in any order."""
        if self._is_kept:
            if self._kept is None:
                self._kept = np.asarray(self)
            return np.array(self._kept[rows])
        if isinstance(rows, slice):
            # in one layout: sums of rows that lie otherwise in memory are rounded otherwise
            return self.standardised(np.ascontiguousarray(self._source[rows]))
        return self.standardised(read_rows(self._source, np.asarray(rows)))

    @property
    def _is_kept(self) -> bool:
        return self.whitening is not None and 4 * math.prod(self.shape) <= _KEPT_BYTES

    def standardised(self, rows: Floats) -> Floats:
        """Return other rows of the view, shape (m, d), treated as these are."""
        return prepared_rows(rows, self.centre, self.whitening)

    def raw(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Return rows as they were given, neither centred nor scaled."""
        return read_rows(self._source, rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all rows, read in blocks; for views that fit into memory."""
        every = np.empty(self.shape, dtype=np.float32)
        for first, block in blocks(self._source):
            every[first : first + len(block)] = self.standardised(block)
        return every if dtype is None else every.astype(dtype, copy=False)
