"""Many points as an image: a buffer of point numbers, coloured by look-up. numpy only, no Qt.

Each point stamps its number into an integer buffer of the view's size. The buffer then answers
everything: colours are one look-up, the point under the cursor is one read, and neither depends on
how many points there are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.gui.points.stamps import PHASES, SHAPES, Shape, smooth_stamps, stamp

__all__ = ["NOTHING", "SHAPES", "PointRaster", "Shape", "Viewport", "dim", "pack", "stamp"]

NOTHING = -1

Packed = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int32]

# At most so many points are drawn with smooth edges, each where it is to a quarter of a pixel.
_SMOOTH_POINTS = 50_000
_AT_ONCE = 250_000  # pixels that are stamped together
_BITS = 5  # of a number with smooth edges, for how much of the pixel is covered
_TIMES, _COVER = np.int32(1 << _BITS), np.int32((1 << _BITS) - 1)


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
        self._kinds = np.flatnonzero(np.bincount(codes)).tolist()
        self._base = np.full((1, 1), NOTHING, np.int32)
        self._shown = self._base
        self._smooth = False  # numbers are 32 times as high then, plus the sixteenths covered
        self._view: Viewport | None = None
        self._radius = 0.0
        self._reach = self._pad = 0

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
        # A stamp may begin outside the view and must end inside the buffer: twice its reach.
        self._reach = int(np.ceil((radius + 1) * 1.6)) + 2
        self._pad = 2 * self._reach
        shape = (view.height + 2 * self._pad, view.width + 2 * self._pad)
        if self._base.shape != shape:
            self._base = np.empty(shape, np.int32)
        self._base.fill(NOTHING)
        self._smooth = self.count <= _SMOOTH_POINTS
        self._splat(self._base, None, radius)
        self.raise_points(on_top)

    def raise_points(self, rows: Rows | None) -> None:
        """Put some points above the others, slightly larger; None or none lets all lie level."""
        self._shown = self._base
        if rows is None or not len(rows) or self._view is None:
            return
        self._shown = self._base.copy()
        all_of_them = len(rows) == self.count  # who need not be picked out
        self._splat(self._shown, None if all_of_them else rows, self._radius + 1.0)
        if self._smooth:  # an edge upon other points is not thinner than they are
            above = np.flatnonzero(self._shown != self._base)
            under = self._base.ravel()[above]
            mine = self._shown.ravel()[above]
            covered = np.maximum(mine & _COVER, np.where(under == NOTHING, 0, under & _COVER))
            self._shown.ravel()[above] = (mine & ~_COVER) | covered

    def _splat(self, buffer: npt.NDArray[np.int32], rows: Rows | None, radius: float) -> None:
        """Stamp points, all or some, into a buffer."""
        assert self._view is not None  # noqa: S101 - render sets it first
        height, width = buffer.shape
        x, y = (self._x, self._y) if rows is None else (self._x[rows], self._y[rows])
        across, down = self._view.pixels(x, y)
        margin = self._reach
        seen = (across >= -margin) & (across < width - 2 * self._pad + margin)
        seen &= (down >= -margin) & (down < height - 2 * self._pad + margin)
        numbers = np.flatnonzero(seen).astype(np.int32)
        if len(numbers) < len(seen):
            across, down = across[numbers], down[numbers]
        # adding the pad makes all values positive, so that the cast rounds down
        across += np.float32(self._pad)
        down += np.float32(self._pad)
        place32 = down.astype(np.int32)
        place32 *= np.int32(width)
        place32 += across.astype(np.int32)
        place = place32.astype(np.intp)
        if rows is not None:
            numbers = rows[numbers].astype(np.int32)
        if self._smooth:
            phases = _quarter(down) * PHASES + _quarter(across)
            self._stamp_smoothly(buffer, place, phases, numbers, radius)
        else:
            self._stamp(buffer, place, numbers, radius)

    def _stamp_smoothly(
        self,
        buffer: npt.NDArray[np.int32],
        place: npt.NDArray[np.intp],
        phases: npt.NDArray[np.intp],
        numbers: Rows,
        radius: float,
    ) -> None:
        """Stamp few points: many pixels of all stamps together."""
        if not len(numbers):
            return
        down, right, covered = smooth_stamps(tuple(self._kinds), round(radius, 2))
        kinds = np.searchsorted(self._kinds, self._codes[numbers]) if len(self._kinds) > 1 else 0
        which = kinds * PHASES**2 + phases
        steps, flat, values = down * buffer.shape[1] + right, buffer.ravel(), numbers * _TIMES
        # from the farthest pixel to the nearest, as in `_stamp`; numpy writes in order
        count = max(1, _AT_ONCE // max(len(numbers), 1))
        for start in range(0, len(steps), count):
            ranks = slice(start, start + count)
            at = steps[ranks].take(which, axis=1)
            at += place
            flat[at] = covered[ranks].take(which, axis=1) + values

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
        height, width = self._shown.shape
        inner = slice(pad, height - pad), slice(pad, width - pad)
        if not self._smooth:
            return colours.take(np.ascontiguousarray(self._shown[inner]), mode="wrap")
        image = np.zeros((view.height, view.width), np.uint32)
        pixels = np.flatnonzero(self._shown[inner] != NOTHING)
        here = pixels + (pixels // view.width * (2 * pad) + pad * (width + 1))
        found = self._shown.ravel().take(here)
        image.ravel()[pixels] = _part_of(colours.take(found >> _BITS), found & _COVER)
        return image

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
        column, row = int(across) + self._pad, int(down) + self._pad
        found = self._number(self._shown[row, column])
        if found != NOTHING or not tolerance:
            return found
        top, left = max(row - tolerance, 0), max(column - tolerance, 0)
        near = self._shown[top : row + tolerance + 1, left : column + tolerance + 1]
        rows, columns = np.nonzero(near != NOTHING)
        if not len(rows):
            return NOTHING
        distance = (rows + top - row) ** 2 + (columns + left - column) ** 2
        best = int(distance.argmin())
        return (
            self._number(near[rows[best], columns[best]])
            if distance[best] <= tolerance**2
            else NOTHING
        )

    def _number(self, found: np.int32) -> int:
        return int(found) >> _BITS if self._smooth else int(found)

    def pixels_of(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """Return where points lie on the image, in device pixels, shape (k, 2)."""
        return self.pixels_at(np.stack([self._x[rows], self._y[rows]], axis=1))

    def pixels_at(self, positions: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return where places of the plane (k, 2) lie on the image, in device pixels."""
        if self._view is None:
            return np.zeros((0, 2), np.float32)
        return np.stack(self._view.pixels(positions[:, 0], positions[:, 1]), axis=1)


def _quarter(places: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Return in which quarter of its pixel each place lies."""
    return ((places - np.floor(places)) * np.float32(PHASES)).astype(np.intp)


def _part_of(colours: Packed, covered: Rows) -> Packed:
    """Return packed colours at so many sixteenths of their strength, without unpacking them."""
    share = covered.view(np.uint32)
    odd, even = np.uint32(0xFF00FF00), np.uint32(0x00FF00FF)
    high = ((colours >> np.uint32(4)) & np.uint32(0x0FF00FF0)) * share & odd
    return high | ((colours & even) * share >> np.uint32(4)) & even
