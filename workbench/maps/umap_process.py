"""The worker process of UMAP: ``python -m workbench.maps.umap_process FOLDER``."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    """Read ``rows.npy`` and ``options.json`` in a folder, and write ``positions.npy``."""
    warnings.filterwarnings("ignore")
    import umap

    options = json.loads((folder / "options.json").read_text(encoding="utf-8"))
    rows = np.load(folder / "rows.npy", allow_pickle=False)
    model = umap.UMAP(
        n_neighbors=options["n_neighbors"],
        min_dist=options["min_dist"],
        random_state=options["seed"],
        metric="cosine",
        # the spectral start needs more points than it has dimensions, and a connected graph
        init="spectral" if len(rows) > 50 else "random",
        n_jobs=1,
    )
    np.save(folder / "positions.npy", model.fit_transform(rows).astype(np.float32))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
