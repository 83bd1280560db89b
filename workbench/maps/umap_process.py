"""The process that runs UMAP: see `workbench.maps.umap_worker`, which starts it."""

import json
import os
import sys
import warnings
from typing import Any

import numpy as np

from workbench.children import end_when_closed
from workbench.maps.compiled import keep_compiled
from workbench.maps.umap_worker import READY

_EXAMPLE: dict[str, Any] = {
    "neighbours": 5,
    "min_dist": 0.1,
    "seed": 0,
    "metric": "cosine",
    "epochs": 10,
}


def main() -> None:
    """Read options and rows from standard input; write positions to standard output.

    What is printed meanwhile goes to standard error, and says how far it has come. All that can be
    done before is done before: the process may have been started long before a map is wanted.
    """
    warnings.filterwarnings("ignore")
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as result:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints: the result is alone
        print("Loading", flush=True)
        keep_compiled()
        import umap

        if READY in sys.argv:
            _map(umap, _EXAMPLE, *_example())  # compiled, or what was kept is loaded
        line = sys.stdin.buffer.readline()
        if not line:
            return  # nobody wants a map any more
        options = json.loads(line)
        rows = _array(options["rows"])
        start = _array(options["start"]) if options["start"] else None
        nearest = None
        if options["nearest"]:
            nearest = _array(options["nearest"], np.int32), _array(options["nearest"])
        end_when_closed(sys.stdin.fileno())
        positions = _map(umap, options, rows, start, nearest)
        result.write(np.ascontiguousarray(positions, dtype=np.float32).tobytes())


def _map(umap: Any, options: dict[str, Any], rows: Any, start: Any, nearest: Any) -> Any:
    return umap.UMAP(
        n_neighbors=options["neighbours"],
        min_dist=options["min_dist"],
        random_state=options["seed"],
        metric=options["metric"],
        # the spectral start needs more points than it has dimensions, and a connected graph
        init=start if start is not None else "spectral" if len(rows) > 50 else "random",
        precomputed_knn=(None, None, None) if nearest is None else (*nearest, None),
        n_epochs=options.get("epochs"),
        n_jobs=1,
        verbose=True,
        tqdm_kwds={"file": sys.stdout, "mininterval": 0.5, "disable": False},
    ).fit_transform(rows)


def _example() -> tuple[Any, None, Any]:
    """Return rows of which a map is made quickly, and the nearest of each."""
    rows = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    apart = np.linalg.norm(rows[:, None] - rows, axis=2)
    nearest = apart.argsort(axis=1)[:, : _EXAMPLE["neighbours"]]
    return rows, None, (nearest.astype(np.int32), np.take_along_axis(apart, nearest, axis=1))


def _array(shape: list[int], kind: Any = np.float32) -> Any:
    """Read an array from standard input."""
    array = np.empty(shape, dtype=kind)  # numba takes none that cannot be written
    read = sys.stdin.buffer.readinto(array.data)  # type: ignore[union-attr]
    if read < array.nbytes:
        sys.exit("The rows did not come whole.")
    return array


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    main()
