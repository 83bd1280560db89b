"""Retrieval between two views: do items find their partners (mathematics.md, Retrieval)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkbenchError
from workbench.evaluation.blockwise_scores import blockwise_scores
from workbench.evaluation.chance import chance_median_rank, chance_recall
from workbench.evaluation.hubs import mean_similarity_to_nearest
from workbench.evaluation.rank_counting import candidates_ahead, scores_of_pairs
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
        Counts queries.

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
    queries, candidates = np.asarray(queries), np.asarray(candidates)
    pairs = _checked(pairs, (len(queries), len(candidates)))
    if queries.shape[1:] != candidates.shape[1:]:
        raise WorkbenchError(
            f"Queries of shape {queries.shape} and candidates of shape {candidates.shape} are not "
            "in one space: their widths differ."
        )
    asked = np.unique(pairs[:, 0])
    own = np.stack([np.searchsorted(asked, pairs[:, 0]), pairs[:, 1]], axis=1)
    ways = (_by_cosine if csls is None else partial(_by_csls, csls, queries))(
        queries[asked], candidates, own
    )
    ranks, watch = np.empty(len(asked), dtype=np.int64), Stopwatch()
    for rows, some in ways:
        control.wait_while_paused()
        if control.stopping:
            return None
        ranks[rows] = some
        yield Progress(rows.stop, len(asked), message, watch.rate(rows.stop))
    return _summary(ranks, pairs, len(candidates))


def _by_cosine(asked: Floats, candidates: Floats, pairs: Rows) -> Iterator[tuple[slice, Rows]]:
    """Yield the ranks of some queries, each of which is in a pair."""
    scores = scores_of_pairs(asked, candidates, pairs)
    best = np.full(len(asked), -np.inf, dtype=np.float32)
    np.maximum.at(best, pairs[:, 0], scores)
    # correct partners that tie with the best one, itself included, are not in its way
    correct = np.bincount(pairs[scores >= best[pairs[:, 0]], 0], minlength=len(asked))
    for rows, ahead in candidates_ahead(asked, candidates, best):
        yield rows, ahead - correct[rows] + 1


def _by_csls(
    csls: int, queries: Floats, asked: Floats, candidates: Floats, pairs: Rows
) -> Iterator[tuple[slice, Rows]]:
    # r_T(x) is the same for all candidates of a query, so the ranks do not need it
    penalty = mean_similarity_to_nearest(candidates, queries, csls)
    for rows, scores in blockwise_scores(asked, candidates):
        np.multiply(scores, 2, out=scores)
        np.subtract(scores, penalty, out=scores)
        first, last = np.searchsorted(pairs[:, 0], (rows.start, rows.stop))
        yield rows, partner_ranks(scores, pairs[first:last] - [rows.start, 0])


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
    return np.unique(pairs.astype(np.int64), axis=0)
