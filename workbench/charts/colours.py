"""What points are coloured by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MUCH = 0.99  # of values lie below what has the strongest colour: one outlier shall not fade all


@dataclass(frozen=True, eq=False)
class Groups:
    """A few groups, each with a colour.

    Attributes
    ----------
    title : str
        What they are groups by.
    names : tuple of str
    colours : tuple of str
        ``#rrggbb``, one a name.
    codes : ndarray of int, shape (n,)
        The number of each point's group; -1 of those in none.
    none : str
        What is said of those.
    """

    title: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    codes: npt.NDArray[np.integer]
    none: str = "none"

    def words(self) -> list[str]:
        """Return the name of each point's group, empty for none."""
        return [self.names[code] if code >= 0 else "" for code in self.codes.tolist()]


@dataclass(frozen=True, eq=False)
class Values:
    """Values on a scale.

    Attributes
    ----------
    title : str
    values : ndarray, shape (n,)
        nan where there is none.
    low, high : float
        Ends of the scale.
    none : str
        What is said of points without a value.
    signed : bool
        Whether the middle of the scale is a middle of the values.
    in_words : callable
        Says a value beside the scale.
    beyond : bool
        Whether values lie beyond the high end.
    doublings : bool
        Whether they are logarithms to base 2 of what is meant.
    """

    title: str
    values: Floats
    low: float
    high: float
    none: str
    signed: bool = False
    in_words: Callable[[float], str] = "{:.3g}".format
    beyond: bool = False
    doublings: bool = False

    def words(self) -> list[str]:
        """Return each point's value as it is meant, empty for none."""
        meant = 2**self.values if self.doublings else self.values
        return ["" if np.isnan(each) else f"{each:.6g}" for each in meant.tolist()]


def distortion(values: npt.NDArray[np.floating]) -> Values:
    """Return the distortion of points on its scale: 0 is kept as it was.

    Parameters
    ----------
    values : ndarray, shape (n,)
    """
    given: Floats = values.astype(np.float64)
    known = given[~np.isnan(given)]
    high = float(np.quantile(known, MUCH)) if len(known) else 1.0
    beyond = bool(len(known)) and float(known.max()) > high
    return Values("Distortion", given, 0.0, high, "not in the run", beyond=beyond)


def partner_rank(ranks: npt.NDArray[np.integer]) -> Values:
    """Return the rank of each point's correct partner, each doubling alike; rank 0 is none.

    Parameters
    ----------
    ranks : ndarray of int, shape (n,)
    """
    given = ranks.astype(np.float64)
    values: Floats = np.log2(given, out=np.full(len(given), np.nan), where=given > 0)
    known = values[~np.isnan(values)]
    high = max(float(known.max()) if len(known) else 1.0, 1.0)
    return Values(
        "Rank of the correct partner", values, 0.0, high, "no partner", in_words=rank_in_words,
        doublings=True,
    )  # fmt: skip


def rank_change(gain: Floats, other: str) -> Values:
    """Return how many times better each point's partner ranks than in another run.

    Parameters
    ----------
    gain : ndarray, shape (n,)
        In powers of two; nan where there is no partner in both.
    other : str
        Name of that run.
    """
    known = np.abs(gain[~np.isnan(gain)])
    most = max(float(np.quantile(known, MUCH)) if len(known) else 0.0, 1.0)
    title = f"Change of rank, compared with {other}"
    return Values(
        title, gain, -most, most, "no partner in both", signed=True, in_words=change_in_words,
        doublings=True,
    )  # fmt: skip


def rank_in_words(doublings: float) -> str:
    """Say a rank that is given as its logarithm to base 2."""
    return f"{2**doublings:,.0f}"


def change_in_words(doublings: float) -> str:
    """Say how many times better or worse, given as its logarithm to base 2."""
    return f"{2 ** abs(doublings):,.1f}× {'better' if doublings > 0 else 'worse'}"


def few_groups(
    codes: npt.NDArray[np.integer], names: Sequence[str], most: int, *, as_they_are: bool = False
) -> tuple[list[int], Ints]:
    """Choose the groups that have a colour of their own: the largest ones.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        The number of each point's name; below zero of those without.
    names : sequence of str
    most : int
        How many there may be.
    as_they_are : bool
        In the order of the names, and not the largest first.

    Returns
    -------
    list of int
        Numbers of names, in the order of the legend.
    ndarray of int, shape (n,)
        The place of each point's group in that list; -1 of all others.
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = np.arange(len(names)) if as_they_are else np.argsort(-counts, kind="stable")
    chosen = order[counts[order] > 0][:most]
    place = np.full(len(names) + 1, -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    return chosen.tolist(), place[np.where(codes < 0, len(names), codes)]
