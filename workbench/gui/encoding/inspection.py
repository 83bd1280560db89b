"""What the Encode page must know: encoders and devices from another process, caches in a thread."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Event, Job, Progress
from workbench.media import MODALITIES, Modality

if TYPE_CHECKING:
    from workbench.encoders import EncoderFacts
    from workbench.project import Project
    from workbench.stations import CacheState, EncodeReport, EncodeRequest, Problem

T = TypeVar("T")

_NICENESS = 10

MOST_PROBLEMS = 10_000
"""So many items that could not be encoded are shown: more would only fill the memory."""


@dataclass(frozen=True)
class Encoders(Event):
    """The encoders of every modality.

    Attributes
    ----------
    facts : dict of modality to list of EncoderFacts
    problems : list of str
        A sentence for each plug-in that could not be loaded.
    """

    facts: "dict[Modality, list[EncoderFacts]]" = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Device:
    """A device that encoders can compute on: torch's name, and one for people."""

    name: str
    title: str


@dataclass(frozen=True)
class LookedUp:
    """What was found of an encoder that the user picked.

    Attributes
    ----------
    name : str
    facts : EncoderFacts or None
        None where there is no such encoder.
    missing : int or None
        Bytes to download, 0 for none; None where nobody knows.
    problem : str
        Why it is not known, or cannot be had now; empty otherwise.
    """

    name: str
    facts: "EncoderFacts | None" = None
    missing: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Caches:
    """Items and embeddings of a project.

    Attributes
    ----------
    items : dict of modality to int
    chosen : dict of modality to str
        The project's encoders.
    states : list of CacheState
    broken : list of (Path, str)
        Files that cannot be read or are not used, and why.
    """

    items: dict[Modality, int] = field(default_factory=dict)
    chosen: dict[Modality, str] = field(default_factory=dict)
    states: "list[CacheState]" = field(default_factory=list)
    broken: list[tuple[Path, str]] = field(default_factory=list)

    def of(self, modality: Modality) -> "list[CacheState]":
        """Return the states of a modality's caches."""
        return [state for state in self.states if state.modality == modality]

    def state(self, modality: Modality, encoder: str | None = None) -> "CacheState | None":
        """Return the state of an encoder's cache, by default the project's choice."""
        name = encoder or self.chosen.get(modality)
        return next((state for state in self.of(modality) if state.encoder == name), None)

    def broken_of(self, modality: Modality) -> list[tuple[Path, str]]:
        """Return the broken files that bear a modality's name."""
        return [(path, why) for path, why in self.broken if path.name.startswith(f"{modality}--")]


# --- in another process: these import plug-ins and model libraries -------------------------------


def look_around(control: Control) -> Job[list[Device]]:
    """Tell which encoders there are, then return the devices: the latter brings torch."""
    yield Progress(0, 0, "Looking for encoders")
    yield (yield from _until_stopped(_list_encoders, control)) or Encoders()
    yield Progress(0, 0, "Looking for a GPU")
    return (yield from _until_stopped(_list_devices, control)) or []


def find_everything(control: Control) -> Job[Encoders]:
    """Return every model that open_clip and timm know, beside those of the short list."""
    yield Progress(0, 0, "Asking open_clip and timm")
    return (yield from _until_stopped(lambda: _list_encoders(True), control)) or Encoders()


def look_up(name: str, modality: Modality, control: Control) -> Job[LookedUp]:
    """Return what is known of an encoder, and how much of it is still to be downloaded."""
    yield Progress(0, 0, f"Looking for {name}")
    return (yield from _until_stopped(lambda: _look_up(name, modality), control)) or LookedUp(name)


def fetch_and_encode(
    project: "Project", request: "EncodeRequest", control: Control
) -> "Job[EncodeReport]":
    """Encode; a download that comes before tells its progress in bytes.

    Yields
    ------
    Transfer, Progress, Notice
    """
    from workbench.encoders import facts_of, find_encoder
    from workbench.stations import EncodeReport, encode, fetch_encoder

    _give_way()
    name = request.encoder or project.encoder(request.modality)
    if facts_of(find_encoder(name, request.modality)).state == "download":
        yield from fetch_encoder(name, request.modality, control)
        if control.stopping:
            return EncodeReport(request.modality, name)
    return (yield from encode(project, request, control))


def _list_encoders(everything: bool = False) -> Encoders:
    from workbench.encoders import describe_encoders, plugin_problems

    found: dict[Modality, list[EncoderFacts]] = {modality: [] for modality in MODALITIES}
    for facts in describe_encoders(everything=everything):
        found[facts.modality].append(facts)
    return Encoders(found, plugin_problems())


def _list_devices() -> list[Device]:
    from workbench.encoders import describe_device, pick_device

    found = [Device("auto", describe_device(pick_device())), Device("cpu", describe_device("cpu"))]
    for wish in ("mps", "cuda", *(f"cuda:{number}" for number in range(1, 64))):
        try:
            found.append(Device(wish, describe_device(pick_device(wish))))
        except WorkbenchError:  # this machine has none such
            if wish != "mps":
                break
    return found


def _look_up(name: str, modality: Modality) -> LookedUp:
    from workbench.encoders import download_size, facts_of, find_encoder

    try:
        entry = find_encoder(name, modality)
    except WorkbenchError as error:
        return LookedUp(name, problem=str(error))
    facts = facts_of(entry)
    if facts.state != "download":
        return LookedUp(name, facts, 0)
    try:
        return LookedUp(name, facts, download_size(entry))
    except WorkbenchError as error:
        return LookedUp(name, facts, None, str(error))


def _until_stopped(work: Callable[[], T], control: Control) -> Job[T | None]:
    """Do something that cannot be interrupted; after a stop nobody waits for it."""
    yield from ()
    _give_way()
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive() and not control.stopping:
        thread.join(0.05)
    if failures:
        raise failures[0]
    return results[0] if results else None


def _give_way() -> None:
    """Let the window's process have the cores first: it needs them shortly, but then at once."""
    if multiprocessing.parent_process() is not None and hasattr(os, "nice"):
        os.nice(_NICENESS - os.nice(0))


# --- in a thread: SQLite and HDF5 ----------------------------------------------------------------


def inspect_caches(project: "Project", control: Control) -> Job[Caches]:
    """Read how far every cache of the project is."""
    from workbench.stations import list_caches

    yield Progress(0, 0, "Looking at embeddings")
    items, chosen = project.catalogue.counts(), project.settings.encoders
    if not items:
        return Caches(chosen=dict(chosen))
    states, broken = list_caches(project)
    return Caches(dict(items), dict(chosen), states, broken)


def read_problems(
    project: "Project", modality: Modality, encoder: str, control: Control
) -> "Job[list[Problem]]":
    """Read which items an encoder could not take; no more than `MOST_PROBLEMS`."""
    from workbench.stations import list_problems

    yield Progress(0, 0, "Reading what could not be encoded")
    return list_problems(project, modality, encoder)[:MOST_PROBLEMS]


def remove_cache(
    project: "Project", modality: Modality, encoder: str, control: Control
) -> Job[int]:
    """Delete an encoder's embeddings; return how many bytes are free again."""
    from workbench.stations import delete_cache

    yield Progress(0, 0, "Deleting embeddings")
    return delete_cache(project, modality, encoder)
