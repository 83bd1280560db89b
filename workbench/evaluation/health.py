"""The health of a joint space: is it used evenly, do views mix (mathematics.md, Space health).

All measures take unit rows. None makes an n × n matrix: sums over all pairs are taken in closed
form or over a sample; that of uniformity and hubness is said.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.evaluation.hubs import occurrences, skewness

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

SAMPLE = 4096
HUB_NEIGHBOURS = 10
_ROWS_AT_ONCE = 8192
_WIDEST_GRAM = 2048  # wider spaces, such as ASIF's, are measured on as many rows


@dataclass(frozen=True)
class ViewHealth:
    """How one view fills the space.

    Attributes
    ----------
    effective_rank, mean_cosine, uniformity : float
        See the functions of these names; None with fewer than two items.
    items : int
    sampled : int
        How many of them uniformity was measured on.
    """

    effective_rank: float
    mean_cosine: float | None
    uniformity: float | None
    items: int
    sampled: int


@dataclass(frozen=True)
class RelationHealth:
    """How two views meet.

    Attributes
    ----------
    modality_gap, alignment : float
        See the functions of these names.
    hubness_first, hubness_second : float
        Skewness of how often an item of the first (second) view is among the 10 nearest of an item
        of the other one.
    sampled_first, sampled_second : int
        How many items of each view asked for their nearest.
    """

    modality_gap: float
    alignment: float
    hubness_first: float
    hubness_second: float
    sampled_first: int
    sampled_second: int


def view_health(points: Floats, *, sample: int = SAMPLE, seed: int = 0) -> ViewHealth:
    """Measure one view, shape (n, d), n > 0; see `ViewHealth`."""
    some = drawn(points, sample, seed)
    several = len(points) > 1
    return ViewHealth(
        effective_rank=effective_rank(points, seed=seed),
        mean_cosine=mean_cosine(points) if several else None,
        uniformity=uniformity(some) if several else None,
        items=len(points),
        sampled=len(some),
    )


def relation_health(
    first: Floats, second: Floats, pairs: Rows, *, sample: int = SAMPLE, seed: int = 0
) -> RelationHealth:
    """Measure two views, shapes (n, d) and (m, d), with pairs of shape (p, 2), p > 0."""
    some_first, some_second = drawn(first, sample, seed), drawn(second, sample, seed)
    return RelationHealth(
        modality_gap=modality_gap(first, second),
        alignment=alignment(first, second, pairs),
        hubness_first=skewness(occurrences(some_second, first, HUB_NEIGHBOURS)),
        hubness_second=skewness(occurrences(some_first, second, HUB_NEIGHBOURS)),
        sampled_first=len(some_first),
        sampled_second=len(some_second),
    )


def modality_gap(first: Floats, second: Floats) -> float:
    """Return the distance of the two centroids (Liang et al. 2022, arXiv 2203.02053); 0 to 2."""
    centres = [points.mean(axis=0, dtype=np.float64) for points in (first, second)]
    return float(np.linalg.norm(centres[0] - centres[1]))


def alignment(first: Floats, second: Floats, pairs: Rows) -> float:
    """Return the mean squared distance of paired rows: E ||x - y||².

    Wang & Isola (2020), arXiv 2005.10242, with their exponent 2; from 0 (best) to 4.
    """
    total = 0.0
    for start in range(0, len(pairs), _ROWS_AT_ONCE):
        some = pairs[start : start + _ROWS_AT_ONCE]
        apart = first[some[:, 0]].astype(np.float64) - second[some[:, 1]]
        total += float(np.sum(apart**2))
    return total / len(pairs)


def uniformity(points: Floats) -> float:
    """Return log E exp(-2 ||x - y||²) over all pairs of two different rows, shape (n, d), n > 1.

    Wang & Isola (2020), arXiv 2005.10242; 0 when all rows coincide, about -4 on an even sphere
    of many dimensions. Takes n² products: give a sample of many rows.
    """
    squares = np.sum(points.astype(np.float64) ** 2, axis=1)
    total = 0.0
    for rows, scores in blockwise_scores(points, points):
        apart = squares[rows, None] + squares - 2 * scores.astype(np.float64)
        kernel = np.exp(-2 * np.maximum(apart, 0))
        kernel[np.arange(len(kernel)), np.arange(rows.start, rows.stop)] = 0
        total += float(kernel.sum())
    return float(np.log(total / (len(points) * (len(points) - 1))))


def mean_cosine(points: Floats) -> float:
    """Return the mean cosine of two different rows, shape (n, d), n > 1: near 1 in a collapse.

    In closed form, (||Σ x||² - Σ ||x||²) / (n (n - 1)).
    """
    total = points.sum(axis=0, dtype=np.float64)
    squares = sum(
        float(np.sum(points[start : start + _ROWS_AT_ONCE].astype(np.float64) ** 2))
        for start in range(0, len(points), _ROWS_AT_ONCE)
    )
    return float((total @ total - squares) / (len(points) * (len(points) - 1)))


def effective_rank(points: Floats, *, seed: int = 0) -> float:
    """Return the exponential of the entropy of the normalised singular values.

    Roy & Vetterli (2007), “The effective rank: a measure of effective dimensionality”; from 1 to
    min(n, d), 0 when all rows are zero. Of rows wider than 2,048, so many drawn by `seed` are
    taken.

    Parameters
    ----------
    points : ndarray, shape (n, d)
    """
    if points.shape[1] > _WIDEST_GRAM:
        points = drawn(points, _WIDEST_GRAM, seed)
    if len(points) < points.shape[1]:
        points = points.T
    gram = np.zeros((points.shape[1], points.shape[1]))
    for start in range(0, len(points), _ROWS_AT_ONCE):
        some = points[start : start + _ROWS_AT_ONCE].astype(np.float64)
        gram += some.T @ some
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0))
    if not singular.any():
        return 0.0
    share = singular[singular > 0] / singular.sum()
    return float(np.exp(-np.sum(share * np.log(share))))


def drawn(points: Floats, most: int, seed: int = 0) -> Floats:
    """Return at most so many rows, drawn by `seed`, in their order."""
    if len(points) <= most:
        return points
    rows = np.random.default_rng(seed).choice(len(points), most, replace=False)
    return points[np.sort(rows)]
