"""Clusters on disk, as safetensors: arrays and words, nothing that could run.

What is read is checked before it is used: a file that is damaged, of another kind, or of other
rows than those it is for counts as none, since it can always be made again.
"""

import json
import math
from pathlib import Path

import numpy as np

from workbench.errors import WorkbenchError
from workbench.received.small import parse_json
from workbench.received.tensors import read_tensors
from workbench.search.clustered import Clusters
from workbench.whole_files import write_whole

FORMAT = "gera-workbench search index 1"


def write_clusters(clusters: Clusters, key: str, path: Path) -> None:
    """Keep clusters; a reader sees the old file or the new one, never half of one.

    Parameters
    ----------
    clusters : Clusters
    key : str
        Of the rows that they are of.
    path : Path

    Raises
    ------
    OSError
    """
    from safetensors.numpy import save

    facts = {"probes": clusters.probes, "recall": clusters.recall, "questions": clusters.questions}
    metadata = {"format": FORMAT, "key": key, "facts": json.dumps(facts)}
    arrays = {
        "centres": np.ascontiguousarray(clusters.centres, dtype=np.float32),
        "cluster_of": np.ascontiguousarray(clusters.cluster_of, dtype=np.int32),
    }
    write_whole(path, save(arrays, metadata))


def read_clusters(path: Path, key: str, shape: tuple[int, ...]) -> Clusters | None:
    """Read clusters.

    Parameters
    ----------
    path : Path
    key : str
        Of the rows that are there now.
    shape : tuple of int
        Of these rows: n and w.

    Returns
    -------
    Clusters or None
        None if there are none, they are of other rows, or the file is damaged.
    """
    try:
        arrays, known = read_tensors(path, "The search index")
        if (known.get("format"), known.get("key")) != (FORMAT, key):
            return None
        facts = parse_json(known["facts"])
        found = Clusters(
            arrays["centres"], arrays["cluster_of"],
            int(facts["probes"]), float(facts["recall"]), int(facts["questions"]),
        )  # fmt: skip
    except (WorkbenchError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return found if _sound(found, *shape) else None


def _sound(found: Clusters, count: int, width: int) -> bool:
    centres, cluster_of = found.centres, found.cluster_of
    return (
        centres.dtype == np.float32
        and centres.ndim == 2
        and centres.shape[1] == width
        and cluster_of.dtype == np.int32
        and cluster_of.shape == (count,)
        and bool(np.isfinite(centres).all())
        and (count == 0 or (cluster_of.min() >= 0 and cluster_of.max() < len(centres)))
        and 1 <= found.probes <= len(centres)
        and found.questions >= 0
        and (math.isnan(found.recall) or 0 <= found.recall <= 1)
    )
