"""All encoders one can choose: the bundled, the well known, open-ended names, and plug-ins."""

import difflib
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from workbench.encoders.device import pick_device
from workbench.encoders.downloading.download import is_here
from workbench.encoders.encoder import Encoder
from workbench.encoders.entry import EncoderEntry
from workbench.encoders.facts import EncoderFacts, facts_of, family_of, why_not
from workbench.encoders.lists.catalogue import BUNDLED, FAMILIES
from workbench.encoders.lists.library_catalogues import open_clip_entries, timm_entries
from workbench.encoders.lists.plugins import plugin_entries, plugin_problems
from workbench.encoders.lists.well_known import WELL_KNOWN
from workbench.encoders.loading import as_sentence
from workbench.encoders.precision import half_by_default, in_half_precision
from workbench.errors import WorkbenchError
from workbench.media import Modality

Precision = Literal["auto", "full", "half"]


def list_encoders(modality: Modality | None = None) -> list[EncoderEntry]:
    """Return what a list offers: bundled encoders first, then plug-ins, then well-known names.

    Parameters
    ----------
    modality : {"image", "text", "speech"}, optional
        Only these; None for all.
    """
    return [e for e in _all_entries() if modality is None or e.modality == modality]


def describe_encoders(
    modality: Modality | None = None, search: str = "", everything: bool = False
) -> list[EncoderFacts]:
    """Return what is known of the encoders on this machine, without loading any.

    Parameters
    ----------
    modality : {"image", "text", "speech"}, optional
        Only these; None for all.
    search : str
        Only those with all of its words in name, title, summary or family; upper and lower case
        are the same.
    everything : bool
        Also all models of open_clip and timm. Slow: it imports both.
    """
    entries = list_encoders(modality)
    if everything:
        listed = {(entry.name, entry.modality) for entry in entries}
        entries += [
            entry
            for entry in _library_entries()
            if (entry.name, entry.modality) not in listed
            and (modality is None or entry.modality == modality)
        ]
    words = search.casefold().split()
    facts = (facts_of(entry) for entry in entries if _matches(entry, words))
    return list(facts)


def find_encoder(name: str, modality: Modality, trust_code: bool = False) -> EncoderEntry:
    """Return the entry of a name, listed or open-ended.

    Parameters
    ----------
    name : str
        ``"bundled/minilm-l6"``, ``"open_clip/ViT-B-32/laion2b_s34b_b79k"``,
        ``"sentence-transformers/all-MiniLM-L6-v2"``, ``"transformers-speech/openai/whisper-base"``,
        with a folder's absolute path after the prefix for local weights, or a plug-in's name.
    modality : {"image", "text", "speech"}
        What it is to encode; it decides between the two towers of open_clip.
    trust_code : bool
        Let a model of an open-ended name run program code of its own.

    Raises
    ------
    WorkbenchError
        The name is unknown (near names are given) or encodes another modality.
    """
    name = name.strip()
    entries = list(_all_entries())
    for entry in entries:
        if entry.name == name and entry.modality == modality:
            return entry
    others = [entry.modality for entry in entries if entry.name == name]
    for family in FAMILIES:
        if name.startswith(family.prefix) and len(name) > len(family.prefix):
            if modality in family.modalities:
                return family.entry(name, modality, trust_code=trust_code)
            others = list(family.modalities)
    if others:
        raise WorkbenchError(
            f"The encoder {name} encodes {' and '.join(dict.fromkeys(others))}, not {modality}: "
            f"choose one for {modality}, such as {_example(modality)}."
        )
    raise WorkbenchError(_unknown(name, modality, entries))


def load_encoder(
    name: str,
    modality: Modality,
    device: str = "auto",
    *,
    trust_code: bool = False,
    precision: Precision = "auto",
    fetch: bool = True,
) -> Encoder:
    """Load an encoder, downloading its weights where they are not on this machine yet.

    Parameters
    ----------
    name, modality : str
        As for `find_encoder`.
    device : str
        As for `pick_device`.
    trust_code : bool
        Let a model that brings program code of its own run it.
    precision : {"auto", "full", "half"}
        Compute in float32, or in half precision where torch holds it to be safe; ``"auto"`` takes
        half on a GPU.
    fetch : bool
        Whether weights may be downloaded; not where it is a received project or export that names
        the encoder, and nobody has picked it here.

    Raises
    ------
    CodeRefused
        The model wants to run program code of its own, and `trust_code` is not given; none of it
        has been fetched or run.
    WorkbenchError
        The name, the device or the precision is unknown, or the encoder cannot be used or loaded,
        or is not here and may not be fetched.
    """
    if precision not in ("auto", "full", "half"):
        raise WorkbenchError(f"The precision “{precision}” is unknown: use auto, full or half.")
    entry = find_encoder(name, modality, trust_code)
    reason = why_not(entry)
    if reason:
        raise WorkbenchError(f"The encoder {entry.name} cannot be used: {reason}.")
    if not fetch and not is_here(entry):
        raise WorkbenchError(
            f"The encoder {entry.name} is not on this machine, and nothing is downloaded unasked. "
            f"Download it with “gera-workbench fetch {entry.name} {modality}” or on the Encode "
            "page, then try again."
        )
    place = pick_device(device)
    try:
        encoder = entry.factory(place)
    except WorkbenchError:
        raise
    except Exception as error:  # whatever a plug-in's own code raises
        raise as_sentence(entry.name, not entry.needs_download, error) from error
    if precision == "half" or (precision == "auto" and half_by_default(place)):
        return in_half_precision(encoder, place)
    return encoder


def _all_entries() -> Iterator[EncoderEntry]:
    yield from BUNDLED
    yield from plugin_entries()
    yield from WELL_KNOWN


@lru_cache(maxsize=1)
def _library_entries() -> tuple[EncoderEntry, ...]:
    """Return an entry for every pretrained model of the libraries that are installed."""
    entries: list[EncoderEntry] = []
    for make in (open_clip_entries, timm_entries):
        entries += make()
    return tuple(entries)


def _matches(entry: EncoderEntry, words: list[str]) -> bool:
    text = f"{entry.name} {entry.title} {entry.summary} {family_of(entry.name)}".casefold()
    return all(word in text for word in words)


def _example(modality: Modality) -> str:
    return next(entry.name for entry in (*BUNDLED, *WELL_KNOWN) if entry.modality == modality)


def _unknown(name: str, modality: Modality, entries: list[EncoderEntry]) -> str:
    """Say that a name is unknown, and which is near."""
    names = [entry.name for entry in entries if entry.modality == modality]
    by_lower = {known.lower(): known for known in names}
    near = [by_lower[n] for n in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.4)]
    patterns = [family.pattern for family in FAMILIES if modality in family.modalities]
    sentence = f"There is no {modality} encoder named “{name}”"
    sentence += f"; did you mean {' or '.join(near)}?" if near else "."
    sentence += f" Choose one of the list, or name one as {' or '.join(patterns)}."
    problems = plugin_problems()
    return " ".join([sentence, *problems])
