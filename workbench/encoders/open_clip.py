"""The image and the text tower of open_clip models: from its catalogue, the hub or a folder."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import as_array, count_parameters
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

    Raises
    ------
    WorkbenchError
        The model is unknown or cannot be loaded.
    """

    def __init__(
        self, name: str, model: str, modality: Literal["image", "text"], device: str = "cpu"
    ) -> None:
        architecture, weights, local = _place(name, model)
        with loading(name, local):
            import open_clip

            revision = _revision(architecture, weights)
            clip, _, self._transform = open_clip.create_model_and_transforms(
                architecture,
                pretrained=weights,
                precision="fp32",
                device="cpu",
                weights_only=True,
                pretrained_text=False,
                require_pretrained=True,
            )
            self._tokenize = open_clip.get_tokenizer(architecture) if modality == "text" else None
            parameters = _drop_other_tower(clip, modality)
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
            preprocessing=_described(self._transform if modality == "image" else self._tokenize),
            parameters=parameters,
        )

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector a picture or text, shape (len(batch), width), not normalised."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors(batch)

    def _sample(self) -> list[Any]:
        from PIL import Image

        return ["width"] if self._tokenize is not None else [Image.new("RGB", (64, 64))]

    def _vectors(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            if self._tokenize is not None:
                tokens = self._tokenize(list(batch)).to(self._device)
                return as_array(self._model.encode_text(tokens))
            pixels = torch.stack([self._transform(picture) for picture in batch])
            return as_array(self._model.encode_image(pixels.to(self._device)))


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
        f"“{name}” is no full open_clip name: write {PREFIX}ARCHITECTURE/WEIGHTS, such as "
        f"{PREFIX}ViT-B-32/laion2b_s34b_b79k."
    )


def _place(name: str, model: str) -> tuple[str, str | None, bool]:
    """Return open_clip's model name, its weights' tag, and whether it is a local folder."""
    check_name(name, model)
    if Path(model).is_dir():
        if not (Path(model) / "open_clip_config.json").is_file():
            raise WorkbenchError(
                f"The folder {model} has no open_clip_config.json, so it is no open_clip model: "
                "name the folder that holds it."
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


def _drop_other_tower(clip: Any, modality: str) -> int:
    """Free the tower that is not used; return the parameters of the one that is."""
    everything = count_parameters(clip)
    image = count_parameters(clip.visual)
    if modality == "text":
        clip.visual = None
        return everything - image - (1 if hasattr(clip, "logit_scale") else 0)
    for part in ("text", "transformer", "token_embedding", "ln_final"):
        if hasattr(clip, part):
            setattr(clip, part, None)
    return image


def _described(preparation: Any) -> str:
    """Return the image transform or the tokenizer in one line."""
    if hasattr(preparation, "transforms"):
        steps = [str(getattr(step, "__name__", step)) for step in preparation.transforms]
        return " ".join("; ".join(steps).split())
    length = getattr(preparation, "context_length", None)
    return f"{type(preparation).__name__}, {length} tokens"
