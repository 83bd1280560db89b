"""The process that runs UMAP: see `workbench.maps.umap_worker`, which starts it."""

import json
import os
import sys
import warnings
from typing import Any

import numpy as np

from workbench.children import end_when_closed
from workbench.maps.compiled import keep_compiled


def main() -> None:
    """Read options and rows from standard input; write positions to standard output.

    What is printed meanwhile goes to standard error, and says how far it has come.
    """
    warnings.filterwarnings("ignore")
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as result:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints: the result is alone
        options = json.loads(sys.stdin.buffer.readline())
        rows = _array(options["rows"])
        start = _array(options["start"]) if options["start"] else None
        end_when_closed(sys.stdin.fileno())
        print("Loading", flush=True)
        keep_compiled()
        import umap

        model = umap.UMAP(
            n_neighbors=options["neighbours"],
            min_dist=options["min_dist"],
            random_state=options["seed"],
            metric=options["metric"],
            # the spectral start needs more points than it has dimensions, and a connected graph
            init=start if start is not None else "spectral" if len(rows) > 50 else "random",
            n_jobs=1,
            verbose=True,
            tqdm_kwds={"file": sys.stdout, "mininterval": 0.5, "disable": False},
        )
        result.write(np.ascontiguousarray(model.fit_transform(rows), dtype=np.float32).tobytes())


def _array(shape: list[int]) -> Any:
    """Read an array of float32 from standard input."""
    array = np.empty(shape, dtype=np.float32)  # numba takes none that cannot be written
    read = sys.stdin.buffer.readinto(array.data)  # type: ignore[union-attr]
    if read < array.nbytes:
        sys.exit("The rows did not come whole.")
    return array


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    main()
