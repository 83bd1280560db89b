"""What the figures of a training are called, in which plot they belong, and their charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.charts.chart import Axis, Curve, Lines
from workbench.charts.palette import ACCENT, CATEGORIES, GOOD, INK, MODALITIES, MUTED

Floats = npt.NDArray[np.float64]
Plot = Literal["loss", "validation", "spread"]

PLOTS: tuple[Plot, ...] = ("loss", "validation", "spread")
_OF_PLOT: dict[str, Plot] = {
    "recall@1": "validation", "recall@10": "validation", "preservation": "validation",
    "effective_rank": "spread",
}  # fmt: skip
# what else stands in a row; all the rest are losses, whatever the method calls them
_NOT_DRAWN = (
    "step", "alpha/", "temperature", "learning_rate", "gradient_norm", "mean_cosine", "mrr",
    "chance@",
)  # fmt: skip
_TITLES = {
    "loss": "total", "contrastive": "contrastive", "effective_rank": "rank", "recall@1": "R@1",
    "recall@10": "R@10", "geometric": "{} geometry", "structure": "{} similarities",
    "transport": "{} transport", "preservation": "{} kept",
}  # fmt: skip
_TERMS = {
    "contrastive": "contrastive loss", "geometric": "geometric loss", "recall@1": "R@1",
    "recall@10": "R@10", "preservation": "neighbours kept", "effective_rank": "effective rank",
}  # fmt: skip
SHARES = Axis("share of validation pairs found, of neighbours kept", "share", low=0.0, high=1.0)
_UP = {
    "loss": Axis("loss", "log"),
    "validation": SHARES,
    "spread": Axis("effective rank"),
}
_ABOVE = {"loss": "Losses", "validation": "What is found and kept", "spread": "Effective rank"}
_COLOURS = {"loss": INK, "contrastive": ACCENT, "recall@1": GOOD, "recall@10": ACCENT}
_DASHES = ("-", "--", ":")


def is_drawn(name: str) -> bool:
    """Return whether a figure of the rows of a run has a curve."""
    return not name.startswith(_NOT_DRAWN)


def plot_of(name: str) -> Plot:
    """Return in which plot a figure of the rows is drawn."""
    return _OF_PLOT.get(name.partition("/")[0], "loss")


def curve_title(name: str) -> str:
    """Return what a figure of the rows is called: “image kept” of ``preservation/image``."""
    kind, _, view = name.partition("/")
    return _TITLES.get(kind, name.replace("_", " ").replace("/", " ")).format(view)


def term_of(name: str) -> str:
    """Return the word of the glossary that says what a figure of the rows is; or nothing."""
    return _TERMS.get(name.partition("/")[0], "")


@dataclass(frozen=True, eq=False)
class RunCurves:
    """The curves of a run.

    Attributes
    ----------
    name : str
    figures : dict of str to (steps, values)
        Of those that are drawn.
    """

    name: str
    figures: Mapping[str, tuple[Floats, Floats]]


def curve_chart(
    plot: Plot, runs: Sequence[RunCurves], *, marks: Sequence[tuple[float, str]] = (),
    chance: float | None = None, logarithmic: bool = True,
) -> Lines:  # fmt: skip
    """Return one plot of the curves of runs: one with a colour a figure, several a colour a run.

    Parameters
    ----------
    plot : {"loss", "validation", "spread"}
    runs : sequence of RunCurves
    marks : sequence of (step, str)
        Where something was changed, and what.
    chance : float, optional
        R@10 of a random order, from 0 to 1.
    logarithmic : bool
        Whether losses are on a logarithmic scale.
    """
    alone = len(runs) == 1
    curves = []
    for number, run in enumerate(runs):
        mine = [name for name in run.figures if plot_of(name) == plot and len(run.figures[name][0])]
        for place, name in enumerate(mine):
            steps, values = run.figures[name]
            title = curve_title(name)
            curves.append(
                Curve(
                    title if alone else f"{run.name}: {title}", steps, values,
                    _colour(name) if alone else CATEGORIES[number % len(CATEGORIES)],
                    _dash(name) if alone else _DASHES[place % len(_DASHES)],
                )
            )  # fmt: skip
    up = _UP[plot] if logarithmic or plot != "loss" else Axis("loss")
    levels = ((chance, "chance of R@10"),) if chance and plot == "validation" else ()
    title = f"{_ABOVE[plot]}: {', '.join(run.name for run in runs)}".removesuffix(": ")
    return Lines(title, Axis("step"), up, tuple(curves), tuple(marks), levels)


def _colour(name: str) -> str:
    kind, _, view = name.partition("/")
    # of two views, such as of transport, the colour of the second, which tells relations apart
    return _COLOURS.get(kind) or MODALITIES.get(view.rpartition("–")[2], MUTED)


def _dash(name: str) -> str:
    return "--" if name.startswith("preservation") else "-"
