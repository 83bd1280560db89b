"""All encoders one can choose: the bundled, the well known, open-ended names, and plug-ins."""

import difflib
from collections.abc import Iterator

from workbench.encoders.catalogue import BUNDLED, FAMILIES, WELL_KNOWN
from workbench.encoders.device import pick_device
from workbench.encoders.encoder import Encoder
from workbench.encoders.entry import EncoderEntry
from workbench.encoders.plugins import plugin_entries, plugin_problems
from workbench.errors import WorkbenchError
from workbench.media import Modality


def list_encoders(modality: Modality | None = None) -> list[EncoderEntry]:
    """Return what a list offers: bundled encoders first, then plug-ins, then well-known names.

    Parameters
    ----------
    modality : {"image", "text", "speech"}, optional
        Only these; None for all.
    """
    return [e for e in _all_entries() if modality is None or e.modality == modality]


def find_encoder(name: str, modality: Modality) -> EncoderEntry:
    """Return the entry of a name, listed or open-ended.

    Parameters
    ----------
    name : str
        ``"bundled/minilm-l6"``, ``"open_clip/ViT-B-32/laion2b_s34b_b79k"``,
        ``"sentence-transformers/all-MiniLM-L6-v2"``, ``"transformers-speech/openai/whisper-base"``,
        with a folder's absolute path after the prefix for local weights, or a plug-in's name.
    modality : {"image", "text", "speech"}
        What it is to encode; it decides between the two towers of open_clip.

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
                return family.entry(name, modality)
            others = list(family.modalities)
    if others:
        raise WorkbenchError(
            f"The encoder {name} encodes {' and '.join(others)}, not {modality}: choose one for "
            f"{modality}, such as {_example(modality)}."
        )
    raise WorkbenchError(_unknown(name, modality, entries))


def load_encoder(name: str, modality: Modality, device: str = "auto") -> Encoder:
    """Load an encoder, downloading its weights where they are not on this machine yet.

    Raises
    ------
    WorkbenchError
        The name or the device is unknown, or the encoder cannot be used or loaded.
    """
    entry = find_encoder(name, modality)
    reason = entry.available()
    if reason is not None:
        raise WorkbenchError(f"The encoder {entry.name} cannot be used: {reason}.")
    return entry.factory(pick_device(device))


def _all_entries() -> Iterator[EncoderEntry]:
    yield from BUNDLED
    yield from plugin_entries()
    yield from WELL_KNOWN


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
