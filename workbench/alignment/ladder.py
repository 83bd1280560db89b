"""A ladder: heads of several α trained alike, and what lies between its rungs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from workbench.alignment.heads import Head, LinearHead, ResidualHead
from workbench.alignment.space import AlignedSpace
from workbench.errors import WorkbenchError

Floats = npt.NDArray[np.float32]

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
class Ladder:
    """Rungs, from the smallest α up.

    Attributes
    ----------
    rungs : tuple of Rung
    between : tuple of dict
        Figures of the heads half-way between each rung and the next.
    """

    rungs: tuple[Rung, ...]
    between: tuple[dict[str, float], ...] = ()

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
        place = min(max(self._place(alpha), 0.0), len(self.rungs) - 1.0)
        lower = min(int(place), max(len(self.rungs) - 2, 0))
        share = place - lower
        nearest = self.rungs[round(place)]
        if share in (0.0, 1.0) or not self.joined[lower]:
            return nearest
        low, high = self.rungs[lower], self.rungs[lower + 1]
        return Rung(alpha, blended(low.space, high.space, share))

    def knee(self, pairs: int) -> Rung | None:
        """Return the rung up to which geometry costs no recall that could be told from chance.

        It is the one of the largest α whose R@10 on the validation pairs is at most one standard
        error, √(p (1 - p) / n), below the best.

        Parameters
        ----------
        pairs : int
            How many validation pairs there are.
        """
        known = [rung for rung in self.rungs if rung.figures]
        if not known or pairs < 1:
            return None
        best = max(rung.figures["recall@10"] for rung in known)
        error = math.sqrt(best * (1 - best) / pairs)
        return [rung for rung in known if rung.figures["recall@10"] >= best - error][-1]

    def _place(self, alpha: float) -> float:
        """Return where an α lies among the rungs, from 0 to the last one's number."""
        marks = [_height(each, self.alphas) for each in self.alphas]
        return float(np.interp(_height(alpha, self.alphas), marks, np.arange(len(marks))))


def _height(alpha: float, alphas: Sequence[float]) -> float:
    """Return α on a scale that is linear up to the smallest positive rung, then logarithmic."""
    first = min((each for each in alphas if each > 0), default=1.0)
    return alpha / first if alpha <= first else 1.0 + math.log10(alpha / first)


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
    if isinstance(first, LinearHead) and isinstance(second, LinearHead):
        return replace(first, **_mixed(first, second, share, ("weight", "bias")))
    if isinstance(first, ResidualHead) and isinstance(second, ResidualHead):
        return replace(first, **_mixed(first, second, share, ("weight", "hidden_weight", "bias")))
    raise WorkbenchError("Heads of different kinds cannot be mixed. Train the ladder again.")


def _mixed(first: Head, second: Head, share: float, names: Sequence[str]) -> dict[str, Floats]:
    part = np.float32(share)
    return {n: (1 - part) * getattr(first, n) + part * getattr(second, n) for n in names}
