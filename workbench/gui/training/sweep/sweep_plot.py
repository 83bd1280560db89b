"""The plot of a ladder: what each α gives on the validation pairs, and where one stands."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.gui.look import theme
from workbench.gui.points.legend import FlowLayout
from workbench.gui.training.curves.curve_styles import style_of
from workbench.gui.training.form.alpha_slider import alpha_at, notch_of
from workbench.gui.widgets.text import label

if TYPE_CHECKING:
    from workbench.alignment import AlphaSweep
    from workbench.charts import Lines

_AXIS_WIDTH = 52
_NARROWEST_TICKS = 46  # notches between two labels of the axis


class SweepPlot(QWidget):
    """Recall and neighbours kept, against α on the scale of the sliders.

    Signals
    -------
    alpha_chosen (float)
        By a click or a drag in the plot.
    """

    alpha_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ladder-plot")
        self._ladder: AlphaSweep | None = None
        self._alpha = 0.0
        self._figures: dict[str, float] = {}
        self._chips: dict[str, QLabel] = {}
        self.plot = pg.PlotWidget(useOpenGL=False)
        self.plot.setAccessibleName("Recall and neighbours kept, by α")
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(90)
        self.plot.getAxis("left").setWidth(_AXIS_WIDTH)
        self.plot.getAxis("left").setLabel("%", **{"font-size": "11px"})
        self.plot.getAxis("bottom").setLabel("α, weight of the geometry", **{"font-size": "11px"})
        self.plot.viewport().installEventFilter(self)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._key = QWidget()
        self._flow = FlowLayout(self._key, spacing=8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._key)
        column.addWidget(self.plot, 1)

    # ---------------------------------------------------------------- content

    def show_ladder(self, ladder: "AlphaSweep | None") -> None:
        """Draw a ladder, or nothing."""
        self._ladder, self._figures = ladder, {}
        self.draw()

    def chart(self) -> "Lines | None":
        """Return the sweep as a chart to be printed; None without one."""
        if self._ladder is None or not self._ladder.pairs:
            return None
        from workbench.stations import sweep_chart

        return sweep_chart(self._ladder, "")

    def show_alpha(self, alpha: float) -> None:
        """Move the line that says where one stands."""
        self._alpha = alpha
        self._here.setValue(notch_of(alpha))

    def show_figures(self, figures: Mapping[str, float]) -> None:
        """Say in the key what is known where one stands."""
        self._figures = dict(figures)
        for name, chip in self._chips.items():
            style = style_of(name)
            known = f" {style.words(figures[name])}" if name in figures else ""
            chip.setText(f'<span style="color:{style.colour}">●</span> {style.title}{known}')
        self._key.updateGeometry()  # with figures it may need a second line

    def draw(self) -> None:
        """Draw everything anew, in the colours of the theme."""
        now = theme.current()
        self.plot.clear()
        self.plot.setBackground(now.surface)
        self._chips = {}
        while (item := self._flow.takeAt(0)) is not None:
            item.widget().deleteLater()
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(now.border))
            axis.setTextPen(pg.mkPen(now.muted))
        self.plot.showGrid(y=True, alpha=0.12)
        if self._ladder is None or not self._ladder.pairs:
            return
        alphas = self._ladder.alphas
        self.plot.getAxis("bottom").setTicks([_ticks(alphas)])
        self.plot.setXRange(notch_of(alphas[0]) - 12, notch_of(alphas[-1]) + 55, padding=0)
        self._draw_knee()
        figures = self._ladder.rungs[0].figures
        for name in ("recall@1", "recall@10", *(n for n in figures if "preservation/" in n)):
            self._draw_figure(name)
        self._here.setPen(pg.mkPen(now.text, width=1.2))
        self.plot.addItem(self._here, ignoreBounds=True)
        self.show_alpha(self._alpha)
        self.show_figures(self._figures)
        self.plot.getViewBox().enableAutoRange(y=True)

    def _draw_figure(self, name: str) -> None:
        """Draw one figure: a line where heads mix, dots at the rungs."""
        assert self._ladder is not None  # noqa: S101 - the caller has looked
        style, rungs = style_of(name), self._ladder.rungs
        places = [float(notch_of(rung.alpha)) for rung in rungs]
        values = [100 * rung.figures[name] for rung in rungs]
        dash = Qt.PenStyle.DashLine if style.dashed else Qt.PenStyle.SolidLine
        solid = pg.mkPen(style.colour, width=2, style=dash)
        faint = pg.mkPen(style.colour, width=1, style=Qt.PenStyle.DotLine)
        for number, joined in enumerate(self._ladder.joined):
            x, y = places[number : number + 2], values[number : number + 2]
            if joined:  # what was measured half-way stands on the line
                between = self._ladder.between[number][name]
                x, y = [x[0], sum(x) / 2, x[1]], [y[0], 100 * between, y[1]]
            self.plot.addItem(pg.PlotCurveItem(x, y, pen=solid if joined else faint))
        dots = pg.ScatterPlotItem(places, values, size=7, brush=style.colour, pen=None)
        self.plot.addItem(dots)
        chip = self._chips[name] = label("", "muted")
        chip.setTextFormat(Qt.TextFormat.RichText)
        self._flow.addWidget(chip)
        chip.show()

    def _draw_knee(self) -> None:
        assert self._ladder is not None  # noqa: S101 - the caller has looked
        knee = self._ladder.knee()
        if knee is None or knee is self._ladder.rungs[-1]:  # then there is none
            return
        now = theme.current()
        line = pg.InfiniteLine(
            notch_of(knee.alpha), angle=90,
            pen=pg.mkPen(now.warning, width=1, style=Qt.PenStyle.DashLine), label="knee",
            labelOpts={"position": 0.3, "color": now.warning, "fill": pg.mkBrush(now.surface)},
        )  # fmt: skip
        line.setZValue(-1)
        self.plot.addItem(line, ignoreBounds=True)

    # ---------------------------------------------------------------- mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and self._ladder is not None:
            held = event.buttons() & Qt.MouseButton.LeftButton
            kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove)
            if held and event.type() in kinds:
                box = self.plot.getViewBox()
                place = box.mapSceneToView(self.plot.mapToScene(event.position().toPoint()))
                alphas = self._ladder.alphas
                alpha = alpha_at(round(place.x()))
                self.alpha_chosen.emit(min(max(alpha, alphas[0]), alphas[-1]))
                return True
        return super().eventFilter(watched, event)


def _ticks(alphas: Sequence[float]) -> list[tuple[float, str]]:
    """Return the labels of the rungs, as many as there is room for, from the right."""
    ticks: list[tuple[float, str]] = []
    for alpha in reversed(alphas):
        place = notch_of(alpha)
        if not ticks or ticks[-1][0] - place >= _NARROWEST_TICKS:
            ticks.append((place, f"{alpha:g}"))
    return ticks
