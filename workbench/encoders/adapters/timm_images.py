"""Image encoders of timm: DINOv2 and v3, SigLIP's towers, any model without its classifier."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.encoders.adapters.name_options import check_known, split_options
from workbench.encoders.card import EncoderCard
from workbench.encoders.class_words import ClassWords, imagenet_words
from workbench.encoders.encoder import (
    TransformedPicture,
    as_array,
    as_tensor,
    count_parameters,
    described,
)
from workbench.encoders.loading import loading
from workbench.encoders.networks import Network, network_of_pixels
from workbench.encoders.revision import hub_revision, package_version, weights_revision
from workbench.errors import WorkbenchError

PREFIX = "timm/"

_IMAGENET = re.compile(r"in\d+k")  # in1k, in12k, in21k, in22k_ft_in1k
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


class TimmImages:
    """A timm model without its classifier; vectors are its pooled features.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        A name of timm with or without its weights' tag (``"vit_small_patch14_dinov2.lvd142m"``),
        ``"hf-hub:ORGANISATION/REPOSITORY"``, or a folder with timm's ``config.json``.
    device : str
        A torch device.
    trust_code : bool
        Makes no difference: timm runs no code of a repository.

    Raises
    ------
    WorkbenchError
        The model is unknown, has no weights, or cannot be loaded.

    Notes
    -----
    Pictures are prepared as the model's own data configuration says. timm reads safetensors where
    there are any, else ``torch.load(weights_only=True)``, and numpy archives without pickled
    objects.
    """

    def __init__(
        self, name: str, model: str, device: str = "cpu", *, trust_code: bool = False
    ) -> None:
        model = check_name(name, model)
        local = Path(model).is_dir()
        with loading(name, local):
            import timm
            import torch

            place = f"local-dir:{model}" if local else model
            if not local and not model.startswith("hf-hub:"):
                _check_registered(model)
            network = timm.create_model(place, pretrained=True, num_classes=0)
            self._model = network.to(torch.float32).eval().requires_grad_(False).to(device)
            self._device = device
            self._place = place
            settings = timm.data.resolve_model_data_config(network)
            self._prepare = TransformedPicture(
                timm.data.create_transform(**settings, is_training=False)
            )
            sample = Image.new("RGB", (64, 64))
            width = int(self._vectors([self._prepare(sample)]).shape[1])
            origin = dict(network.pretrained_cfg)
        self.card = EncoderCard(
            name=name,
            modality="image",
            width=width,
            library=f"timm {package_version('timm')}",
            source=f"folder {model}" if local else f"timm {model}",
            revision=weights_revision(Path(model)) if local else _revision(origin),
            preprocessing=f"{described(self._prepare.transform)}; the model's own pooling",
            licence=origin.get("license") or "not stated: see the source",
            parameters=count_parameters(network),
        )

    @property
    def preparation(self) -> TransformedPicture:
        """The transform of the model's data configuration."""
        return self._prepare

    def encode(self, batch: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return one vector a picture, shape (len(batch), width)."""
        return self.encode_prepared([self._prepare(picture) for picture in batch])

    def encode_prepared(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector a prepared picture, shape (len(batch), width)."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors(batch)

    def network(self) -> Network:
        """Return the model without its classifier.

        Raises
        ------
        WorkbenchError
            It leaves pooling to others.
        """
        import timm

        sample = self._prepare(Image.new("RGB", (64, 64)))
        if self._model(as_tensor([sample], self._device)).ndim != 2:
            raise WorkbenchError(f"{self.card.name} does not pool its features itself")
        settings = timm.data.resolve_model_data_config(self._model)
        facts = {"shape": list(sample.shape), "channels": "RGB", "timm": settings}
        return network_of_pixels(self._model, self._prepare, {**facts, "values_from": [0, 1]})

    def class_words(self) -> ClassWords | None:
        """Return the classes of ImageNet that the weights were trained to tell apart, if any."""
        with loading(self.card.name, self._place.startswith("local-dir:")):
            import timm

            network = timm.create_model(self._place, pretrained=True).eval().requires_grad_(False)
            size = timm.data.resolve_model_data_config(network)["input_size"]
        return imagenet_words(network, self.encode_prepared, size)

    def _vectors(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            features = self._model(as_tensor(batch, self._device))
            if features.ndim == 4:  # a model that leaves pooling to others
                features = features.mean(dim=(2, 3))
            return as_array(features.flatten(1))


def check_name(name: str, model: str) -> str:
    """Check that what follows the prefix can be a model, without loading anything.

    Returns
    -------
    str
        The model, without options.

    Raises
    ------
    WorkbenchError
        It has options, or is neither one word nor ``hf-hub:…`` nor a folder.
    """
    check_known(name, split_options(name)[1], ())
    model = split_options(model)[0]
    if Path(model).is_dir():
        if not (Path(model) / "config.json").is_file():
            raise WorkbenchError(
                f"The folder {model} has no config.json, so it is not a timm model: name the "
                "folder that contains it."
            )
        return model
    if not model.startswith("hf-hub:") and ("/" in model or ":" in model):
        raise WorkbenchError(
            f"“{name}” is not a complete timm name: write {PREFIX}MODEL, such as "
            f"{PREFIX}vit_small_patch14_dinov2.lvd142m, or {PREFIX}hf-hub:ORGANISATION/REPOSITORY."
        )
    return model


def may_know_words(model: str) -> bool:
    """Whether a model may have a classifier of ImageNet's classes, as far as its name tells.

    Without a tag, in a folder or a repository of the hub, only loading it can tell.
    """
    tag = model.partition(".")[2] if not Path(model).is_dir() else ""
    return not tag or model.startswith("hf-hub:") or bool(_IMAGENET.search(tag))


def pretrained_names() -> list[str]:
    """Return the models of timm that have weights, as ``architecture.tag``."""
    import timm

    return [str(name) for name in timm.list_pretrained()]


def _check_registered(model: str) -> None:
    """Check a name against timm's own list before anything is downloaded."""
    import timm

    architecture = timm.models.split_model_name_tag(model)[0]
    if timm.is_model(architecture):
        known = timm.models.list_pretrained(f"{architecture}.*")
        if model in known or (known and model == architecture):
            return
        if known:
            raise WorkbenchError(
                f"timm has no weights “{model}”: choose among {_near(model, known)}."
            )
        raise WorkbenchError(
            f"timm knows {architecture}, but has no pretrained weights for it: choose among "
            f"{_near(model, pretrained_names())}."
        )
    near = _near(model, pretrained_names())
    raise WorkbenchError(f"timm has no model “{model}”: choose among {near}.")


def _near(wrong: str, names: list[str]) -> str:
    return ", ".join(difflib.get_close_matches(wrong, names, n=5, cutoff=0.0))


def _revision(origin: dict[str, Any]) -> str:
    """Return the commit of the weights on the hub, or the fingerprint of a file from elsewhere."""
    repository = str(origin.get("hf_hub_id") or "").partition("@")[0]
    for file in (origin.get("hf_hub_filename"), *_WEIGHTS):
        if repository and file:
            commit = hub_revision(repository, file)
            if commit != "unknown":
                return commit
    if origin.get("url"):
        import torch

        file = Path(torch.hub.get_dir()) / "checkpoints" / Path(origin["url"]).name
        if file.is_file():
            return weights_revision(file)
    return "unknown"
