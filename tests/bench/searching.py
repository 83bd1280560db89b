"""Milliseconds of an answer: exact, by clusters, and by faiss's indices, in one run.

    python tests/bench/searching.py [WIDTH [ROWS ...]]

10,000, 100,000 and 1,000,000 unit rows of width 384 on a curved surface of 24 dimensions, in 200
clusters, with noise; questions are other points of it, half of them from another modality: moved by
a common shift and noise, as a second head's places are. Ten answers a question, one question at a
time, the ways in turn ten questions each; medians and the slowest tenth of 60 questions. Beside
them what each way takes to be made of the rows, which is whenever a run is opened, and how much
memory beside the rows. IndexIVFFlat has the same clusters, and looks into as many.
"""

import sys
import time

import faiss
import numpy as np

from workbench.jobs import drain
from workbench.search import ClusteredRows, Clusters, NearestRows, cluster_rows

TURNS = 60
QUESTIONS = 250


def surface(count: int, width: int) -> np.ndarray:
    """Return rows of the surface of `operators.py`, some at a time: what lies between is wide."""
    random = np.random.default_rng(0)
    middles = 2.0 * random.normal(size=(200, 24))
    bend, out = random.normal(size=(24, 512)) / 5, random.normal(size=(512, width)) / 22
    rows = np.empty((count, width), dtype=np.float32)
    for start in range(0, count, 50_000):
        some = rows[start : start + 50_000]
        latent = random.normal(size=(len(some), 24)) * np.linspace(1.5, 0.4, 24)
        latent += middles[random.integers(0, 200, len(some))]
        there = np.tanh(latent @ bend) @ out + 0.15 * random.normal(size=some.shape)
        some[:] = there / np.linalg.norm(there, axis=1, keepdims=True)
    return rows


def moved(rows: np.ndarray) -> np.ndarray:
    """Return rows as those of another modality lie: beside them, and a little elsewhere."""
    random = np.random.default_rng(1)
    gap = random.normal(size=rows.shape[1])
    found = rows + 0.3 * gap / np.linalg.norm(gap)
    found = found + 0.4 * random.normal(size=rows.shape) / np.sqrt(rows.shape[1])
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def by_clusters(rows: np.ndarray, clusters: Clusters) -> tuple[ClusteredRows, int]:
    """Return rows to be searched by their clusters, and the bytes they take beside the rows."""
    made = ClusteredRows(rows, clusters)
    return made, made.bytes


def flat(rows: np.ndarray) -> tuple[faiss.IndexFlatIP, int]:
    """Return faiss's exact index of rows, and its bytes."""
    made = faiss.IndexFlatIP(rows.shape[1])
    made.add(rows)
    return made, rows.nbytes


def inverted(rows: np.ndarray, clusters: Clusters) -> tuple[faiss.IndexIVFFlat, int]:
    """Return faiss's inverted file of rows by clusters that are there, and its bytes."""
    centres, width = clusters.centres, rows.shape[1]
    metric = faiss.METRIC_INNER_PRODUCT
    middles = faiss.IndexFlatIP(width)
    middles.add(centres)
    made = faiss.IndexIVFFlat(middles, width, len(centres), metric)
    made.is_trained, made.nprobe = True, clusters.probes
    made.own_fields = bool(middles.this.disown() or True)  # or Python frees it too early
    which = clusters.cluster_of.astype(np.int64)
    made.add_core(len(rows), faiss.swig_ptr(rows), None, faiss.swig_ptr(which))
    return made, rows.nbytes + 8 * len(rows) + centres.nbytes


def measure(rows: np.ndarray, questions: dict[str, np.ndarray]) -> None:
    """Print what each way costs."""
    began = time.perf_counter()
    clusters = drain(cluster_rows(rows, questions))
    assert clusters is not None
    built = time.perf_counter() - began
    print(f"{len(rows):,} × {rows.shape[1]}: built in {built:.0f} s")
    print(f"  {clusters.sentence()}", flush=True)
    makers = {
        "exact": lambda: (NearestRows(rows), 0),
        "clusters": lambda: by_clusters(rows, clusters),
        "IndexFlatIP": lambda: flat(rows),
        "IndexIVFFlat": lambda: inverted(rows, clusters),
    }
    ways = {}
    for name, make in makers.items():
        start = time.perf_counter()
        made, beside = make()
        ways[name] = made.search
        seconds = time.perf_counter() - start
        print(f"  {name:12} made in {seconds:6.2f} s, {beside / 2**20:8.1f} MB more", flush=True)
    asked = np.concatenate([some[: TURNS // len(questions)] for some in questions.values()])
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for first in range(0, len(asked), 10):
        for name, way in ways.items():
            for question in asked[first : first + 10]:
                start = time.perf_counter()
                way(question[None], 10)
                spent[name].append((time.perf_counter() - start) * 1e3)
    for name, times in spent.items():
        middle, slow = np.quantile(times, [0.5, 0.9])
        print(f"  {name:12} {middle:8.2f} ms, slowest tenth {slow:8.2f} ms", flush=True)


def main() -> None:
    """Measure each number of rows."""
    given = [int(word) for word in sys.argv[1:]]
    width = given[0] if given else 384
    print(f"{faiss.omp_get_max_threads()} threads")
    for count in given[1:] or [10_000, 100_000, 1_000_000]:
        points = surface(count + QUESTIONS, width)
        rows, others = points[:count], points[count:]
        measure(rows, {"same": others, "other": moved(others)})


if __name__ == "__main__":
    main()
