"""The cells of a study as tasks on a Ray cluster: the same figures as here, more at once.

Embeddings, pairs and labels go to the cluster once, as plain arrays; cells as what their recipe
says. Nothing of a project needs to be seen by the nodes.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from workbench.cluster import Cluster, check_versions, connected, offer_in_words
from workbench.errors import WorkbenchError, unexpected
from workbench.jobs import Control, Notice
from workbench.project import Dataset, SplitSettings, View
from workbench.stations.studies.cell import StudyData, encoders_in_words
from workbench.stations.studies.grid import Cell
from workbench.stations.studies.table import CellResult
from workbench.stations.studies.workers import CellBegun, CellDone, Task, attempt, in_one_thread

_SECONDS_BETWEEN_LOOKS = 0.2
_TRIES_MORE = 2  # of a cell whose process or node was lost
_DATA_SETS_SENT = 2


def on_cluster(
    address: str, task: Task, data: StudyData, cells: Sequence[Cell], control: Control
) -> Iterator[CellBegun | CellDone | Notice]:
    """Measure cells on a cluster, as many at once as it has CPUs, or GPUs for another device.

    What is under way when it is stopped has no result; a pause gives nothing new out. A cell whose
    process or node is lost is tried again elsewhere, and then has an error in place of figures.

    Raises
    ------
    WorkbenchError
        There is no such cluster, or other versions are installed there.
    """
    with connected(address) as cluster:
        nodes = cluster.nodes()
        check_versions(cluster, nodes)
        yield Notice(f"Training on {address}: {offer_in_words(nodes)}.")
        room = sum(node.cpus if task.device == "cpu" else node.gpus for node in nodes)
        if room < 1:
            raise WorkbenchError(
                f"The cluster at {address} has no {'CPU' if task.device == 'cpu' else 'GPU'} to "
                "train on. Add a node, or choose another device."
            )
        yield from _measured(_Sender(cluster, task, data), cells, int(room) + 1, control)


class _Sender:
    """Gives cells to the cluster, and each data set before its first cell."""

    def __init__(self, cluster: Cluster, task: Task, data: StudyData) -> None:
        self.ray, self._task, self._data = cluster.ray, task, data
        self._sent: dict[str, Any] = {}
        gpus = 0 if task.device == "cpu" else 1
        self._measure = cluster.ray.remote(
            num_cpus=1, num_gpus=gpus, max_retries=_TRIES_MORE, scheduling_strategy="SPREAD"
        )(measure_there)

    def send(self, cell: Cell) -> Any:
        """Return a reference to what will be found of a cell."""
        name = encoders_in_words(cell.encoders)
        if name not in self._sent:
            while len(self._sent) >= _DATA_SETS_SENT:  # a cell under way keeps its own
                del self._sent[next(iter(self._sent))]
            self._sent[name] = self.ray.put(plain_data(self._data, cell.encoders))
        return self._measure.remote(
            self._sent[name], cell.model_dump(mode="json"),
            self._task.split.model_dump(mode="json"), self._task.device,
        )  # fmt: skip

    def result(self, reference: Any) -> CellResult:
        """Return what was found."""
        try:
            found = self.ray.get(reference)
        except self.ray.exceptions.RayError as error:
            return CellResult(error=unexpected(error))
        return CellResult(**found)


def _measured(
    sender: _Sender, cells: Sequence[Cell], at_once: int, control: Control
) -> Iterator[CellBegun | CellDone]:
    waiting, working = deque(cells), dict[Any, Cell]()
    while (waiting or working) and not control.stopping:
        while waiting and len(working) < at_once and not control.paused:
            cell = waiting.popleft()
            yield CellBegun(cell)
            try:
                working[sender.send(cell)] = cell
            except WorkbenchError as error:  # its embeddings are not there
                yield CellDone(cell, CellResult(error=str(error)))
        if not working:
            control.wait_while_paused()
            continue
        done, _ = sender.ray.wait(list(working), timeout=_SECONDS_BETWEEN_LOOKS)
        for reference in done:
            yield CellDone(working.pop(reference), sender.result(reference))


def measure_there(
    sent: Mapping[str, Any], cell: Mapping[str, Any], split: Mapping[str, Any], device: str
) -> dict[str, Any]:
    """Measure a cell on a node.

    Parameters
    ----------
    sent : dict
        A data set with its labels, see `plain_data`.
    cell, split : dict
        As their recipes say.
    device : str
        Of torch.

    Returns
    -------
    dict
        The fields of a `CellResult`.
    """
    in_one_thread()
    known, of = Cell(**cell), SplitSettings(**split)
    result = attempt(_SentData(sent, known), known, of, device, Control())
    return asdict(result or CellResult(error="It was stopped."))


class _SentData(StudyData):
    """The one data set that a cell needs, as it was sent."""

    def __init__(self, sent: Mapping[str, Any], cell: Cell) -> None:
        known = Dataset(
            {view: View(**facts) for view, facts in sent["views"].items()},
            *(_pairs_of(sent["pairs"]), sent["fingerprint"], _pairs_of(sent["given"])),
        )
        self._sets = {encoders_in_words(cell.encoders): known}
        self._labels = {
            view: dict(zip(known.views[view].ids.tolist(), labels.tolist(), strict=True))
            for view, labels in sent["labels"].items()
        }


def plain_data(data: StudyData, encoders: Any) -> dict[str, Any]:
    """Return a data set as dicts, texts and arrays."""
    known = data.of(encoders)
    return {
        "views": {
            view: {"ids": facts.ids, "embeddings": facts.embeddings, "card": facts.card}
            for view, facts in known.views.items()
        },
        "pairs": list(known.pairs.items()),
        "given": None if known.given is None else list(known.given.items()),
        "fingerprint": known.fingerprint,
        "labels": {
            view: np.array(data.labels_of(view, facts.ids)) for view, facts in known.views.items()
        },
    }


def _pairs_of(sent: Any) -> Any:
    return None if sent is None else {tuple(relation): rows for relation, rows in sent}
