"""What a UMAP takes here, beside umap-learn by itself, and how many neighbours each keeps.

    python tests/bench/umap_maps.py [--items 2000 20000] [--rows vectors.npy] [--wait 20]

Three ways, each on one thread with what numba compiled kept from a map before: umap-learn as it
comes, in a new process; ours in a new process; ours by a process that waited ready, as in the
window, which has `--wait` seconds for that. Without vectors, rows of width 256 are drawn around
200 centres. Kept is the share of the 15 nearest rows that are among the 15 nearest on the map, of
2,000 items at most. Processor seconds are of this process and those it started.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

ITSELF = """
import sys, warnings
warnings.filterwarnings("ignore")
import numpy as np
from workbench.maps.compiled import keep_compiled
keep_compiled()
import umap
model = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=0, metric="cosine", n_jobs=1)
np.save(sys.argv[2], model.fit_transform(np.load(sys.argv[1])))
"""


def measure(rows, wait: float, folder: str) -> None:
    """Print a line of each way."""
    import numpy as np

    from workbench.jobs import Control, drain
    from workbench.maps import keep_umap_ready, let_go_of_umap, umap_map

    given, made = f"{folder}/rows.npy", f"{folder}/map.npy"

    def by_itself():
        subprocess.run([sys.executable, "-c", ITSELF, given, made], check=True)
        return np.load(made)

    def ours(rows=rows):
        return drain(umap_map(rows, 15, 0.1, 0, Control()))

    np.save(given, rows[:5000])  # more than umap-learn compares all with all
    by_itself()
    ours(rows[:5000])  # both have compiled now
    np.save(given, rows)
    print(f"\n{len(rows):,} items of width {rows.shape[1]}")
    first = _line("umap-learn", by_itself, rows)
    second = _line("ours", ours, rows)
    keep_umap_ready()
    time.sleep(wait)
    third = _line("ours, a process waiting", ours, rows)
    let_go_of_umap()
    print(f"umap-learn / ours: {first / second:.1f}, with a process waiting {first / third:.1f}")


def _line(name: str, way, rows) -> float:
    """Make a map, print a line of it, and return the seconds it took."""
    began, wall = _spent(), time.perf_counter()
    positions = way()
    seconds, wall = _spent() - began, time.perf_counter() - wall
    kept = _kept(rows, positions)
    print(f"{name:26}{wall:8.1f} s {seconds:8.1f} s of the processor   kept {kept:.3f}")
    return wall


def _spent() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in usages)


def _kept(rows, positions) -> float:
    """Return the share of near rows that are near on the map."""
    import faiss
    import numpy as np

    asked = np.sort(np.random.default_rng(0).permutation(len(rows))[:2000])
    near = faiss.knn(rows[asked], rows, 16, metric=faiss.METRIC_INNER_PRODUCT)[1][:, 1:]
    positions = np.ascontiguousarray(positions)
    drawn = faiss.knn(positions[asked], positions, 16)[1][:, 1:]
    return float(np.mean([len(set(a) & set(b)) / 15 for a, b in zip(near, drawn, strict=True)]))


def main() -> None:
    """Measure each number of items."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[2000])
    parser.add_argument("--rows", help="a .npy file of unit rows")
    parser.add_argument("--wait", type=float, default=20)
    arguments = parser.parse_args()
    import numpy as np

    for count in arguments.items:
        if arguments.rows:
            rows = np.load(arguments.rows)[:count].astype(np.float32)
        else:
            random = np.random.default_rng(0)
            centres = random.normal(size=(200, 256))
            rows = centres[random.integers(200, size=count)] + random.normal(size=(count, 256))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            measure(rows, arguments.wait, folder)


if __name__ == "__main__":
    main()
