"""How much an encoder's own words count beside learned heads.

With s and t the cosines of the learned heads and of the words, in units of their standard
deviations over items of two views taken at random, items are found by ``s + ω t``,

    ω = 3.3 √d p^(-0.4)

for p pairs, where d is by how many standard deviations the words hold the items of a pair to be
nearer than items at random. No pair has part in the words, so the training pairs judge them as well
as others would. The more pairs there are, the less words can add; the form and its numbers are
fitted to measured curves (mathematics.md, The encoder's own words). Few pairs say little of d: it
is the mean of what they say and of what is usual, weighted by how sure each is. Validation pairs
change ω by a factor, and only where they say so clearly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import HeldOut, Pairs
from workbench.alignment.model_selection import held_out_retrieval
from workbench.alignment.own_words import OwnWords, joined
from workbench.alignment.space import AlignedSpace
from workbench.geometry import RowSource
from workbench.geometry.rows import evenly, read_rows

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_SLOPE, _POWER = 3.3, -0.4
_FACTORS = (1.0, 0.0, 0.5, 2.0)  # the first stays unless another is clearly better
_LOOKED_AT, _FEW = 1000, 20
_USUAL, _USUAL_SPREAD = 1.0, 0.5  # of d, where words help at all
_LEAST = 0.3  # of d: below, they add nothing that can be measured
_TINY = 1e-12


@dataclass(frozen=True)
class Judgement:
    """What pairs say of the words.

    Attributes
    ----------
    share : float
        Of the words' cosines in the sum, from 0 to 1.
    pairs : int
        That it was judged by.
    nearer : float
        d: by how many standard deviations items of a pair are nearer than others, in the words.
    factor : float
        By which validation pairs changed ω.
    """

    share: float
    pairs: int
    nearer: float
    factor: float = 1.0


def judge(
    learned: AlignedSpace,
    known: AlignedSpace,
    words: OwnWords,
    views: Mapping[str, RowSource],
    pairs: Pairs,
    held_out: HeldOut | None = None,
) -> Judgement:
    """Return the share of the words beside learned heads.

    Parameters
    ----------
    learned : AlignedSpace
    known : AlignedSpace
        `space_of_words`.
    words : OwnWords
    views : mapping of view to ndarray, shape (n, d)
        Frozen embeddings that training may see.
    pairs : mapping of relation to ndarray, shape (p, 2)
        The pairs that the heads were learned from.
    held_out : HeldOut, optional
        Validation pairs.

    Returns
    -------
    Judgement
        With the share 0 where no pairs link the two views, or the words hold their items not to
        be nearer than others.
    """
    sides = words.view, words.text
    linked = _linked(pairs, sides)
    if len(linked) < 2:
        return Judgement(0.0, len(linked), 0.0)
    some = [
        _unknown(views[view], linked[:, side], held_out.views.get(view) if held_out else None)
        for side, view in enumerate(sides)
    ]
    far = [_cosines(space, sides, some) for space in (known, learned)]
    spread = [max(float(each.std()), _TINY) for each in far]
    rows = [read_rows(views[view], linked[:, side]) for side, view in enumerate(sides)]
    first, second = (known.embed(view, each) for view, each in zip(sides, rows, strict=True))
    nearer = _shrunk(((first * second).sum(axis=1) - far[0].mean()) / spread[0])
    if nearer < _LEAST:
        return Judgement(0.0, len(linked), nearer)
    weight = float(_SLOPE * nearer**0.5 * len(linked) ** _POWER)

    def share(factor: float) -> float:
        said = factor * weight / spread[0]
        return said / (said + 1 / spread[1])

    factor = _FACTORS[0]
    judges = {r: p for r, p in held_out.pairs.items() if set(r) == set(sides)} if held_out else {}
    if held_out is not None and judges:
        spaces = {each: joined(learned, known, share(each)) for each in _FACTORS}
        factor = _clearly_best(spaces, HeldOut(held_out.views, judges))
    return Judgement(share(factor), len(linked), nearer, factor)


def _shrunk(nearer: Floats) -> float:
    """Return the mean of what pairs say of d, drawn towards what is usual by how few they are."""
    sure = len(nearer) / max(float(nearer.var(ddof=1)), _TINY)
    usual = 1 / _USUAL_SPREAD**2
    return float((sure * nearer.mean() + usual * _USUAL) / (sure + usual))


def _clearly_best(spaces: Mapping[float, AlignedSpace], held_out: HeldOut) -> float:
    """Return the factor of the space that finds most; the first, where none is clearly better.

    Clearly: by more than a standard error of the paired differences of reciprocal ranks.
    """
    found = {
        factor: np.concatenate([1 / each.ranks for each in held_out_retrieval(space, held_out)])
        for factor, space in spaces.items()
    }
    first = next(iter(found))
    gains = {factor: each - found[first] for factor, each in found.items()}
    clear = [
        factor
        for factor, gain in gains.items()
        if gain.mean() > gain.std(ddof=1) / len(gain) ** 0.5
    ]
    return max(clear, key=lambda factor: float(gains[factor].mean()), default=first)


def _linked(pairs: Pairs, sides: tuple[str, str]) -> Rows:
    """Return the pairs of two views, rows of the first before those of the second."""
    if sides in pairs:
        return pairs[sides]
    return pairs[sides[::-1]][:, ::-1] if sides[::-1] in pairs else np.zeros((0, 2), np.int64)


def _unknown(rows: RowSource, linked: Rows, held_out: Floats | None) -> Floats:
    """Return some rows of a view that are new to the heads: unpaired or held-out ones.

    Learned heads spread the items otherwise that they were learned from; these are taken only where
    there are hardly any others.
    """
    free = np.setdiff1d(np.arange(rows.shape[0]), linked)
    if len(free) < _FEW and held_out is not None and len(held_out) >= _FEW:
        return held_out[evenly(len(held_out), _LOOKED_AT)]
    if len(free) < _FEW:
        free = np.arange(rows.shape[0])
    return read_rows(rows, free[evenly(len(free), _LOOKED_AT)])


def _cosines(space: AlignedSpace, sides: tuple[str, str], rows: list[Floats]) -> Floats:
    first, second = (space.embed(view, each) for view, each in zip(sides, rows, strict=True))
    return first @ second.T
