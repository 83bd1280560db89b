"""Looking at views and pairs before any work: each fault is one sentence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.geometry import RowSource
from workbench.geometry.rows import blocks
from workbench.item_ids import distinct_pairs

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


def checked_rows(view: str, rows: Any) -> RowSource:
    """Return a view as something with rows of numbers; what has a shape is not copied."""
    array: Any = rows
    if not (hasattr(rows, "shape") and hasattr(rows, "dtype")):
        array = _as_array(rows, f"The view “{view}” must be rows × width.")
    if len(array.shape) != 2 or 0 in array.shape:
        raise WorkbenchError(
            f"The view “{view}” has the shape {tuple(array.shape)}; it must be rows × width, none "
            "zero."
        )
    if np.dtype(array.dtype).kind not in "fiu":
        raise WorkbenchError(f"The view “{view}” must be of numbers, not {array.dtype}.")
    source: RowSource = array
    return source


def checked_centre(view: str, rows: RowSource) -> Floats:
    """Check all rows, and return their mean.

    The sum is in float64: float32 sums drift over many rows.
    """
    total, alike, first_row = np.zeros(rows.shape[1]), True, None
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite, and is told of
        for first, block in blocks(rows):
            check_finite_rows(view, block, first)
            _check_zeros(view, block, first)
            total += block.sum(axis=0, dtype=np.float64)
            first_row = block[0] if first_row is None else first_row
            alike = alike and bool((block == first_row).all())
    if alike and rows.shape[0] > 1:
        raise WorkbenchError(
            f"All {rows.shape[0]:,} rows of “{view}” are equal, so there is nothing to align. "
            "Check its items and its encoder."
        )
    return np.asarray(total / rows.shape[0], dtype=np.float32)


def check_finite_rows(view: str, block: Floats, first: int = 0) -> None:
    """Refuse rows with NaN or Inf; `first` is the number of the block's first row."""
    broken = np.flatnonzero(~np.isfinite(block).all(axis=1))
    if len(broken):
        raise WorkbenchError(
            f"Row {first + broken[0]} of “{view}” has a number that is not finite (at least "
            f"{len(broken):,} such rows). Encode these items again or leave them out."
        )


def checked_pairs(
    relation: tuple[str, str], rows: Any, views: Mapping[str, RowSource], least: int
) -> Numbers:
    """Return the pairs of a relation, each once, in order."""
    name = "–".join(relation)
    pairs = _as_array(rows, f"The pairs {name} must be whole numbers of shape (p, 2).")
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise WorkbenchError(f"The pairs {name} must be whole numbers of shape (p, 2).")
    if len(relation) != 2 or len(set(relation)) != 2 or any(v not in views for v in relation):
        raise WorkbenchError(
            f"The pairs {name} must link two different views of: {', '.join(views)}."
        )
    for side, view in enumerate(relation):
        outside = (pairs[:, side] < 0) | (pairs[:, side] >= views[view].shape[0])
        if outside.any():
            worst = int(pairs[outside.argmax(), side])
            raise WorkbenchError(
                f"A pair {name} points to row {worst} of “{view}”, which has "
                f"{views[view].shape[0]}."
            )
    pairs = distinct_pairs(pairs)
    if len(pairs) < least:
        raise WorkbenchError(
            f"There are {len(pairs)} training pairs {name}; this method needs at least {least}. "
            "Add pairs, raise the budget, or hold out a smaller share."
        )
    return pairs


def _check_zeros(view: str, block: Floats, first: int) -> None:
    empty = np.flatnonzero(~block.any(axis=1))
    if len(empty):
        raise WorkbenchError(
            f"Row {first + empty[0]} of “{view}” is all zeros (at least {len(empty):,} such "
            "rows). Encode these items again or leave them out."
        )


def _as_array(values: Any, words: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        raise WorkbenchError(words) from None
