"""The pyqtgraph item that shows a `PointRaster`."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from workbench.gui.points.marks import MarkPen
from workbench.gui.points.raster import NOTHING, PointRaster, Viewport, dim, pack
from workbench.item_ids import Places

Ids = npt.NDArray[np.int64]
_NO_ROWS = np.zeros(0, np.int32)
_REACH_OF_A_HIT = 4  # logical pixels around the cursor
_NUMBERED_RANKS = 10
_FARTHEST = 1e6  # logical pixels
# of more points a frame takes longer than a screen shows it, where this has several pixels for one
# of the window: they are drawn with one while the view moves
_COARSE_FROM = 250_000
_MILLISECONDS_STILL = 120


def radius_of_points(count: int, area: float, magnification: float) -> float:
    """Return a radius in logical pixels at which the points neither vanish nor clump.

    Parameters
    ----------
    count : int
        All points, seen or not: so panning never changes their size.
    area : float
        Of the view, in logical pixels.
    magnification : float
        1 when all points just fit the view.
    """
    fitting = np.sqrt(0.17 * area / (np.pi * max(count, 1)))
    wanted = min(max(fitting, 0.7), 4.5) * np.sqrt(max(magnification, 1.0))
    return float(np.round(4 * min(max(wanted, 0.8), 6.5)) / 4)


class PointsItem(pg.GraphicsObject):  # type: ignore[misc]
    """Points in a `pyqtgraph.ViewBox`, drawn as one image in device pixels.

    The positions are set once; colours, selection and highlights are overlays that leave the
    buffer of numbers as it is. The buffer is rebuilt when view, size or positions change.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
        The item fills it, and becomes its child.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self._box = box
        self.ids: Ids = np.zeros(0, np.int64)
        self.positions = np.zeros((0, 2), np.float32)
        self._places = Places(self.ids)
        self._raster = PointRaster(self.positions)
        self._colours = pack(np.zeros((0, 4), np.uint8))
        self._selected = _NO_ROWS
        self._highlights = _NO_ROWS
        self._ranks: npt.NDArray[np.intp] = np.zeros(0, np.intp)  # of the highlights, from 1
        self._pairs = np.zeros((0, 2), np.int64)
        self._hovered = NOTHING
        self._markers = np.zeros((0, 2), np.float32)
        self._line_colour = QColor("#888888")
        self._ring_colour = QColor("#222222")
        self._halo_colour = QColor("#ffffff")
        self._marker_colour = QColor("#4450c9")
        self._home = QRectF(0, 0, 1, 1)
        self._ratio = self._screen = 1.0  # pixels of the image, and of the screen
        self._drawn_for: tuple[Viewport, float] | None = None
        self._image: QImage | None = None
        self._pixels = np.zeros((1, 1), np.uint32)
        self._failed = False
        self._moving = QTimer(self, interval=_MILLISECONDS_STILL, singleShot=True)
        self._moving.timeout.connect(self.update)
        self.setParentItem(box)
        box.sigRangeChanged.connect(self._view_changed)
        box.sigResized.connect(self._size_changed)

    # ---------------------------------------------------------------- content

    def set_points(
        self,
        positions: npt.NDArray[np.floating],
        ids: Ids | None = None,
        shapes: npt.NDArray[np.integer] | None = None,
    ) -> None:
        """Set all points; colours, selection, highlights, pairs and markers start anew.

        Parameters
        ----------
        positions : ndarray, shape (n, 2)
        ids : ndarray of int, shape (n,), optional
            Distinct; the row numbers by default.
        shapes : ndarray of int, shape (n,), optional
            Index into `raster.SHAPES`.
        """
        self.positions = np.ascontiguousarray(positions, dtype=np.float32).reshape(-1, 2)
        count = len(self.positions)
        self.ids = np.arange(count) if ids is None else np.asarray(ids, dtype=np.int64)
        self._places = Places(self.ids)
        self._raster = PointRaster(self.positions, shapes)
        self._colours = pack(np.full((count, 4), (120, 120, 120, 255), np.uint8))
        self._selected = self._highlights = _NO_ROWS
        self._ranks = np.zeros(0, np.intp)
        self._pairs = np.zeros((0, 2), np.int64)
        self._hovered = NOTHING
        self._markers = np.zeros((0, 2), np.float32)
        self._home = _extent(self.positions)
        self._drawn_for = None
        self.update()

    def set_colours(self, rgba: npt.NDArray[np.uint8]) -> None:
        """Colour the points, shape (n, 4)."""
        self._colours = pack(np.asarray(rgba, dtype=np.uint8).reshape(-1, 4))
        self._recolour()

    def set_selected(self, mask: npt.NDArray[np.bool_]) -> None:
        """Show the points of a mask (n,) above the others, and dim the rest; none dims nothing."""
        self._selected = np.flatnonzero(mask).astype(np.int32)
        if self._drawn_for is not None:
            self._raster.raise_points(self._selected)
        self._recolour()

    def set_highlights(self, ids: Sequence[int] | Ids) -> None:
        """Put rings around points, numbered by their place in `ids`; ids not here are left out."""
        rows = self._places.of(np.asarray(ids, dtype=np.int64))
        here = np.flatnonzero((rows >= 0) & self._finite(rows))
        self._highlights, self._ranks = rows[here].astype(np.int32), here + 1
        self.update()

    def set_pairs(self, pairs: npt.NDArray[np.integer]) -> None:
        """Draw lines between points: pairs of ids, shape (p, 2); ids not here are left out."""
        pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        first, second = self._places.of(pairs[:, 0]), self._places.of(pairs[:, 1])
        both = (first >= 0) & (second >= 0) & self._finite(first) & self._finite(second)
        self._pairs = np.stack([first[both], second[both]], axis=1)
        self.update()

    def set_markers(self, positions: npt.NDArray[np.floating]) -> None:
        """Put stars at places of the plane, shape (k, 2), where a question lies."""
        places = np.asarray(positions, dtype=np.float32).reshape(-1, 2)
        self._markers = places[np.isfinite(places).all(axis=1)]
        self.update()

    def set_hovered(self, found: int | None) -> None:
        """Put a ring around the point with an id, or around none."""
        rows = self.rows_of(np.array([] if found is None else [found], dtype=np.int64))
        row = int(rows[0]) if len(rows) else NOTHING
        if row != self._hovered:
            self._hovered = row
            self.update()

    def set_ink(self, line: str, ring: str, halo: str, marker: str) -> None:
        """Choose the colours of pair lines, rings, what sets them off the points, and markers."""
        self._line_colour, self._ring_colour = QColor(line), QColor(ring)
        self._halo_colour, self._marker_colour = QColor(halo), QColor(marker)
        self.update()

    # ---------------------------------------------------------------- questions

    @property
    def home(self) -> QRectF:
        """The smallest rectangle around all points, never empty."""
        return QRectF(self._home)

    def rows_of(self, ids: Ids) -> npt.NDArray[np.intp]:
        """Return the rows of ids, those that are here, in the order given."""
        rows = self._places.of(ids)
        return rows[rows >= 0]

    def _finite(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        if not len(self.positions):
            return np.zeros(len(rows), dtype=bool)
        mask: npt.NDArray[np.bool_] = np.isfinite(self.positions[rows]).all(axis=1)
        return mask

    def hit(self, position: QPointF) -> int | None:
        """Return the id of the point at a place of the view box, in logical pixels, or None."""
        if self._drawn_for is None:
            return None
        row = self._raster.at(
            position.x() * self._ratio,
            position.y() * self._ratio,
            tolerance=round(_REACH_OF_A_HIT * self._ratio),
        )
        return None if row == NOTHING else int(self.ids[row])

    def place_of(self, found: int) -> QPointF | None:
        """Return where the point with an id was last drawn, in logical pixels."""
        rows = self.rows_of(np.array([found], dtype=np.int64))
        if not len(rows) or self._drawn_for is None or not self._finite(rows)[0]:
            return None
        x, y = self._raster.pixels_of(rows)[0] / self._ratio
        return QPointF(float(x), float(y))

    # ---------------------------------------------------------------- drawing

    def boundingRect(self) -> QRectF:
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Draw; whatever goes wrong is logged once and leaves the view empty, never a crash."""
        try:
            self._paint(painter)
        except Exception:
            if not self._failed:
                logging.getLogger(__name__).exception("The points could not be drawn")
            self._failed = True

    def _paint(self, painter: QPainter) -> None:
        ratio = painter.device().devicePixelRatioF() if painter.device() else 1.0
        self._screen = ratio
        self._prepare(min(ratio, 1.0) if self._moving.isActive() else ratio)
        if self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_pairs(painter)
        painter.drawImage(QPointF(0, 0), self._image)
        self._paint_rings(painter)

    def _prepare(self, ratio: float) -> None:
        """Bring buffer and image up to date with the view."""
        size, seen = self._box.rect(), self._box.viewRect()
        width, height = round(size.width() * ratio), round(size.height() * ratio)
        if width < 1 or height < 1 or seen.width() <= 0 or seen.height() <= 0:
            self._image = None
            return
        centre = seen.center()
        scale = (width / seen.width(), height / seen.height())
        view = Viewport((centre.x(), centre.y()), scale, width, height)
        fitting = min(size.width() / self._home.width(), size.height() / self._home.height())
        magnification = scale[0] / ratio / fitting
        radius = radius_of_points(len(self.ids), size.width() * size.height(), magnification)
        if self._drawn_for != (view, radius) or ratio != self._ratio:
            self._ratio = ratio
            self._raster.render(view, radius * ratio, self._selected)
            self._drawn_for = (view, radius)
            self._image = None
        if self._image is None:
            colours = self._colours
            if len(self._selected):
                colours = dim(colours)
                colours[self._selected] = self._colours[self._selected]
            self._pixels = self._raster.image(colours)  # the QImage borrows this memory
            self._image = QImage(
                self._pixels.data, width, height, QImage.Format.Format_ARGB32_Premultiplied
            )
            self._image.setDevicePixelRatio(ratio)

    def _paint_pairs(self, painter: QPainter) -> None:
        if not len(self._pairs):
            return
        ends = self._raster.pixels_of(self._pairs.ravel()) / self._ratio
        ends = ends.clip(-_FARTHEST, _FARTHEST)  # Qt's lines end where its integers do
        path = pg.arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs")
        colour = QColor(self._line_colour)
        colour.setAlphaF(max(0.18, min(0.75, 12 / np.sqrt(len(self._pairs)) / 4)))
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_rings(self, painter: QPainter) -> None:
        radius = (self._drawn_for[1] if self._drawn_for else 3.0) + 4.0
        pen = MarkPen(painter, self._ring_colour, self._halo_colour)
        places = self._raster.pixels_of(self._highlights) / self._ratio
        rings = [
            (_point(place), int(rank)) for place, rank in zip(places, self._ranks, strict=True)
        ]
        for place, rank in reversed(rings):  # the first rank ends on top
            if rank <= _NUMBERED_RANKS:
                pen.ring(place, radius)
                pen.number(place + QPointF(radius * 0.75, -radius * 0.75), str(rank))
            else:
                pen.ring(place, radius - 1.5, 0.7)
        for place in self._raster.pixels_at(self._markers) / self._ratio:
            pen.star(_point(place), radius + 3.0, self._marker_colour)
        if self._hovered != NOTHING:
            place = self._raster.pixels_of(np.array([self._hovered]))[0] / self._ratio
            pen.ring(_point(place), radius - 1.5)

    def _recolour(self) -> None:
        self._image = None
        self.update()

    def _view_changed(self, *_: object) -> None:
        if len(self.ids) > _COARSE_FROM and self._screen > 1:
            self._moving.start()
        self.update()

    def _size_changed(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.update()


def _point(place: npt.NDArray[np.floating]) -> QPointF:
    x, y = place.clip(-_FARTHEST, _FARTHEST)  # Qt's shapes end where its integers do
    return QPointF(float(x), float(y))


def _extent(positions: npt.NDArray[np.float32]) -> QRectF:
    """Return the rectangle around the finite points; one unit wide where there is no extent."""
    if not len(positions):
        return QRectF(-0.5, -0.5, 1, 1)
    low, high = _ends(positions)
    if not np.isfinite([low, high]).all():
        positions = positions[np.isfinite(positions).all(axis=1)]
        if not len(positions):
            return QRectF(-0.5, -0.5, 1, 1)
        low, high = _ends(positions)
    size = high - low
    smallest = max(float(size.max()) * 1e-3, 1e-6 * max(1.0, float(np.abs([low, high]).max())))
    if size.max() <= 0:
        smallest = max(1.0, smallest)
    size = np.maximum(size, smallest)
    low = (low + high - size) / 2
    return QRectF(float(low[0]), float(low[1]), float(size[0]), float(size[1]))


def _ends(positions: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float64], ...]:
    """Return the least and the greatest numbers; by column, for NumPy is slow along short rows."""
    columns = [np.ascontiguousarray(positions[:, axis]) for axis in (0, 1)]
    return tuple(
        np.array([end(column) for column in columns], dtype=np.float64) for end in (np.min, np.max)
    )
