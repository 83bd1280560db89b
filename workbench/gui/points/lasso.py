"""Which points lie inside a drawn outline."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

_FEW_POINTS = 100_000
_CELLS = 192  # in each direction, between the corners of many points' outline
_OUTSIDE, _INSIDE, _UNSURE = 0, 1, 2


def inside_rectangle(
    positions: Floats, corner: tuple[float, float], opposite: tuple[float, float]
) -> npt.NDArray[np.bool_]:
    """Return the mask of the points in an upright rectangle, borders included, shape (n,)."""
    (x0, x1), (y0, y1) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    x, y = positions[:, 0], positions[:, 1]
    mask: npt.NDArray[np.bool_] = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return mask


def inside_polygon(positions: Floats, outline: Floats) -> npt.NDArray[np.bool_]:
    """Return the mask of the points inside a closed polygon, by the even-odd rule.

    Of many points most lie far from the outline. So the plane is cut into cells first, and those
    that no edge comes near are inside or outside as a whole; the points in the others are compared
    with the edges. 1,000,000 points and a hand-drawn outline of hundreds of corners take some tens
    of milliseconds.

    Parameters
    ----------
    positions : ndarray, shape (n, 2)
    outline : ndarray, shape (m, 2)
        Corners; the last is joined to the first.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    mask = np.zeros(len(positions), dtype=bool)
    outline = np.asarray(outline, dtype=np.float64).reshape(-1, 2)
    if len(outline) < 3:
        return mask
    low, high = outline.min(axis=0), outline.max(axis=0)
    x, y = positions[:, 0], positions[:, 1]
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y < high[1]))
    if not len(near):
        return mask
    x, y = x[near], y[near]
    if len(near) <= _FEW_POINTS or not (high > low).all():
        mask[near] = _compare(x.astype(np.float64), y.astype(np.float64), outline)
        return mask
    cells = _cells(outline, low, high)
    size = (_CELLS / (high - low)).astype(np.float32)
    cell = ((y - np.float32(low[1])) * size[1]).astype(np.int32).clip(0, _CELLS - 1) * _CELLS
    cell += ((x - np.float32(low[0])) * size[0]).astype(np.int32).clip(0, _CELLS - 1)
    kind = cells.ravel().take(cell)
    inside = kind == _INSIDE
    unsure = np.flatnonzero(kind == _UNSURE)
    inside[unsure] = _compare(x[unsure].astype(np.float64), y[unsure].astype(np.float64), outline)
    mask[near] = inside
    return mask


def _cells(
    outline: npt.NDArray[np.float64], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    """Return of each cell between two corners whether it is inside, outside or near an edge."""
    corners = (outline - low) / (high - low) * _CELLS
    crossed = np.zeros((_CELLS + 2, _CELLS + 2), dtype=bool)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        steps = int(np.abs(end - start).max() * 2) + 2  # not half a cell apart
        column, row = np.linspace(start, end, steps).T.astype(np.int32).clip(0, _CELLS - 1) + 1
        crossed[row, column] = True
    # an edge may cut a corner off the cell beside, and a point be rounded into it
    wide = crossed[:-2] | crossed[1:-1] | crossed[2:]
    near = wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]
    middle = (np.arange(_CELLS) + 0.5) / _CELLS
    x, y = low[0] + middle * (high[0] - low[0]), low[1] + middle * (high[1] - low[1])
    cells = _compare(np.tile(x, _CELLS), np.repeat(y, _CELLS), outline)
    kinds = np.where(cells.reshape(_CELLS, _CELLS), _INSIDE, _OUTSIDE).astype(np.int8)
    kinds[near] = _UNSURE
    return kinds


def _compare(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], outline: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return the mask of the points inside, all within the heights of the outline.

    The plane is cut into slabs at the heights of the corners. Within a slab the edges do not
    begin or end, so each point is compared only with the few edges that cross its slab.
    """
    levels = np.unique(outline[:, 1])
    slab = np.searchsorted(levels, y, side="right") - 1
    order = np.argsort(slab.astype(np.uint16 if len(levels) < 65_536 else np.int64), kind="stable")
    bounds = np.searchsorted(slab[order], np.arange(len(levels)))

    start, end = outline, np.roll(outline, -1, axis=0)
    bottom, top = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    inside = np.zeros(len(x), dtype=bool)
    for number in range(len(levels) - 1):
        members = order[bounds[number] : bounds[number + 1]]
        if not len(members):
            continue
        crossing = np.flatnonzero((bottom <= levels[number]) & (top >= levels[number + 1]))
        at_x, at_y = x[members], y[members]
        odd = np.zeros(len(members), dtype=bool)
        for edge in crossing:
            (x0, y0), (x1, y1) = start[edge], end[edge]
            if y0 != y1:
                odd ^= at_x < x0 + (at_y - y0) * ((x1 - x0) / (y1 - y0))
        inside[members] = odd
    return inside
