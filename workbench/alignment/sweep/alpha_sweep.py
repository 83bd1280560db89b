"""A ladder: heads of several α trained alike, and what lies between its rungs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import Head, LinearHead, MlpHead, ResidualHead
from workbench.alignment.space import AlignedSpace
from workbench.errors import WorkbenchError

Floats = npt.NDArray[np.float32]

# what is mixed of two heads that began alike; of others nothing is
_MIXED: dict[type, tuple[str, ...]] = {
    LinearHead: ("weight", "bias"),
    ResidualHead: ("weight", "hidden_weight", "bias"),
    MlpHead: ("weight", "hidden_weight", "inner_weight", "inner_bias", "bias"),
}
# by which a figure between two rungs may lie below the worse of them and still count as as good
_TOLERANCE = 0.005


@dataclass(frozen=True, eq=False)
class Rung:
    """The heads of one α.

    Attributes
    ----------
    alpha : float
    space : AlignedSpace
    figures : dict of str to float
        Of these heads on the validation pairs, as `StepReport.validation`; empty without any.
    """

    alpha: float
    space: AlignedSpace
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AlphaSweep:
    """Rungs, from the smallest α up.

    Attributes
    ----------
    rungs : tuple of Rung
    between : tuple of dict
        Figures of the heads half-way between each rung and the next.
    pairs : int
        How many validation pairs the figures are of.
    """

    rungs: tuple[Rung, ...]
    between: tuple[dict[str, float], ...] = ()
    pairs: int = 0

    @property
    def alphas(self) -> list[float]:
        """α of each rung."""
        return [rung.alpha for rung in self.rungs]

    @property
    def joined(self) -> list[bool]:
        """Whether heads between each rung and the next are as good as these two.

        Half-way none of the mean reciprocal rank and the neighbours kept of each view lies more
        than half a point below the worse of the two rungs.
        """
        return [
            bool(figures) and all(
                figures[name] >= min(low.figures[name], high.figures[name]) - _TOLERANCE
                for name in figures
                if name == "mrr" or name.startswith("preservation/")
            )
            for figures, low, high in zip(
                self.between or [{}] * (len(self.rungs) - 1), self.rungs, self.rungs[1:],
                strict=False,
            )
        ]  # fmt: skip

    def at(self, alpha: float) -> Rung:
        """Return the heads of an α: between two rungs that are joined, else of the nearest rung.

        Returns
        -------
        Rung
            Its α is the one that was found; without figures, where it lies between rungs.
        """
        place = rung_place(alpha, self.alphas)
        lower = min(int(place), max(len(self.rungs) - 2, 0))
        share = place - lower
        if share in (0.0, 1.0) or not self.joined[lower]:
            return self.rungs[round(place)]
        low, high = self.rungs[lower], self.rungs[lower + 1]
        return Rung(alpha, blended(low.space, high.space, share))

    def nearest(self, alpha: float) -> int:
        """Return the number of the rung nearest to an α."""
        return round(rung_place(alpha, self.alphas))

    def knee(self) -> Rung | None:
        """Return the rung up to which geometry costs no recall that could be told from noise.

        It is the one of the largest α whose R@10 on the validation pairs is at most one standard
        error below the best; None without validation pairs.
        """
        if not self.pairs:
            return None
        least = self.best_recall() - self.standard_error()
        return [rung for rung in self.rungs if rung.figures["recall@10"] >= least][-1]

    def best_recall(self) -> float:
        """Return the best R@10 of any rung on the validation pairs."""
        return max(rung.figures["recall@10"] for rung in self.rungs)

    def standard_error(self) -> float:
        """Return that of the best R@10, √(p (1 - p) / n)."""
        best = self.best_recall()
        return math.sqrt(best * (1 - best) / self.pairs)


def rung_place(alpha: float, alphas: Sequence[float]) -> float:
    """Return where an α lies among those of rungs, from 0 to the last one's number.

    Between two rungs it is linear in log α, below the smallest positive one in α.
    """
    first = min((each for each in alphas if each > 0), default=1.0)

    def height(alpha: float) -> float:
        return alpha / first if alpha <= first else 1.0 + math.log10(alpha / first)

    return float(np.interp(height(alpha), [height(a) for a in alphas], np.arange(len(alphas))))


def half_way(low: Rung, high: Rung) -> AlignedSpace:
    """Return the heads in the middle between two rungs."""
    return blended(low.space, high.space, 0.5)


def blended(first: AlignedSpace, second: AlignedSpace, share: float) -> AlignedSpace:
    """Return heads between two that began alike: weights and biases are mixed.

    Parameters
    ----------
    first, second : AlignedSpace
        Of the same views, with the same landmarks.
    share : float
        Of the second, from 0 to 1.

    Raises
    ------
    WorkbenchError
        The heads are of different kinds.
    """
    return AlignedSpace(
        {view: _between(first.heads[view], second.heads[view], share) for view in first.heads}
    )


def _between(first: Head, second: Head, share: float) -> Head:
    names, part = _MIXED.get(type(first)), np.float32(share)
    if names is None or type(second) is not type(first):
        raise WorkbenchError(
            "Heads of different kinds cannot be interpolated. Train the sweep again."
        )
    mixed = {n: (1 - part) * getattr(first, n) + part * getattr(second, n) for n in names}
    between: Head = replace(cast("Any", first), **mixed)
    return between
