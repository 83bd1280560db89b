"""Which classes are taken for which: a matrix whose cells can be clicked."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from workbench.gui.items.palettes import heat_map
from workbench.gui.look import theme
from workbench.gui.points.canvas import mode_of
from workbench.gui.widgets.text import ElidedLabel

if TYPE_CHECKING:
    from workbench.stations import ConfusionChart, RunClassified

Matrix = npt.NDArray[np.int64]

_LEFT, _LONGEST = 150, 20  # pixels of the names, and letters of one
_NUMBERS_UP_TO = 16  # classes, for which a number has room in a cell
_PIXELS_A_TICK = 20
_MOST = 1000  # classes of a matrix in memory; more have no pixel each
_KEY = "Row: the class. Column: what it is named. A click selects items."


class ConfusionPlot(QWidget):
    """A confusion matrix; each row is shaded by the share of its items.

    Signals
    -------
    chosen (row, column, mode)
        A cell with items was clicked; Shift adds to the selection, Alt removes.
    """

    chosen = Signal(int, int, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion")
        self._chart: ConfusionChart | None = None
        self.plot = pg.PlotWidget(useOpenGL=False)
        self.plot.setAccessibleName("Confusion matrix")
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.invertY(True)
        self.plot.getAxis("left").setWidth(_LEFT)
        self.plot.hideAxis("bottom")
        self.plot.showAxis("top")
        for name in ("left", "top"):
            self.plot.getAxis(name).setStyle(tickLength=0)
        self._picture = pg.ImageItem(axisOrder="row-major")
        self.words = ElidedLabel(_KEY, "caption", Qt.TextElideMode.ElideRight)
        scene = self.plot.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._moved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        column.addWidget(self.words)

    def show_run(self, run: "RunClassified | None") -> None:
        """Show the matrix of a run, or nothing."""
        self._chart = None
        if run is not None and run.found.classes <= _MOST:
            from workbench.stations import ConfusionChart

            self._chart = ConfusionChart.of(run)
        many = run is not None and self._chart is None
        self.words.setText(f"More than {_MOST:,} classes have no room." if many else _KEY)
        self.draw()

    @property
    def labels(self) -> "tuple[str, ...]":
        """The classes, in order."""
        return self._chart.labels if self._chart is not None else ()

    @property
    def counts(self) -> Matrix:
        """Items of the class of a row that are named as that of a column, shape (c, c)."""
        return self._chart.counts if self._chart is not None else np.zeros((0, 0), np.int64)

    def chart(self) -> "ConfusionChart | None":
        """Return it as a chart to be printed; None without a matrix."""
        return self._chart

    def draw(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        now, chart = theme.current(), self._chart
        self.plot.clear()
        self.plot.setBackground(now.surface)
        for name in ("left", "top"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(now.border))
            axis.setTextPen(pg.mkPen(now.muted))
        if chart is None:
            return
        count, shares = len(chart.labels), chart.shares
        self._picture.setImage(np.ascontiguousarray(heat_map(now)(shares)), levels=(0, 255))
        self._picture.setRect(0, 0, count, count)
        self.plot.addItem(self._picture)
        if count <= _NUMBERS_UP_TO:
            self._draw_numbers(shares)
        self.plot.setRange(xRange=(0, count), yRange=(0, count), padding=0)
        self._label_axes()

    def _draw_numbers(self, shares: npt.NDArray[np.float64]) -> None:
        now = theme.current()
        for row, column in np.argwhere(self.counts).tolist():
            shade = heat_map(now)(shares[row : row + 1, column])[0]
            dark = QColor(*shade[:3].tolist()).lightnessF() < 0.55
            item = pg.TextItem(
                f"{self.counts[row, column]:,}", color="#ffffff" if dark else "#101010",
                anchor=(0.5, 0.5),
            )  # fmt: skip
            item.setPos(column + 0.5, row + 0.5)
            self.plot.addItem(item)

    def _label_axes(self) -> None:
        count = len(self.labels)
        room = {"left": self.plot.height(), "top": self.plot.width() - _LEFT}
        for name, pixels in room.items():
            step = max(1, int(np.ceil(count * _PIXELS_A_TICK / max(pixels, 60))))
            ticks = [
                (place + 0.5, self._name(place) if name == "left" else str(place + 1))
                for place in range(0, count, step)
            ]
            self.plot.getAxis(name).setTicks([ticks])

    def _name(self, place: int) -> str:
        label = self.labels[place]
        short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        return f"{short}  {place + 1}"

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if self.labels:
            self._label_axes()

    # ---------------------------------------------------------------- mouse

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Return the row and the column under a place of the scene."""
        box = self.plot.getViewBox()
        if not self.labels or not box.sceneBoundingRect().contains(place):
            return None
        at = box.mapSceneToView(place)
        row, column = int(at.y()), int(at.x())
        inside = 0 <= row < len(self.labels) and 0 <= column < len(self.labels)
        return (row, column) if inside else None

    def _clicked(self, event: Any) -> None:
        cell = self.cell_at(event.scenePos())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton and self.counts[cell]:
            self.chosen.emit(*cell, mode_of(QApplication.keyboardModifiers()))

    def _moved(self, place: QPointF) -> None:
        cell = self.cell_at(place)
        self.words.setText(_KEY if cell is None else self.in_words(*cell))

    def in_words(self, row: int, column: int) -> str:
        """Say what a cell is."""
        items, of = int(self.counts[row, column]), int(self.counts[row].sum())
        share = f" ({items / of:.0%} of {of:,})" if of else ""
        named = "rightly" if row == column else f"“{self.labels[column]}”"
        return f"“{self.labels[row]}” named {named}: {items:,}{share}"
