"""Charts as files: pictures at print size, with legend and axis titles, and the numbers behind."""

from workbench.charts.chart import Axis, Bars, Chart, Cloud, Curve, Lines, Panel, Panels
from workbench.charts.colours import Groups, Values
from workbench.charts.files import KINDS, Size, chart_bytes, drawn, kind_of, write_chart

__all__ = [
    "KINDS", "Axis", "Bars", "Chart", "Cloud", "Curve", "Groups", "Lines", "Panel",
    "Panels", "Size", "Values",
    "chart_bytes", "drawn", "kind_of", "write_chart",
]  # fmt: skip
