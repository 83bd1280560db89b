"""How fast many points are drawn, coloured and picked: ours beside pyqtgraph's ScatterPlotItem.

Run it alone: ``QT_QPA_PLATFORM=offscreen python tests/bench/points.py``. Both are measured in one
run on the same points of the same size, so that the ratio stands whatever else the machine does.
Given are medians of wall time, and the least: what it takes when nothing else wants the processor.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from workbench.gui.points.lasso import inside_polygon
from workbench.gui.points.map_view import MapView

SIZE = (900, 700)


Times = tuple[float, float]


def milliseconds(work: Callable[[int], object], rounds: int) -> Times:
    """Return the median and the least time of a call, after one to warm up."""
    work(0)
    times = []
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000, min(times) * 1000


def clusters(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of 20 clusters, and the cluster of each."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 20, count)
    centres = random.normal(size=(20, 2)) * 3
    return (centres[labels] + random.normal(size=(count, 2))).astype(np.float32), labels


def ours(count: int, rounds: int) -> tuple[dict[str, Times], float]:
    """Measure the map of the workbench, and return the width of its points too."""
    points, labels = clusters(count)
    view = MapView()
    view.resize(*SIZE)
    view.set_points(points, shapes=labels % 2)
    palette = np.random.default_rng(1).integers(0, 256, (20, 4), dtype=np.uint8)
    palette[:, 3] = 255
    view.set_colours(palette[labels])
    view.show()
    canvas = view.canvas
    centre = canvas.viewport().rect().center()

    def frame(number: int) -> None:
        canvas.box.translateBy((0.02 * (-1) ** number, 0.01))
        view.grab()

    def zoom(number: int) -> None:
        # in and out around the middle, where most points are
        canvas.zoom((4.0, 3.0, 1 / 3, 1 / 4)[number % 4], QPointF(centre))
        view.grab()

    def hover(number: int) -> None:
        canvas._hover(QPointF(centre) + QPointF(number % 90, number % 70))

    colours = [palette[(labels + number) % 20] for number in range(2)]

    def recolour(number: int) -> None:
        view.set_colours(colours[number % 2])
        view.grab()

    chosen = np.zeros(count, bool)

    def select(number: int) -> None:
        chosen[:] = False
        chosen[number::100] = True
        canvas.points.set_selected(chosen)
        view.grab()

    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    outline = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (4 + np.sin(9 * angle))[:, None]
    found = {
        "pan": milliseconds(frame, rounds),
        "zoom": milliseconds(zoom, 4 * (rounds // 4)),
        "recolour all": milliseconds(recolour, rounds),
        "select 1 %": milliseconds(select, rounds),
        "hover": milliseconds(hover, 200),
        "pick": milliseconds(lambda n: canvas.points.hit(QPointF(centre) + QPointF(n, n)), 200),
        "lasso": milliseconds(lambda _: inside_polygon(points, outline), rounds),
    }
    canvas.fit()
    view.grab()
    wide = 2 * canvas.points._drawn_for[1]
    view.close()
    return found, wide


def theirs(count: int, rounds: int, wide: float) -> dict[str, Times]:
    """Measure pyqtgraph's scatter plot with points as wide."""
    points, labels = clusters(count)
    plot = pg.PlotWidget(useOpenGL=False)
    plot.resize(*SIZE)
    brushes = np.array([pg.mkBrush(pg.intColor(each, 20)) for each in range(20)])
    item = pg.ScatterPlotItem(
        points[:, 0], points[:, 1], size=wide, pen=None, brush=brushes[labels]
    )
    plot.addItem(item)
    plot.show()
    box = plot.getViewBox()

    def frame(number: int) -> None:
        box.translateBy((0.02 * (-1) ** number, 0.01))
        plot.grab()

    colours = [brushes[(labels + number) % 20] for number in range(2)]

    def recolour(number: int) -> None:
        item.setBrush(colours[number % 2])
        plot.grab()

    found = {
        "pan": milliseconds(frame, rounds),
        "recolour all": milliseconds(recolour, 1),
        "pick": milliseconds(lambda n: item.pointsAt(QPointF(0.01 * n, 0.0)), 2),
    }
    plot.close()
    return found


def main() -> None:
    """Print one table."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    print(f"{'points':>10}  {'':<13}{'ours, ms':>18}{'pyqtgraph, ms':>20}{'ratio':>9}")
    for count, rounds in ((2_000, 40), (20_000, 40), (100_000, 20), (1_000_000, 12)):
        mine, wide = ours(count, rounds)
        other = theirs(count, rounds if count < 1_000_000 else 3, wide)
        for name, (median, least) in mine.items():
            words = ""
            if name in other:
                beside, lowest = other[name]
                words = f"{beside:12.3f} ({lowest:.1f}){beside / median:8.1f}×"
            print(f"{count:>10,}  {name:<13}{median:10.3f} ({least:.1f}){words}")
    application.processEvents()


if __name__ == "__main__":
    main()
