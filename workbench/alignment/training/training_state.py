"""Where a training stands, so that it can go on later as if it had never been stopped."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.alignment.data import TrainingData
from workbench.alignment.settings.trained_settings import TrainedSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.training.checkpoints import Candidate
from workbench.alignment.training.trainable_heads import PlainMap
from workbench.alignment.training.validation import Look
from workbench.errors import WorkbenchError
from workbench.jobs import Event
from workbench.received.small import parse_json
from workbench.received.tensors import read_tensors
from workbench.whole_files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

Floats = npt.NDArray[np.float32]

FORMAT = "gera-workbench training 2"
_CANDIDATE = "candidate/"
_RANKS = "reciprocal_ranks"


@dataclass(frozen=True)
class Origin:
    """What a training can only go on with as it began.

    Attributes
    ----------
    kind : str
        Of the settings, which is the method.
    settings : dict
    seed : int
    data : str
        A hash over the views' shapes and centres and over all pairs.
    start : str
        A hash of the heads that it began with; empty where the settings say how it began.
    """

    kind: str
    settings: dict[str, Any]
    seed: int
    data: str
    start: str = ""

    @classmethod
    def of(
        cls, data: TrainingData, settings: TrainedSettings, seed: int,
        start: AlignedSpace | None = None,
    ) -> Origin:  # fmt: skip
        """Return the origin of a training."""
        digest = hashlib.blake2b(digest_size=16)
        for view, rows in data.views.items():
            digest.update(f"{view} {rows.shape}".encode() + rows.centre.tobytes())
        for relation, pairs in data.pairs.items():
            digest.update(f"{relation} {pairs.shape}".encode() + pairs.tobytes())
        facts = settings.model_dump(mode="json")
        began = "" if start is None else start.fingerprint()
        return cls(type(settings).__name__, facts, seed, digest.hexdigest(), began)

    def expect(self, state: TrainingState) -> None:
        """Refuse a state of another training.

        Raises
        ------
        WorkbenchError
            Method, settings, seed, items or pairs were others.
        """
        other = state.origin
        changed = [n for n in self.settings if self.settings[n] != other.settings.get(n)]
        if other.kind != self.kind:
            what = "another method"
        elif changed:
            what = f"other settings ({', '.join(changed)})"
        elif other.seed != self.seed:
            what = f"another seed, {other.seed}"
        elif other.start != self.start:
            what = "other heads as its start"
        elif other.data != self.data:
            what = "other items or pairs"
        else:
            return
        raise WorkbenchError(
            f"The training cannot be resumed: it was started with {what}. Use the same as then, "
            "or align again."
        )


@dataclass(frozen=True)
class TrainingState(Event):
    """A training after some step.

    Attributes
    ----------
    step : int
        Steps done.
    tensors : dict of str to Tensor
        Parameters, the optimiser's moments and the states of all random generators.
    values : dict of str to float
        Live values in force.
    origin : Origin
    moved : bool
        Whether α was moved.
    best_score : float
    best_step : int or None
        Of the best validation so far.
    candidates : tuple of Candidate
        Heads that may be kept in the end.
    """

    step: int
    tensors: dict[str, Tensor]
    values: dict[str, float]
    origin: Origin
    moved: bool = False
    best_score: float = -math.inf
    best_step: int | None = None
    candidates: tuple[Candidate, ...] = ()


def save_state(state: TrainingState, path: Path) -> None:
    """Save a state; a reader sees the old file or the new one, never half of one."""
    import torch
    from safetensors.torch import save

    tensors = dict(state.tensors)
    facts: dict[str, Any] = {
        "step": state.step, "values": state.values, "origin": asdict(state.origin),
        "moved": state.moved, "best": None if state.best_step is None else state.best_step,
        "score": None if state.best_step is None else state.best_score, "candidates": [],
    }  # fmt: skip
    for number, each in enumerate(state.candidates):
        before = f"{_CANDIDATE}{number}/"
        for view, one in each.maps.items():
            for name, array in one.arrays().items():
                tensors[f"{before}{view}.{name}"] = torch.from_numpy(array)
        tensors[f"{before}{_RANKS}"] = torch.from_numpy(each.look.reciprocal_ranks)
        facts["candidates"].append({"step": each.step, "figures": each.look.figures})
    write_whole(path, save(tensors, {"format": FORMAT, "facts": json.dumps(facts)}))


def load_state(path: Path) -> TrainingState:
    """Read a state.

    Raises
    ------
    WorkbenchError
        The file is missing, damaged, or not ours.
    """
    tensors, metadata = read_tensors(path, "The saved training", "Align again.", "pt")
    try:
        if metadata.get("format") != FORMAT:
            raise ValueError("it is not a training saved by this version of the workbench")
        facts = parse_json(metadata["facts"])
        best = facts["best"]
        return TrainingState(
            int(facts["step"]),
            {n: t for n, t in tensors.items() if not n.startswith(_CANDIDATE)},
            {str(name): float(value) for name, value in facts["values"].items()},
            Origin(**facts["origin"]),
            bool(facts["moved"]),
            -math.inf if best is None else float(facts["score"]),
            None if best is None else int(best),
            tuple(_candidate(n, told, tensors) for n, told in enumerate(facts["candidates"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise WorkbenchError(
            f"The saved training {path} cannot be read: {error}. Align again."
        ) from None


def _candidate(number: int, told: dict[str, Any], tensors: dict[str, Tensor]) -> Candidate:
    before = f"{_CANDIDATE}{number}/"
    own = {n.removeprefix(before): t.numpy() for n, t in tensors.items() if n.startswith(before)}
    ranks = own.pop(_RANKS)
    figures = {str(name): float(value) for name, value in told["figures"].items()}
    if ranks.ndim != 1 or not len(ranks) or ranks.dtype.kind != "f" or "mrr" not in figures:
        raise ValueError("it does not say what the heads so far have scored")
    arrays: dict[str, dict[str, Floats]] = {}
    for name in sorted(own):
        view, _, array = name.rpartition(".")
        arrays.setdefault(view, {})[array] = own[name]
    maps = {view: PlainMap.of_arrays(each) for view, each in arrays.items()}
    return Candidate(int(told["step"]), Look(figures, ranks), maps)
