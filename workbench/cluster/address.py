"""Where a cluster is, as the user says it."""

import re

from workbench.errors import WorkbenchError

_HOST_AND_PORT = re.compile(r"(ray://)?([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}")


def check_address(address: str) -> None:
    """Refuse what is no address of a cluster.

    Parameters
    ----------
    address : str
        ``local`` starts a cluster on this machine, and ends it afterwards; ``auto`` takes the one
        that this machine is a node of, or that RAY_ADDRESS names; ``ray://HOST:PORT`` goes through
        Ray's client server on the head, ``HOST:PORT`` to the head itself from one of its nodes.

    Raises
    ------
    WorkbenchError
    """
    if address not in ("local", "auto") and not _HOST_AND_PORT.fullmatch(address):
        raise WorkbenchError(
            f"“{address}” is no address of a cluster. Write local, auto, ray://HOST:PORT (from "
            "any machine, usually port 10001) or HOST:PORT (from a node, usually port 6379)."
        )
