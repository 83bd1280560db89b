"""Retrieval between two views: do items find their partners (mathematics.md, Retrieval)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.evaluation.chance import chance_median_rank, chance_recall
from workbench.evaluation.hubs import mean_similarity_to_nearest
from workbench.evaluation.rank_counting import candidates_ahead, scores_of_pairs
from workbench.item_ids import distinct_pairs
from workbench.jobs import Control, Job, Progress, Stopwatch, drain

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

CUTOFFS = (1, 5, 10)
CSLS_NEIGHBOURS = 10
"""What Conneau et al. (2018) use, and find the result to depend little on."""


@dataclass(frozen=True)
class Retrieval:
    """How well queries find their partners among candidates.

    Attributes
    ----------
    recall : dict of int to float
        Share of queries with a correct partner among the first k.
    median_rank, mrr : float
        Of the best correct partner; ranks start at 1.
    queries, candidates : int
    chance_recall : dict of int to float
        Expected recall of a random order, with as many correct partners as there are.
    chance_median_rank : float
    ranks : ndarray, shape (queries,)
        Of each query's best correct partner.
    query_rows : ndarray, shape (queries,)
        Which rows those queries are, ascending.
    """

    recall: dict[int, float]
    median_rank: float
    mrr: float
    queries: int
    candidates: int
    chance_recall: dict[int, float]
    chance_median_rank: float
    ranks: Rows = field(compare=False, repr=False)
    query_rows: Rows = field(compare=False, repr=False)

    def plain(self) -> dict[str, object]:
        """Return it for JSON: flat names, chance beside, without the single ranks."""
        chance = {f"recall@{k}": share for k, share in self.chance_recall.items()}
        return {
            **{f"recall@{k}": share for k, share in self.recall.items()},
            "median_rank": self.median_rank,
            "mrr": self.mrr,
            "queries": self.queries,
            "candidates": self.candidates,
            "chance": {**chance, "median_rank": self.chance_median_rank},
        }


def retrieve(
    queries: Floats, candidates: Floats, pairs: Rows, *, csls: int | None = None
) -> Retrieval:
    """Measure retrieval of candidates by queries: `retrieve_watched` run to its end."""
    found = drain(retrieve_watched(queries, candidates, pairs, csls=csls))
    assert found is not None  # noqa: S101 - nobody stops it
    return found


def retrieve_watched(
    queries: Floats, candidates: Floats, pairs: Rows, control: Control | None = None, *,
    csls: int | None = None, message: str = "Ranking",
) -> Job[Retrieval | None]:  # fmt: skip
    """Measure retrieval of candidates by queries, some at a time.

    Parameters
    ----------
    queries, candidates : ndarray, shapes (q, d) and (c, d)
        Unit rows of one space.
    pairs : ndarray, shape (p, 2)
        Query and candidate rows that belong together. A query may have several correct
        candidates, any of which counts; one in no pair is not asked, but is a neighbour for CSLS.
    control : Control, optional
    csls : int, optional
        Rank by the hubness-corrected similarity ``2 s(x, y) - r_T(x) - r_S(y)`` instead of the
        cosine ``s``, where ``r`` is the mean cosine to so many nearest rows of the other side
        (Conneau et al. 2018, arXiv 1710.04087).
    message : str
        What the progress says.

    Yields
    ------
    Progress
        Counts queries; not the pairs that are scored before, nor the hubs.

    Returns
    -------
    Retrieval or None
        None when stopped.

    Raises
    ------
    WorkbenchError
        There are no pairs, one points outside, widths differ, or `csls` is below 1.
    """
    control = control or Control()
    queries, candidates = (_of_floats(rows) for rows in (queries, candidates))
    pairs = _checked(pairs, (len(queries), len(candidates)))
    if queries.shape[1:] != candidates.shape[1:]:
        raise WorkbenchError(
            f"Queries of shape {queries.shape} and candidates of shape {candidates.shape} are not "
            "in one space: their widths differ."
        )
    if _asked_to_stop(control):
        return None
    if csls is None:
        parts = _ranks_by_cosine(queries, candidates, pairs)
    else:
        parts = _ranks_by_csls(queries, candidates, pairs, csls)
    count, watch = len(np.unique(pairs[:, 0])), Stopwatch()
    ranks = np.empty(count, dtype=np.int64)
    for rows, some in parts:
        if _asked_to_stop(control):
            return None
        ranks[rows] = some
        yield Progress(rows.stop, count, message, watch.rate(rows.stop))
    return _summary(ranks, pairs, len(candidates))


def _asked_to_stop(control: Control) -> bool:
    control.wait_while_paused()
    return control.stopping


def _of_floats(rows: npt.NDArray[Any]) -> Floats:
    rows = np.asarray(rows)
    return rows.astype(np.result_type(rows, np.float32), copy=False)


def _ranks_by_cosine(
    queries: Floats, candidates: Floats, pairs: Rows
) -> Iterator[tuple[slice, Rows]]:
    """Yield the ranks of some of the queries that are in `pairs`, which are in order of query."""
    asked, place = np.unique(pairs[:, 0], return_inverse=True)
    scores = scores_of_pairs(queries, candidates, pairs)
    best = np.full(len(asked), -np.inf, dtype=np.float32)
    np.maximum.at(best, place, scores)
    # correct partners that tie with the best one, itself included, are not in its way
    correct = np.bincount(place[scores >= best[place]], minlength=len(asked))
    for rows, ahead in candidates_ahead(queries, asked, candidates, best):
        # a product may round otherwise than a sum does, once in many millions
        yield rows, np.maximum(ahead - correct[rows], 0) + 1


def _ranks_by_csls(
    queries: Floats, candidates: Floats, pairs: Rows, csls: int
) -> Iterator[tuple[slice, Rows]]:
    """Yield the same by the corrected similarity."""
    asked, place = np.unique(pairs[:, 0], return_inverse=True)
    # r_T(x) is the same for all candidates of a query, so the ranks do not need it
    penalty = mean_similarity_to_nearest(candidates, queries, csls)
    for rows, scores in blockwise_scores(queries[asked], candidates):
        np.multiply(scores, 2, out=scores)
        np.subtract(scores, penalty, out=scores)
        first, last = np.searchsorted(place, (rows.start, rows.stop))
        own = np.stack([place[first:last] - rows.start, pairs[first:last, 1]], axis=1)
        yield rows, partner_ranks(scores, own)


def retrieval(similarity: Floats, pairs: Rows) -> Retrieval:
    """Measure retrieval from a matrix of scores, shape (queries, candidates); see `retrieve`.

    A score that is not a number counts as the worst.
    """
    pairs = _checked(pairs, similarity.shape)
    similarity = np.where(np.isnan(similarity), -np.inf, similarity)
    return _summary(partner_ranks(similarity, pairs), pairs, similarity.shape[1])


def partner_ranks(similarity: Floats, pairs: Rows) -> Rows:
    """Return the rank of the best correct partner of each query that has one.

    Parameters
    ----------
    similarity : ndarray, shape (queries, candidates)
    pairs : ndarray, shape (p, 2)
        Query and candidate rows that belong together, each pair once.

    Returns
    -------
    ndarray, shape (distinct queries in `pairs`,)
        From 1, in order of query row. Ties rank pessimistically: every wrong candidate with the
        same score comes before, so that a constant space scores chance at best.
    """
    queries, starts = np.unique(pairs[:, 0], return_inverse=True)
    scores = similarity[pairs[:, 0], pairs[:, 1]]
    best = np.full(len(queries), -np.inf, dtype=similarity.dtype)
    np.maximum.at(best, starts, scores)
    if len(queries) < len(similarity):
        similarity = similarity[queries]
    ahead = np.count_nonzero(similarity >= best[:, None], axis=1)
    # correct partners that tie with the best one, itself included, are not in its way
    correct_ahead = np.zeros(len(queries), dtype=np.int64)
    np.add.at(correct_ahead, starts, scores >= best[starts])
    return np.asarray(ahead - correct_ahead + 1, dtype=np.int64)


def rank_figures(ranks: Rows) -> dict[str, float]:
    """Return recall@1, @5 and @10, median rank and MRR of ranks, shape (n,)."""
    return {
        **{f"recall@{k}": float(np.mean(ranks <= k)) for k in CUTOFFS},
        "median_rank": float(np.median(ranks)),
        "mrr": float(np.mean(1 / ranks)),
    }


def _summary(ranks: Rows, pairs: Rows, candidates: int) -> Retrieval:
    asked, correct = np.unique(pairs[:, 0], return_counts=True)
    figures = rank_figures(ranks)
    return Retrieval(
        recall={k: figures[f"recall@{k}"] for k in CUTOFFS},
        median_rank=figures["median_rank"],
        mrr=figures["mrr"],
        queries=len(ranks),
        candidates=candidates,
        chance_recall={k: chance_recall(correct, candidates, k) for k in CUTOFFS},
        chance_median_rank=chance_median_rank(correct, candidates),
        ranks=ranks,
        query_rows=asked,
    )


def _checked(pairs: Rows, counts: tuple[int, ...]) -> Rows:
    """Return the pairs, each once and in order of query."""
    pairs = np.asarray(pairs)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise WorkbenchError("Pairs must be whole numbers of shape (p, 2): query and candidate.")
    if len(pairs) == 0:
        raise WorkbenchError("There are no pairs to measure retrieval on.")
    if (pairs < 0).any() or (pairs >= counts).any():
        raise WorkbenchError(
            f"A pair points outside the {counts[0]:,} queries and {counts[1]:,} candidates."
        )
    return distinct_pairs(pairs)
