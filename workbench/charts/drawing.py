"""Charts drawn by matplotlib, on white."""

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.charts.chart import Axis, Bars, Chart, Cloud, Lines, Panels
from workbench.charts.colours import Groups, Values
from workbench.charts.palette import (
    ACCENT,
    CATEGORIES,
    FAINT,
    INK,
    LESS,
    MODALITIES,
    MORE,
    MUTED,
    WARNING,
)
from workbench.charts.style import legend_name, read_words_plainly, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = {"image": "o", "text": "s", "speech": "^"}  # as in the window
_MANY = 4000  # points, from which a cloud is a picture in SVG and PDF too
_MOST_IN_LEGEND = 24
_MOST_NAMES = 20  # of rows, for which there is room
_BESIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
_INCH = 25.4


def draw(chart: Chart, width: float = 160.0, height: float = 100.0) -> "Figure":
    """Draw a chart.

    Parameters
    ----------
    chart : Chart
    width, height : float
        Of the plot with its axes, in millimetres; legend and caption come beside.
    """
    from matplotlib.figure import Figure

    own = getattr(chart, "drawing", None)
    if own is not None:
        return own(width / _INCH, height / _INCH)  # type: ignore[no-any-return]
    if isinstance(chart, Panels):
        return _draw_panels(chart, width / _INCH)
    with styled():
        drawing = Figure(figsize=(width / _INCH, height / _INCH))
        axes = drawing.add_subplot()
        axes.set_title(chart.title, loc="left")
        if isinstance(chart, Lines):
            _draw_lines(axes, chart)
        elif isinstance(chart, Cloud):
            _draw_cloud(axes, chart)
        elif isinstance(chart, Bars):
            _draw_bars(axes, chart)
        caption = getattr(chart, "caption", "")
        if caption:
            drawing.text(0.01, -0.03, caption, fontsize=7.5, color=MUTED, wrap=False)
        read_words_plainly(drawing)
    return drawing


def _draw_lines(axes: "Axes", chart: Lines) -> None:
    for number, curve in enumerate(chart.curves):
        axes.plot(
            curve.x, curve.y, label=legend_name(curve.name), linestyle=curve.dash,
            linewidth=curve.width, color=curve.colour or CATEGORIES[number % len(CATEGORIES)],
            marker="o" if curve.dots else "", markersize=4,
        )  # fmt: skip
    for height, words in chart.levels:
        axes.axhline(height, color=MUTED, linewidth=1, linestyle=":", label=legend_name(words))
    _set_axes(axes, chart.across, chart.up)
    _mark(axes, chart.marks)
    if len(chart.curves) + len(chart.levels) > 1:
        handles, names = axes.get_legend_handles_labels()
        axes.legend(handles[:_MOST_IN_LEGEND], names[:_MOST_IN_LEGEND], **_BESIDE)


def _draw_bars(axes: "Axes", chart: Bars) -> None:
    axes.bar(
        chart.edges[:-1], chart.counts, np.diff(chart.edges), align="edge",
        color=chart.colour or ACCENT, edgecolor="white", linewidth=0.6,
    )  # fmt: skip
    axes.grid(visible=False, axis="x")
    _set_axes(axes, chart.across, chart.up)
    _mark(axes, chart.marks)


def _mark(axes: "Axes", marks: tuple[tuple[float, str], ...]) -> None:
    """Draw a line at each place, its words beside the top, on three levels so that none overlap."""
    for number, (place, words) in enumerate(marks):
        axes.axvline(place, color=WARNING, linewidth=1, linestyle="--")
        axes.annotate(
            words, (place, 0.97 - 0.07 * (number % 3)), xycoords=("data", "axes fraction"),
            xytext=(3, 0), textcoords="offset points", color=WARNING, fontsize=8, va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
        )  # fmt: skip


def _draw_panels(chart: Panels, width: float) -> "Figure":
    """Draw tables side by side; they are square, so the width decides."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    plain = LinearSegmentedColormap.from_list("much", ["white", ACCENT, INK])
    signed = LinearSegmentedColormap.from_list("change", [LESS, "white", MORE])
    with styled():
        drawing = Figure(figsize=(width, 1.25 * width / len(chart.panels)))
        drawing.text(0.01, 1.0, chart.title, fontsize=10)
        for place, panel in enumerate(chart.panels, 1):
            axes = drawing.add_subplot(1, len(chart.panels), place)
            axes.set_title(panel.title, loc="left")
            axes.grid(visible=False)
            low = -panel.top if panel.signed else 0.0
            scale = signed if panel.signed else plain
            shown = axes.imshow(panel.values, cmap=scale, vmin=low, vmax=panel.top or 1.0)
            axes.set_xticks([])
            names = list(chart.names) if place == 1 and len(chart.names) <= _MOST_NAMES else []
            axes.set_yticks(range(len(names)), labels=names, fontsize=6.5)
            drawing.colorbar(shown, ax=axes, orientation="horizontal", pad=0.05, extend="max")
        if chart.caption:
            drawing.text(0.01, -0.03, chart.caption, fontsize=7.5, color=MUTED)
        read_words_plainly(drawing)
    return drawing


def _draw_cloud(axes: "Axes", chart: Cloud) -> None:
    from matplotlib.colors import to_rgba

    rgba = _colours(chart.colours)
    area = float(np.clip(9000 / max(len(chart.positions), 1), 2.0, 20.0))
    kinds = np.array(chart.modalities)
    shown = [kind for kind in _MARKS if (kinds == kind).any()]
    for kind in shown:
        mine = kinds == kind
        axes.scatter(
            chart.positions[mine, 0], chart.positions[mine, 1], c=rgba[mine], s=area,
            marker=_MARKS[kind], linewidths=0, rasterized=len(chart.positions) > _MANY,
        )  # fmt: skip
    if len(chart.links):
        from matplotlib.collections import LineCollection

        ends = chart.positions[chart.links]
        axes.add_collection(
            LineCollection(list(ends), colors=to_rgba(MUTED, 0.45), linewidths=0.5, zorder=0.5)
        )
    for row, words in chart.rings.items():
        x, y = chart.positions[row].tolist()
        axes.scatter(x, y, s=70, facecolors="none", edgecolors=INK, linewidths=1.2)
        axes.annotate(words, (x, y), xytext=(5, 5), textcoords="offset points", fontsize=7.5)
    if len(chart.stars):
        axes.scatter(chart.stars[:, 0], chart.stars[:, 1], s=120, marker="*", color=INK, zorder=5)
    if chart.as_map:
        axes.set_aspect("equal", adjustable="datalim")
        axes.grid(visible=False)
        axes.set(xticks=[], yticks=[], xlabel=chart.across.title, ylabel=chart.up.title)
    else:
        _set_axes(axes, chart.across, chart.up)
    if chart.diagonal:
        low, high = max(axes.get_xlim()[0], axes.get_ylim()[0]), axes.get_xlim()[1]
        axes.plot([low, high], [low, high], color=to_rgba(MUTED, 0.7), linewidth=1, linestyle="--")
    by_modality = isinstance(chart.colours, Groups) and chart.colours.names == tuple(shown)
    _explain(axes, chart.colours, [] if by_modality or len(shown) < 2 else shown)


def _colours(by: Groups | Values) -> Any:
    """Return a colour a point, shape (n, 4)."""
    from matplotlib.colors import to_rgba_array

    if isinstance(by, Groups):
        return to_rgba_array([*by.colours, FAINT])[
            np.where(by.codes < 0, len(by.colours), by.codes)
        ]
    span = by.high - by.low
    # where all have the same value, that is the middle of everything
    shares = (by.values - by.low) / span if span > 0 else np.full(len(by.values), 0.5)
    rgba = _scale(by)(np.clip(np.nan_to_num(shares), 0, 1))
    rgba[np.isnan(by.values)] = to_rgba_array(FAINT)[0]
    return rgba


def _scale(by: Values) -> Any:
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    if by.signed:
        return LinearSegmentedColormap.from_list("change", [LESS, FAINT, MORE])
    # viridis from light to dark, less what white swallows: dark on white stands for much
    return LinearSegmentedColormap.from_list(
        "much", colormaps["viridis"](np.linspace(0.9, 0.0, 64))
    )


def _explain(axes: "Axes", by: Groups | Values, kinds: list[str]) -> None:
    """Say beside the plot what marks and colours mean."""
    from matplotlib.lines import Line2D

    def mark(words: str, sign: str, colour: str) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker=sign, markersize=5, color=colour,
            label=legend_name(words),
        )  # fmt: skip

    handles = [mark(kind, _MARKS[kind], MUTED) for kind in kinds]
    if isinstance(by, Groups):
        if by.title:
            handles.append(mark(f"{by.title}:", "", MUTED))  # a heading among the entries
        signs = [_MARKS.get(name, "o") if name in MODALITIES else "o" for name in by.names]
        handles += list(map(mark, by.names, signs, by.colours))
        if (by.codes < 0).any():
            handles.append(mark(by.none, "o", FAINT))
        axes.legend(handles=handles[:_MOST_IN_LEGEND], **_BESIDE)
        return
    if np.isnan(by.values).any():
        handles.append(mark(by.none, "o", FAINT))
    if handles:
        beside = dict(_BESIDE, bbox_to_anchor=(1.2, 1.0))  # the scale comes between
        axes.legend(handles=handles, **beside)
    _add_scale(axes, by)


def _add_scale(axes: "Axes", by: Values) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    figure = axes.get_figure()
    if figure is None or by.high <= by.low:
        return
    shown = ScalarMappable(Normalize(by.low, by.high), _scale(by))
    ticks = np.linspace(by.low, by.high, 5).tolist()
    words = [by.in_words(each) for each in ticks]
    if by.beyond:
        words[-1] = f"≥ {words[-1]}"
    bar = figure.colorbar(shown, ax=axes, fraction=0.035, pad=0.03, aspect=28)
    bar.set_ticks(ticks, labels=words)
    bar.set_label(by.title)
    bar.outline.set_visible(False)


def _set_axes(axes: "Axes", across: Axis, up: Axis) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator, PercentFormatter

    for axis, given, limits in (
        (axes.xaxis, across, axes.set_xlim), (axes.yaxis, up, axes.set_ylim),
    ):  # fmt: skip
        axis.set_label_text(given.title)
        if given.scale == "log":
            axis.axes.set(**{f"{axis.axis_name}scale": "log"})
            # its own writes formulas
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        if given.scale == "share":
            axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        if given.ticks:
            axis.set_ticks([at for at, _ in given.ticks], labels=[said for _, said in given.ticks])
            axis.set_minor_locator(NullLocator())
        if given.low is not None or given.high is not None:
            limits(given.low, given.high)
