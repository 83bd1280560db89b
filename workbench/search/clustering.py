"""Dividing a great many rows into clusters, and measuring what a search by them finds."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.search.clustered import ClusteredRows, Clusters
from workbench.search.means import nearest_centres, spherical_means
from workbench.search.nearest import NearestRows

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

LEAST_RECALL = 0.98
_NEAREST = 10
_CLUSTERS_A_ROOT = 2  # 2,000 clusters of 500 rows for a million
_ROUNDS = 8
_SAMPLE_A_CLUSTER = 40  # rows that k-means learns from: as many as faiss asks for
_ROWS_AT_ONCE = 50_000
_QUERIES_AT_ONCE = 100
_FEWEST_PROBES = 4
_LARGEST_SHARE = 8  # looking into more than an eighth of the clusters is hardly quicker than all


def cluster_rows(
    rows: Floats,
    questions: Mapping[str, Floats],
    control: Control | None = None,
    *,
    own: str | None = None,
    seed: int = 0,
) -> Job[Clusters | None]:
    """Divide rows into clusters by k-means, and find how many a search has to look into.

    The number is doubled until questions of every modality find `LEAST_RECALL` of their true ten
    nearest rows, but not beyond an eighth of the clusters.

    Parameters
    ----------
    rows : ndarray, shape (n, w)
        Unit rows.
    questions : mapping of modality to ndarray, shape (q, w)
        Unit rows such as will be asked with.
    control : Control, optional
    own : str, optional
        The modality whose questions are rows themselves: those do not count as found.
    seed : int

    Yields
    ------
    Progress

    Returns
    -------
    Clusters or None
        None when stopped. Its recall is below `LEAST_RECALL` where too little is found: then
        searching exactly is better.
    """
    control = control or Control()
    centres = yield from _centres(rows, control, seed)
    cluster_of = None if control.stopping else (yield from _divided(rows, centres, control))
    if cluster_of is None:
        return None
    truth = {}
    for name, some in questions.items():
        exact = yield from _exactly(rows, some, name, control)
        if exact is None:
            return None
        truth[name] = exact
    asked = min((len(some) for some in questions.values()), default=0)
    found = Clusters(centres, cluster_of, _FEWEST_PROBES, float("nan"), asked)
    searched = ClusteredRows(rows, found)
    probes = min(_FEWEST_PROBES, len(centres))
    while True:
        recall = 1.0
        for name, some in questions.items():
            yield Progress(0, 0, f"Measuring the recall of {name} queries in {probes} clusters")
            if control.stopping:
                return None
            given = searched.search(some, _NEAREST + 1, probes)[1]
            recall = min(recall, _recall(given, truth[name], leave_first=name == own))
        found = Clusters(centres, cluster_of, probes, recall, asked)
        if recall >= LEAST_RECALL or probes * 2 * _LARGEST_SHARE > len(centres):
            return found
        probes *= 2


def _centres(rows: Floats, control: Control, seed: int) -> Job[Floats]:
    """Return the centres of clusters, shape (c, w)."""
    count = min(max(1, round(_CLUSTERS_A_ROOT * np.sqrt(len(rows)))), len(rows))
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(rows))[: count * _SAMPLE_A_CLUSTER])
    sample = np.ascontiguousarray(rows[chosen], dtype=np.float32)
    first = sample[np.sort(random.permutation(len(sample))[:count])]
    return (yield from spherical_means(sample, first, _ROUNDS, control, seed=seed))


def _divided(rows: Floats, centres: Floats, control: Control) -> Job[npt.NDArray[np.int32] | None]:
    """Return which centre is nearest to each row, shape (n,); None when stopped."""
    nearest = np.zeros(len(rows), dtype=np.int32)
    watch = Stopwatch()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        control.wait_while_paused()
        if control.stopping:
            return None
        some = slice(start, start + _ROWS_AT_ONCE)
        nearest[some] = nearest_centres(rows[some], centres)[0]
        done = min(some.stop, len(rows))
        yield Progress(done, len(rows), "Dividing rows into clusters", watch.rate(done))
    return nearest


def _exactly(rows: Floats, queries: Floats, name: str, control: Control) -> Job[Rows | None]:
    """Return the true nearest rows of questions, shape (q, k); None when stopped."""
    search = NearestRows(rows)
    found = [np.zeros((0, min(_NEAREST + 1, len(rows))), dtype=np.int64)]
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        yield Progress(start, len(queries), f"Answering {name} queries exactly")
        control.wait_while_paused()
        if control.stopping:
            return None
        found.append(search.search(queries[start : start + _QUERIES_AT_ONCE], _NEAREST + 1)[1])
    return np.concatenate(found)


def _recall(found: Rows, truth: Rows, *, leave_first: bool) -> float:
    """Return the share of true answers that were found; of a row itself, without the row."""
    first = 1 if leave_first else 0
    truth = truth[:, first : first + _NEAREST]
    if truth.size == 0:
        return 1.0
    return float((truth[:, :, None] == found[:, None, :]).any(axis=2).mean())
