"""What zero-shot classification found, as plain JSON and as tables to take away."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation import TOP, share_intervals
from workbench.project import Project, absolute_path, spoken_name
from workbench.project.writing import write_text
from workbench.received.words import for_cell
from workbench.stations.classifying.zero_shot import RunClassified, ZeroShot

Ids = npt.NDArray[np.int64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class ClassRow:
    """A class in the table of a run.

    Attributes
    ----------
    label : str
    items : int
    recall : float
        Share of its items that are named so; nan without items.
    interval : (float, float)
        Of the recall, 95 % (Wilson).
    precision : float
        Share of right ones among what is named so; nan where nothing is.
    confused_with : str
        What its items are most often taken for instead; “” for nothing.
    confused : int
        How many.
    """

    label: str
    items: int
    recall: float
    interval: Interval
    precision: float
    confused_with: str
    confused: int


def class_rows(run: RunClassified) -> list[ClassRow]:
    """Return the classes of a run in their order."""
    found, labels = run.found, run.classes.labels
    wrong = [each for each in found.confusions().tolist() if each[0] != each[1]]
    most: dict[int, list[int]] = {}
    for each in wrong:
        if each[2] > most.get(each[0], [0, 0, 0])[2]:
            most[each[0]] = each
    ends = share_intervals(found.right, found.counts).tolist()
    rows = []
    for number, label in enumerate(labels):
        _, other, times = most.get(number, (0, 0, 0))
        rows.append(
            ClassRow(
                label, int(found.counts[number]), float(found.per_class[number]),
                (ends[number][0], ends[number][1]), float(found.precision[number]),
                labels[other] if times else "", int(times),
            )
        )  # fmt: skip
    return rows


def confused_items(run: RunClassified, label: int, named: int) -> Ids:
    """Return the ids of the items of one class that are taken for another, ascending."""
    ids: Ids = run.ids[(run.found.labels == label) & (run.found.named == named)]
    return ids


def plain_zero_shot(found: ZeroShot) -> dict[str, Any]:
    """Return it for JSON; None stands for a figure that is not there."""
    request = found.request
    return {
        "view": found.view,
        "items": request.items,
        "by": request.by,
        "shots": request.shots,
        "seed": request.seed,
        "templates": list(found.templates),
        "remarks": found.remarks,
        "runs": {run.name: _plain(run) for run in found.runs},
    }


def _plain(run: RunClassified) -> dict[str, Any]:
    found, labels = run.found, run.classes.labels
    plain: dict[str, Any] = {
        **found.figures(),
        "interval": {name: list(ends) for name, ends in run.intervals.items()},
        "chance": {name: found.chance(cutoff) for name, cutoff in TOP.items()},
        "largest": {name: found.largest(cutoff) for name, cutoff in TOP.items()},
        "items": len(run.ids),
        "classes": [
            {
                "label": row.label, "words": list(each.words), "items": row.items,
                "recall": _number(row.recall),
                "interval": [_number(end) for end in row.interval],
                "precision": _number(row.precision), "confused_with": row.confused_with or None,
                "confused": row.confused,
            }
            for row, each in zip(class_rows(run), run.classes.classes, strict=True)
        ],
        "confusions": [
            {"label": labels[label], "named": labels[named], "items": count}
            for label, named, count in found.confusions().tolist()
        ],
        "remarks": run.remarks,
    }  # fmt: skip
    if run.differences:
        plain["difference"] = {
            name: {**asdict(each), "clear": each.clear} for name, each in run.differences.items()
        }
    if run.sentence:
        plain["no_difference"] = run.sentence
    return plain


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


# --- files ---------------------------------------------------------------------------------------


def write_zero_shot(project: Project, found: ZeroShot, folder: Path) -> list[Path]:
    """Write tables to a folder, which is made: the figures, and three of each run.

    ``figures.csv`` has a row a run; ``RUN-classes.csv`` a row a class; ``RUN-confusions.csv`` how
    often each class is taken for each; ``RUN-items.csv`` a row an item. Files of the same name are
    replaced.

    Raises
    ------
    WorkbenchError
        They cannot be written.
    """
    folder = absolute_path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write(folder / "figures.csv", _FIGURES, map(_figures, found.runs))]
    names: list[str] = []
    for run in found.runs:
        name = spoken_name(run.name)
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
        name = names[-1]
        rows = map(_cells, class_rows(run))
        written.append(_write(folder / f"{name}-classes.csv", _CLASSES, rows))
        labels = run.classes.labels
        confusions = [[labels[a], labels[b], n] for a, b, n in run.found.confusions().tolist()]
        written.append(_write(folder / f"{name}-confusions.csv", _CONFUSIONS, confusions))
        written.append(_write(folder / f"{name}-items.csv", _ITEMS, _items(project, run)))
    return written


_FIGURES = ["run", "items", "classes"] + [
    f"{name}{part}" for name in (*TOP, "balanced") for part in ("", "_low", "_high")
] + ["chance_top1", "chance_top5", "largest_top1", "largest_top5"]  # fmt: skip
_CLASSES = ["class", "items", "recall", "low", "high", "precision", "confused_with", "confused"]
_CONFUSIONS = ["class", "named", "items"]
_ITEMS = ["id", "path", "class", "named", "rank"]


def _figures(run: RunClassified) -> list[Any]:
    found = run.found
    cells: list[Any] = [run.name, len(run.ids), found.classes]
    for name, value in found.figures().items():
        cells += [value, *run.intervals[name]]
    cells += [found.chance(cutoff) for cutoff in TOP.values()]
    return cells + [found.largest(cutoff) for cutoff in TOP.values()]


def _cells(row: ClassRow) -> list[Any]:
    return [
        row.label, row.items, row.recall, *row.interval, row.precision, row.confused_with,
        row.confused,
    ]  # fmt: skip


def _items(project: Project, run: RunClassified) -> Iterable[list[Any]]:
    labels, found = run.classes.labels, run.found
    items = project.catalogue.items_of(run.ids.tolist())
    facts = zip(
        items, found.labels.tolist(), found.named.tolist(), found.ranks.tolist(), strict=True
    )
    for item, label, named, rank in facts:
        yield [item.id, item.path, labels[label], labels[named], rank]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_text(path, text.getvalue())
    return path


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return for_cell(value) if isinstance(value, str) else value
