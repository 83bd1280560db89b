"""What is asked of a cluster."""

from dataclasses import dataclass
from typing import Literal

Files = Literal["auto", "shared", "sent"]


@dataclass(frozen=True)
class ClusterRequest:
    """Which cluster, and how much of it.

    Attributes
    ----------
    address : str
        See `workbench.cluster.check_address`. It is only ever what the user gives: a project says
        nothing of it.
    workers : int or None
        Encoders loaded at once; None takes as many as fit.
    gpus_per_worker : float or None
        GPUs of each, also a part of one; None is 1 where the cluster has any, else 0.
    files : {"auto", "shared", "sent"}
        Whether workers read the files where they lie, or get them sent from this machine; auto
        looks whether all nodes see the same files.
    """

    address: str
    workers: int | None = None
    gpus_per_worker: float | None = None
    files: Files = "auto"
