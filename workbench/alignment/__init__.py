"""Alignment: from frozen views and few pairs to one space. Knows no project."""

from workbench.alignment.data import HeldOut
from workbench.alignment.heads import (
    AnchorHead,
    Head,
    LinearHead,
    MlpHead,
    ResidualHead,
    standardise,
)
from workbench.alignment.methods.entry import MethodEntry
from workbench.alignment.methods.registry import (
    OWN_WORDS,
    check_settings,
    find_method,
    fit,
    method_problems,
    methods,
    train,
)
from workbench.alignment.own_words import OwnWords, joined, space_of_words, words_of_groups
from workbench.alignment.settings.method_settings import MethodSettings
from workbench.alignment.settings.solved_settings import (
    AsifSettings,
    CcaSettings,
    ProcrustesSettings,
    RidgeSettings,
)
from workbench.alignment.settings.trained_settings import (
    ContrastiveSettings,
    GeraSettings,
    SotalignSettings,
    StructureSettings,
    TrainedSettings,
)
from workbench.alignment.space import AlignedSpace, load_space, save_space
from workbench.alignment.sweep.alpha_probe import AlphaProbe, probe_alpha
from workbench.alignment.sweep.alpha_sweep import AlphaSweep, Rung
from workbench.alignment.sweep.sweep_trainer import (
    SWEEP_ALPHAS,
    SweepReport,
    check_alphas,
    train_sweep,
)
from workbench.alignment.training.checkpoints import HeadsKept
from workbench.alignment.training.diagnoses import Diagnosis, diagnose
from workbench.alignment.training.reports import LiveChange, NeighboursFound, StepReport
from workbench.alignment.training.snapshots import Snapshot
from workbench.alignment.training.training_state import TrainingState, load_state, save_state
from workbench.alignment.word_heads import BlocksHead, WordsHead
from workbench.alignment.words_share import Judgement, judge
from workbench.geometry import unit_rows

__all__ = [
    "OWN_WORDS",
    "SWEEP_ALPHAS",
    "AlignedSpace",
    "AlphaProbe",
    "AlphaSweep",
    "AnchorHead",
    "AsifSettings",
    "BlocksHead",
    "CcaSettings",
    "ContrastiveSettings",
    "Diagnosis",
    "GeraSettings",
    "Head",
    "HeadsKept",
    "HeldOut",
    "Judgement",
    "LinearHead",
    "LiveChange",
    "MethodEntry",
    "MethodSettings",
    "MlpHead",
    "NeighboursFound",
    "OwnWords",
    "ProcrustesSettings",
    "ResidualHead",
    "RidgeSettings",
    "Rung",
    "Snapshot",
    "SotalignSettings",
    "StepReport",
    "StructureSettings",
    "SweepReport",
    "TrainedSettings",
    "TrainingState",
    "WordsHead",
    "check_alphas",
    "check_settings",
    "diagnose",
    "find_method",
    "fit",
    "joined",
    "judge",
    "load_space",
    "load_state",
    "method_problems",
    "methods",
    "probe_alpha",
    "save_space",
    "save_state",
    "space_of_words",
    "standardise",
    "train",
    "train_sweep",
    "unit_rows",
    "words_of_groups",
]
