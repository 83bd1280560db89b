"""The entries of the encoders worth knowing: their rows, made as their families make any."""

from dataclasses import replace

from workbench.encoders.entry import Download, EncoderEntry
from workbench.encoders.lists.catalogue import family_of_prefix
from workbench.encoders.lists.known_models import CLIPS, SPEECH, TEXTS, TIMM, Clip, Known
from workbench.encoders.lists.library_downloads import (
    OPEN_CLIP_WEIGHTS,
    of_sentence_transformers,
    tokenizer_of,
)
from workbench.media import Modality


def _tower(clip: Clip, modality: Modality) -> EncoderEntry:
    """Return the entry of one tower; the file holds both, a text tower may need a tokenizer."""
    text = modality == "text"
    also = (tokenizer_of(clip.tokenizer),) if text and clip.tokenizer else ()
    return replace(
        _entry("open_clip", clip.name, modality),
        title=f"{clip.title} ({modality})",
        summary=f"{clip.about}; {clip.width} wide.",
        width=clip.width,
        parameters=clip.text if text else clip.image,
        licence=clip.licence,
        download=Download(
            clip.repository, OPEN_CLIP_WEIGHTS, settings=(), size=clip.size, also=also
        ),
    )


def _listed(family: str, known: Known, modality: Modality, download: Download) -> EncoderEntry:
    return replace(
        _entry(family, known.name, modality),
        title=known.title,
        summary=f"{known.about}; {known.width} wide.",
        width=known.width,
        parameters=known.parameters,
        licence=known.licence,
        download=replace(download, size=known.size),
    )


def _entry(family: str, name: str, modality: Modality) -> EncoderEntry:
    """Return the entry as the family makes it for anyone who types the name."""
    return family_of_prefix(f"{family}/").entry(f"{family}/{name}", modality)


WELL_KNOWN: tuple[EncoderEntry, ...] = (
    *(_tower(clip, "image") for clip in CLIPS),
    *(
        _listed("timm", known, "image", Download(f"timm/{known.name}", settings=()))
        for known in TIMM
    ),
    *(
        _listed(
            "sentence-transformers", known, "text", of_sentence_transformers(known.name, "text")
        )
        for known in TEXTS
    ),
    *(_tower(clip, "text") for clip in CLIPS),
    *(_listed("transformers-speech", known, "speech", Download(known.name)) for known in SPEECH),
)
