"""What a random order of candidates scores."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


def chance_recall(correct: Rows, candidates: int, cutoff: int) -> float:
    """Return the expected recall of a random order: mean of 1 - C(n - m, k) / C(n, k).

    Parameters
    ----------
    correct : ndarray, shape (queries,)
        m: how many correct partners each query has.
    candidates : int
        n.
    cutoff : int
        k.
    """
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
    from scipy.special import gammaln

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
