"""One cell of the study: a project, labels, a seed and settings; what the heads then score."""

from __future__ import annotations

import time
from dataclasses import dataclass
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
_NEAREST = 10


def measure(
    place: str, labels: int, seed: int, method: str, settings: dict[str, Any], validated: float
) -> list[float]:
    """Return the figures of one cell, as `FIGURES` names them.

    `settings` may say how many unpaired items of each view there are to be a label, as
    ``unpaired_a_label``; the method has none such.
    """
    import numpy as np

    from workbench.alignment import fit, standardise
    from workbench.evaluation import neighbour_overlap, retrieve

    known = _Known.of(place)
    data, split = known.data, known.split(seed, labels, validated)
    settings = dict(settings)
    views, pairs = data.training(split)
    if "unpaired_a_label" in settings:
        views, pairs = _fewer_unpaired(views, pairs, settings.pop("unpaired_a_label"), seed)
    validation, test = data.held_out(split.validation), data.held_out(split.test)
    began = time.process_time()
    space = fit(
        method, views, pairs, settings=settings, seed=seed,
        validation=validation if validation.pairs else None,
    )  # fmt: skip
    seconds = time.process_time() - began

    def both_ways(held_out, csls=None):
        joint = {view: space.embed(view, rows) for view, rows in held_out.views.items()}
        for (first, second), rows in held_out.pairs.items():
            yield retrieve(joint[first], joint[second], rows, csls=csls)
            yield retrieve(joint[second], joint[first], rows[:, ::-1], csls=csls)

    tested, corrected = list(both_ways(test)), list(both_ways(test, csls=10))
    frozen = {v: standardise(rows, space.heads[v].centre) for v, rows in test.views.items()}
    joint = {view: space.embed(view, rows) for view, rows in test.views.items()}
    labels_of = known.labels(split)
    return [
        float(np.mean([each.mrr for each in both_ways(validation)])) if validation.pairs else 0.0,
        100 * float(np.mean([each.recall[1] for each in tested])),
        100 * float(np.mean([each.recall[10] for each in tested])),
        100 * float(np.mean([each.recall[10] for each in corrected])),
        100 * float(np.mean([neighbour_overlap(frozen[v], joint[v]) for v in joint])),
        _of_the_same_label(joint, labels_of),
        _of_the_same_label(frozen, labels_of),
        known.zero_shot(space, joint, labels_of),
        seconds,
    ]


def _fewer_unpaired(views, pairs, times: float, seed: int):
    """Return the views with their paired rows and so many times as many others, drawn by seed."""
    import numpy as np

    from workbench.project.split import rows_in

    random = np.random.default_rng([seed, 77])
    kept = {}
    for view, rows in views.items():
        paired = rows_in(pairs, view)
        others = random.permutation(np.setdiff1d(np.arange(len(rows)), paired))
        kept[view] = np.sort(np.concatenate([paired, others[: round(times * len(paired))]]))
    fewer = {
        relation: np.stack(
            [np.searchsorted(kept[v], rows[:, n]) for n, v in enumerate(relation)], axis=1
        )
        for relation, rows in pairs.items()
    }
    return {view: rows[kept[view]] for view, rows in views.items()}, fewer


def _of_the_same_label(rows, labels_of) -> float:
    """Return the share of the nearest items of the same view that have the item's label, in %."""
    import numpy as np

    shares = []
    for view, labels in labels_of.items():
        likeness = rows[view] @ rows[view].T
        np.fill_diagonal(likeness, -np.inf)
        nearest = np.argpartition(-likeness, _NEAREST, axis=1)[:, :_NEAREST]
        shares.append(np.mean(labels[nearest] == labels[:, None]))
    return 100 * float(np.mean(shares)) if shares else float("nan")


@dataclass(frozen=True)
class _Known:
    """What is read of a project once a process."""

    folder: Path
    settings: Any
    data: Any

    @staticmethod
    @cache
    def of(place: str) -> _Known:
        from workbench.project import Project, load_dataset

        folder, _, views = place.partition(":")
        project = Project.open(Path(folder))
        encoders = project.settings.encoders
        chosen = {v: encoders[v] for v in views.split("+")} if views else None
        return _Known(Path(folder), project.settings, load_dataset(project, chosen))

    def split(self, seed: int, labels: int, validation: float) -> Any:
        own = {"seed": seed, "labels": labels, "validation": validation}
        return self.data.split(self.settings.split.model_copy(update=own))

    def labels(self, split: Any) -> dict[str, Any]:
        """Return the labels of the held-out items, of views that have some."""
        import numpy as np

        from workbench.project.split import rows_in

        found = {}
        for view, facts in self.data.views.items():
            label_of = self._label_of(view)
            ids = facts.ids[rows_in(split.test, view)].tolist()
            labels = np.array([label_of.get(each, "") for each in ids])
            if len(set(labels)) > 1:
                found[view] = labels
        return found

    def _label_of(self, view: str) -> dict[int, str]:
        from workbench.project import Project

        project = Project.open(self.folder)
        return {item.id: item.label for item in project.catalogue.items(view)}

    def zero_shot(self, space: Any, joint: dict[str, Any], labels_of: dict[str, Any]) -> float:
        """Return the share of items whose label's name is the nearest, in %."""
        import numpy as np

        from workbench.evaluation import class_prototypes, classify

        shares = []
        for view, labels in labels_of.items():
            if view == "text" or "text" not in joint:
                continue
            classes = sorted(set(labels))
            class_of, vectors = _prompts(str(self.folder), view, tuple(classes))
            rows = class_prototypes(space.embed("text", vectors), class_of, len(classes))
            numbers = np.searchsorted(classes, labels)
            shares.append(classify(joint[view], rows, numbers).top(1))
        return 100 * float(np.mean(shares)) if shares else float("nan")


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
