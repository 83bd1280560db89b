"""Alignment: from frozen views and few pairs to one space. Knows no project."""

from workbench.alignment.data import HeldOut
from workbench.alignment.diagnoses import Diagnosis, diagnose
from workbench.alignment.entry import MethodEntry
from workbench.alignment.glimpses import Glimpse
from workbench.alignment.heads import (
    AnchorHead,
    Head,
    LinearHead,
    ResidualHead,
    standardise,
    unit_rows,
)
from workbench.alignment.ladder import Ladder, Rung
from workbench.alignment.ladder_trainer import (
    LADDER,
    LadderReport,
    check_alphas,
    train_ladder,
)
from workbench.alignment.methods import (
    check_settings,
    find_method,
    fit,
    method_problems,
    methods,
    train,
)
from workbench.alignment.reports import LiveChange, NeighboursFound, StepReport
from workbench.alignment.settings import MethodSettings
from workbench.alignment.solved_settings import (
    AsifSettings,
    CcaSettings,
    ProcrustesSettings,
    RidgeSettings,
)
from workbench.alignment.space import AlignedSpace, load_space, save_space
from workbench.alignment.trained_settings import (
    ContrastiveSettings,
    GeraSettings,
    SotalignSettings,
    StructureSettings,
    TrainedSettings,
)
from workbench.alignment.training_state import TrainingState, load_state, save_state

__all__ = [
    "LADDER",
    "AlignedSpace",
    "AnchorHead",
    "AsifSettings",
    "CcaSettings",
    "ContrastiveSettings",
    "Diagnosis",
    "GeraSettings",
    "Glimpse",
    "Head",
    "HeldOut",
    "Ladder",
    "LadderReport",
    "LinearHead",
    "LiveChange",
    "MethodEntry",
    "MethodSettings",
    "NeighboursFound",
    "ProcrustesSettings",
    "ResidualHead",
    "RidgeSettings",
    "Rung",
    "SotalignSettings",
    "StepReport",
    "StructureSettings",
    "TrainedSettings",
    "TrainingState",
    "check_alphas",
    "check_settings",
    "diagnose",
    "find_method",
    "fit",
    "load_space",
    "load_state",
    "method_problems",
    "methods",
    "save_space",
    "save_state",
    "standardise",
    "train",
    "train_ladder",
    "unit_rows",
]
