"""A confusion matrix as a chart for a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.charts.palette import ACCENT, INK
from workbench.charts.style import read_words_plainly, styled
from workbench.stations.classifying.zero_shot import RunClassified

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NUMBERS_UP_TO = 16  # classes, for which a number has room in a cell
_NAMES_UP_TO = 80


@dataclass(frozen=True, eq=False)
class ConfusionChart:
    """Which classes are taken for which; each row is shaded by the share of its items.

    Attributes
    ----------
    title : str
    labels : tuple of str
    counts : ndarray of int, shape (c, c)
        Items of the class of the row that are named as that of the column.
    """

    title: str
    labels: tuple[str, ...]
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, run: RunClassified) -> "ConfusionChart":
        """Return that of a run."""
        counts = np.zeros((run.found.classes, run.found.classes), np.int64)
        own, named, items = run.found.confusions().T
        counts[own, named] = items
        title = f"{run.words}: top-1 {run.found.top(1):.1%} of {len(run.ids):,} items"
        return cls(title, tuple(run.classes.labels), counts)

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Of the items of each row, shape (c, c); 0 for a class without items."""
        shares: npt.NDArray[np.float64] = self.counts / np.maximum(
            self.counts.sum(axis=1, keepdims=True), 1
        )
        return shares

    def rows(self) -> list[Sequence[object]]:
        """Return a row a cell that has items."""
        found: list[Sequence[object]] = [("class", "named", "items", "share")]
        shares = self.shares
        for row, column in np.argwhere(self.counts).tolist():
            share = f"{shares[row, column]:.6g}"
            cell = self.labels[row], self.labels[column], int(self.counts[row, column]), share
            found.append(cell)
        return found

    def drawing(self, width: float, height: float) -> "Figure":
        """Return it drawn, so many inches wide and high."""
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.figure import Figure

        scale = LinearSegmentedColormap.from_list("share", ["#ffffff", ACCENT, INK])
        shares, count = self.shares, len(self.labels)
        with styled():
            drawing = Figure(figsize=(width, height))
            axes = drawing.add_subplot()
            axes.set_title(self.title, loc="left")
            axes.grid(visible=False)
            shown = axes.imshow(shares, cmap=scale, vmin=0, vmax=1, aspect="auto")
            if count <= _NUMBERS_UP_TO:
                for row, column in np.argwhere(self.counts).tolist():
                    axes.text(
                        column, row, f"{self.counts[row, column]:,}", ha="center", va="center",
                        fontsize=8, color="white" if shares[row, column] > 0.35 else INK,
                    )  # fmt: skip
            names = range(count if count <= _NAMES_UP_TO else 0)
            axes.set_xticks(names, [self.labels[each] for each in names], rotation=90)
            axes.set_yticks(names, [self.labels[each] for each in names])
            axes.set(xlabel="named", ylabel="class")
            bar = drawing.colorbar(shown, ax=axes, fraction=0.035, pad=0.03)
            bar.set_label("share of the class")
            bar.outline.set_visible(False)
            read_words_plainly(drawing)
        return drawing
