"""Where a training stands, so that it can go on later as if it had never been stopped."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.alignment.data import TrainingData
from workbench.alignment.settings.trained_settings import TrainedSettings
from workbench.alignment.space import AlignedSpace, space_of
from workbench.errors import WorkbenchError
from workbench.jobs import Event
from workbench.received.small import parse_json
from workbench.received.tensors import read_tensors
from workbench.whole_files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = "gera-workbench training 1"
_BEST = "best/"


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
    """

    kind: str
    settings: dict[str, Any]
    seed: int
    data: str

    @classmethod
    def of(cls, data: TrainingData, settings: TrainedSettings, seed: int) -> Origin:
        """Return the origin of a training."""
        digest = hashlib.blake2b(digest_size=16)
        for view, rows in data.views.items():
            digest.update(f"{view} {rows.shape}".encode() + rows.centre.tobytes())
        for relation, pairs in data.pairs.items():
            digest.update(f"{relation} {pairs.shape}".encode() + pairs.tobytes())
        facts = settings.model_dump(mode="json")
        return cls(type(settings).__name__, facts, seed, digest.hexdigest())

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
    best_score : float
    best_step : int
    best : AlignedSpace or None
        The best heads so far by validation.
    """

    step: int
    tensors: dict[str, Tensor]
    values: dict[str, float]
    origin: Origin
    best_score: float = -math.inf
    best_step: int = 0
    best: AlignedSpace | None = None


def save_state(state: TrainingState, path: Path) -> None:
    """Save a state; a reader sees the old file or the new one, never half of one."""
    import torch
    from safetensors.torch import save

    tensors = dict(state.tensors)
    facts: dict[str, Any] = {
        "step": state.step, "values": state.values, "origin": asdict(state.origin), "best": None,
    }  # fmt: skip
    if state.best is not None:
        tensors |= {_BEST + n: torch.from_numpy(t) for n, t in state.best.tensors().items()}
        facts["best"] = {
            "score": state.best_score,
            "step": state.best_step,
            "configuration": state.best.configuration(),
        }
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
            raise ValueError("it is not a training saved by the workbench")
        facts = parse_json(metadata["facts"])
        best = facts["best"]
        heads = {
            n.removeprefix(_BEST): t.numpy() for n, t in tensors.items() if n.startswith(_BEST)
        }
        return TrainingState(
            int(facts["step"]),
            {n: t for n, t in tensors.items() if not n.startswith(_BEST)},
            {str(name): float(value) for name, value in facts["values"].items()},
            Origin(**facts["origin"]),
            *(
                (float(best["score"]), int(best["step"]), space_of(heads, best["configuration"]))
                if best
                else ()
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise WorkbenchError(
            f"The saved training {path} cannot be read: {error}. Align again."
        ) from None
