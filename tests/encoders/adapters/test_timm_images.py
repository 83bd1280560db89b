import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.encoders import ClassifyingEncoder, find_encoder
from workbench.encoders.adapters.timm_images import (
    PREFIX,
    TimmImages,
    may_know_words,
    pretrained_names,
)
from workbench.encoders.class_words import imagenet_words
from workbench.encoders.encoder import PreparingEncoder
from workbench.errors import WorkbenchError


def save(place: Path, architecture: str, classes: int = 5, **arguments) -> Path:
    """Save a small random model with a classifier, as timm saves one."""
    import timm
    import torch

    torch.manual_seed(0)
    model = timm.create_model(architecture, num_classes=classes, **arguments)
    timm.models.save_for_hf(model, place, model_args=arguments, safe_serialization=True)
    return place


@pytest.fixture(scope="module")
def vit(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("tiny vit")
    return save(
        place, "vit_tiny_patch16_224", img_size=48, depth=2, embed_dim=32, num_heads=2, reg_tokens=1
    )


def pictures() -> list[Image.Image]:
    noise = np.random.default_rng(0)
    sizes = [(48, 48), (90, 40), (20, 64), (1, 1)]
    return [Image.fromarray(noise.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]


def bare(place: Path, picture: Image.Image) -> np.ndarray:
    """Return what timm itself gives, as its documentation does it."""
    import timm
    import torch

    model = timm.create_model(f"local-dir:{place}", pretrained=True, num_classes=0).eval()
    settings = timm.data.resolve_model_data_config(model)
    transform = timm.data.create_transform(**settings, is_training=False)
    with torch.inference_mode():
        return model(transform(picture)[None])[0].numpy()


def test_vectors_are_the_librarys(vit):
    encoder = TimmImages(f"{PREFIX}{vit}", str(vit))
    together = encoder.encode(pictures())
    assert together.shape == (4, 32)
    assert together.dtype == np.float32
    for picture, vector in zip(pictures(), together, strict=True):
        assert np.allclose(vector, bare(vit, picture), atol=1e-5)
    alone = np.concatenate([encoder.encode([picture]) for picture in pictures()])
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-3
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.encode_prepared([]).shape == (0, 32)


def test_prepared_elsewhere(vit):
    encoder = TimmImages(f"{PREFIX}{vit}", str(vit))
    assert isinstance(encoder, PreparingEncoder)
    packed = pickle.dumps(encoder.preparation)
    assert len(packed) < 10_000
    prepared = [pickle.loads(packed)(picture) for picture in pictures()]  # noqa: S301
    assert np.array_equal(encoder.encode_prepared(prepared), encoder.encode(pictures()))


def test_the_network_by_itself(vit, tmp_path):
    import torch

    encoder = TimmImages(f"{PREFIX}{vit}", str(vit))
    network = encoder.network()
    fed = network.prepare(pictures())
    found = network.module(torch.from_numpy(fed["pixels"])).numpy()
    np.testing.assert_allclose(found, encoder.encode(pictures()), atol=1e-5)
    network.save(tmp_path)
    told = json.loads((tmp_path / "preprocessing.json").read_text("utf-8"))
    assert told["shape"] == list(fed["pixels"].shape[1:])
    assert {"mean", "std", "interpolation"} <= set(told["timm"])


def test_card(vit):
    card = TimmImages(f"{PREFIX}{vit}", str(vit)).card
    assert (card.modality, card.width, card.dtype) == ("image", 32, "float32")
    assert card.revision.startswith("sha256:")
    assert card.library.startswith("timm ")
    assert "48" in card.preprocessing
    assert card.parameters is not None
    assert 20_000 < card.parameters < 60_000


def test_a_convolutional_model(tmp_path):
    save(tmp_path, "test_byobnet")
    encoder = TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))
    vectors = encoder.encode(pictures()[:2])
    assert vectors.ndim == 2
    assert np.allclose(vectors[1], bare(tmp_path, pictures()[1]), atol=1e-5)


def test_no_pickled_object_is_loaded(vit, tmp_path):
    import torch

    (tmp_path / "config.json").write_text((vit / "config.json").read_text())

    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"cls_token": Trap()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("vit_smal_patch14_dinov2.lvd142m", "no model .* choose among vit_small_patch14_dinov2"),
        ("vit_small_patch14_dinov2.lvd142", "no weights .* among vit_small_patch14_dinov2.lvd142m"),
        ("efficientnet_b8", "no pretrained weights"),
        ("facebook/dinov2", "not a complete timm name"),
        ("resnet18.a1_in1k@pool=cls", "has no option “pool”"),
    ],
)
def test_wrong_names(model, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        TimmImages(PREFIX + model, model)


def test_wrong_folders(vit, tmp_path):
    with pytest.raises(WorkbenchError, match=r"no config\.json"):
        TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"architecture": "no_such_net"}))
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))
    (tmp_path / "config.json").write_text((vit / "config.json").read_text())
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        TimmImages(f"{PREFIX}{tmp_path}", str(tmp_path))


def test_the_list_of_timm():
    names = pretrained_names()
    assert len(names) > 1000
    assert "vit_small_patch14_dinov2.lvd142m" in names


TINY = {"img_size": 48, "depth": 1, "embed_dim": 32, "num_heads": 2}


def test_classes_of_imagenet_have_names(tmp_path):
    import timm
    import torch

    place = save(tmp_path, "vit_tiny_patch16_224", 1000, **TINY)
    encoder = TimmImages(f"{PREFIX}{place}", str(place))
    assert isinstance(encoder, ClassifyingEncoder)
    known = encoder.class_words()
    assert known.weight.shape == (1000, 32)
    assert known.names[0].startswith("tench, Tinca tinca: freshwater")
    model = timm.create_model(f"local-dir:{place}", pretrained=True).eval()
    (picture,) = [encoder.preparation(picture) for picture in pictures()[:1]]
    with torch.inference_mode():
        logits = model(torch.from_numpy(picture)[None]).numpy()
    found = encoder.encode_prepared([picture]) @ known.weight.T + known.bias
    assert np.abs(found - logits).max() < 1e-4


@pytest.mark.parametrize(
    ("classes", "more"), [(5, {}), (1000, {"class_token": False, "global_pool": "map"})]
)
def test_other_classes_and_other_heads(tmp_path, classes, more):
    place = save(tmp_path, "vit_tiny_patch16_224", classes, **TINY, **more)
    known = TimmImages(f"{PREFIX}{place}", str(place)).class_words()
    assert (known is None) == (classes == 5)


def test_a_classifier_that_sees_something_else_has_no_words(vit):
    """Two vectors of an encoder's width may still not be what a classifier works on."""
    import timm

    torch_model = timm.create_model("vit_tiny_patch16_224", num_classes=1000, **TINY).eval()
    other = np.random.default_rng(0).normal(size=(2, 32)).astype(np.float32)
    assert imagenet_words(torch_model, lambda _: other, (3, 48, 48)) is None
    assert imagenet_words(torch_model, lambda _: other[:, :9], (3, 48, 48)) is None


@pytest.mark.parametrize(
    ("model", "may"),
    [
        ("resnet50.a1_in1k", True),
        ("vit_base_patch16_224.augreg2_in21k_ft_in1k", True),
        ("vit_small_patch14_dinov2.lvd142m", False),
        ("vit_base_patch16_siglip_224.webli", False),
        ("resnet50", True),
        ("hf-hub:someone/model.v2", True),
    ],
)
def test_a_name_tells_whether_there_may_be_words(model, may):
    assert may_know_words(model) == may
    if "hf-hub" not in model:
        assert find_encoder(f"timm/{model}", "image").knows_words == may
