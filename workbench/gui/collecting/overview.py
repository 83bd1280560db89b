"""What a project holds, gathered in a thread and shown on the Data page."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job
from workbench.media import Modality, thumbnail, waveform

if TYPE_CHECKING:
    from workbench.project import Item, Project, Relation

_PREVIEWS = 24
_WAVE_BINS = 48


@dataclass(frozen=True)
class Overview:
    """Counts of a project, and a few of its items.

    Attributes
    ----------
    items, unpaired : dict of modality to int
    pairs : dict of relation to int
    per_source : list of int
        Items of each source, in the order of the settings.
    previews : dict of modality to list of Item
    problems : list of (str, str)
        Path and reason of items that could not be encoded.
    """

    items: dict[Modality, int] = field(default_factory=dict)
    unpaired: dict[Modality, int] = field(default_factory=dict)
    pairs: "dict[Relation, int]" = field(default_factory=dict)
    per_source: list[int] = field(default_factory=list)
    previews: "dict[Modality, list[Item]]" = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class PreviewMade(Event):
    """A small picture of an item: a `QImage` or, of a recording, its outline."""

    item: int
    content: Any


def look_over(project: "Project", control: Control) -> Job[Overview]:
    """Count what the catalogue holds, then make previews of a few items."""
    items = project.catalogue.items()
    by_modality: dict[Modality, list[Item]] = {}
    for item in items:
        by_modality.setdefault(item.modality, []).append(item)
    pairs = project.catalogue.pairs()
    paired: dict[Modality, Any] = {}
    for relation, ids in pairs.items():
        for side, modality in enumerate(relation):
            known = paired.get(modality, np.zeros(0, dtype=np.int64))
            paired[modality] = np.union1d(known, ids[:, side])
    overview = Overview(
        {modality: len(found) for modality, found in by_modality.items()},
        {m: len(found) - len(paired.get(m, ())) for m, found in by_modality.items()},
        {relation: len(ids) for relation, ids in pairs.items()},
        _per_source(project, by_modality),
        {modality: _spread(found, _PREVIEWS) for modality, found in by_modality.items()},
        [(item.path, item.problem) for item in items if item.problem],
    )
    yield OverviewMade(overview)
    for found in overview.previews.values():
        for item in found:
            if control.stopping:
                return overview
            try:
                if item.modality == "image":
                    yield PreviewMade(item.id, picture(Path(item.path), 192))
                elif item.modality == "speech":
                    yield PreviewMade(item.id, waveform(Path(item.path), _WAVE_BINS, 10.0))
            except WorkbenchError:
                continue  # an unreadable item keeps its empty tile; encoding will name the reason
    return overview


@dataclass(frozen=True)
class OverviewMade(Event):
    """The counts, before the slower previews."""

    overview: Overview


def picture(path: Path, size: int) -> QImage:
    """Return a thumbnail that Qt can paint."""
    small = thumbnail(path, size).convert("RGB")
    width, height = small.size
    image = QImage(small.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # the bytes above do not live longer than this function


def _per_source(project: "Project", items: "dict[Modality, list[Item]]") -> list[int]:
    counts = []
    for source in project.settings.sources:
        start = str(project.source_folder(source)).rstrip(os.sep) + os.sep
        counts.append(sum(item.path.startswith(start) for item in items.get(source.modality, ())))
    return counts


def _spread(items: "Sequence[Item]", count: int) -> "list[Item]":
    """Take items at equal steps, so that a preview shows more than the first folder."""
    step = max(1.0, len(items) / count)
    return [items[int(number * step)] for number in range(min(count, len(items)))]
