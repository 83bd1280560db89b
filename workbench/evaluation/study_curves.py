"""What curves over repeated splits say: how sure a mean is, what differs, how many labels it takes.

A curve is an array of figures, shape (splits, points): a row a split, not a number where a cell is
missing. Two curves are compared split by split, for a split that is hard for one is hard for the
other. Intervals are Student's: of so few splits a bootstrap is too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.evaluation.uncertainty import LEVEL

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """Mean and spread at each point of a curve, each of shape (points,).

    Attributes
    ----------
    count : ndarray of int
        Splits.
    mean, deviation : ndarray
        The deviation is that of a sample; not a number of fewer than two splits.
    low, high : ndarray
        The 95 % interval of the mean.
    """

    count: npt.NDArray[np.int64]
    mean: Figures
    deviation: Figures
    low: Figures
    high: Figures


@dataclass(frozen=True)
class Reached:
    """Where a rising curve reaches a target, on its horizontal axis.

    Attributes
    ----------
    value : float
        Where the mean reaches it; infinite if it does not, and the first point if it is there.
    low, high : float
        The 95 % interval: where the upper and the lower end of the mean's interval reach it. An
        end at the first point means “or fewer”. Not a number where a point has one split alone.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Crossing:
    """Where one curve falls behind another that it led.

    Attributes
    ----------
    value : float
        Where the mean difference is zero.
    low, high : float
        The last point where the one is clearly ahead, and the first where the other is.
    """

    value: float
    low: float
    high: float


def means(values: Figures, level: float = LEVEL) -> Means:
    """Return mean, deviation and interval at each point, whatever splits it has."""
    from scipy.stats import t

    known = ~np.isnan(values)
    count = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=0) / count
        squares = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
        deviation = np.sqrt(squares / np.where(count > 1, count - 1, np.nan))
        half = t.ppf((1 + level) / 2, np.maximum(count - 1, 1)) * deviation / np.sqrt(count)
    return Means(count, mean, deviation, mean - half, mean + half)


def differences(values: Figures, base: Figures, level: float = LEVEL) -> Means:
    """Return by how much a curve is above another, split by split; splits of both alone count."""
    return means(values - base, level)


def chance_of_no_difference(found: Means) -> Figures:
    """Return p of Student's test that a mean difference is none, shape (points,).

    Not a number of fewer than two splits; 0 or 1 where all splits agree to the digit.
    """
    from scipy.stats import t

    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.abs(found.mean) / (found.deviation / np.sqrt(found.count))
    p = np.asarray(2 * t.sf(ratio, np.maximum(found.count - 1, 1)), dtype=np.float64)
    alike = (found.count > 1) & (found.deviation == 0)
    p[alike] = np.where(found.mean[alike] == 0, 1.0, 0.0)
    return np.where(found.count > 1, p, np.nan)


def clear(p: Sequence[float] | Figures, level: float = LEVEL) -> npt.NDArray[np.bool_]:
    """Return which of several differences are clear, together at a level (Holm 1979).

    Where nothing differs, none of all is called clear in 95 of 100 studies. What is not a number
    is not clear and does not count.
    """
    p = np.asarray(p, dtype=np.float64)
    found = np.zeros(p.shape, dtype=bool)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    for rank, place in enumerate(order):
        if p[place] > (1 - level) / (len(order) - rank):
            break
        found[place] = True
    return found


def reached(x: Figures, values: Figures, target: float, level: float = LEVEL) -> Reached:
    """Return the smallest budget at which a curve reaches a target.

    Parameters
    ----------
    x : ndarray, shape (points,)
        Budgets, rising and positive. Between points the mean and the ends of its interval are
        lines over the logarithm of the budget.
    values : ndarray, shape (splits, points)
    target : float

    Notes
    -----
    A budget is in the interval where the target is in the mean's interval (Fieller's way): as
    long as the curve rises it covers the true budget as often as those intervals cover the mean.
    """
    found = means(values, level)
    value = _first(x, found.mean, target)
    if (found.count == 1).any():
        return Reached(value, float("nan"), float("nan"))
    return Reached(value, _first(x, found.high, target), _first(x, found.low, target))


def _first(x: Figures, curve: Figures, target: float) -> float:
    """Return where a curve first reaches a target, infinite if nowhere."""
    known = ~np.isnan(curve)
    x, curve = x[known], curve[known]
    there = np.flatnonzero(curve >= target)
    if not len(there):
        return float("inf")
    place = int(there[0])
    if place == 0:
        return float(x[0])
    before, after = curve[place - 1], curve[place]
    share = (target - before) / (after - before)
    return float(np.exp(np.log(x[place - 1]) + share * np.log(x[place] / x[place - 1])))


def crossings(x: Figures, values: Figures, base: Figures, level: float = LEVEL) -> list[Crossing]:
    """Return where two curves change places, and only where each is clearly ahead on its side.

    Parameters
    ----------
    x : ndarray, shape (points,)
        Rising and positive.
    values, base : ndarray, shape (splits, points)
    """
    found = differences(values, base, level)
    ahead = clear(chance_of_no_difference(found), level) * np.sign(found.mean)
    sure = np.flatnonzero(ahead)
    crossed = []
    for left, right in pairwise(sure):
        if ahead[left] * ahead[right] < 0:
            between = slice(int(left), int(right) + 1)
            rising = np.sign(ahead[right]) * found.mean[between]
            middle = _first(x[between], rising, 0.0)
            crossed.append(Crossing(middle, float(x[left]), float(x[right])))
    return crossed
