"""One cell of the study: the station's own, and what is classified by words besides."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

# each in % but the first and the last; not a number where it cannot be measured
FIGURES = (
    "validation_mrr",
    "recall@1",
    "recall@10",
    "csls_recall@10",
    "kept",  # of the ten nearest held-out items of the same view in the frozen space
    "within",  # ten nearest held-out items of the same view that have the label of the query
    "within_frozen",
    "zero_shot",  # pictures or recordings whose label's name is the nearest of all names
    "seconds",  # of the processor, for the fit
)
_PLAIN = ("validation_mrr", "seconds")


def measure(
    place: str, labels: int, seed: int, method: str, settings: dict[str, Any], validated: float
) -> list[float]:
    """Return the figures of one cell, as `FIGURES` names them.

    `settings` may say how many unpaired items of each view there are to be a label, as
    ``unpaired_a_label``; the method has none such.
    """
    from workbench.jobs import Control
    from workbench.stations.studies.cell import figures_of, train_cell
    from workbench.stations.studies.grid import Cell

    data, split, encoders = _known(place)
    settings = dict(settings)
    times = settings.pop("unpaired_a_label", None)
    cell = Cell(
        method=method, labels=labels, validation=validated, unpaired_times=times,
        encoders=encoders, settings=settings, seed=seed,
    )  # fmt: skip
    trained = train_cell(data, cell, split, "cpu", Control())
    figures = figures_of(trained, data, cell)
    figures["zero_shot"] = _zero_shot(data, trained)
    figures.setdefault("validation_mrr", 0.0)
    return [figures[name] * (1 if name in _PLAIN else 100) for name in FIGURES]


@cache
def _known(place: str) -> tuple[Any, Any, dict[str, str]]:
    """Return what is read of a project once a process: data, split and encoders."""
    from workbench.project import Project
    from workbench.stations.studies.cell import StudyData

    folder, _, views = place.partition(":")
    project = Project.open(Path(folder))
    encoders = project.settings.encoders
    chosen = {view: encoders[view] for view in views.split("+")} if views else encoders
    return StudyData(project), project.settings.split, dict(chosen)


def _zero_shot(data: Any, trained: Any) -> float:
    """Return the share of items whose label's name is the nearest of all names."""
    import numpy as np

    from workbench.evaluation import class_prototypes, classify

    shares = []
    for view, rows in trained.joint.items():
        labels = data.labels(view, trained.ids[view])
        if labels is None or view == "text" or "text" not in trained.joint:
            continue
        classes = sorted(set(labels.tolist()))
        class_of, vectors = _prompts(str(data.project.root), view, tuple(classes))
        prototypes = class_prototypes(trained.space.embed("text", vectors), class_of, len(classes))
        shares.append(classify(rows, prototypes, np.searchsorted(classes, labels)).top(1))
    return float(np.mean(shares)) if shares else float("nan")


@cache
def _prompts(folder: str, view: str, classes: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the class of each prompt and its vector, encoded once a process."""
    import numpy as np

    from workbench.encoders import load_encoder
    from workbench.project import Project
    from workbench.stations.evaluating.zero_shot import LabelledView

    none = np.zeros(0, dtype=np.int64)
    labelled = LabelledView(view, list(classes), none, none)
    encoder = load_encoder(Project.open(Path(folder)).settings.encoders["text"], "text")
    class_of = np.repeat(np.arange(len(classes)), len(labelled.templates))
    return class_of, encoder.encode(labelled.prompts)
