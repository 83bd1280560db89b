"""What the Encode page must know, gathered in threads: encoders, caches, devices."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Progress
from workbench.media import MODALITIES, Modality

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.stations import CacheState


@dataclass(frozen=True)
class EncoderChoice(Event):
    """An encoder as the picker shows it.

    Attributes
    ----------
    name, title, summary : str
    needs_download : bool
    reason : str or None
        Why it cannot be used here.
    """

    name: str
    title: str
    summary: str
    needs_download: bool
    reason: str | None

    def remark(self) -> tuple[str, str]:
        """Say what using it takes: a role of the stylesheet, and words."""
        if self.reason:
            return "warning", f"Not usable here: {self.reason}"
        if self.needs_download:
            return "muted", "Its weights are downloaded the first time"
        return "good", "On this computer"


@dataclass(frozen=True)
class Caches:
    """Items and caches of a project.

    Attributes
    ----------
    items : dict of modality to int
    states : dict of modality to CacheState
    problems : dict of modality to str
        Why a cache cannot be read.
    """

    items: dict[Modality, int] = field(default_factory=dict)
    states: "dict[Modality, CacheState]" = field(default_factory=dict)
    problems: dict[Modality, str] = field(default_factory=dict)


def find_choices(control: Control) -> Job[dict[Modality, list[EncoderChoice]]]:
    """List the encoders of every modality; plug-ins are asked too, which can take a moment."""
    from workbench.encoders import list_encoders

    choices: dict[Modality, list[EncoderChoice]] = {}
    for number, modality in enumerate(MODALITIES):
        yield Progress(number, len(MODALITIES), "Looking for encoders")
        choices[modality] = [
            EncoderChoice(
                each.name, each.title, each.summary, each.needs_download, each.available()
            )
            for each in list_encoders(modality)
        ]
    return choices


def find_device(control: Control) -> Job[str]:
    """Say where encoders would compute: this is what brings torch."""
    from workbench.encoders import pick_device

    yield Progress(0, 1, "Looking for a GPU")
    return pick_device("auto")


def inspect_caches(project: "Project", control: Control) -> Job[Caches]:
    """Read how far the chosen encoders' caches are."""
    from workbench.stations import cache_state

    caches = Caches(items=dict(project.catalogue.counts()))
    for number, modality in enumerate(caches.items):
        yield Progress(number, len(caches.items), "Looking at embeddings")
        try:
            state = cache_state(project, modality)
        except WorkbenchError as error:
            caches.problems[modality] = str(error)
            continue
        if state is not None:
            caches.states[modality] = state
    return caches
