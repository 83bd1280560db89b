"""Exact nearest neighbours of rows that need not fit into memory, by faiss."""

import sys

import numpy as np

from workbench.geometry.rows import BLOCK_ROWS, Floats, Ids, RowSource, blocks, read_rows
from workbench.jobs import Control, Job, Progress, Stopwatch

# a group's answers are complete before the next group is begun
GROUP_QUERIES = 65_536
# pairs of rows in one call of faiss: about a second on two cores, after which a stop is heard
_PAIRS_A_CALL = 150_000_000


def one_thread_on_mac() -> None:
    """Keep faiss from its own OpenMP where torch brings a second one."""
    if sys.platform == "darwin":
        import faiss

        faiss.omp_set_num_threads(1)


def search_exactly(points: RowSource, queries: Ids, width: int, control: Control) -> Job[Ids]:
    """Return the nearest rows of some rows.

    Parameters
    ----------
    points : RowSource, shape (n, d)
    queries : ndarray of int, shape (q,)
    width : int
        How many neighbours, the row itself among them.
    control : Control

    Returns
    -------
    ndarray of int, shape (f, width)
        By ascending Euclidean distance, for the first f queries: all, or fewer after a stop.
    """
    one_thread_on_mac()
    found = np.empty((len(queries), width), dtype=np.int64)
    total = len(queries) * points.shape[0]
    watch = Stopwatch()
    done = 0
    for start in range(0, len(queries), GROUP_QUERIES):
        group = queries[start : start + GROUP_QUERIES]
        nearest = _Nearest(read_rows(points, group), width)
        for first, block in blocks(points, BLOCK_ROWS):
            for some in _calls(len(group), len(block)):
                control.wait_while_paused()
                if control.stopping:
                    return found[:start]
                nearest.look_in(block, first, some)
                done += (some.stop - some.start) * len(block)
                # told in queries, which a listener can count
                share = done / total * len(queries)
                yield Progress(
                    int(share), len(queries), "Finding exact neighbours", watch.rate(int(share))
                )
        found[start : start + len(group)] = nearest.rows()
    return found


def _calls(queries: int, rows: int) -> list[slice]:
    """Return which queries go together in a call, so that a call is short."""
    step = max(256, _PAIRS_A_CALL // max(rows, 1))
    return [slice(begin, min(begin + step, queries)) for begin in range(0, queries, step)]


class _Nearest:
    """The nearest rows seen so far of a group of queries."""

    def __init__(self, queries: Floats, width: int) -> None:
        self._queries = queries
        self._distances = np.full((len(queries), width), np.inf, dtype=np.float32)
        self._rows = np.full((len(queries), width), -1, dtype=np.int64)

    def look_in(self, block: Floats, first: int, some: slice) -> None:
        """Let the rows of a block compete, for some of the queries."""
        import faiss

        width = self._rows.shape[1]
        distances, rows = faiss.knn(self._queries[some], block, min(width, len(block)))
        rows[rows >= 0] += first
        if first:
            distances = np.concatenate([self._distances[some], distances], axis=1)
            rows = np.concatenate([self._rows[some], rows], axis=1)
            # stable: of rows equally far the lower number stays
            order = np.argsort(distances, axis=1, kind="stable")[:, :width]
            distances = np.take_along_axis(distances, order, axis=1)
            rows = np.take_along_axis(rows, order, axis=1)
        self._distances[some, : rows.shape[1]] = distances
        self._rows[some, : rows.shape[1]] = rows

    def rows(self) -> Ids:
        """Return row numbers by ascending distance, shape (q, width)."""
        return self._rows
