"""The nodes of a cluster: what they offer, what is installed there, and how many workers fit."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.words import several

_MOST_CPUS = 4  # of a worker that nobody gave a size: a second one gains more than a fifth thread
_SECONDS_TO_ANSWER = 120.0
_COMPARED = {"gera-workbench": "the workbench", "torch": "torch"}


@dataclass(frozen=True)
class Node:
    """A machine of the cluster.

    Attributes
    ----------
    id, name : str
    cpus, gpus : float
        What it offers to Ray.
    """

    id: str
    name: str
    cpus: float
    gpus: float

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Node":
        """Return a node as Ray tells of it."""
        found = row["Resources"]
        name = f"{row['NodeManagerHostname']} ({row['NodeManagerAddress']})"
        return cls(row["NodeID"], name, found.get("CPU", 0.0), found.get("GPU", 0.0))


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process is connected to.

    Attributes
    ----------
    ray : module
    address : str
        As the user gave it.
    """

    ray: Any
    address: str

    def nodes(self) -> list[Node]:
        """Return the nodes that are alive."""
        return [Node.of(row) for row in self.ray.nodes() if row["Alive"]]


def offer_in_words(nodes: Sequence[Node]) -> str:
    """Say what nodes offer: “2 nodes, 16 CPUs, 1 GPU”."""
    cpus, gpus = (int(sum(each)) for each in zip(*((n.cpus, n.gpus) for n in nodes), strict=True))
    parts = [several(len(nodes), "node"), several(cpus, "CPU"), several(gpus, "GPU")]
    return ", ".join(parts)


@dataclass(frozen=True)
class WorkerPlan:
    """How many workers there are to be, and what each asks of its node."""

    count: int
    cpus: int
    gpus: float


def plan_workers(
    nodes: Sequence[Node], count: int | None = None, gpus: float | None = None
) -> WorkerPlan:
    """Divide the nodes among workers.

    Parameters
    ----------
    nodes : sequence of Node
    count : int, optional
        Workers; as many as fit where none is given.
    gpus : float, optional
        GPUs of each, also a part of one; 1 where any node has one, else 0.

    Raises
    ------
    WorkbenchError
        No node has so many GPUs.
    """
    if gpus is None:
        gpus = 1.0 if any(node.gpus >= 1 for node in nodes) else 0.0
    if gpus:
        places = [(node, math.floor(node.gpus / gpus)) for node in nodes if node.gpus >= gpus]
        if not places:
            most = max((node.gpus for node in nodes), default=0)
            raise WorkbenchError(
                f"No node of the cluster has {gpus:g} GPUs for a worker: the most is {most:g}. "
                "Give --gpus-per-worker that many or fewer; 0 computes on CPUs."
            )
        cpus = max(1, min(int(node.cpus) // fits for node, fits in places))
        return WorkerPlan(count or sum(fits for _, fits in places), cpus, gpus)
    sizes = [int(node.cpus) for node in nodes if node.cpus >= 1] or [1]
    most = max(sizes)
    if count is None:
        cpus = min(_MOST_CPUS, most)
        return WorkerPlan(sum(size // cpus for size in sizes), cpus, 0.0)
    for cpus in range(most, 1, -1):
        if sum(size // cpus for size in sizes) >= count:
            return WorkerPlan(count, cpus, 0.0)
    return WorkerPlan(count, 1, 0.0)


def versions_here() -> dict[str, str]:
    """Return the versions that must agree on all machines, by package."""
    return _asking_versions(tuple(_COMPARED))()


def check_versions(cluster: Cluster, nodes: Sequence[Node]) -> None:
    """Refuse nodes on which other versions of the workbench or of torch are installed.

    What is asked is sent as a function by value, as a node may lack the workbench.

    Raises
    ------
    WorkbenchError
        Names the nodes and their versions.
    """
    here = versions_here()
    found = on_each_node(cluster, nodes, _asking_versions(tuple(_COMPARED)))
    wrong = []
    for node in nodes:
        there = found.get(node.id, here)
        odd = [
            f"{words} {there[name] or 'is missing'}" for name, words in _COMPARED.items()
            if there[name].partition("+")[0] != here[name].partition("+")[0]
        ]  # fmt: skip
        if odd:
            wrong.append(f"on {node.name} {' and '.join(odd)}")
    if wrong:
        mine = ", ".join(f"{words} {here[name]}" for name, words in _COMPARED.items())
        raise WorkbenchError(
            f"Other versions are installed on the cluster: {'; '.join(wrong)}. Here: {mine}. "
            "Install the same ones on every node (pip install 'gera-workbench[cluster]')."
        )


def on_each_node(
    cluster: Cluster, nodes: Sequence[Node], function: Callable[[], Any]
) -> dict[str, Any]:
    """Call a function once on every node; return what it returned, by the node's id.

    A node that is lost meanwhile is left out.

    Raises
    ------
    WorkbenchError
        A node does not answer.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as OnNode

    task = cluster.ray.remote(num_cpus=0, max_retries=1)(function)
    asked = {
        node.id: task.options(scheduling_strategy=OnNode(node.id, soft=False)).remote()
        for node in nodes
    }
    found, kinds = {}, cluster.ray.exceptions
    for node in nodes:
        try:
            found[node.id] = cluster.ray.get(asked[node.id], timeout=_SECONDS_TO_ANSWER)
        except (kinds.TaskUnschedulableError, kinds.NodeDiedError):
            continue  # Ray counts a node as alive for a while after its end
        except Exception as error:  # of Ray: it was lost meanwhile, or has no room for a process
            reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
            raise WorkbenchError(
                f"The node {node.name} does not answer ({reason}). Look at it with “ray status”, "
                "and start again when it is well, or gone."
            ) from error
    return found


def _asking_versions(names: tuple[str, ...]) -> Callable[[], dict[str, str]]:
    def versions() -> dict[str, str]:
        from importlib import metadata

        found = {}
        for name in names:
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[name] = ""
        return found

    return versions
