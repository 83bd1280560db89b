"""Approximate nearest neighbours of many rows: an HNSW graph whose recall is measured.

Malkov & Yashunin 2020, as faiss has it. Rows are held in float16 beside the graph, so that a
million of width 384 take one gigabyte while the rows themselves may stay on disk. On one thread
the graph is the same at each building: the same recipe finds the same neighbours.
"""

from collections.abc import Iterator
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
_SAMPLE = 500
# under a second of work, after which a stop is heard
_ROWS_A_CALL = 1024
# a distance so little beyond the last true one is a tie
_TIE = 1e-5


@dataclass(frozen=True)
class Approximate:
    """Neighbours that were found by a graph, or none where it finds too few.

    Attributes
    ----------
    rows : ndarray of int, shape (f, width)
        For the first f queries: all, none if recall is below `LEAST_RECALL`, or fewer after a stop.
    index : str
        Which graph, in words.
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
    stopped = Approximate(np.empty((0, width), dtype=np.int64), "stopped", float("nan"))
    index = yield from _build(points, control)
    if index is None:
        return stopped
    places = evenly(len(queries), _SAMPLE)
    sample = queries[places]
    exact = yield from search_exactly(points, sample, width, control)
    if len(exact) < len(sample):
        return stopped
    rows, effort, recall = read_rows(points, sample), 0, 0.0
    for effort in sorted({max(each, width) for each in _EFFORTS}):
        index.hnsw.efSearch = effort
        recall = _recall(points, rows, exact, index.search(rows, width)[1])
        yield Progress(0, len(queries), f"Recall of the approximate index: {recall:.3f}")
        if recall >= LEAST_RECALL:
            break
    words = (
        f"HNSW graph, {_LINKS} links, effort {_BUILD_EFFORT} to build and {effort} to search, "
        "rows in float16"
    )
    if recall < LEAST_RECALL:
        return Approximate(stopped.rows, words, recall)
    found = yield from _search(index, points, queries, width, control)
    return Approximate(found, words, recall)


def _build(points: RowSource, control: Control) -> Job[Any]:
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
