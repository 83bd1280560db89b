"""Approximate nearest neighbours of many rows: an index whose recall is measured.

An HNSW graph (Malkov & Yashunin 2020), as faiss has it: rows are held in float16 beside it, so that
a million of width 384 take one gigabyte while the rows themselves may stay on disk. On one thread
the graph is the same at each building: the same recipe finds the same neighbours.

Or an inverted file (Jégou, Douze & Schmid 2011): rows are divided into clusters, the nearest of
which are searched. It is made in a moment, and holds all rows once more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.geometry.exact import one_thread_on_mac, search_exactly
from workbench.geometry.rows import Floats, Ids, RowSource, blocks, evenly, read_rows
from workbench.jobs import Control, Job, Progress, Stopwatch

LEAST_RECALL = 0.98
_LINKS, _BUILD_EFFORT = 32, 80
_EFFORTS = (64, 128, 256, 512)
_FEWEST_PROBES = 4
_LARGEST_SHARE = 8  # looking into more than an eighth of the clusters is hardly quicker than all
_ROUNDS, _SAMPLE_A_CLUSTER = 6, 64  # of k-means
_SAMPLE = 500
# under a second of work, after which a stop is heard
_ROWS_A_CALL = 1024
# a distance so little beyond the last true one is a tie
_TIE = 1e-5


@dataclass(frozen=True)
class Approximate:
    """Neighbours that were found by an index, or none where it finds too few.

    Attributes
    ----------
    rows : ndarray of int, shape (f, width)
        For the first f queries: all, none if recall is below `LEAST_RECALL`, or fewer after a stop.
    index : str
        Which one, in words.
    recall : float
        Measured on a sample; nan if a stop came before.
    """

    rows: Ids
    index: str
    recall: float


def search_by_graph(
    points: RowSource, queries: Ids, width: int, control: Control
) -> Job[Approximate]:
    """Return nearly all of the nearest rows of many rows.

    Search effort grows until a sample of queries finds `LEAST_RECALL` of its true neighbours.

    Parameters
    ----------
    points : RowSource, shape (n, d)
    queries : ndarray of int, shape (q,)
    width : int
        How many neighbours, the row itself among them.
    control : Control

    Returns
    -------
    Approximate
    """
    one_thread_on_mac()
    index = yield from _build_graph(points, control)

    def with_effort(effort: int) -> str:
        index.hnsw.efSearch = effort
        return (
            f"HNSW graph, {_LINKS} links, effort {_BUILD_EFFORT} to build and {effort} to search, "
            "rows in float16"
        )

    efforts = sorted({max(each, width) for each in _EFFORTS})
    return (yield from _by(index, efforts, with_effort, points, queries, width, control))


def search_by_clusters(
    points: RowSource, queries: Ids, width: int, control: Control
) -> Job[Approximate]:
    """Return nearly all of the nearest rows of many rows, from the clusters nearest to each.

    As `search_by_graph`, of which it has the parameters; more clusters are looked into until enough
    is found, but not beyond an eighth of them.
    """
    one_thread_on_mac()
    count = max(1, round(np.sqrt(points.shape[0])))
    index = yield from _build_clusters(points, count, control)

    def with_probes(probes: int) -> str:
        index.nprobe = probes
        return f"index of {count} clusters, of which the nearest {probes} are searched"

    probes, most = [_FEWEST_PROBES], count // _LARGEST_SHARE
    while 2 * probes[-1] <= most:
        probes.append(2 * probes[-1])
    return (yield from _by(index, probes, with_probes, points, queries, width, control))


def _by(
    index: Any, efforts: list[int], with_effort: Callable[[int], str], points: RowSource,
    queries: Ids, width: int, control: Control,
) -> Job[Approximate]:  # fmt: skip
    """Search with the first effort that finds enough of a sample; None is an index not built."""
    stopped = Approximate(np.empty((0, width), dtype=np.int64), "stopped", float("nan"))
    if index is None:
        return stopped
    places = evenly(len(queries), _SAMPLE)
    sample = queries[places]
    exact = yield from search_exactly(points, sample, width, control)
    if len(exact) < len(sample):
        return stopped
    rows, words, recall = read_rows(points, sample), "", 0.0
    for effort in efforts:
        words = with_effort(effort)
        recall = _recall(points, rows, exact, index.search(rows, width)[1])
        yield Progress(0, len(queries), f"Recall of the approximate index: {recall:.3f}")
        if recall >= LEAST_RECALL:
            break
    if recall < LEAST_RECALL:
        return Approximate(stopped.rows, words, recall)
    found = yield from _search(index, points, queries, width, control)
    return Approximate(found, words, recall)


def _build_clusters(points: RowSource, count: int, control: Control) -> Job[Any]:
    """Return all rows in clusters, or None after a stop."""
    import faiss

    total, dimension = points.shape
    yield Progress(0, total, "Dividing rows into clusters")
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(dimension), dimension, count)
    index.cp.niter = _ROUNDS
    with _one_thread():  # the means are the same each time
        index.train(read_rows(points, evenly(total, count * _SAMPLE_A_CLUSTER)))
    for first, block in blocks(points):
        control.wait_while_paused()
        if control.stopping:
            return None
        index.add(block)
        yield Progress(min(first + len(block), total), total, "Dividing rows into clusters")
    return index


def _build_graph(points: RowSource, control: Control) -> Job[Any]:
    """Return the graph over all rows, or None after a stop."""
    import faiss

    count, dimension = points.shape
    half: Any = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexHNSWSQ(dimension, half, _LINKS)
    index.hnsw.efConstruction = _BUILD_EFFORT
    watch = Stopwatch()
    for first, block in blocks(points):
        if not index.is_trained:
            index.train(block[:1])  # float16 has nothing to learn
        for start in range(0, len(block), _ROWS_A_CALL):
            control.wait_while_paused()
            if control.stopping:
                return None
            with _one_thread():
                index.add(block[start : start + _ROWS_A_CALL])
            done = min(first + start + _ROWS_A_CALL, count)
            yield Progress(done, count, "Building an approximate index", watch.rate(done))
    return index


def _search(index: Any, points: RowSource, queries: Ids, width: int, control: Control) -> Job[Ids]:
    """Return the rows that the graph finds; those it finds too few for are searched exactly."""
    found = np.empty((len(queries), width), dtype=np.int64)
    watch = Stopwatch()
    for start in range(0, len(queries), _ROWS_A_CALL):
        control.wait_while_paused()
        if control.stopping:
            found = found[:start]
            break
        some = queries[start : start + _ROWS_A_CALL]
        found[start : start + len(some)] = index.search(read_rows(points, some), width)[1]
        done = start + len(some)
        yield Progress(done, len(queries), "Finding approximate neighbours", watch.rate(done))
    short = np.flatnonzero((found < 0).any(axis=1))
    if len(short):
        exact = yield from search_exactly(points, queries[short], width, control)
        found[short[: len(exact)]] = exact
        if len(exact) < len(short):
            return found[: short[len(exact)]]
    return found


def _recall(points: RowSource, rows: Floats, exact: Ids, found: Ids) -> float:
    """Return the share of found neighbours that lie no farther than the last true one.

    A row itself, which is always found, is not counted.
    """
    last = _distances(points, rows, exact[:, -1:])
    distances = _distances(points, rows, np.maximum(found, 0))
    distances[found < 0] = np.inf
    near = (distances <= last * (1 + _TIE) + 1e-12).sum(axis=1)
    return float((near - 1).mean() / max(found.shape[1] - 1, 1))


def _distances(points: RowSource, rows: Floats, others: Ids) -> Floats:
    """Return squared distances of each row to some others, shape (q, width)."""
    far = np.empty(others.shape, dtype=np.float32)
    for start in range(0, len(rows), 64):
        some = others[start : start + 64]
        there = read_rows(points, some.reshape(-1)).reshape(*some.shape, -1)
        far[start : start + 64] = ((there - rows[start : start + 64, None]) ** 2).sum(-1)
    return far


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let faiss build on one thread: on several the graph depends on which comes first."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
