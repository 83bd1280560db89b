"""Figures of a study for papers: labelled, with bands, told apart without colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.charts.files import table_text
from workbench.charts.style import (
    PICTURES,
    legend_name,
    picture_bytes,
    read_words_plainly,
    styled,
)
from workbench.errors import WorkbenchError
from workbench.project.writing import write_text
from workbench.stations.studies.lines import Line, Lines, figure_title
from workbench.stations.studies.summary import StudySummary
from workbench.whole_files import make_own_folder, write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito (2008): told apart by all kinds of sight; the yellow is left out, pale on white
COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F",
)  # fmt: skip
_MARKERS = "osD^vP*X"
_DASHES = ("-", "--", "-.", ":")
_MOST_IN_LEGEND = 24


def drawn_figures(lines: Lines) -> list[str]:
    """Return which figures are worth drawing: the main ones, and what the question is about."""
    wanted = ["recall@10", "recall@1", "mrr", "kept", "within", "seconds"]
    if lines.axis == "neighbours":
        wanted += ["step_seconds", "peak_memory"]
    known = lines.figures()
    return [name for name in wanted if name in known]


def figure_bytes(summary: StudySummary, figure: str, kind: str = "svg") -> bytes:
    """Return a figure of a study as a file: ``svg``, ``pdf`` or ``png``."""
    return picture_bytes(draw(summary.lines(), figure, summary.title), kind)


def write_figures(summary: StudySummary, folder: Path | None = None) -> list[Path]:
    """Write every figure as SVG, PDF and PNG, and beside them the CSV that they are drawn from.

    Parameters
    ----------
    summary : StudySummary
    folder : Path, optional
        By default ``figures`` in the study's folder.

    Raises
    ------
    WorkbenchError
        The folder cannot be written.
    """
    if folder is None:
        summary.study.refuse_link()
        folder = summary.study.folder / "figures"
    lines, written = summary.lines(), []
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_own_folder(folder)
        for figure in drawn_figures(lines):
            stem = figure.replace("@", "-at-").replace("_", "-")
            for kind in PICTURES:
                written.append(folder / f"{stem}.{kind}")
                write_whole(written[-1], figure_bytes(summary, figure, kind))
            written.append(folder / f"{stem}.csv")
            write_text(written[-1], data_of_figure(lines, figure))
    except OSError as error:
        raise WorkbenchError(
            f"The figures cannot be written to {folder}: {error.strerror}. Choose another folder."
        ) from None
    return written


@dataclass(frozen=True)
class StudyChart:
    """A figure of a study, as other charts are.

    Attributes
    ----------
    lines : Lines
    figure : str
    title : str
    """

    lines: Lines
    figure: str
    title: str

    def rows(self) -> list[Sequence[object]]:
        """Return a row a point of a line."""
        lines = self.lines
        rows: list[Sequence[object]] = [
            ("line", lines.axis, "seeds", "mean", "deviation", "low", "high")
        ]
        for line in lines.lines:
            found = line.means(self.figure)
            for place, point in enumerate(lines.points):
                if found.count[place]:
                    numbers = [found.mean, found.deviation, found.low, found.high]
                    words = [f"{each[place]:.6g}" for each in numbers]
                    rows.append((line.name, point.words, found.count[place], *words))
        return rows

    def drawing(self, width: float, height: float) -> "Figure":
        """Return it drawn, so many inches wide and high."""
        return draw(self.lines, self.figure, self.title, (width, height))


def data_of_figure(lines: Lines, figure: str) -> str:
    """Return the CSV behind a figure: a row a point of a line."""
    return table_text(StudyChart(lines, figure, ""))


def draw(
    lines: Lines, figure: str, title: str = "", size: tuple[float, float] = (6.4, 4.0)
) -> "Figure":
    """Draw the lines of a study: means, and a band of one standard deviation over seeds."""
    from matplotlib.figure import Figure

    with styled():
        drawing = Figure(figsize=size)
        axes = drawing.add_subplot()
        for number, line in enumerate(lines.lines):
            _draw_line(axes, lines, line, figure, number)
        if lines.scale == "log":
            axes.set_xscale("log")
            axes.minorticks_off()
        axes.set_xticks(lines.positions.tolist(), [point.words for point in lines.points])
        axes.set_xlabel(lines.title)
        axes.set_ylabel(figure_title(figure))
        axes.set_title(title, loc="left")
        handles, names = axes.get_legend_handles_labels()
        if len(names) > 1:
            side = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
            axes.legend(handles[:_MOST_IN_LEGEND], names[:_MOST_IN_LEGEND], **side)
        drawing.text(0.01, -0.03, _caption(lines, figure), fontsize=7.5, color="#555555")
        read_words_plainly(drawing)
    return drawing


def _draw_line(axes: "Axes", lines: Lines, line: Line, figure: str, number: int) -> None:
    found = line.means(figure)
    known = np.flatnonzero(found.count)
    if not len(known):
        return
    x, mean = lines.positions[known], found.mean[known]
    spread = np.nan_to_num(found.deviation[known])
    look: dict[str, Any] = {
        "color": COLOURS[number % len(COLOURS)],
        "label": legend_name(line.name),
    }
    dashes = _DASHES[number // len(COLOURS) % len(_DASHES)]
    marker = _MARKERS[number % len(_MARKERS)]
    if lines.ordered and len(known) == 1 and len(lines.points) > 1:  # a control: it has no place
        axes.axhline(mean[0], linestyle="--", linewidth=1.2, **look)
        axes.axhspan(*(mean[0] + np.array([-1, 1]) * spread[0]), color=look["color"], alpha=0.1)
    elif lines.ordered:
        axes.plot(x, mean, marker=marker, markersize=4, linestyle=dashes, linewidth=1.5, **look)
        axes.fill_between(x, mean - spread, mean + spread, color=look["color"], alpha=0.14, lw=0)
    else:
        aside = (number - (len(lines.lines) - 1) / 2) * min(0.12, 0.7 / len(lines.lines))
        axes.errorbar(x + aside, mean, yerr=spread, fmt=marker, markersize=5, capsize=2, **look)


def _caption(lines: Lines, figure: str) -> str:
    counts = [int(each) for line in lines.lines for each in line.means(figure).count if each]
    if not counts:
        return ""
    seeds = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{max(counts)}"
    return f"Mean over {seeds} seeds; bands and bars: one standard deviation."
