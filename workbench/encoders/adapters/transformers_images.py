"""Image encoders of the transformers library: DINOv2, ViT, SigLIP and others by `AutoModel`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.encoders.adapters import transformers_loading as shared
from workbench.encoders.adapters.name_options import (
    checked_layer,
    pool_and_layer,
    split_options,
)
from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import as_array, as_tensor, count_parameters
from workbench.encoders.loading import loading
from workbench.errors import WorkbenchError

PREFIX = "transformers-image/"
POOLS = ("cls", "mean", "pooler")

_CLASS_TOKENS = ("cls_token", "class_embedding", "class_token")
_SETTINGS = ("size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std")


@dataclass(frozen=True)
class ProcessedPicture:
    """The preparation of a picture by an image processor of transformers."""

    processor: Any

    def __call__(self, picture: Image.Image) -> NDArray[np.float32]:
        """Return the pixels as the model takes them, shape (3, height, width)."""
        values = self.processor(images=picture, return_tensors="pt")["pixel_values"]
        pixels: NDArray[np.float32] = values[0].numpy()
        return pixels


class TransformersImages:
    """An image encoder; vectors are read from its tokens or its pooler.

    Parameters
    ----------
    name : str
        As the user names it. Options at its end choose what is read: ``@layer=N`` the tokens after
        block N (0 is the input of the first, negative counts from the end) instead of the model's
        final output; ``@pool=cls`` the class token, ``@pool=mean`` the mean over the patches,
        ``@pool=pooler`` the model's own pooling, which for a network of two towers (CLIP, SigLIP)
        is its image embedding. By default that embedding, else the class token, else the model's
        own pooling, else the mean.
    model : str
        A hub repository (``"facebook/dinov2-small"``) or a folder.
    device : str
        A torch device.
    trust_code : bool
        Whether the model may run program code of its own.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded, reads no pictures, or has no such layer or pooling.
    """

    def __init__(
        self, name: str, model: str, device: str = "cpu", *, trust_code: bool = False
    ) -> None:
        pool, layer = check_name(name)
        model = split_options(model)[0]
        local = Path(model).is_dir()
        with loading(name, local):
            from transformers import AutoImageProcessor

            processor = AutoImageProcessor.from_pretrained(
                model, **shared.options_for(model, local, trust_code)
            )
            self._prepare = ProcessedPicture(processor)
            network, missing = shared.load_network(model, local, trust_code)
            self._two_towers = _keep_image_tower(name, network)
            self._network = network.to(device)
            self._device = device
            read = self._choose(name, pool, layer)
            shared.check_weights(name, network, missing, pooler=self._pool == "pooler")
            width = int(self._vectors([self._prepare(_sample())]).shape[1])
        self.card = EncoderCard(
            name=name,
            modality="image",
            width=width,
            library=shared.library_of(network),
            **shared.source_of(model, local),
            preprocessing=f"{_described(processor)}; {read}",
            parameters=count_parameters(network),
        )

    @property
    def preparation(self) -> ProcessedPicture:
        """The model's own image processor."""
        return self._prepare

    def encode(self, batch: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return one vector a picture, shape (len(batch), width)."""
        return self.encode_prepared([self._prepare(picture) for picture in batch])

    def encode_prepared(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector a prepared picture, shape (len(batch), width)."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors(batch)

    def _choose(self, name: str, pool: str | None, layer: int | None) -> str:
        """Settle which tokens are read, by a look at what the model gives; return it in words."""
        import torch

        tower = self._network.vision_model if self._two_towers else self._network
        with torch.inference_mode():
            pixels = as_tensor([self._prepare(_sample())], self._device)
            output = tower(pixel_values=pixels, output_hidden_states=True)
        has_class = shared.has_parameter(tower, *_CLASS_TOKENS)
        has_pooler = getattr(output, "pooler_output", None) is not None
        states = output.hidden_states or ()
        if layer is not None:
            layer = checked_layer(name, layer, len(states) - 1)
        if pool is None:
            if self._two_towers and layer is None:
                pool = "pooler"
            elif has_class:
                pool = "cls"
            else:
                pool = "pooler" if has_pooler and layer is None else "mean"
        if pool == "cls" and not has_class:
            raise WorkbenchError(f"The encoder {name} has no class token: choose @pool=mean.")
        if pool == "pooler" and not (has_pooler or self._two_towers):
            raise WorkbenchError(
                f"The encoder {name} has no pooler: choose @pool=mean{' or cls' * has_class}."
            )
        self._pool, self._layer = pool, layer
        self._before_patches = _tokens_before_patches(tower, has_class)
        of = "the final output" if layer is None else f"block {layer} of {len(states) - 1}"
        words = {
            "cls": f"class token of {of}",
            "mean": f"mean over the patches of {of}",
            "pooler": "image embedding" if self._two_towers else "the model's own pooling",
        }
        return words[pool]

    def _vectors(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        import torch

        groups: dict[tuple[int, ...], list[int]] = {}  # some processors leave pictures their shape
        for place, pixels in enumerate(batch):
            groups.setdefault(tuple(pixels.shape), []).append(place)
        parts, places = [], []
        with torch.inference_mode():
            for group in groups.values():
                pixels = as_tensor([batch[place] for place in group], self._device)
                parts.append(as_array(self._pooled(pixels)))
                places.extend(group)
        return np.concatenate(parts)[np.argsort(places)]

    def _pooled(self, pixels: Any) -> Any:
        """Run the network; return a (pictures, width) tensor."""
        if self._pool == "pooler":
            run = self._network.get_image_features if self._two_towers else self._network
            return run(pixel_values=pixels).pooler_output.flatten(1)
        tower = self._network.vision_model if self._two_towers else self._network
        output = tower(pixel_values=pixels, output_hidden_states=self._layer is not None)
        hidden = output.last_hidden_state
        if self._layer is not None:
            hidden = output.hidden_states[self._layer]
        if hidden.ndim == 4:  # feature maps of a convolutional network
            return hidden.float().mean(dim=(2, 3))
        if self._pool == "cls":
            return hidden[:, 0]
        return hidden[:, self._before_patches :].float().mean(dim=1)


def check_name(name: str, model: str = "") -> tuple[str | None, int | None]:
    """Return the pooling and the layer that a name asks for; see `pool_and_layer`."""
    return pool_and_layer(name, POOLS)


def _keep_image_tower(name: str, network: Any) -> bool:
    """Drop the text half of a network of two towers; return whether it is one."""
    if hasattr(network, "get_image_features") and hasattr(network, "vision_model"):
        for part in ("text_model", "text_projection"):
            if hasattr(network, part):
                setattr(network, part, None)
        return True
    if getattr(network, "main_input_name", "") != "pixel_values":
        raise WorkbenchError(
            f"The model {name} is of the kind “{network.config.model_type}”, which does not "
            "encode pictures by themselves: choose an image encoder, such as "
            "facebook/dinov2-small."
        )
    return False


def _tokens_before_patches(tower: Any, has_class: bool) -> int:
    """Return how many tokens of an image stand before its patches."""
    registers = int(getattr(tower.config, "num_register_tokens", 0) or 0)
    return has_class + shared.has_parameter(tower, "distillation_token") + registers


def _sample() -> Image.Image:
    return Image.new("RGB", (64, 64))


def _described(processor: Any) -> str:
    """Return an image processor in one line."""
    known = processor.to_dict()
    settings = [f"{key} {known[key]}" for key in _SETTINGS if known.get(key) is not None]
    return f"{type(processor).__name__}: {', '.join(settings)}"
