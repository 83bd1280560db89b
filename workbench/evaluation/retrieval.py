"""Retrieval between two views: whether items find their partners (METHODS.md, section 4)."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

CUTOFFS = (1, 5, 10)


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
    """

    recall: dict[int, float]
    median_rank: float
    mrr: float
    queries: int
    candidates: int
    chance_recall: dict[int, float]
    chance_median_rank: float

    def plain(self) -> dict[str, object]:
        """Return it for JSON: flat names, chance beside."""
        facts = asdict(self)
        recall, chance = facts.pop("recall"), facts.pop("chance_recall")
        chance_rank = facts.pop("chance_median_rank")
        return {
            **{f"recall@{k}": value for k, value in recall.items()},
            **facts,
            "chance": {**{f"recall@{k}": v for k, v in chance.items()}, "median_rank": chance_rank},
        }


def partner_ranks(similarity: Floats, pairs: Rows) -> Rows:
    """Return the rank of the best correct partner of each query that has one.

    Parameters
    ----------
    similarity : ndarray, shape (queries, candidates)
    pairs : ndarray, shape (p, 2)
        Query and candidate rows that belong together.

    Returns
    -------
    ndarray, shape (distinct queries in `pairs`,)
        From 1, in order of query row. Ties rank pessimistically: every wrong candidate with the
        same score comes before, so that a constant space scores chance at best. A score that is
        not a number counts as the worst.
    """
    similarity = np.nan_to_num(similarity, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    queries, starts = np.unique(pairs[:, 0], return_inverse=True)
    scores = similarity[pairs[:, 0], pairs[:, 1]]
    best = np.full(len(queries), -np.inf, dtype=similarity.dtype)
    np.maximum.at(best, starts, scores)
    ahead = (similarity[queries] >= best[:, None]).sum(axis=1)
    # correct partners that tie with the best one, itself included, are not in its way
    correct_ahead = np.zeros(len(queries), dtype=np.int64)
    np.add.at(correct_ahead, starts, scores >= best[starts])
    return np.asarray(ahead - correct_ahead + 1, dtype=np.int64)


def retrieval(similarity: Floats, pairs: Rows) -> Retrieval:
    """Measure retrieval of candidates by queries.

    Parameters
    ----------
    similarity : ndarray, shape (queries, candidates)
    pairs : ndarray, shape (p, 2)
        Each query may have several correct candidates; any of them counts.

    Returns
    -------
    Retrieval
    """
    candidates = similarity.shape[1]
    pairs = np.unique(pairs, axis=0)
    ranks = partner_ranks(similarity, pairs)
    _, correct = np.unique(pairs[:, 0], return_counts=True)
    return Retrieval(
        recall={k: float(np.mean(ranks <= k)) for k in CUTOFFS},
        median_rank=float(np.median(ranks)),
        mrr=float(np.mean(1 / ranks)),
        queries=len(ranks),
        candidates=candidates,
        chance_recall={k: chance_recall(correct, candidates, k) for k in CUTOFFS},
        chance_median_rank=chance_median_rank(correct, candidates),
    )


def chance_recall(correct: Rows, candidates: int, cutoff: int) -> float:
    """Return the expected recall of a random order: mean of 1 - C(n - m, k) / C(n, k)."""
    miss = _miss_probability(correct.astype(np.float64), candidates, min(cutoff, candidates))
    return float(np.mean(1 - miss))


def chance_median_rank(correct: Rows, candidates: int) -> float:
    """Return the smallest rank by which a random order has found half of the partners."""
    low, high = 1, candidates
    while low < high:
        middle = (low + high) // 2
        if chance_recall(correct, candidates, middle) >= 0.5:
            high = middle
        else:
            low = middle + 1
    return float(low)


def _miss_probability(
    correct: npt.NDArray[np.float64], candidates: int, cutoff: int
) -> npt.NDArray[np.float64]:
    wrong = candidates - correct
    possible = wrong >= cutoff
    rest = np.where(possible, wrong - cutoff, 0)
    log_miss = (
        gammaln(wrong + 1)
        - gammaln(rest + 1)
        - gammaln(candidates + 1)
        + gammaln(candidates - cutoff + 1)
    )
    return np.where(possible, np.exp(log_miss), 0.0)
