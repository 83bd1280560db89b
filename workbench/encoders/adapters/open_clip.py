"""The image and the text tower of open_clip models: from its catalogue, the hub or a folder."""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import (
    TransformedPicture,
    as_array,
    as_tensor,
    count_longer,
    count_parameters,
    described,
)
from workbench.encoders.loading import loading
from workbench.encoders.revision import (
    commit_in_path,
    hub_revision,
    package_version,
    weights_revision,
)
from workbench.errors import WorkbenchError

PREFIX = "open_clip/"


class OpenClipTower:
    """One tower of an open_clip model; the other is dropped after loading.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        ``"ViT-B-32/laion2b_s34b_b79k"`` (architecture and weights of the catalogue),
        ``"hf-hub:ORGANISATION/REPOSITORY"``, or a folder with ``open_clip_config.json``.
    modality : {"image", "text"}
        Which tower.
    device : str
        A torch device.
    trust_code : bool
        Makes no difference: open_clip runs no code of a repository.

    Raises
    ------
    WorkbenchError
        The model is unknown or cannot be loaded.
    """

    def __new__(
        cls, name: str, model: str, modality: Literal["image", "text"], *rest: Any, **options: Any
    ) -> "OpenClipTower":
        """Make an image tower one whose pictures can be prepared ahead."""
        return super().__new__(_ImageTower if modality == "image" else cls)

    def __init__(
        self,
        name: str,
        model: str,
        modality: Literal["image", "text"],
        device: str = "cpu",
        *,
        trust_code: bool = False,
    ) -> None:
        architecture, weights, local = _place(name, model)
        with loading(name, local):
            import open_clip

            revision = _revision(architecture, weights)
            clip, _, transform = open_clip.create_model_and_transforms(
                architecture,
                pretrained=weights,
                precision="fp32",
                device="cpu",
                weights_only=True,
                pretrained_text=False,
                require_pretrained=True,
            )
            self._prepare: Any = (
                TransformedPicture(transform)
                if modality == "image"
                else open_clip.get_tokenizer(architecture)
            )
            parameters = drop_other_tower(clip, modality)
            self._model = clip.eval().requires_grad_(False).to(device)
            self._device = device
            width = int(self._vectors(self._sample()).shape[1])
        self.card = EncoderCard(
            name=name,
            modality=modality,
            width=width,
            library=f"open_clip_torch {package_version('open_clip_torch')}",
            source=f"folder {model}" if local else f"open_clip {model}",
            revision=revision,
            preprocessing=self._described(),
            parameters=parameters,
        )

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector a picture or text, shape (len(batch), width), not normalised."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors(batch)

    @property
    def longest(self) -> int:
        """Tokens of a text that the model reads, those of its ends included."""
        return int(getattr(self._prepare, "context_length", None) or sys.maxsize)

    def count_longer(self, batch: Sequence[str]) -> int:
        """Return how many texts are longer than the model reads."""
        theirs = getattr(self._prepare, "tokenizer", None)  # of models with one of transformers
        if callable(theirs):
            return count_longer(theirs, batch, self.longest)
        long = (text for text in batch if len(text.encode("utf-8", "replace")) >= self.longest - 2)
        return sum(len(self._prepare.encode(text)) > self.longest - 2 for text in long)

    def _sample(self) -> list[Any]:
        return ["width"]

    def _described(self) -> str:
        length = getattr(self._prepare, "context_length", None)
        return f"{type(self._prepare).__name__}, {length} tokens"

    def _vectors(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            tokens = self._prepare(list(batch)).to(self._device)
            # CoCa normalises unless told not to
            return as_array(self._model.encode_text(tokens, normalize=False))


class _ImageTower(OpenClipTower):
    """The image tower; its pictures can be prepared ahead."""

    @property
    def preparation(self) -> TransformedPicture:
        """The model's own transform of a picture."""
        prepare: TransformedPicture = self._prepare
        return prepare

    def encode_prepared(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector a prepared picture, shape (len(batch), width), not normalised."""
        import torch

        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        with torch.inference_mode():
            pixels = as_tensor(batch, self._device)
            return as_array(self._model.encode_image(pixels, normalize=False))

    def _sample(self) -> list[Any]:
        from PIL import Image

        return [Image.new("RGB", (64, 64))]

    def _described(self) -> str:
        return described(self._prepare.transform)

    def _vectors(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        return self.encode_prepared([self._prepare(picture) for picture in batch])


def pretrained_names() -> list[tuple[str, str]]:
    """Return open_clip's catalogue: (architecture, weights) pairs."""
    import open_clip

    return [(str(architecture), str(tag)) for architecture, tag in open_clip.list_pretrained()]


def facts_of(architecture: str, tag: str) -> dict[str, Any]:
    """Return what open_clip's catalogue tells of a model, without loading anything.

    Returns
    -------
    dict
        ``"width"`` of its vectors; ``"repository"`` on the hub and ``"files"``, the names that the
        weights may have there, in the order in which they are looked for; ``"url"`` of the weights
        outside the hub. None, or no files, where the catalogue does not tell.

    Raises
    ------
    WorkbenchError
        The catalogue has no such model; near names are given.
    """
    import open_clip

    config = open_clip.get_pretrained_cfg(architecture, tag)
    if not config:
        raise WorkbenchError(_unknown(architecture, tag))
    repository, _, file = (config.get("hf_hub") or "").rpartition("/")
    model = open_clip.get_model_config(architecture) or {}
    return {
        "width": model.get("embed_dim"),
        "repository": repository or None,
        "files": _weight_files(file) if repository else [],
        "url": config.get("url") or None,
    }


def _weight_files(file: str) -> list[str]:
    """Return the names under which open_clip looks for weights: safetensors first."""
    if not file:
        return ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]
    place = Path(file)
    twin = place.suffix in (".bin", ".pth")
    return [place.with_suffix(".safetensors").name, file] if twin else [file]


def check_name(name: str, model: str) -> None:
    """Check that what follows the prefix can be a model, without loading anything.

    Raises
    ------
    WorkbenchError
        It is neither ``ARCHITECTURE/WEIGHTS`` nor ``hf-hub:…`` nor a folder.
    """
    architecture, _, weights = model.partition("/")
    if Path(model).is_dir() or model.startswith("hf-hub:") or (architecture and weights):
        return
    raise WorkbenchError(
        f"“{name}” is not a complete open_clip name: write {PREFIX}ARCHITECTURE/WEIGHTS, such as "
        f"{PREFIX}ViT-B-32/laion2b_s34b_b79k."
    )


def _place(name: str, model: str) -> tuple[str, str | None, bool]:
    """Return open_clip's model name, its weights' tag, and whether it is a local folder."""
    check_name(name, model)
    if Path(model).is_dir():
        if not (Path(model) / "open_clip_config.json").is_file():
            raise WorkbenchError(
                f"The folder {model} has no open_clip_config.json, so it is not an open_clip "
                "model: name the folder that contains it."
            )
        return f"local-dir:{model}", None, True
    if model.startswith("hf-hub:"):
        return model, None, False
    architecture, _, weights = model.partition("/")
    return architecture, weights, False


def _revision(architecture: str, weights: str | None) -> str:
    """Fetch the weights if need be, and say which they are."""
    import open_clip

    if architecture.startswith("local-dir:"):
        return weights_revision(Path(architecture.removeprefix("local-dir:")))
    if weights is None:
        return hub_revision(architecture.removeprefix("hf-hub:"), "open_clip_config.json")
    config = open_clip.get_pretrained_cfg(architecture, weights)
    if not config:
        raise WorkbenchError(_unknown(architecture, weights))
    file = open_clip.download_pretrained(config)
    commit = commit_in_path(file)
    return commit if commit != "unknown" else weights_revision(Path(file))


def _unknown(architecture: str, weights: str) -> str:
    """Say which part of a catalogue name is unknown, and what is near it."""
    import open_clip

    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if tags:
        near = ", ".join(difflib.get_close_matches(weights, tags, n=5, cutoff=0.0))
        return f"open_clip has no weights “{weights}” for {architecture}: choose among {near}."
    known = sorted({model for model, _ in open_clip.list_pretrained()})
    near = ", ".join(difflib.get_close_matches(architecture, known, n=5, cutoff=0.0))
    return f"open_clip has no pretrained architecture “{architecture}”: choose among {near}."


def drop_other_tower(clip: Any, modality: str) -> int:
    """Free what the tower does not use; return how many parameters the tower has."""
    image = count_parameters(clip.visual)
    others = ("text", "transformer", "token_embedding", "ln_final")
    for part in ("text_decoder", *(("visual",) if modality == "text" else others)):
        if hasattr(clip, part):
            setattr(clip, part, None)
    if modality == "image":
        return image
    scales = [name for name, _ in clip.named_parameters() if name.startswith("logit_")]
    return count_parameters(clip) - len(scales)
