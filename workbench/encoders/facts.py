"""What a list shows of an encoder: ordinary values, found without loading anything."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from workbench import words
from workbench.encoders.downloading.hub_cache import bytes_here, files_here
from workbench.encoders.entry import EncoderEntry, download_of
from workbench.errors import WorkbenchError
from workbench.media import Modality

State = Literal["bundled", "here", "downloaded", "download", "unusable"]

_MOST_FILES = 10_000
"""Files counted for the size of a model's folder; whoever names a whole disk must not wait."""

FAMILY_WORDS = (
    "bundled",
    "open_clip",
    "timm",
    "sentence-transformers",
    "transformers-speech",
    "transformers-image",
    "transformers-text",
    "precomputed",
)


@dataclass(frozen=True)
class EncoderFacts:
    """An encoder as a list shows it.

    Attributes
    ----------
    name, modality, title, summary : str
        As in its `EncoderEntry`.
    family : str
        What runs it: ``"open_clip"``, ``"timm"`` and so on, ``"bundled"`` or ``"plug-in"``.
    width, parameters : int or None
        Length of its vectors, and how many numbers it has, where known.
    bytes : int or None
        On disk where it is on this machine, else what a download takes, where known.
    licence : str
        Of the weights; empty where not known.
    state : {"bundled", "here", "downloaded", "download", "unusable"}
        Weights installed as a package; in a folder of this machine (or computed); in the cache of a
        hub; still to be downloaded; or it cannot be used.
    reason : str
        Why it cannot be used and what to do; empty otherwise.
    """

    name: str
    modality: Modality
    title: str
    summary: str
    family: str
    width: int | None
    parameters: int | None
    bytes: int | None
    licence: str
    state: State
    reason: str = ""

    @property
    def state_in_words(self) -> str:
        """The state for people: ``"needs download (605 MB)"``."""
        if self.state == "unusable":
            return f"not usable: {self.reason}"
        if self.state == "download":
            size = f" ({words.size(self.bytes)})" if self.bytes else ""
            return f"needs download{size}"
        return "on this machine" if self.state == "here" else self.state


def facts_of(entry: EncoderEntry) -> EncoderFacts:
    """Return what is known of an encoder on this machine now.

    Quick for everything that a list offers, and without the network: whether weights are here is
    read from the folders of the hub's cache. For a name of open_clip or timm that no list had, the
    library is imported to learn where its weights come from: then it takes seconds.
    """
    reason = why_not(entry)
    state: State = "unusable"
    size = None
    try:
        state, size = _state_and_bytes(entry, usable=not reason)
    except WorkbenchError as error:
        reason = reason or str(error)
    return EncoderFacts(
        name=entry.name,
        modality=entry.modality,
        title=entry.title,
        summary=entry.summary,
        family=family_of(entry.name),
        width=entry.width,
        parameters=entry.parameters,
        bytes=size,
        licence=entry.licence,
        state="unusable" if reason else state,
        reason=reason,
    )


def family_of(name: str) -> str:
    """Return what runs an encoder of that name, ``"plug-in"`` where it is none of ours."""
    word = name.partition("/")[0]
    return word if word in FAMILY_WORDS and "/" in name else "plug-in"


def why_not(entry: EncoderEntry) -> str:
    """Return why an encoder cannot be used, empty where it can."""
    try:
        return entry.available() or ""
    except Exception as error:  # whatever a plug-in's own code raises
        return f"its plug-in is broken ({type(error).__name__}: {error}); update or remove it"


def _state_and_bytes(entry: EncoderEntry, usable: bool) -> tuple[State, int | None]:
    if not entry.needs_download:
        state: State = "bundled" if family_of(entry.name) == "bundled" else "here"
        return state, _bytes_at(entry.place)
    if callable(entry.download) and not usable:
        return "download", None  # the library that could tell is not installed
    download = download_of(entry)
    if download is None:
        return "download", None
    here = files_here(download)
    return ("download", download.size) if here is None else ("downloaded", bytes_here(here))


def _bytes_at(place: Path | None) -> int | None:
    """Return the size of a file, or of the files in a folder."""
    if place is None:
        return None
    try:
        files = [place] if place.is_file() else islice(place.rglob("*"), _MOST_FILES)
        return bytes_here([file for file in files if file.is_file()])
    except OSError:
        return None
