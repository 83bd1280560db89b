"""One cell of a study: trained as `align` does, measured as `evaluate` does, and let go."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.alignment import AlignedSpace, HeldOut, StepReport, standardise, train
from workbench.errors import WorkbenchError
from workbench.evaluation import CSLS_NEIGHBOURS, Retrieval, compare_neighbourhoods, retrieve
from workbench.jobs import Control, Event, drain
from workbench.media import Modality
from workbench.memory import forget_peak, peak_memory
from workbench.project import Dataset, Project, SplitSettings, load_dataset, rows_in
from workbench.stations.evaluating.evaluate import NEIGHBOURS, directions
from workbench.stations.studies.grid import Cell, named_relation
from workbench.stations.studies.table import CellResult

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.str_]

_DATA_SETS_KEPT = 2


class StudyData:
    """What cells are trained on, read once for all cells of the same encoders.

    Parameters
    ----------
    project : Project
    until : str
        With the user's answers of no later moment, see `Catalogue.answers`: what is said while a
        study is worked at, or before it goes on, mixes nothing.
    """

    def __init__(self, project: Project, until: str = "") -> None:
        self.project, self.until = project, until
        self._sets: dict[str, Dataset] = {}
        self._labels: dict[str, dict[int, str]] = {}

    def of(self, encoders: Mapping[Modality, str]) -> Dataset:
        """Return the embeddings and pairs of some encoders.

        Raises
        ------
        WorkbenchError
            Items are not encoded by them, or there are no pairs.
        """
        name = encoders_in_words(encoders)
        if name not in self._sets:
            while len(self._sets) >= _DATA_SETS_KEPT:  # a large one takes gigabytes
                del self._sets[next(iter(self._sets))]
            self._sets[name] = load_dataset(self.project, dict(encoders), until=self.until)
        return self._sets[name]

    def bytes(self) -> int:
        """Return how large the largest data set is that is read now."""
        return max(
            sum(view.embeddings.nbytes for view in each.views.values())
            for each in self._sets.values()
        )

    def labels(self, view: str, ids: npt.NDArray[np.int64]) -> Labels | None:
        """Return the labels of items, or None where they do not tell any apart."""
        found = np.array(self.labels_of(view, ids))
        return found if len(np.unique(found)) > 1 else None

    def labels_of(self, view: str, ids: npt.NDArray[np.int64]) -> list[str]:
        """Return the label of each item, empty where it has none."""
        if view not in self._labels:
            items = self.project.catalogue.items(view)  # type: ignore[arg-type]
            self._labels[view] = {item.id: item.label for item in items}
        return [self._labels[view].get(each, "") for each in ids.tolist()]


def encoders_in_words(encoders: Mapping[Modality, str]) -> str:
    """Name a choice of encoders: ``image=…, text=…``."""
    return ", ".join(f"{view}={name}" for view, name in sorted(encoders.items()))


@dataclass(frozen=True)
class TrainedCell:
    """The heads of a cell, with what they are measured on.

    Attributes
    ----------
    space : AlignedSpace
    validation, test : HeldOut
    ids : dict of view to ndarray
        Of the held-out items, by row of `test`.
    joint : dict of view to ndarray
        The held-out items by the heads.
    seconds, step_seconds : float
        Of the processor, to train, and for one step of it; the second not a number where there are
        no steps.
    """

    space: AlignedSpace
    validation: HeldOut
    test: HeldOut
    ids: dict[str, npt.NDArray[np.int64]]
    joint: dict[str, Floats]
    seconds: float
    step_seconds: float


def measure_cell(
    data: StudyData, cell: Cell, split: SplitSettings, device: str, control: Control
) -> CellResult | None:
    """Train and measure a cell.

    Parameters
    ----------
    data : StudyData
    cell : Cell
    split : SplitSettings
        Of the study.
    device : str
        Of torch.
    control : Control
        It can be paused between steps. A cell that is stopped has no result.

    Raises
    ------
    WorkbenchError
        It cannot be trained or measured.
    """
    began = time.perf_counter()
    forgotten = forget_peak()
    trained = train_cell(data, cell, split, device, control)
    if trained is None:
        return None
    figures = figures_of(trained, data, cell)
    peak = peak_memory() if forgotten else None
    figures["wall"] = time.perf_counter() - began
    if peak is not None:
        figures["peak_memory"] = float(peak)
    return CellResult({name: value for name, value in figures.items() if np.isfinite(value)})


def train_cell(
    data: StudyData, cell: Cell, split: SplitSettings, device: str, control: Control
) -> TrainedCell | None:
    """Train a cell, as `align` trains the run of its request; None if it is stopped."""
    known = data.of(cell.encoders)
    divided = known.split(cell.split(split))
    views, pairs = known.training(divided)
    validation, test = known.held_out(divided.validation), known.held_out(divided.test)
    if not test.pairs:
        raise WorkbenchError(
            "No pairs are held out for testing. Raise the test share on the Data page."
        )
    clock = _Clock()
    job = train(
        cell.method, views, pairs, settings=cell.settings, seed=cell.seed, device=device,
        validation=validation if validation.pairs else None, control=control,
    )  # fmt: skip
    space = drain(job, clock.hear)
    seconds = clock.seconds()
    if control.stopping:
        return None
    return TrainedCell(
        space, validation, test,
        {view: facts.ids[rows_in(divided.test, view)] for view, facts in known.views.items()},
        {view: space.embed(view, rows) for view, rows in test.views.items() if len(rows)},
        seconds, clock.step_seconds(),
    )  # fmt: skip


def figures_of(trained: TrainedCell, data: StudyData, cell: Cell) -> dict[str, float]:
    """Return what a cell's heads score on held-out pairs, as `FIGURES` names it.

    Both directions of the measured relations count alike, and so do the views.
    """
    test, joint = trained.test, trained.joint
    plain = list(_both_ways(test, joint, cell.measured))
    corrected = list(_both_ways(test, joint, cell.measured, CSLS_NEIGHBOURS))
    kept, within, within_frozen = [], [], []
    for view, rows in joint.items():
        if len(rows) < 2:
            continue
        frozen = standardise(test.views[view], trained.space.heads[view].centre)
        around = compare_neighbourhoods(frozen, rows, NEIGHBOURS)
        kept.append(around.overlap.mean())
        labels = data.labels(view, trained.ids[view])
        if labels is not None:
            own = labels[around.rows][:, None]
            within.append(np.mean(labels[around.after] == own))
            within_frozen.append(np.mean(labels[around.before] == own))
    found = {
        "recall@1": _mean([each.recall[1] for each in plain]),
        "recall@10": _mean([each.recall[10] for each in plain]),
        "mrr": _mean([each.mrr for each in plain]),
        "csls_recall@10": _mean([each.recall[10] for each in corrected]),
        "kept": _mean(kept), "within": _mean(within), "within_frozen": _mean(within_frozen),
        "seconds": trained.seconds, "step_seconds": trained.step_seconds,
    }  # fmt: skip
    if trained.validation.pairs:
        views = trained.validation.views
        embedded = {
            view: trained.space.embed(view, rows) for view, rows in views.items() if len(rows)
        }
        looked = _both_ways(trained.validation, embedded, "")
        found["validation_mrr"] = _mean([each.mrr for each in looked])
    return found


def _both_ways(
    held_out: HeldOut, joint: dict[str, Floats], measured: str, csls: int | None = None
) -> Iterator[Retrieval]:
    wanted = set(named_relation(measured)) if measured else None
    for first, second, pairs in directions(held_out):
        if wanted is None or wanted == {first, second}:
            yield retrieve(joint[first], joint[second], pairs, csls=csls)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


class _Clock:
    """Processor time of a training and of its steps."""

    def __init__(self) -> None:
        self._began = time.process_time()
        self._steps: list[float] = []

    def hear(self, event: Event) -> None:
        if isinstance(event, StepReport):
            self._steps.append(time.process_time() - self._began)

    def seconds(self) -> float:
        return time.process_time() - self._began

    def step_seconds(self) -> float:
        """Return the middle of the times between steps: some steps also look at validation."""
        return float(np.median(np.diff(self._steps))) if len(self._steps) > 1 else float("nan")
