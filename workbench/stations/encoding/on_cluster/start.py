"""The beginning of an encode on a cluster: what is there, whether it agrees, and first workers."""

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.cluster import Cluster, check_versions, offer_in_words, plan_workers
from workbench.encoders import EncoderCard
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Notice, Progress
from workbench.media import Modality
from workbench.project import Catalogue
from workbench.stations.encoding.on_cluster.batches import Batches, Vector
from workbench.stations.encoding.on_cluster.files import choose_way, sample_of
from workbench.stations.encoding.on_cluster.pool import Pool
from workbench.stations.encoding.on_cluster.request import ClusterRequest
from workbench.words import several

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_BEFORE_A_WORD = 20.0
_LONGER_FOR_OTHERS, _SECONDS_FOR_OTHERS = 2.0, 5.0  # than the first took, and seconds besides


class EncodedThere:
    """Stands for an encoder whose vectors come from the cluster: items are `Vector` already.

    Parameters
    ----------
    card : EncoderCard
        As the workers have it.
    longest : int
        Tokens that it reads of a text.
    """

    def __init__(self, card: EncoderCard, longest: int) -> None:
        self.card, self.longest = card, longest

    def encode(self, batch: Sequence[Vector]) -> npt.NDArray[np.float32]:
        """Return the vectors, shape (len(batch), card.width)."""
        return np.stack([vector.numbers for vector in batch])

    def count_longer(self, batch: Sequence[Vector]) -> int:
        """Return of how many texts only the beginning was read."""
        return sum(vector.longer for vector in batch)


def start_workers(
    cluster: Cluster,
    request: ClusterRequest,
    encoder: dict[str, Any],
    catalogue: Catalogue,
    ids: npt.NDArray[np.int64],
    control: Control,
) -> Job[tuple[EncodedThere, Batches] | None]:
    """Load an encoder on the cluster, after the nodes were found to agree with this machine.

    Parameters
    ----------
    encoder : dict
        ``name``, ``modality``, ``device``, ``precision``, ``code`` and ``batch_size``, see
        `EncodingWorker.load`.
    ids : ndarray, shape (n,)
        Of all items.

    Yields
    ------
    Notice, Progress

    Returns
    -------
    (EncodedThere, Batches), or None when it was stopped.

    Raises
    ------
    WorkbenchError
        Versions differ, no worker has room, files are not seen, or the encoder is not there.
    """
    modality: Modality = encoder["modality"]
    yield Progress(0, len(ids), "Looking at the cluster")
    nodes = cluster.nodes()
    wish = 0.0 if encoder["device"] == "cpu" else request.gpus_per_worker
    plan = plan_workers(nodes, request.workers, wish)
    if encoder["device"] not in ("auto", "cpu") and not plan.gpus:
        raise WorkbenchError(
            f"The cluster at {cluster.address} has no GPU: use the device auto or cpu."
        )
    check_versions(cluster, nodes)
    files = {} if modality == "text" else sample_of(catalogue, ids.tolist())
    shared = yield from choose_way(cluster, nodes, files, request.files, modality)
    each = several(plan.cpus, "CPU") + (f" and {plan.gpus:g} GPU" if plan.gpus else "")
    yield Notice(
        f"Encoding on {cluster.address}: {offer_in_words(nodes)}; "
        f"{several(plan.count, 'worker')} of {each}."
    )
    order = encoder | {
        "device": "cuda" if plan.gpus else "cpu", "threads": 0 if plan.gpus else plan.cpus,
        "files": files if shared else {},
    }  # fmt: skip
    pool = Pool(cluster, plan, order)
    yield Progress(0, len(ids), f"Loading {encoder['name']} on the cluster")
    if not (yield from _first_workers(cluster, pool, each, control)):
        return None
    model = EncodedThere(EncoderCard(**pool.card), pool.longest or 0)
    return model, Batches(cluster, pool, catalogue, shared, encoder["batch_size"])


def _first_workers(cluster: Cluster, pool: Pool, each: str, control: Control) -> Job[bool]:
    """Wait for a worker, and a while for the others, so that they are compared before any work.

    Those that come later, since the cluster is busy, are compared then.

    Returns
    -------
    bool
        False when it was stopped.
    """
    began, told, until = time.monotonic(), False, math.inf
    while loading := pool.loading():
        if control.stopping:
            return False
        found, _ = cluster.ray.wait(list(loading), timeout=_SECONDS_BETWEEN_LOOKS)
        for reference in found:
            pool.take(loading[reference])
        waited = time.monotonic() - began
        if pool.card and until == math.inf:
            until = _LONGER_FOR_OTHERS * waited + _SECONDS_FOR_OTHERS
        if waited > until:
            break
        if waited > _SECONDS_BEFORE_A_WORD and not pool.card and not told:
            told = True
            yield Notice(
                f"Still waiting for a worker of {each}: it may be loading, or the cluster has no "
                "room for it at the moment (“ray status” tells)."
            )
    return True
