"""A Ray cluster, as the stations use one: an address, what it offers, and versions that agree.

Nothing here imports Ray before somebody gives an address.
"""

from workbench.cluster.address import check_address
from workbench.cluster.apart import in_cluster_process, in_silence
from workbench.cluster.connection import connected, offered
from workbench.cluster.nodes import (
    Cluster,
    Node,
    WorkerPlan,
    check_versions,
    offer_in_words,
    on_each_node,
    plan_workers,
)
from workbench.cluster.same_files import FileFacts, different_files, facts_of_files

__all__ = [
    "Cluster",
    "FileFacts",
    "Node",
    "WorkerPlan",
    "check_address",
    "check_versions",
    "connected",
    "different_files",
    "facts_of_files",
    "in_cluster_process",
    "in_silence",
    "offer_in_words",
    "offered",
    "on_each_node",
    "plan_workers",
]
