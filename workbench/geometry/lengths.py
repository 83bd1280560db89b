"""Lengths of rows of any size: float32 holds 1e30 and 1e-30, and the square of neither."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_TINY = np.float32(1e-12)
_LEAST, _MOST = 1e-12, 1e12  # of numbers whose squares, and sums of these, are far from the ends
_LEAST_SCALE = 1e-30  # its inverse is a number of float32


def unit_rows(rows: Floats) -> Floats:
    """Scale rows (n, d) of usual size to unit length; a zero row stays zero."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, _TINY), dtype=np.float32)


def unit_differences(rows: Floats, centre: Floats) -> Floats:
    """Return rows (n, d) less a centre (d,), scaled to unit length; what is zero stays zero."""
    with np.errstate(over="ignore", invalid="ignore"):
        plain = rows - centre
        lengths = np.linalg.norm(plain, axis=1, keepdims=True)
        unit: Floats = np.asarray(plain / np.maximum(lengths, _TINY), dtype=np.float32)
    odd = np.flatnonzero(~((lengths >= _TINY) & (lengths < np.inf)))
    if len(odd):  # their squares are beyond float32, or below it
        exact = rows[odd].astype(np.float64) - centre
        lengths = np.linalg.norm(exact, axis=1, keepdims=True)
        unit[odd] = exact / np.where(lengths > 0, lengths, 1)
    return unit


def of_usual_size(rows: Floats) -> Floats:
    """Return rows (n, d) that point where they did; those of odd size divided by their largest."""
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))
    odd = np.flatnonzero((largest > 0) & ~((largest >= _LEAST) & (largest <= _MOST)))
    if len(odd) == 0:
        return rows
    sized = rows.copy()
    sized[odd] = rows[odd].astype(np.float64) / largest[odd, None].astype(np.float64)
    return sized


def common_scale(rows: Floats) -> float:
    """Return what all rows (n, d) are to be divided by; 1 where they are of usual size."""
    return common_scale_of(max(float(rows.max(initial=0)), -float(rows.min(initial=0))))


def common_scale_of(largest: float) -> float:
    """Return the same of rows whose largest number, whatever its sign, is known."""
    if largest == 0 or _LEAST <= largest <= _MOST:
        return 1.0
    return max(largest, _LEAST_SCALE)
