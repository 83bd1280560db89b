"""The worker process of UMAP: ``python -m workbench.maps.umap_process FOLDER``."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    """Read ``rows.npy``, ``options.json`` and ``start.npy``, if there; write ``positions.npy``.

    What is printed meanwhile says how far it has come.
    """
    warnings.filterwarnings("ignore")
    print("Loading", flush=True)
    import umap

    options = json.loads((folder / "options.json").read_text(encoding="utf-8"))
    rows = np.load(folder / "rows.npy", allow_pickle=False)
    start = folder / "start.npy"
    model = umap.UMAP(
        n_neighbors=options["n_neighbors"],
        min_dist=options["min_dist"],
        random_state=options["seed"],
        metric=options["metric"],
        # the spectral start needs more points than it has dimensions, and a connected graph
        init=np.load(start, allow_pickle=False) if start.exists()
        else "spectral" if len(rows) > 50 else "random",
        n_jobs=1,
        verbose=True,
        tqdm_kwds={"file": sys.stdout, "mininterval": 0.5, "disable": False},
    )  # fmt: skip
    np.save(folder / "positions.npy", model.fit_transform(rows).astype(np.float32))


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    main(Path(sys.argv[1]))
