"""Every pretrained model that open_clip and timm list: made on demand, both import torch."""

from dataclasses import replace
from importlib.util import find_spec

from workbench.encoders.adapters import open_clip, timm_images
from workbench.encoders.entry import EncoderEntry
from workbench.encoders.lists.catalogue import family_of_prefix
from workbench.media import Modality


def open_clip_entries() -> list[EncoderEntry]:
    """Return both towers of every model that open_clip lists; none where it is not installed."""
    if find_spec("open_clip") is None:
        return []
    family = family_of_prefix(open_clip.PREFIX)
    towers: tuple[Modality, ...] = ("image", "text")
    return [
        replace(
            family.entry(f"{open_clip.PREFIX}{architecture}/{tag}", modality),
            title=f"{architecture} {tag} ({modality})",
            summary="A model of open_clip.",
            width=open_clip.facts_of(architecture, tag)["width"],
        )
        for modality in towers
        for architecture, tag in open_clip.pretrained_names()
    ]


def timm_entries() -> list[EncoderEntry]:
    """Return every model for which timm has weights; none where it is not installed."""
    if find_spec("timm") is None:
        return []
    import timm

    family = family_of_prefix(timm_images.PREFIX)
    entries = []
    for name in timm_images.pretrained_names():
        entry = family.entry(f"{timm_images.PREFIX}{name}", "image")
        licence = getattr(timm.get_pretrained_cfg(name), "license", None) or ""
        entries.append(replace(entry, summary="A model of timm.", licence=licence))
    return entries
