"""The workers of an encode: started, found equal, lost and replaced."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from workbench.cache import card_difference
from workbench.cluster import Cluster, WorkerPlan
from workbench.cluster.encoding_worker import EncodingWorker
from workbench.errors import WorkbenchError, unexpected

_LOST_IN_A_ROW = 4  # so many workers a place, without a batch between them, are no accident
_MOST_READERS = 16  # at once beside a GPU
_SECONDS_WITHOUT = 120.0  # as long as a node may take to come back


@dataclass(eq=False)
class Worker:
    """An encoder on a node.

    Attributes
    ----------
    actor : object
        Ray's handle of it.
    loading : object
        Reference to what it says when its encoder is loaded.
    about : dict
        What it said; empty while it is loading.
    batches : int
        At work for it now.
    """

    actor: Any
    loading: Any
    about: dict[str, Any] = field(default_factory=dict)
    batches: int = 0


class Pool:
    """As many workers as planned; a lost one is replaced by another, wherever there is room.

    Parameters
    ----------
    cluster : Cluster
    plan : WorkerPlan
    order : dict
        What each loads, see `EncodingWorker.load`.

    Attributes
    ----------
    ahead : int
        Batches that a worker has at once.
    card : dict
        Of the encoder; empty before a worker has loaded it.
    longest : int or None
        Tokens that an encoder of texts reads.
    workers : list of Worker
    """

    def __init__(self, cluster: Cluster, plan: WorkerPlan, order: dict[str, Any]) -> None:
        self._order, self._ray = order, cluster.ray
        kinds = cluster.ray.exceptions
        self._losses = (
            kinds.WorkerCrashedError, kinds.RayActorError, kinds.ObjectLostError,
            kinds.NodeDiedError, kinds.OutOfMemoryError, kinds.LocalRayletDiedError,
        )  # fmt: skip
        self._make = cluster.ray.remote(
            num_cpus=plan.cpus, num_gpus=plan.gpus, max_restarts=0, scheduling_strategy="SPREAD"
        )(EncodingWorker)
        self._places = plan.count
        # one is encoded, one waits, and so many are read beside a quick encoder
        self.ahead = 2 + (min(plan.cpus, _MOST_READERS) if plan.gpus else 1)
        self._lost_in_a_row = 0
        self._last_seen = time.monotonic()
        self.card: dict[str, Any] = {}
        self.longest: int | None = None
        self.workers: list[Worker] = []
        for _ in range(plan.count):
            self._start()

    def _start(self) -> None:
        actor = self._make.remote()
        self.workers.append(Worker(actor, actor.load.remote(self._order)))

    def loading(self) -> dict[Any, Worker]:
        """Return the workers that are not ready yet, by the reference that tells of them."""
        return {worker.loading: worker for worker in self.workers if not worker.about}

    def ready(self) -> Iterator[Worker]:
        """Yield the workers that can be given work."""
        return (worker for worker in self.workers if worker.about)

    def get(self, reference: Any) -> tuple[Any, Exception | None]:
        """Return what a reference stands for, or that it was lost with its process or node.

        Raises
        ------
        WorkbenchError
            Something else went wrong there.
        """
        try:
            return self._ray.get(reference), None
        except self._losses as error:
            return None, error
        except self._ray.exceptions.RayError as error:
            raise WorkbenchError(unexpected(error)) from error

    def take(self, worker: Worker) -> None:
        """Take a worker in that has loaded its encoder.

        Raises
        ------
        WorkbenchError
            It could not, or its encoder is another one than that of the others.
        """
        about, lost = self.get(worker.loading)
        if lost is not None:
            self.lose(worker)
            return
        if failed := about.get("failed"):
            raise WorkbenchError(f"On the node {about['host']}: {failed}")
        card = about["card"]
        if self.card and (odd := card_difference(self.card, card)):
            raise WorkbenchError(
                f"The node {about['host']} has another {card['name']} than the others: {odd}. "
                "Bring the same one to every node."
            )
        if not self.card:
            self.card, self.longest = card, about["longest"]
        worker.about = about
        self._last_seen = time.monotonic()

    def lose(self, worker: Worker) -> None:
        """Take a worker out that has died, and start another.

        Raises
        ------
        WorkbenchError
            They die one after another.
        """
        if worker not in self.workers:
            return  # another batch has told of it before
        self.workers.remove(worker)
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker.actor)  # one that only does not answer would keep its place
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= _LOST_IN_A_ROW * self._places:
            raise WorkbenchError(
                f"{self._lost_in_a_row} workers ended one after another before they had encoded a "
                "batch, perhaps for want of memory. Try smaller batches or fewer workers. What "
                "was encoded is kept."
            )
        self._start()

    def works(self) -> None:
        """Take note that a batch has come back."""
        self._lost_in_a_row = 0
        self._last_seen = time.monotonic()

    def check_alive(self) -> None:
        """Refuse to wait on when there has long been no worker.

        Raises
        ------
        WorkbenchError
        """
        if any(self.ready()) or not self.card:
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > _SECONDS_WITHOUT:
            raise WorkbenchError(
                "All workers were lost, and the cluster has had no room for another for "
                f"{_SECONDS_WITHOUT:.0f} s. What was encoded is kept; encode again when it has."
            )
