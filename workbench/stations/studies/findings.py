"""What a study says, in sentences: what differs clearly, where lines cross, what is enough."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation import (
    Means,
    Reached,
    chance_of_no_difference,
    clear,
    crossings,
    differences,
    reached,
)
from workbench.stations.studies.lines import FIGURE_TITLES, Line, Lines

Figures = npt.NDArray[np.float64]

COMPARED = ("recall@10", "kept")
ENOUGH = 0.9
"""Which part of the best R@10 is called enough where no other is wished for."""


@dataclass(frozen=True)
class Comparison:
    """By how much one thing is above another, split by split.

    Attributes
    ----------
    figure, what, base : str
        The figure, and what is compared with what.
    within : str
        The line that both are points of, where there are several.
    mean, low, high : float
        Of the difference, in points, with its 95 % interval.
    clear : bool
        Whether it is more than chance, beside all comparisons of this figure in the study.
    """

    figure: str
    what: str
    base: str
    within: str
    mean: float
    low: float
    high: float
    clear: bool

    def sentence(self) -> str:
        """Say it in words."""
        title = FIGURE_TITLES[self.figure] + (f", {self.within}" if self.within else "")
        numbers = f"{self.mean:+.1f} points, 95 % interval {self.low:+.1f} to {self.high:+.1f}"
        if not self.clear:
            # where the interval alone leaves 0 out: of many comparisons some do so by chance
            besides = " beside the other comparisons" if self.low > 0 or self.high < 0 else ""
            return (
                f"{title}: {self.what} and {self.base} do not differ clearly{besides} ({numbers})."
            )
        way = "above" if self.mean > 0 else "below"
        return f"{title}: {self.what} is {way} {self.base} ({numbers})."


def compare_all(lines: Lines, figure: str) -> list[Comparison]:
    """Compare the lines of a study with the first, or its points where categories are drawn.

    Over labels each line is compared with the first on the mean of all budgets that both have;
    among categories each point with the first of its own line. Together they are as sure as one.
    """
    pairs = list(
        _over_budgets(lines, figure) if _has_budgets(lines) else _over_points(lines, figure)
    )
    p = np.array([_p(found) for *_, found in pairs])
    return [
        Comparison(figure, what, base, within, *_single(found), bool(sure))
        for (what, base, within, found), sure in zip(pairs, clear(p), strict=True)
        if found.count[0] > 1
    ]  # fmt: skip


def _single(found: Means) -> tuple[float, float, float]:
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])


def _p(found: Means) -> float:
    return float(chance_of_no_difference(found)[0])


def _has_budgets(lines: Lines) -> bool:
    return lines.axis == "labels" and lines.scale == "log"


def _over_budgets(lines: Lines, figure: str) -> Iterator[tuple[str, str, str, Means]]:
    first, *others = lines.lines
    for line in others:
        gaps = line.values[figure] - first.values[figure]
        known = ~np.isnan(gaps)
        whole = known.any(axis=1)
        summed = np.where(known, gaps, 0.0)[whole].sum(axis=1) / known[whole].sum(axis=1)
        found = differences(summed[:, None], np.zeros((len(summed), 1)))
        yield line.name, first.name, "", found


def _over_points(lines: Lines, figure: str) -> Iterator[tuple[str, str, str, Means]]:
    first, *others = lines.points
    for line in lines.lines:
        within = line.name if len(lines.lines) > 1 else ""
        values = line.values[figure]
        for place, point in enumerate(others, start=1):
            yield point.said, first.said, within, differences(values[:, [place]], values[:, [0]])


@dataclass(frozen=True)
class Enough:
    """The smallest budget at which a line reaches a target, see `Reached`."""

    line: str
    target: float
    labels: Reached
    fewest: float

    def sentence(self) -> str:
        """Say it in words."""
        start = f"{self.line} reaches R@10 {self.target:.1f} %"
        found = self.labels
        if math.isinf(found.value):
            if not math.isfinite(found.low):
                return f"{self.line} does not reach R@10 {self.target:.1f} % with all labels."
            return f"{start} on the mean of no budget; with {_count(found.low)} labels it may."
        if math.isnan(found.high):
            return f"{start} at about {_count(found.value)} labels; one seed has no interval."
        low = "fewer than " if found.low <= self.fewest else ""
        high = "more than there are" if math.isinf(found.high) else _count(found.high)
        about = "at or below" if found.value <= self.fewest else "at about"
        interval = f"95 % interval {low}{_count(found.low)} to {high}"
        return f"{start} {about} {_count(found.value)} labels ({interval})."


def _count(labels: float) -> str:
    return f"{round(labels):,}"


def usual_target(lines: Lines) -> float:
    """Return nine tenths of the best mean R@10, in per cent; not a number where there is none."""
    best = [line.means("recall@10").mean for line in lines.lines]
    known = np.concatenate(best) if best else np.zeros(0)
    known = known[~np.isnan(known)]
    return ENOUGH * float(known.max()) if len(known) else float("nan")


def enough(lines: Lines, target: float) -> list[Enough]:
    """Return where each line reaches a target of R@10, in per cent; none without budgets."""
    if not _has_budgets(lines) or math.isnan(target):
        return []
    x = lines.positions
    return [
        Enough(line.name, target, reached(x, line.values["recall@10"], target), float(x[0]))
        for line in lines.lines
        if not np.isnan(line.values["recall@10"]).all()
    ]


def crossing_sentences(lines: Lines, figure: str = "recall@10") -> list[str]:
    """Say where a line changes places with the first."""
    if not _has_budgets(lines) or not lines.lines:
        return []
    first, *others = lines.lines
    return [sentence for line in others for sentence in _crossings(lines, first, line, figure)]


def _crossings(lines: Lines, first: Line, other: Line, figure: str) -> Iterator[str]:
    gap = differences(other.values[figure], first.values[figure]).mean
    for each in crossings(lines.positions, other.values[figure], first.values[figure]):
        before = gap[int(np.flatnonzero(lines.positions == each.low)[0])]
        ahead, behind = (first, other) if before < 0 else (other, first)
        yield (
            f"{ahead.name} leads {behind.name} up to {_count(each.low)} labels and is led from "
            f"{_count(each.high)} on; they cross at about {_count(each.value)}."
        )


def findings(lines: Lines, target: float | None = None) -> list[str]:
    """Return all that a study says, in sentences.

    Parameters
    ----------
    lines : Lines
    target : float, optional
        The R@10 that is wished for, in per cent.
    """
    if not lines.lines:
        return []
    wished = usual_target(lines) if target is None else target
    said = [each.sentence() for each in enough(lines, wished)]
    said += crossing_sentences(lines)
    for figure in COMPARED:
        said += [each.sentence() for each in compare_all(lines, figure)]
    return said
