"""Being connected to a cluster, with Ray's habits tamed."""

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workbench.cluster.address import check_address
from workbench.cluster.nodes import Cluster, offer_in_words
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.memory import physical_memory
from workbench.temporary import TemporaryFolder

_STORE = 2 << 30  # bytes that a local cluster may hold of what is under way; more lies on the disk
_SMALLEST_STORE = 80 << 20  # Ray takes no less

# Ray reads these once, when it is imported or started
_TAMED = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # nor is the working folder sent anywhere
    "RAY_worker_niceness": "0",  # else what a local cluster does waits for all other programs
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "30",  # after this the head counts as lost
}


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Be connected to a cluster; one that was started here ends with it.

    Ray ends the process that is connected when the head of a cluster stays silent. Whoever wants to
    outlive that connects in a process of its own, see `in_cluster_process`.

    Parameters
    ----------
    address : str
        See `check_address`.

    Raises
    ------
    WorkbenchError
        The address is none, nobody answers there, Ray is missing, or its versions differ.
    """
    check_address(address)
    for name, value in _TAMED.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise WorkbenchError(
            "Working on a cluster needs Ray, which is not installed: pip install "
            "'gera-workbench[cluster]', here and on every node."
        ) from None
    if ray.is_initialized():
        raise WorkbenchError("This process is connected to a cluster already. Wait for its end.")
    _connect(ray, address)
    try:
        yield Cluster(ray, address)
    finally:
        ray.shutdown()


def offered(address: str, control: Control) -> Job[str]:
    """Say what a cluster offers: “2 nodes, 16 CPUs, 1 GPU”.

    Raises
    ------
    WorkbenchError
        As `connected`.
    """
    yield Progress(0, 0, f"Looking at the cluster at {address}")
    with connected(address) as cluster:
        return "nothing" if control.stopping else offer_in_words(cluster.nodes())


def _connect(ray: Any, address: str) -> None:
    options: dict[str, Any] = {"logging_level": logging.CRITICAL}
    folder = None
    if address == "local":
        if "RAY_AUTH_TOKEN_PATH" not in os.environ:
            # else Ray keeps one at home, and every later “ray start” there asks for it
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        folder = TemporaryFolder()  # else logs stay in /tmp/ray for ever
        store = max(_SMALLEST_STORE, min(_STORE, physical_memory() // 8))
        options |= {
            "include_dashboard": False, "object_store_memory": store, "_temp_dir": str(folder.path),
        }  # fmt: skip
    if not address.startswith("ray://"):
        options["log_to_driver"] = False
    try:
        ray.init(address, **options)
    except Exception as error:  # Ray raises many kinds, most of them with advice of its own
        ray.shutdown()
        raise WorkbenchError(_why_not(address, error)) from error
    _alive.append(folder)


_alive: list[TemporaryFolder | None] = []  # until this process ends: Ray writes its last words late


def _why_not(address: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:300].rstrip(".")
    if "ersion mismatch" in said:
        return (
            f"The cluster at {address} has another version of Ray or of Python ({said}). Install "
            "the same ones here and there."
        )
    if isinstance(error, ImportError):
        return f"Ray’s client is not whole ({said}): pip install 'gera-workbench[cluster]' here."
    if address == "local":
        return f"No cluster could be started on this machine ({said})."
    if address == "auto":
        return (
            "No cluster was found: this machine is no node of one, and RAY_ADDRESS names none. "
            "Start one with “ray start --head”, or give its address."
        )
    return (
        f"No cluster answers at {address} ({said}). Is it running, and is the port right? "
        "ray://HOST:10001 is for any machine, HOST:6379 for one that is a node itself. One that "
        "asks for a token wants RAY_AUTH_MODE=token here too, and the token in ~/.ray/auth_token."
    )
