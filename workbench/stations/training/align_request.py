"""What is asked of a training, by hand or by an earlier run's recipe."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.alignment import LiveChange, check_settings
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project import Recipe, Run, SplitSettings
from workbench.received.small import in_words
from workbench.stations.runs.run_views import encoders_of


class AlignRequest(BaseModel):
    """What to align, and how.

    Attributes
    ----------
    method : str
    settings : dict
        Of the method; what is missing takes its default.
    pairs : int or None
        Budget of training pairs of each relation; None takes the split's.
    seed : int
    name : str or None
        Of the run; None takes the method's.
    changes : list of LiveChange
        Changes to make again at their steps, from an earlier recipe.
    stop_after : int or None
        Step to end at, as if stopped there.
    split : SplitSettings or None
        How pairs are divided; None takes the project's way.
    labels : int or None
        Pairs of each relation for training and validation together; None takes the split's.
    validation : float or None
        Share of the pairs, or of the labels, that is kept for validation; None takes the split's.
    encoders : dict of modality to encoder name, or None
        Whose embeddings are aligned; None takes the project's choice.
    data_fingerprint : str or None
        Of the data that a repeated run had; other data are told of.
    device : str
        Where it is trained: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, or ``auto``.
    ladder : list of float
        α of several heads to train beside each other, of ``gera``; none for one. Each rung keeps
        its last heads, not its best, unless the settings say so: what α does is not to be mixed
        with where validation happened to be highest.
    rung : float or None
        α of the heads to take from the ladder; None takes those at its knee.
    words : {"auto", "off"} or float
        Which share the image encoder's own words have in each similarity, where it knows any: what
        the pairs say, none, or one from 0 to 1. Heads of a ladder have none.
    start_from : str or None
        A run whose heads the training begins with, instead of what the settings say; kind of head
        and whitening are then those of its heads.
    start_heads : str or None
        Fingerprint of the heads that a repeated run began with; others are refused.
    """

    model_config = ConfigDict(extra="forbid")

    method: str = "gera"
    settings: dict[str, Any] = {}
    pairs: int | None = Field(None, ge=2)
    seed: int = Field(0, ge=0, lt=2**63)
    name: str | None = None
    changes: list[LiveChange] = []
    stop_after: int | None = Field(None, ge=0)
    split: SplitSettings | None = None
    labels: int | None = Field(None, ge=2)
    validation: float | None = Field(None, ge=0, lt=1)
    encoders: dict[Modality, str] | None = None
    data_fingerprint: str | None = None
    device: str = "cpu"
    ladder: list[float] = []
    rung: float | None = Field(None, ge=0)
    words: Literal["auto", "off"] | Annotated[float, Field(gt=0, le=1)] = "auto"
    start_from: str | None = None
    start_heads: str | None = None

    @classmethod
    def checked(cls, **values: Any) -> "AlignRequest":
        """Make a request, or say in a sentence what is wrong with it."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise WorkbenchError(f"This cannot be aligned: {in_words(error)}") from None

    def divided(self, split: SplitSettings) -> SplitSettings:
        """Return how pairs are divided, where a project does it in a way of its own."""
        own = {"labels": self.labels, "validation": self.validation}
        given = {name: value for name, value in own.items() if value is not None}
        try:
            return SplitSettings(**((self.split or split).model_dump() | given))
        except ValidationError as error:
            raise WorkbenchError(f"The pairs cannot be divided so: {in_words(error)}") from None

    @classmethod
    def of_run(cls, run: Run) -> "AlignRequest":
        """Return the request that repeats a run."""
        recipe = run.recipe()
        if recipe.state == "running":
            way = "Resume it, or repeat" if run.has_training() else "Repeat"
            raise WorkbenchError(
                f"The run “{run.name}” was interrupted, or is training now, so its recipe is not "
                f"complete. {way} another one."
            )
        check_recipe(run.name, recipe)
        return cls.checked(
            method=recipe.method, settings=recipe.settings, pairs=recipe.pairs, seed=recipe.seed,
            changes=recipe.changes, stop_after=recipe.stopped_at, split=recipe.split,
            encoders=encoders_of(run) if recipe.encoders else None,
            data_fingerprint=recipe.data_fingerprint or None, device=recipe.device,
            ladder=recipe.ladder, rung=recipe.rung, words=recipe.words.wish,
            start_from=recipe.started_from.run if recipe.started_from else None,
            start_heads=recipe.started_from.heads if recipe.started_from else None,
        )  # fmt: skip


def check_recipe(run_name: str, recipe: Recipe) -> None:
    """Refuse a recipe that this version cannot follow."""
    try:
        check_settings(recipe.method, recipe.settings)
    except WorkbenchError as error:
        raise WorkbenchError(
            f"The recipe of the run “{run_name}” cannot be used; it may be from another version "
            f"of the workbench: {error} Align again."
        ) from None
