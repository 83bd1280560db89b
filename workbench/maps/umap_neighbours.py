"""Neighbours for UMAP: found by faiss, of which umap-learn's own search would take most of a map.

tests/bench/umap_maps.py measures both.
"""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from workbench.geometry import find_neighbours, unit_rows
from workbench.jobs import Control, Job, Progress

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
MapMetric = Literal["cosine", "euclidean", "correlation", "manhattan"]
METRICS: tuple[MapMetric, ...] = get_args(MapMetric)
BY_ANGLE = ("cosine", "correlation")

_ROWS_AT_ONCE = 4096


def umap_neighbours(
    rows: Floats, neighbours: int, metric: MapMetric, control: Control
) -> Job[tuple[Places, Floats] | None]:
    """Find the nearest rows of each row as umap-learn takes them: the row itself stands first.

    Parameters
    ----------
    rows : ndarray, shape (n, d)
    neighbours : int
        k, the row itself counted; at most n.
    metric : {"cosine", "euclidean", "correlation", "manhattan"}
    control : Control

    Yields
    ------
    Progress

    Returns
    -------
    tuple of ndarray, each of shape (n, k), or None
        Places and distances; None after a stop, and of a metric that is not for faiss.
    """
    if metric not in (*BY_ANGLE, "euclidean"):
        return None
    if metric == "correlation":
        rows = rows - rows.mean(axis=1, keepdims=True)
    if metric in BY_ANGLE:
        rows = unit_rows(rows)
    yield Progress(0, 0, "UMAP: finding neighbours")
    finding = find_neighbours(rows, neighbours - 1, control=control, nearly=True)
    try:
        while True:
            event = next(finding)
            if isinstance(event, Progress):
                event = replace(event, message="UMAP: finding neighbours")
            yield event
    except StopIteration as end:
        found = end.value.rows
    if control.stopping:
        return None
    distances = np.empty(found.shape, dtype=np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        if metric in BY_ANGLE:
            distances[some] = 1 - np.vecdot(rows[some, None], rows[found[some]])
        else:
            distances[some] = np.linalg.norm(rows[some, None] - rows[found[some]], axis=2)
    distances[:, 0] = 0
    return found.astype(np.int32), np.maximum(distances, 0)
