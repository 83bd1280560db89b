"""Which terms each method that trains adds to the loss of the pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.alignment.data import TrainingData
from workbench.alignment.settings.trained_settings import (
    GeraSettings,
    SotalignSettings,
    StructureSettings,
    TrainedSettings,
)
from workbench.alignment.training.geometry_term import GeometryTerm
from workbench.alignment.training.initialisation import first_maps
from workbench.alignment.training.structure_term import StructureTerm
from workbench.alignment.training.terms import Term
from workbench.alignment.training.trainable_heads import Features
from workbench.alignment.training.transport_term import TransportTerm

if TYPE_CHECKING:
    import torch


def terms_of(
    settings: TrainedSettings, data: TrainingData, seed: int, device: torch.device
) -> list[Term]:
    """Return the terms of a method, told by its settings."""
    if isinstance(settings, GeraSettings):
        return _geometric(settings, data, seed, device)
    if isinstance(settings, StructureSettings):
        return [
            StructureTerm(
                view, data, settings.weight, settings.graph_temperature, settings.levels,
                settings.others, seed, device,
            )
            for view in data.views
        ]  # fmt: skip
    if isinstance(settings, SotalignSettings):
        return _transport(settings, data, seed, device)
    return []


def _geometric(
    settings: GeraSettings, data: TrainingData, seed: int, device: torch.device
) -> list[Term]:
    everyone = settings.unpaired != "neighbours"
    return [
        GeometryTerm(
            view, rows,
            allowed=None if everyone else data.paired_rows(view),
            neighbours=settings.neighbours, anchors=settings.anchors, operator=settings.operator(),
            keep_epsilon=settings.epsilon == "frozen", seed=seed, device=device,
        )
        for view, rows in data.views.items()
    ]  # fmt: skip


def _transport(
    settings: SotalignSettings, data: TrainingData, seed: int, device: torch.device
) -> list[Term]:
    """Return a term a relation, all taught by the same linear maps."""
    features = {view: Features(data.preparation(view)) for view in data.views}
    teacher = first_maps("cca", data, features, None, seed, settings.teacher_penalty)
    return [
        TransportTerm(
            relation, data, teacher, settings.weight, settings.transport_epsilon, settings.others,
            seed, device,
        )
        for relation in data.pairs
    ]  # fmt: skip
