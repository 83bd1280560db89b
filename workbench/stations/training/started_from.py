"""Training on: the heads of a run, of here or imported, as where another one begins."""

from dataclasses import dataclass
from typing import Any

from workbench.alignment import AlignedSpace, TrainedSettings, find_method
from workbench.alignment.training.started_from import (
    TrainedHead,
    check_start,
    learned_heads,
)
from workbench.cache import card_difference
from workbench.errors import WorkbenchError
from workbench.jobs import Job, Notice
from workbench.project import Dataset, Project, Recipe, Run, SplitSettings, StartedFrom
from workbench.stations.training.align_request import AlignRequest


@dataclass(frozen=True, eq=False)
class Start:
    """Heads to begin with.

    Attributes
    ----------
    space : AlignedSpace
        Of what was learned; own words beside them are chosen anew.
    name : str
        Of their run.
    recipe : Recipe
        Of their run.
    """

    space: AlignedSpace
    name: str
    recipe: Recipe

    @classmethod
    def of(cls, project: Project, request: AlignRequest) -> "Start | None":
        """Return the heads that a request begins with; None where its settings say how it begins.

        Raises
        ------
        WorkbenchError
            The run is not there or has no heads, or they are not those any more that a run which
            is repeated began with.
        """
        if request.start_from is None:
            return None
        run = project.run(request.start_from)
        start = cls(learned_heads(run.space()), run.name, run.recipe())
        if request.start_heads not in (None, start.space.fingerprint()):
            raise WorkbenchError(
                f"This cannot be repeated: it started from heads that the run “{run.name}” had "
                "then, and it has others now. Align anew, from those."
            )
        return start

    def asked(self, request: AlignRequest) -> AlignRequest:
        """Return the request with what the heads have settled: their kind, and their whitening.

        Raises
        ------
        WorkbenchError
            The request wants it otherwise.
        """
        settings = dict(request.settings)
        for name, had in self._settled(request.method).items():
            if settings.setdefault(name, had) != had:
                raise WorkbenchError(
                    f"“{name}” is set to {_said(settings[name])}, and the heads of “{self.name}”, "
                    f"from which the training is to start, have {_said(had)}. Leave it out."
                )
        return request.model_copy(update={"settings": settings})

    def _settled(self, method: str) -> dict[str, Any]:
        if not issubclass(find_method(method).settings, TrainedSettings):
            return {}
        kinds = {head.kind for head in self.space.heads.values() if isinstance(head, TrainedHead)}
        kind = {"head": kinds.pop()} if len(kinds) == 1 else {}
        return {**kind, "whitening": self.recipe.settings.get("whitening")}

    def check(self, settings: Any, data: Dataset) -> None:
        """Refuse heads that are not for the embeddings at hand, or not of the kind asked for.

        Raises
        ------
        WorkbenchError
        """
        widths = {view: each.embeddings.shape[1] for view, each in data.views.items()}
        check_start(self.space, settings, widths)
        for view, each in data.views.items():
            difference = card_difference(self.recipe.encoders.get(view, {}), each.card)
            if difference:
                raise WorkbenchError(
                    f"The training cannot start from “{self.name}”: its {view} head is for another "
                    f"encoder than the one chosen ({difference}). Choose that one on the Encode "
                    "page, or start from another run."
                )

    def told(self, data: Dataset, split: SplitSettings) -> Job[StartedFrom]:
        """Return what a recipe says of the start, and warn of what the heads may have seen."""
        same = self.recipe.data_fingerprint == data.fingerprint and not (
            self.recipe.trained_elsewhere
            or (self.recipe.started_from is not None and self.recipe.started_from.other_pairs)
        )
        other = not (same and _nothing_new_is_held_out(self.recipe.split, split))
        if other:
            yield Notice(
                f"The run “{self.name}” was trained with other pairs, or with pairs divided "
                "otherwise. Where pairs that are held out here were among them, what is measured "
                "tells too much.",
                "warning",
            )
        fingerprint = self.space.fingerprint()
        return StartedFrom(run=self.name, heads=fingerprint, other_pairs=other)


def kept_start(run: Run, recipe: Recipe) -> AlignedSpace | None:
    """Return the heads that a run which goes on began with, as they are kept with it.

    Raises
    ------
    WorkbenchError
        They are missing, damaged, or others.
    """
    if recipe.started_from is None:
        return None
    space = run.start_space()
    if space.fingerprint() != recipe.started_from.heads:
        raise WorkbenchError(
            f"The run “{run.name}” cannot be resumed: the heads kept with it are not those that it "
            "started from. Align again."
        )
    return space


def start_in_words(recipe: Recipe) -> str:
    """Return from which heads a run began, in a sentence or two; empty where from none."""
    start = recipe.started_from
    if start is None:
        return ""
    seen = " They may have seen pairs that are held out here." if start.other_pairs else ""
    return f"Trained on from the heads of “{start.run}”.{seen}"


def _nothing_new_is_held_out(then: SplitSettings, now: SplitSettings) -> bool:
    """Whether no pair that is held out now can have been trained with then, of the same pairs."""
    if (then.seed, then.test) != (now.seed, now.test):
        return False
    return not now.validation or (then.validation, then.labels) == (now.validation, now.labels)


def _said(value: Any) -> str:
    return "none" if value is None else str(value)
