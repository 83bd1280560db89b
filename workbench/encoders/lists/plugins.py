"""Encoders that other packages add through the entry points ``gera_workbench.encoders``.

An entry point names an `EncoderEntry`, a list of them, or a function that returns either.
"""

from functools import lru_cache
from importlib import metadata
from typing import Any, get_args

from workbench.encoders.entry import EncoderEntry
from workbench.media import Modality

GROUP = "gera_workbench.encoders"


def plugin_entries() -> list[EncoderEntry]:
    """Return the entries of all plug-ins that could be loaded."""
    return list(_load()[0])


def plugin_problems() -> list[str]:
    """Return a sentence for each plug-in that could not be loaded."""
    return list(_load()[1])


@lru_cache(maxsize=1)
def _load() -> tuple[tuple[EncoderEntry, ...], tuple[str, ...]]:
    """Load every plug-in once; a broken one must not take the program with it."""
    entries: list[EncoderEntry] = []
    problems: list[str] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        try:
            entries.extend(_entries_in(point.load()))
        except Exception as error:  # whatever foreign code raises
            problems.append(
                f"The encoder plug-in {point.name} ({point.value}) could not be loaded "
                f"({type(error).__name__}: {error}): update or remove its package."
            )
    return tuple(entries), tuple(problems)


def _entries_in(offer: Any) -> list[EncoderEntry]:
    if callable(offer):
        offer = offer()
    entries = [offer] if isinstance(offer, EncoderEntry) else list(offer)
    if not all(isinstance(entry, EncoderEntry) for entry in entries):
        raise TypeError("it provides something that is not an EncoderEntry")
    for entry in entries:
        if entry.modality not in get_args(Modality):
            raise ValueError(f"{entry.name} encodes “{entry.modality}”, not image, text or speech")
    return entries
