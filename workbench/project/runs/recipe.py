"""Everything that made a run: the recipe, and what it is made of."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench import __version__
from workbench.alignment import LiveChange
from workbench.project.runs.reports import Count
from workbench.project.settings import SplitSettings


class FoundNeighbours(BaseModel, allow_inf_nan=False):
    """How the neighbours within a view were found: the index in words, and its measured recall."""

    index: str
    recall: float


class WordsInRecipe(BaseModel, extra="forbid", allow_inf_nan=False):
    """What part an encoder's own words have in a run's heads.

    Attributes
    ----------
    wish : {"auto", "off"} or float
        The share that was asked for; off also where there were no words to be had.
    view : str
        The view whose items have classes; empty where none take part.
    names : {"", "classifier", "labels"}
        Whose names they are: of a classifier's classes, or of the items' labels.
    classes : int
    share : float
        Of the words' cosines beside those of the learned heads, from 0 to 1.
    """

    wish: Literal["auto", "off"] | Annotated[float, Field(gt=0, le=1)] = "off"
    view: str = ""
    names: Literal["", "classifier", "labels"] = ""
    classes: Count = 0
    share: float = Field(0.0, ge=0, le=1)


class KeptHeads(BaseModel):
    """Which heads of a training a run has.

    Attributes
    ----------
    step : int
        After which; 0 is the start.
    rule : {"best", "last", "step", "neighbours"}
        What decided: the best validation, the end, a step that was asked for, or the most
        neighbours kept among heads that find as well as the best.
    why : str
        A sentence.
    """

    model_config = ConfigDict(extra="forbid")

    step: Count
    rule: Literal["best", "last", "step", "neighbours"]
    why: str = Field(max_length=1000)


class Imported(BaseModel):
    """Where the heads of a run came from that was not made in its project.

    Attributes
    ----------
    folder : str
        The exported folder.
    elsewhere : bool
        Whether they were trained on other data than the project's: then none of its pairs is known
        to have been trained with.
    """

    model_config = ConfigDict(extra="forbid")

    folder: str = Field(max_length=4096)
    elsewhere: bool


class StartedFrom(BaseModel):
    """The heads of another run with which a training began.

    Attributes
    ----------
    run : str
        Its name then.
    heads : str
        `AlignedSpace.fingerprint` of what was learned of them.
    other_pairs : bool
        Whether it was trained with other pairs, or with pairs divided otherwise: then it may have
        seen some that are held out here.
    """

    model_config = ConfigDict(extra="forbid")

    run: str = Field(max_length=200)
    heads: str = Field(max_length=200)
    other_pairs: bool = False


class Recipe(BaseModel):
    """Everything that made a run; aligning by it again gives the same heads on the same machine.

    Attributes
    ----------
    method, settings, seed
        The method by name, its settings, and the seed of everything random in it.
    pairs : int or None
        Budget of training pairs of each relation; None uses all.
    encoders : dict of modality to card
        The encoder cards as the caches had them.
    split : SplitSettings
    data_fingerprint : str
        Hash over item ids, contents, pairs and embeddings.
    changes : list of LiveChange
        What was changed while it trained, and at which step; of a run that is not finished also
        what is still to be changed, where it repeats another one.
    stopped_at : int or None
        The step it was stopped at; while it trains, the step it is to end at.
    state : {"running", "finished", "stopped"}
    neighbours : dict of view to FoundNeighbours
        Of the views whose geometry counted.
    device : str
        Of torch.
    ladder : list of float
        α of the rungs that were trained beside each other; empty where there was one.
    rung : float or None
        α of the heads that were taken from the ladder; while it trains, of those to take.
    words : WordsInRecipe
        Of an encoder's own words; before there were any, none.
    kept : KeptHeads or None
        Which heads these are; None of methods that do not train, of a ladder, and of older runs.
    imported : Imported or None
        None of runs that were made in their project.
    started_from : StartedFrom or None
        None where the settings say how it began.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    schema_version: int = 1
    method: str
    settings: dict[str, Any] = {}
    seed: int = Field(0, ge=0, lt=2**63)
    pairs: Count | None = None
    encoders: dict[str, dict[str, Any]] = {}
    split: SplitSettings = SplitSettings()
    data_fingerprint: str = ""
    changes: list[LiveChange] = []
    stopped_at: Count | None = None
    state: Literal["running", "finished", "stopped"] = "finished"
    neighbours: dict[str, FoundNeighbours] = {}
    device: str = "cpu"
    ladder: list[float] = []
    rung: float | None = None
    words: WordsInRecipe = WordsInRecipe()
    kept: KeptHeads | None = None
    imported: Imported | None = None
    started_from: StartedFrom | None = None
    note: str = ""
    seconds: float = Field(0.0, ge=0, le=1e12)
    created: str = Field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )
    workbench: str = __version__

    @field_validator("settings")
    @classmethod
    def _finite(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Refuse what no method can have been set to; the method itself may be of a plug-in."""
        for name, value in settings.items():
            if not _holds_finite_numbers(value):
                raise ValueError(f"“{name}” is not finite")
        alpha = settings.get("alpha")
        each = alpha.values() if isinstance(alpha, dict) else [] if alpha is None else [alpha]
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in each):
            raise ValueError("“alpha” is neither a number nor one a view")
        return settings

    @property
    def trained_elsewhere(self) -> bool:
        """Whether the heads were trained on other data than the project's."""
        return self.imported is not None and self.imported.elsewhere

    def changes_made(self) -> list[LiveChange]:
        """Return the changes made; a run that repeats another may stop before some of them."""
        if self.state != "stopped" or self.stopped_at is None:
            return list(self.changes)
        return [change for change in self.changes if change.step <= self.stopped_at]


def _holds_finite_numbers(value: Any) -> bool:
    """Whether all numbers in what JSON may hold are finite, also as floating ones."""
    if isinstance(value, list):
        return all(map(_holds_finite_numbers, value))
    if isinstance(value, dict):
        return all(map(_holds_finite_numbers, value.values()))
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**63
    return not isinstance(value, float) or math.isfinite(value)
