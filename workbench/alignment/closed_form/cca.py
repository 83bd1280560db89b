"""Canonical correlation analysis, regularised, and the similarity weighted by its correlations.

CSA (Li et al. 2025, arXiv 2410.07610) scores two items by Σ_k ρ_k x_k y_k over their canonical
variates, scaled to unit length *before* they are weighted. A space of unit rows scales them
*after*, so that weak directions, mostly noise, have less say in an item's length. Up to that
factor an item the two are the same at s = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import TypeVar

import numpy as np

from workbench.alignment.closed_form.canonical import (
    CanonicalDirections,
    CanonicalProblem,
    Covariance,
    Doubles,
    Rows,
    covariance_of,
    largest_signs,
    spectrum_of,
)
from workbench.alignment.closed_form.cross_validation import among_pairs, cross_validated
from workbench.alignment.data import HeldOut, Relation, TrainingData
from workbench.alignment.heads import Floats, LinearHead
from workbench.alignment.model_selection import can_judge, held_out_mrr, only_relation
from workbench.alignment.settings.solved_settings import CcaSettings
from workbench.alignment.space import AlignedSpace
from workbench.geometry.rows import evenly

Choice = TypeVar("Choice")

PENALTIES = tuple(float(penalty) for penalty in np.logspace(-2, 2, 9))
EXPONENTS = (0.0, 1.0, 2.0)
PENALTY, EXPONENT = 3.0, 1.0
_TINY = 1e-12
_SCALED_BY = 2000


def cca(data: TrainingData, settings: CcaSettings, held_out: HeldOut | None = None) -> AlignedSpace:
    """Map two views onto their canonical directions, weighted by their correlations.

    Pairs are centred on their own mean. What the settings leave open is chosen by MRR on held-out
    pairs: penalty and exponent together, with all directions, then the width at these.

    Parameters
    ----------
    data : TrainingData
        Two views, one relation.
    settings : CcaSettings
    held_out : HeldOut, optional
        Without it open penalty and exponent are chosen by leaving out pairs in turn, or are 3 and
        1 where covariances are of all items, and all directions are kept.

    Returns
    -------
    AlignedSpace
        Linear heads; never wider than the directions that the pairs determine.

    Raises
    ------
    WorkbenchError
        There are more than two views, or all paired rows of one are alike.
    """
    relation, _ = only_relation(data, "CCA")
    problem = CanonicalProblem.of(data, relation, settings.covariance)

    def space(directions: CanonicalDirections, exponent: float, width: int | None) -> AlignedSpace:
        heads = {}
        for side, view in enumerate(relation):
            weight = directions.weighted(exponent)[side][:width]
            bias = -weight @ problem.means[side]
            heads[view] = LinearHead(
                weight=weight.astype(np.float32),
                bias=bias.astype(np.float32),
                **data.preparation(view),
            )
        return AlignedSpace(heads)

    exponent, width = settings.exponent, settings.width
    penalties = PENALTIES if settings.penalty is None else (settings.penalty,)
    exponents = EXPONENTS if exponent is None else (exponent,)
    if held_out is None or not can_judge(held_out):
        penalty, exponent = _by_cross_validation(data, relation, penalties, exponents, settings)
        return space(problem.solve(penalty), exponent, width)
    several = len(penalties) > 1
    solved = [problem.solve(penalty, of_several=several) for penalty in penalties]
    spaces = (space(each, s, width) for each, s in product(solved, exponents))
    (directions, exponent), best = _best(product(solved, exponents), spaces, held_out)
    if width is None:
        widths = list(_widths(len(directions.correlations)))
        # the widest comes first, so that the narrower must be better to win
        spaces = (space(directions, exponent, width) for width in widths)
        _, best = _best(widths, spaces, held_out)
    return best


def _by_cross_validation(
    data: TrainingData,
    relation: Relation,
    penalties: tuple[float, ...],
    exponents: tuple[float, ...],
    settings: CcaSettings,
) -> tuple[float, float]:
    """Return the penalty and exponent by which pairs that are left out are found best."""
    choices = list(product(penalties, exponents))
    if len(choices) == 1:
        return choices[0]
    if settings.covariance == "all":  # the pairs alone do not tell how all items spread
        return (
            PENALTY if settings.penalty is None else settings.penalty,
            EXPONENT if settings.exponent is None else settings.exponent,
        )

    def solve(rest: TrainingData) -> Callable[[tuple[float, float]], dict[str, Doubles]]:
        problem = CanonicalProblem.of(rest, relation, "paired")
        solved = {penalty: problem.solve(penalty, of_several=True) for penalty in penalties}

        def maps(choice: tuple[float, float]) -> dict[str, Doubles]:
            weighted = solved[choice[0]].weighted(choice[1])
            return dict(zip(relation, weighted, strict=True))

        return maps

    return cross_validated(among_pairs(data)[0], choices, solve)


def cca_maps(
    data: TrainingData,
    width: int,
    penalty: float = PENALTY,
    exponent: float = EXPONENT,
    covariance: Covariance = "paired",
) -> dict[str, Floats]:
    """Return regularised canonical directions as maps of shape (width, d): a start, a teacher.

    The pairs determine fewer directions than there are pairs. The others up to `width` are filled,
    orthogonally, with what has most variance left in all items, whitened alike and weighing as
    little as the weakest direction known: one view from the strongest down, the other from the
    weakest up, so that directions that have nothing to do with each other disturb least. What a
    narrow view cannot fill stays zero.

    Further views follow from the hub outwards: least squares with the same penalty, onto what
    their partners are mapped to already. Each map is scaled so that its view's rows come out of
    length 1 in root mean square, which changes no cosine and suits a learning rate.

    Parameters
    ----------
    data : TrainingData
    width : int
    penalty : float
        λ, in units of the mean eigenvalue of each view's covariance.
    exponent : float
        s: directions weigh as ρ^(s/2) in each view.
    covariance : {"all", "paired"}
        Whether unpaired items count in the covariances.

    Returns
    -------
    dict of view to ndarray, shape (width, d)
    """
    maps: dict[str, Doubles] = {}
    for relation in data.outwards():
        problem = CanonicalProblem.of(data, relation, covariance)
        placed = [view for view in relation if view in maps]
        if not placed:
            solved = problem.solve(penalty)
            weakest = float(solved.correlations[-1]) ** (exponent / 2)
            for side, view in enumerate(relation):
                maps[view] = _filled(
                    solved.weighted(exponent)[side],
                    data.views[view],
                    width,
                    weakest,
                    penalty * problem.scales[side],
                    weakest_first=side == 1,
                )
        elif len(placed) == 1:
            side = relation.index(placed[0])
            maps[relation[1 - side]] = problem.onto(1 - side, maps[placed[0]], penalty)
    return {view: _to_unit_length(maps[view], data.views[view]) for view in data.views}


def _filled(
    known: Doubles,
    rows: Rows,
    width: int,
    weight: float,
    penalty: float,
    weakest_first: bool,
) -> Doubles:
    """Add whitened directions in which the rows' variance is left; see `cca_maps`."""
    missing = width - len(known)
    if missing <= 0:
        return known[:width]
    values, vectors = spectrum_of(covariance_of(rows)[0])
    # in the coordinates of the eigenvectors, beside what is known
    basis = np.linalg.qr(vectors.T @ known.T)[0]
    rest = np.eye(len(values)) - basis @ basis.T
    left, others = np.linalg.eigh(rest @ (values[:, None] * rest))
    free = min(missing, len(values) - len(known))
    left, others = left[::-1][:free], others.T[::-1][:free]
    whitened = (
        others * largest_signs(others) / np.sqrt(np.maximum(left, 0) + penalty)[:, None] @ vectors.T
    )
    added = weight * (whitened[::-1] if weakest_first else whitened)
    return np.pad(np.concatenate([known, added]), ((0, missing - free), (0, 0)))


def _to_unit_length(weight: Doubles, rows: Rows) -> Floats:
    """Scale a map so that rows come out of length 1 in root mean square; some of them will do."""
    some = rows[evenly(len(rows), _SCALED_BY)]
    mapped = (some - some.mean(axis=0, dtype=np.float64)) @ weight.T
    length = np.sqrt(np.square(mapped).sum(axis=1).mean())
    return np.asarray(weight / max(float(length), _TINY), dtype=np.float32)


def _best(
    choices: Iterable[Choice], spaces: Iterable[AlignedSpace], held_out: HeldOut
) -> tuple[Choice, AlignedSpace]:
    """Return the choice, and its space, that ranks held-out partners best; the first of equals."""
    return max(zip(choices, spaces, strict=True), key=lambda each: held_out_mrr(each[1], held_out))


def _widths(most: int) -> Iterator[int]:
    """Yield the widest, then the powers of two below it down to 8."""
    yield most
    yield from (2**k for k in range(most.bit_length(), 2, -1) if 2**k < most)
