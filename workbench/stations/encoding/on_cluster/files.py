"""Whether workers see the files that are here, and files as they are sent where they do not."""

from collections.abc import Sequence
from typing import Any

from workbench.cluster import Cluster, FileFacts, Node, facts_of_files, on_each_node
from workbench.errors import WorkbenchError
from workbench.jobs import Job, Notice
from workbench.media import Order, open_content
from workbench.project import Catalogue, Item
from workbench.stations.encoding.on_cluster.request import Files
from workbench.words import several

_LOOKED_AT = 16
"""So many files, spread over all, must be the same everywhere."""


def sample_of(catalogue: Catalogue, ids: Sequence[int]) -> FileFacts:
    """Return the facts of some files of items, spread evenly; those that are missing are left out.

    Parameters
    ----------
    ids : sequence of int
        Of all items.
    """
    step = max(1, len(ids) // _LOOKED_AT)
    items = catalogue.items_of([int(number) for number in ids[::step][:_LOOKED_AT]])
    here = facts_of_files(sorted({item.file for item in items}))()
    return {path: facts for path, facts in here.items() if facts is not None}


def choose_way(
    cluster: Cluster, nodes: Sequence[Node], files: FileFacts, wish: Files, modality: str
) -> Job[bool]:
    """Say whether files are read where they lie, and tell it.

    Returns
    -------
    bool
        True where the workers read them, False where they are sent from here.

    Raises
    ------
    WorkbenchError
        They are to be read by the workers, and a node does not see the same files.
    """
    if modality == "text":
        return False  # the catalogue has them
    if wish == "sent":
        yield Notice("Files are sent from this machine, as you asked.")
        return False
    there = on_each_node(cluster, nodes, facts_of_files(list(files)))
    blind = [node for node in nodes if there.get(node.id, files) != files]
    if not blind and files:
        yield Notice(
            f"Files are read by the workers where they lie: {several(len(files), 'file')} looked "
            "at, the same on every node."
        )
        return True
    why = f"the node {blind[0].name} does not see the same ones" if blind else "none are here"
    if wish == "shared":
        raise WorkbenchError(
            f"The workers cannot read the files: {why}. Mount the folder under the same path on "
            "every node, or let the files be sent (--files sent)."
        )
    yield Notice(f"Files are sent from this machine: {why}.")
    return False


def row_of(item: Item, sent: bool) -> dict[str, Any]:
    """Return an item as it travels, with its file's bytes where it is sent.

    Raises
    ------
    WorkbenchError
        The file cannot be read here.
    """
    row: dict[str, Any] = Order.of(item)._asdict()
    if sent and item.modality != "text":
        with open_content(item) as file:
            row["bytes"] = file.read()
    return row
