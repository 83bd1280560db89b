"""Many points as an image: a buffer of point numbers, coloured by look-up. numpy only, no Qt.

Each point stamps its number into an integer buffer of the view's size. The buffer then answers
everything: colours are one look-up, the point under the cursor is one read, and neither depends on
how many points there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Shape = Literal["disc", "square", "diamond", "triangle"]
SHAPES: tuple[Shape, ...] = ("disc", "square", "diamond", "triangle")
NOTHING = -1

Packed = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int32]

# At most so many points are drawn at twice the resolution for smooth edges.
_SMOOTH_POINTS = 50_000


@dataclass(frozen=True)
class Viewport:
    """What part of the plane is seen, and on how many device pixels.

    Attributes
    ----------
    centre : tuple of float
        The point of the plane in the middle of the image.
    scale : tuple of float
        Device pixels a unit, to the right and upward.
    width, height : int
        Size of the image in device pixels.
    """

    centre: tuple[float, float]
    scale: tuple[float, float]
    width: int
    height: int

    def pixels(
        self, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Map positions to device pixels, the second axis downward.

        The centre is subtracted first: so float32 stays exact far into the plane.
        """
        across = (x - np.float32(self.centre[0])) * np.float32(self.scale[0])
        down = (y - np.float32(self.centre[1])) * np.float32(-self.scale[1])
        across += np.float32(self.width / 2)
        down += np.float32(self.height / 2)
        return across, down


@lru_cache(maxsize=64)
def stamp(shape: Shape, radius: float) -> tuple[tuple[int, int, int], ...]:
    """Return the pixels of a point: (squared distance, down, right), the farthest first.

    All shapes of one radius have about the area of the disc; radius 0 is a single pixel.
    """
    reach = int(np.ceil(radius * 1.6)) + 1
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = down**2 + right**2
    half = 0.5  # pixels are squares, not dots: their centre may lie half a pixel outside
    if shape == "disc":
        inside = distance <= (radius + half) ** 2
    elif shape == "square":
        inside = np.maximum(abs(down), abs(right)) <= radius * 0.886 + half
    elif shape == "diamond":
        inside = abs(down) + abs(right) <= radius * 1.253 + half
    else:  # an equilateral triangle that stands on its base, its centroid on the point
        inside = (down <= radius * 0.778 + half) & (
            abs(right) <= (down + radius * 1.556 + half) / np.sqrt(3)
        )
    inside[reach, reach] = True
    pixels = np.stack([distance[inside], down[inside], right[inside]], axis=1)
    order = np.argsort(-pixels[:, 0], kind="stable")
    return tuple((int(d), int(y), int(x)) for d, y, x in pixels[order])


def pack(rgba: npt.NDArray[np.uint8]) -> Packed:
    """Pack colours (n, 4) into premultiplied 0xAARRGGBB, with a transparent one appended.

    The appended entry is where number -1, "nothing", looks.
    """
    packed = np.zeros(len(rgba) + 1, dtype=np.uint32)
    if len(rgba) and int(rgba[:, 3].min()) < 255:
        alpha = rgba[:, 3:].astype(np.uint16)
        rgba = np.concatenate([(rgba[:, :3] * alpha + 127) // 255, alpha], axis=1)
    # four bytes as one number, 0xAABBGGRR, whatever the machine's order; then R and B change places
    whole = np.ascontiguousarray(rgba, dtype=np.uint8).view("<u4").ravel()
    packed[:-1] = whole & np.uint32(0xFF00FF00)
    packed[:-1] |= (whole & np.uint32(0xFF)) << np.uint32(16)
    packed[:-1] |= (whole >> np.uint32(16)) & np.uint32(0xFF)
    return packed


def dim(colours: Packed) -> Packed:
    """Return colours at a quarter of their strength, still premultiplied."""
    return (colours >> np.uint32(2)) & np.uint32(0x3F3F3F3F)


class PointRaster:
    """Points, rasterised for one viewport at a time.

    Parameters
    ----------
    positions : ndarray, shape (n, 2)
        Points that are not finite are never drawn.
    shapes : ndarray of int, shape (n,), optional
        Index into `SHAPES` of each point; discs by default.
    """

    def __init__(
        self,
        positions: npt.NDArray[np.floating],
        shapes: npt.NDArray[np.integer] | None = None,
    ) -> None:
        positions = np.asarray(positions, dtype=np.float32).reshape(-1, 2)
        self.count = len(positions)
        self._x = np.ascontiguousarray(positions[:, 0])
        self._y = np.ascontiguousarray(positions[:, 1])
        codes = np.zeros(self.count, np.uint8) if shapes is None else shapes.astype(np.uint8)
        self._codes = codes
        self._kinds = [int(code) for code in np.unique(codes)]
        self._base = np.full((1, 1), NOTHING, np.int32)
        self._shown = self._base
        self._cells: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None = None
        self._view: Viewport | None = None
        self._radius = 0.0
        self._reach = self._pad = 0
        self._smooth = 1

    # ---------------------------------------------------------------- numbers

    def render(self, view: Viewport, radius: float, on_top: Rows | None = None) -> None:
        """Stamp all points for a viewport.

        Parameters
        ----------
        view : Viewport
        radius : float
            Of a point, in device pixels.
        on_top : ndarray of int, optional
            Numbers of the points that lie above the others.
        """
        self._view, self._radius = view, radius
        self._smooth = 2 if self.count <= _SMOOTH_POINTS else 1
        # A stamp may begin outside the view and must end inside the buffer: twice its reach. That
        # the pad is even also keeps smooth cells from straddling the border.
        self._reach = int(np.ceil((radius + 1) * 1.6 * self._smooth)) + 2
        self._pad = 2 * self._reach
        shape = tuple(self._smooth * side + 2 * self._pad for side in (view.height, view.width))
        if self._base.shape != shape:
            self._base = np.empty(shape, np.int32)
        self._base.fill(NOTHING)
        self._splat(self._base, None, radius)
        self.raise_points(on_top)

    def raise_points(self, rows: Rows | None) -> None:
        """Put some points above the others, slightly larger; None or none lets all lie level."""
        self._cells = None
        if rows is None or not len(rows) or self._view is None:
            self._shown = self._base
            return
        self._shown = self._base.copy()
        self._splat(self._shown, rows, self._radius + 1.0)

    def _splat(self, buffer: npt.NDArray[np.int32], rows: Rows | None, radius: float) -> None:
        """Stamp points, all or some, into a buffer."""
        assert self._view is not None  # noqa: S101 - render sets it first
        height, width = buffer.shape
        x, y = (self._x, self._y) if rows is None else (self._x[rows], self._y[rows])
        across, down = self._view.pixels(x, y)
        margin = self._reach
        if self._smooth != 1:
            across *= self._smooth
            down *= self._smooth
        seen = (across >= -margin) & (across < width - 2 * self._pad + margin)
        seen &= (down >= -margin) & (down < height - 2 * self._pad + margin)
        numbers = np.flatnonzero(seen).astype(np.int32)
        if len(numbers) < len(seen):
            across, down = across[numbers], down[numbers]
        # adding the pad makes all values positive, so that the cast rounds down
        place = (down + np.float32(self._pad)).astype(np.intp)
        place *= width
        place += (across + np.float32(self._pad)).astype(np.intp)
        if rows is not None:
            numbers = rows[numbers].astype(np.int32)
        self._stamp(buffer, place, numbers, radius * self._smooth)

    def _stamp(
        self,
        buffer: npt.NDArray[np.int32],
        place: npt.NDArray[np.intp],
        numbers: Rows,
        radius: float,
    ) -> None:
        flat, width = buffer.ravel(), buffer.shape[1]
        if len(numbers) > flat.size // 8:
            # Of points on one pixel only one can be seen: keep it, in the order of memory.
            centres = np.full(flat.size, NOTHING, np.int32)
            centres[place] = numbers
            place = np.flatnonzero(centres != NOTHING)
            numbers = centres[place]
        groups = []
        for kind in self._kinds:
            mine = None if len(self._kinds) == 1 else self._codes[numbers] == kind
            at, who = (place, numbers) if mine is None else (place[mine], numbers[mine])
            if len(who):
                groups += [
                    (distance, dy * width + dx, at, who)
                    for distance, dy, dx in stamp(SHAPES[kind], radius)
                ]
        # From the farthest pixel to the nearest: where points overlap the nearest one wins, so
        # that they part like Voronoi cells and a hit always names the nearest.
        groups.sort(key=lambda group: -group[0])
        for _, step, at, who in groups:
            flat[at + step] = who

    # ---------------------------------------------------------------- colours

    def image(self, colours: Packed) -> Packed:
        """Colour the numbers.

        Parameters
        ----------
        colours : ndarray of uint32, shape (n + 1,)
            As `pack` makes them.

        Returns
        -------
        ndarray of uint32, shape (height, width)
            Premultiplied 0xAARRGGBB.
        """
        pad = self._pad
        view = self._view
        if view is None:
            return np.zeros((1, 1), np.uint32)
        if self._smooth == 1:
            height, width = self._shown.shape
            inner = np.ascontiguousarray(self._shown[pad : height - pad, pad : width - pad])
            return colours.take(inner, mode="wrap")
        if self._cells is None:
            self._cells = self._touched(view.width)
        cells, first = self._cells
        flat, stride = self._shown.ravel(), self._shown.shape[1]
        corners = [
            colours.take(flat.take(first + step), mode="wrap")
            for step in (0, 1, stride, stride + 1)
        ]
        image = np.zeros((view.height, view.width), np.uint32)
        image.ravel()[cells] = _mean_of_four(corners)
        return image

    def _touched(self, wide: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Find the pixels with a number among their four parts, and the place of their first."""
        # Two neighbouring -1 are one 64-bit -1: half the comparisons.
        pairs = self._shown.view(np.int64) != -1
        cells = pairs[0::2] | pairs[1::2]
        pad = self._pad // 2
        height, width = cells.shape
        cells = np.flatnonzero(cells[pad : height - pad, pad : width - pad])
        row = cells // wide
        first = 2 * cells + row * (2 * (self._shown.shape[1] - wide))
        return cells, first + self._pad * (self._shown.shape[1] + 1)

    # ---------------------------------------------------------------- questions

    def at(self, across: float, down: float, tolerance: int = 0) -> int:
        """Return the number of the point at a device pixel, or -1.

        Parameters
        ----------
        across, down : float
            Device pixels from the upper left corner.
        tolerance : int
            Where nothing is, look at most so many pixels around for the nearest.
        """
        if self._view is None:
            return NOTHING
        if not (0 <= across < self._view.width and 0 <= down < self._view.height):
            return NOTHING
        column = int(across * self._smooth) + self._pad
        row = int(down * self._smooth) + self._pad
        found = int(self._shown[row, column])
        if found != NOTHING or not tolerance:
            return found
        reach = tolerance * self._smooth
        top, left = max(row - reach, 0), max(column - reach, 0)
        near = self._shown[top : row + reach + 1, left : column + reach + 1]
        rows, columns = np.nonzero(near != NOTHING)
        if not len(rows):
            return NOTHING
        distance = (rows + top - row) ** 2 + (columns + left - column) ** 2
        best = int(distance.argmin())
        return int(near[rows[best], columns[best]]) if distance[best] <= reach**2 else NOTHING

    def pixels_of(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """Return where points lie on the image, in device pixels, shape (k, 2)."""
        if self._view is None:
            return np.zeros((0, 2), np.float32)
        return np.stack(self._view.pixels(self._x[rows], self._y[rows]), axis=1)


def _mean_of_four(colours: Sequence[Packed]) -> Packed:
    """Average packed colours channel by channel without unpacking them."""
    high = np.zeros_like(colours[0])
    low = np.zeros_like(colours[0])
    for colour in colours:
        high += (colour >> np.uint32(2)) & np.uint32(0x3F3F3F3F)
        low += colour & np.uint32(0x03030303)
    return high + ((low >> np.uint32(2)) & np.uint32(0x03030303))
