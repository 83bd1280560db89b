"""Entries of the registry: an encoder before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.encoders.encoder import Encoder
from workbench.media import Modality


@dataclass(frozen=True)
class EncoderEntry:
    """An encoder that can be chosen.

    Attributes
    ----------
    name : str
        What the user types; unique together with the modality.
    modality : {"image", "text", "speech"}
        What it encodes.
    title, summary : str
        For lists: a short name, and a sentence.
    needs_download : bool
        Whether its weights come over the network the first time.
    factory : callable
        ``factory(device)`` loads it; raises `WorkbenchError`.
    available : callable
        Returns None, or why it cannot be used on this machine (half a sentence and what to do).
        Quick: it loads nothing.
    """

    name: str
    modality: Modality
    title: str
    summary: str
    needs_download: bool
    factory: Callable[[str], Encoder]
    available: Callable[[], str | None]


@dataclass(frozen=True)
class EncoderFamily:
    """Open-ended names under one prefix, such as all of open_clip's.

    Attributes
    ----------
    prefix : str
        With the closing slash.
    modalities : tuple of str
        What its members encode.
    pattern : str
        How a full name looks, for people.
    entry : callable
        ``entry(name, modality)`` returns the entry; raises `WorkbenchError` for a name that cannot
        be a member.
    """

    prefix: str
    modalities: tuple[Modality, ...]
    pattern: str
    entry: Callable[[str, Modality], EncoderEntry]
