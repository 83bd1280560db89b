"""Figures of every item of a run: how much it was bent, and where its partners rank."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.evaluation import distortion_within, retrieve_watched
from workbench.geometry import Operator, find_neighbours
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import Modality
from workbench.stations.evaluating.evaluate import DISTORTION_NEIGHBOURS
from workbench.stations.runs.run_space import RunSpace, RunView

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Direction = tuple[Modality, Modality]

WORST = 10
_QUANTILES = (0.1, 0.5, 0.9)
_BARS = 40
NEIGHBOURHOODS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Distribution:
    """How values lie: for a histogram, and to say in words.

    Attributes
    ----------
    count : int
    mean : float
        nan where there are none.
    quantiles : dict of float to float
        0.1, 0.5 and 0.9.
    edges : ndarray, shape (b + 1,)
    counts : ndarray, shape (b,)
        Values between each two edges.
    """

    count: int
    mean: float
    quantiles: dict[float, float]
    edges: npt.NDArray[np.float64]
    counts: Rows


def distribution(values: npt.NDArray[np.floating], bars: int = _BARS) -> Distribution:
    """Return how values, shape (n,), lie; those that are not numbers are left out."""
    values = np.asarray(values, dtype=np.float64)
    values = values[np.isfinite(values)]
    counts, edges = np.histogram(values, bars)
    mean = float(values.mean()) if len(values) else float("nan")
    quantiles = {q: float(np.quantile(values, q)) for q in _QUANTILES} if len(values) else {}
    return Distribution(len(values), mean, quantiles, edges, counts.astype(np.int64))


@dataclass(frozen=True, eq=False)
class ItemFigures:
    """Figures of all items of a run.

    Attributes
    ----------
    space : RunSpace
        Whose they are; arrays have its rows.
    neighbours : int
        K of the distortion.
    distortion : dict of modality to ndarray, shape (n,)
        Each item's own L_geo among all items, see `workbench.evaluation.distortion`.
    partner_rank : dict of (modality, modality) to ndarray, shape (n,)
        Rank of the best partner of each item of the first among all items of the second, as
        `workbench.evaluation.retrieve` counts it; 0 where it has none.
    complete : bool
        Whether nothing was left out because of a stop.
    """

    space: RunSpace
    neighbours: int
    distortion: dict[Modality, Floats] = field(default_factory=dict)
    partner_rank: dict[Direction, Rows] = field(default_factory=dict)
    complete: bool = True

    def share(self, modality: Modality, row: int) -> float | None:
        """Return a row's share of its view's summed distortion; None where nothing was bent."""
        values = self.distortion.get(modality)
        total = float(values.sum(dtype=np.float64)) if values is not None else 0.0
        return float(values[row]) / total if values is not None and total > 0 else None

    def distortion_of(self, ids: Rows) -> Floats:
        """Return the distortion of items by id, shape (len(ids),); nan where it is not known."""
        found = np.full(len(ids), np.nan, dtype=np.float32)
        for name, values in self.distortion.items():
            rows = self.space.views[name].rows_of(ids)
            found[rows >= 0] = values[rows[rows >= 0]]
        return found

    def partner_rank_of(self, ids: Rows, to: Modality | None = None) -> Rows:
        """Return the rank of the best partner of items by id, shape (len(ids),).

        Parameters
        ----------
        ids : ndarray, shape (n,)
        to : modality, optional
            Partners of this modality; None for the best of all.

        Returns
        -------
        ndarray of int
            0 where an item has no partner, or is not known.
        """
        found = np.zeros(len(ids), dtype=np.int64)
        for (first, second), ranks in self.partner_rank.items():
            if to not in (None, second):
                continue
            rows = self.space.views[first].rows_of(ids)
            new = np.where(rows >= 0, ranks[rows], 0) if len(ranks) else np.zeros_like(found)
            better = (new > 0) & ((found == 0) | (new < found))
            found[better] = new[better]
        return found

    def distortions(self, ids: Rows | None = None) -> Distribution:
        """Return how the distortion lies of some items, or of all distinct ones."""
        if ids is not None:
            return distribution(self.distortion_of(ids))
        return distribution(np.concatenate([*self.distortion.values(), np.zeros(0, np.float32)]))

    def worst(self, count: int = WORST, ids: Rows | None = None) -> list[tuple[int, float]]:
        """Return the items torn most and their distortion, worst first.

        Parameters
        ----------
        count : int
        ids : ndarray, optional
            Only of these items; of all distinct ones without.
        """
        if ids is None:
            ids = np.concatenate(
                [np.zeros(0, np.int64), *(self.space.views[name].ids for name in self.distortion)]
            )
        ids = np.unique(ids)
        values = self.distortion_of(ids)
        ids, values = ids[~np.isnan(values)], values[~np.isnan(values)]
        order = np.argsort(-values, kind="stable")[: max(count, 0)]
        return list(zip(ids[order].tolist(), values[order].tolist(), strict=True))


def measure_items(
    space: RunSpace,
    operator: Operator | None = None,
    neighbours: int = DISTORTION_NEIGHBOURS,
    *,
    only: Literal["distortion", "ranks"] | None = None,
    control: Control | None = None,
) -> Job[ItemFigures]:
    """Measure the distortion of every item, and the rank of its best partner.

    Some seconds for 10,000 items; the time grows with the square of their number, so that 100,000
    take some minutes for each view and direction.

    Parameters
    ----------
    space : RunSpace
    operator : Operator, optional
        The default one where not given.
    neighbours : int
        K of the distortion; capped at what there is.
    only : {"distortion", "ranks"}, optional
        What is wanted; both without.
    control : Control, optional

    Yields
    ------
    Progress

    Returns
    -------
    ItemFigures
        After a stop without those of the views and directions that were not finished.
    """
    control = control or Control()
    figures = ItemFigures(space, neighbours)
    for name, view in space.views.items() if only != "ranks" else ():
        bent = yield from _distortion(name, view, operator, neighbours, control)
        if bent is not None:
            figures.distortion[name] = bent
    for direction in _directions(space) if only != "distortion" else ():
        ranks = yield from partner_ranks(space, direction, control)
        if ranks is not None:
            figures.partner_rank[direction] = ranks
    if control.stopping:
        return ItemFigures(
            space, neighbours, figures.distortion, figures.partner_rank, complete=False
        )
    return figures


def partner_ranks(
    space: RunSpace, direction: Direction, control: Control | None = None,
    rows: Rows | None = None,
) -> Job[Rows | None]:  # fmt: skip
    """Return the rank of each row's best partner, shape (n,); 0 without one, None when stopped.

    Parameters
    ----------
    space : RunSpace
    direction : (modality, modality)
    control : Control, optional
    rows : ndarray of int, optional
        Rank those of these rows alone, among all; 0 for the others.

    Yields
    ------
    Progress
        Counts queries.
    """
    first, second = direction
    queries, candidates = space.views[first].after, space.views[second].after
    pairs = space.pairs_between(first, second)
    if rows is not None:
        pairs = pairs[np.isin(pairs[:, 0], rows)]
    found = np.zeros(len(queries), dtype=np.int64)
    if len(pairs) == 0:
        return found
    result = yield from retrieve_watched(
        queries, candidates, pairs, control, message=f"Ranking {first}→{second}"
    )
    if result is None:
        return None
    found[result.query_rows] = result.ranks
    return found


def _directions(space: RunSpace) -> list[Direction]:
    """Return every way to ask between two views that have pairs."""
    names = list(space.views)
    return [(a, b) for a in names for b in names if a != b and len(space.pairs_between(a, b)) > 0]


def _distortion(
    name: str, view: RunView, operator: Operator | None, neighbours: int, control: Control
) -> Job[Floats | None]:
    """Return the distortion of each row of a view; None when stopped."""
    count = len(view.ids)
    if count < 2:
        return np.zeros(count, dtype=np.float32)
    around = yield from find_neighbours(view.before, neighbours, control=control)
    bent = np.zeros(count, dtype=np.float32)
    watch = Stopwatch()
    for some in parts_of(np.arange(count), NEIGHBOURHOODS_AT_ONCE):
        control.wait_while_paused()
        if control.stopping:
            return None
        bent[some] = distortion_within(view.before, view.after, around.rows[some], operator)
        done = int(some[-1]) + 1
        yield Progress(done, count, f"Measuring neighbourhoods of {name}", watch.rate(done))
    return bent


def parts_of(rows: Rows, size: int) -> Iterator[Rows]:
    """Yield rows, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
