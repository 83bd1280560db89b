"""Entries of the registry: an encoder before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.encoders.encoder import Encoder
from workbench.media import Modality

MODEL_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
MODEL_SETTINGS = ("*.json", "*.txt", "*.model", "*.jinja")


@dataclass(frozen=True)
class Download:
    """What must be fetched before an encoder can be loaded.

    Attributes
    ----------
    repository : str
        On the model hub, such as ``"openai/whisper-base"``; empty for a plain address.
    weights : tuple of str
        File names of the weights, the preferred first: in each folder of the repository only the
        first that is there is fetched, in all its shards. Empty for a repository of which only a
        tokenizer is needed.
    settings : tuple of str
        Patterns of the small files beside them: configurations and tokenizers.
    url : str
        A plain address of one file, which torch's hub keeps; only without a repository.
    size : int or None
        Bytes, where known without asking.
    also : tuple of Download
        What comes from elsewhere, such as another repository's tokenizer.
    """

    repository: str = ""
    weights: tuple[str, ...] = MODEL_WEIGHTS
    settings: tuple[str, ...] = MODEL_SETTINGS
    url: str = ""
    size: int | None = None
    also: tuple["Download", ...] = ()


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
    width, parameters : int or None
        Length of its vectors, and how many numbers it has; None where not known beforehand.
    licence : str
        Of the weights; empty where not known beforehand.
    download : Download or callable or None
        What is fetched the first time, or a function that says so where that takes the import of a
        large library; None where nothing is, or the encoder sees to it alone.
    place : Path or None
        The file or folder of this machine that holds its weights.
    knows_words : bool
        Whether it may be a `ClassifyingEncoder` that can name its classes.
    """

    name: str
    modality: Modality
    title: str
    summary: str
    needs_download: bool
    factory: Callable[[str], Encoder]
    available: Callable[[], str | None]
    width: int | None = None
    parameters: int | None = None
    licence: str = ""
    download: Download | Callable[[], Download | None] | None = None
    place: Path | None = None
    knows_words: bool = False


def download_of(entry: EncoderEntry) -> Download | None:
    """Return what an entry's encoder fetches the first time.

    Raises
    ------
    WorkbenchError
        The library that loads it knows no such model.
    """
    return entry.download() if callable(entry.download) else entry.download


class MakesEntry(Protocol):
    """A function that makes the entry of a full name."""

    def __call__(self, name: str, modality: Modality, *, trust_code: bool = False) -> EncoderEntry:
        """Return the entry; raises `WorkbenchError` for a name that cannot be one."""
        ...


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
        ``entry(name, modality, trust_code=False)`` returns the entry; raises `WorkbenchError` for a
        name that cannot be a member. `trust_code` lets a model run program code of its own.
    """

    prefix: str
    modalities: tuple[Modality, ...]
    pattern: str
    entry: MakesEntry
