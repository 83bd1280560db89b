"""Small square matrices as colours, side by side: two on one scale, and their difference."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolTip, QWidget

from workbench.charts import Panel, Panels
from workbench.gui.items.palettes import difference_map, heat_map
from workbench.gui.look import theme
from workbench.gui.widgets.text import label, plain_tip

Matrix = npt.NDArray[np.floating]


class HeatMap(QWidget):
    """A square matrix, one coloured square an entry.

    Signals
    -------
    chosen (row, column)
        An entry was clicked.

    Parameters
    ----------
    name : str
        Object name.
    title : str
        For those who do not see it.
    signed : bool
        Whether the scale has a middle, for values on both sides of 0.
    """

    chosen = Signal(int, int)

    def __init__(self, name: str, title: str, *, signed: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._signed = signed
        self.values: Matrix = np.zeros((0, 0), np.float32)
        self.top = 0.0  # the value that has the strongest colour
        self.in_words: Callable[[int, int], str] = lambda row, column: f"{row}, {column}"
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(40, 40)

    def show_values(self, values: Matrix, top: float) -> None:
        """Show a matrix on the scale from 0, or from -top where it is signed, to top."""
        self.values, self.top = values, top
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(92, 92)

    def colours(self) -> npt.NDArray[np.uint8]:
        """Return the colour of each entry, shape (n, n, 4)."""
        scaled = self.values / self.top if self.top > 0 else np.zeros_like(self.values)
        if self._signed:
            return difference_map(theme.current())(scaled * 0.5 + 0.5)
        return heat_map(theme.current())(scaled)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, area = theme.current(), self._square()
        painter = QPainter(self)
        if len(self.values):
            rgba = np.ascontiguousarray(self.colours())
            high, wide = rgba.shape[:2]
            image = QImage(rgba.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
            painter.drawImage(area, image)
        painter.setPen(QPen(QColor(now.border), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _square(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def entry_at(self, place: QPointF) -> tuple[int, int] | None:
        """Return row and column under a place of the widget."""
        area, count = self._square(), len(self.values)
        if not count or not area.contains(place):
            return None
        row = int((place.y() - area.top()) / area.height() * count)
        column = int((place.x() - area.left()) / area.width() * count)
        return min(row, count - 1), min(column, count - 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        entry = self.entry_at(event.position())
        if entry is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*entry)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            entry = self.entry_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if entry is None else self._tip(*entry), self)
            return True
        return super().event(event)

    def _tip(self, row: int, column: int) -> str:
        sign = "+" if self._signed else ""
        return plain_tip(f"{self.in_words(row, column)}\n{self.values[row, column]:{sign}.4f}")


class OperatorMaps(QWidget):
    """The diffusion operators of a neighbourhood before and after, and the difference.

    Signals
    -------
    chosen (place)
        Of a row or column in the order of the operators: that of the farther item of an entry.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("operators")
        self._names: tuple[str, ...] = ()
        self.before = HeatMap("operator-before", "Frozen diffusion operator")
        self.after = HeatMap("operator-after", "Aligned diffusion operator")
        self.difference = HeatMap("operator-difference", "Aligned minus frozen", signed=True)
        self._scales = [label("", "caption") for _ in range(3)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        maps = (self.before, self.after, self.difference)
        for place, (each, title) in enumerate(
            zip(maps, ("Frozen", "Aligned", "Difference"), strict=True)
        ):
            grid.addWidget(label(title, "caption"), 0, place)
            grid.addWidget(each, 1, place)
            grid.addWidget(self._scales[place], 2, place)
            grid.setColumnStretch(place, 1)
            each.chosen.connect(lambda row, column: self.chosen.emit(max(row, column)))

    def chart(self) -> Panels | None:
        """Return them as a chart to be printed; None before there are any."""
        if not self._names:
            return None
        shown = (self.before, "Frozen"), (self.after, "Aligned"), (self.difference, "Difference")
        panels = tuple(
            Panel(title, each.values, each.top, signed=each is self.difference)
            for each, title in shown
        )
        words = f"Diffusion operators of the neighbourhood of “{self._names[0]}”"
        return Panels(words, panels, self._names, "Values on the diagonal may exceed the scale.")

    def show_operators(
        self, before: Matrix, after: Matrix, names: Callable[[int], str] = str
    ) -> None:
        """Show two operators of one order, on one scale, and after less before.

        Parameters
        ----------
        before, after : ndarray, shape (n, n)
        names : callable
            Says what a place in the order is called.
        """
        difference = after - before
        self._names = tuple(names(place) for place in range(len(before)))
        # the diagonal, what stays where it is, is far larger than the rest, and would hide it
        others = ~np.eye(len(before), dtype=bool)
        top = float(max(each[others].max(initial=0) for each in (before, after)))
        most = float(np.abs(difference[others]).max(initial=0))
        for each, values, scale in (
            (self.before, before, top), (self.after, after, top),
            (self.difference, difference, most),
        ):  # fmt: skip
            each.in_words = lambda row, column: f"{names(row)} → {names(column)}"
            each.show_values(values, scale)
        ends = (f"0 to ≥ {top:.2g}", f"0 to ≥ {top:.2g}", f"± {most:.2g}")
        for below, words in zip(self._scales, ends, strict=True):
            below.setText(words)
            below.setToolTip("Values on the diagonal may exceed the scale.")
