import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.encoders.adapters.transformers_images import PREFIX, TransformersImages
from workbench.encoders.encoder import PreparingEncoder
from workbench.errors import WorkbenchError

REAL_DINO = Path(__file__).resolve().parents[4] / "shared/models/dinov2-small"
TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "image_size": 32,
    "patch_size": 8,
}


def save(place: Path, network, half: bool = False) -> Path:
    """Save a small random network with an image processor, as transformers saves them."""
    from transformers import ViTImageProcessor

    (network.half() if half else network).save_pretrained(place)
    ViTImageProcessor(size={"height": 32, "width": 32}, image_mean=[0.4] * 3).save_pretrained(place)
    return place


def make(kind: str):
    import torch
    import transformers as t

    torch.manual_seed(0)
    if kind == "dino":
        return t.Dinov2Model(t.Dinov2Config(**TINY))
    if kind == "registers":
        return t.Dinov2WithRegistersModel(t.Dinov2WithRegistersConfig(**TINY))
    if kind == "vit":
        return t.ViTModel(t.ViTConfig(**TINY), add_pooling_layer=False)
    if kind == "siglip-vision":
        return t.SiglipVisionModel(t.SiglipVisionConfig(**TINY))
    if kind == "convnext":
        config = t.ConvNextConfig(hidden_sizes=[8, 16, 24, 40], depths=[1, 1, 1, 1])
        return t.ConvNextModel(config)
    text = {**TINY, "vocab_size": 20, "max_position_embeddings": 8}
    if kind == "clip":
        config = t.CLIPConfig(text_config=text, vision_config=TINY, projection_dim=24)
        return t.CLIPModel(config)
    assert kind == "siglip"
    return t.SiglipModel(t.SiglipConfig(text_config=text, vision_config=TINY))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a function that saves a kind of network once."""
    places: dict[str, Path] = {}

    def place_of(kind: str) -> Path:
        if kind not in places:
            places[kind] = save(tmp_path_factory.mktemp(kind), make(kind), half=kind == "dino")
        return places[kind]

    return place_of


def pictures() -> list[Image.Image]:
    noise = np.random.default_rng(0)
    sizes = [(32, 32), (90, 40), (20, 64), (1, 1), (3, 5)]
    return [Image.fromarray(noise.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]


def load(place: Path, options: str = "") -> TransformersImages:
    return TransformersImages(f"{PREFIX}{place}{options}", f"{place}{options}")


def bare(place: Path, picture: Image.Image, **options):
    """Return what the library gives for a picture, and the network."""
    import torch
    from transformers import AutoImageProcessor, AutoModel

    network = AutoModel.from_pretrained(place, dtype=torch.float32).eval()
    values = AutoImageProcessor.from_pretrained(place)(images=picture, return_tensors="pt")
    with torch.inference_mode():
        if "images" in options:
            return network.get_image_features(**values).pooler_output[0].numpy(), network
        return network(**values, output_hidden_states=True), network


KINDS = ["dino", "registers", "vit", "siglip-vision", "convnext", "clip", "siglip"]


@pytest.mark.parametrize("kind", KINDS)
def test_alone_as_in_a_batch(folder, kind):
    encoder = load(folder(kind))
    together = encoder.encode(pictures())
    width = {"clip": 24, "convnext": 40}.get(kind, 32)
    assert together.shape == (5, width)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([picture]) for picture in pictures()])
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-4
    assert encoder.encode([]).shape == (0, width)
    assert isinstance(encoder, PreparingEncoder)
    packed = pickle.dumps(encoder.preparation)
    assert len(packed) < 10_000
    prepared = [pickle.loads(packed)(picture) for picture in pictures()]  # noqa: S301
    assert np.array_equal(encoder.encode_prepared(prepared), together)


@pytest.mark.parametrize("kind", ["dino", "registers"])
def test_tokens_are_the_librarys(folder, kind):
    place, picture = folder(kind), pictures()[1]
    output, network = bare(place, picture)
    before = 1 + getattr(network.config, "num_register_tokens", 0)
    final = output.last_hidden_state[0].numpy()
    second = output.hidden_states[2][0].numpy()
    assert len(final) == before + 16
    for options, expected in {
        "": final[0],
        "@pool=cls": final[0],
        "@pool=mean": final[before:].mean(axis=0),
        "@pool=pooler": output.pooler_output[0].numpy(),
        "@layer=2": second[0],
        "@layer=-2": second[0],
        "@layer=2@pool=mean": second[before:].mean(axis=0),
        "@pool=mean@layer=0": output.hidden_states[0][0, before:].mean(dim=0).numpy(),
    }.items():
        assert np.allclose(load(place, options).encode([picture])[0], expected, atol=1e-5), options


def test_two_towers(folder):
    picture = pictures()[2]
    for kind in ("clip", "siglip"):
        expected, network = bare(folder(kind), picture, images=True)
        for options in ("", "@pool=pooler"):
            encoder = load(folder(kind), options)
            assert np.allclose(encoder.encode([picture])[0], expected, atol=1e-5)
        assert "image embedding" in encoder.card.preprocessing
        assert encoder.card.parameters < sum(p.numel() for p in network.parameters())
    place = folder("clip")
    tower = load(place, "@layer=-1@pool=mean")
    assert tower.encode([picture]).shape == (1, 32)
    assert "patches of block 3 of 3" in tower.card.preprocessing


def test_a_convolutional_network_averages_its_map(folder):
    picture = pictures()[1]
    output, _ = bare(folder("convnext"), picture)
    expected = output.last_hidden_state[0].mean(dim=(1, 2)).numpy()
    encoder = load(folder("convnext"), "@pool=mean")
    assert np.allclose(encoder.encode([picture])[0], expected, atol=1e-5)
    with pytest.raises(WorkbenchError, match="no class token"):
        load(folder("convnext"), "@pool=cls")


def test_card(folder):
    card = load(folder("dino"), "@layer=-2").card
    assert (card.modality, card.width, card.dtype) == ("image", 32, "float32")
    assert "class token of block 2 of 3" in card.preprocessing
    assert card.revision.startswith("sha256:")


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("dino", "@pool=max", "choose among cls, mean, pooler"),
        ("dino", "@layer=4", "has 3 blocks, so there is no layer 4"),
        ("dino", "@layer=two", "write a whole number"),
        ("dino", "@pool=pooler@layer=1", "reads the final output alone"),
        ("dino", "@segments=2", "has no option “segments”"),
        ("vit", "@pool=pooler", "hold no weights of a pooler"),
        ("siglip-vision", "@pool=cls", "no class token"),
    ],
)
def test_wrong_options(folder, kind, options, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        load(folder(kind), options)


def test_files_that_lack_weights(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    save(tmp_path, make("dino"))
    weights = load_file(tmp_path / "model.safetensors")
    kept = {key: value for key, value in weights.items() if "layer.1." not in key}
    save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(WorkbenchError, match="vectors would be random"):
        load(tmp_path)


def test_a_model_of_texts(tmp_path):
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, vocab_size=9)
    save(tmp_path, BertModel(config))
    with pytest.raises(WorkbenchError, match="does not encode pictures"):
        load(tmp_path)


OWN_CODE = """
from pathlib import Path
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

Path({mark!r}).touch()

class Config(PreTrainedConfig):
    model_type = "own"

class Model(PreTrainedModel):
    config_class = Config
    main_input_name = "pixel_values"

    def __init__(self, config):
        super().__init__(config)
        self.line = nn.Linear(3, 8)
        self.post_init()

    def forward(self, pixel_values, **options):
        return BaseModelOutput(self.line(pixel_values.flatten(2).transpose(1, 2)))
"""


def test_a_model_with_code_of_its_own_asks_for_trust(tmp_path):
    import torch
    from safetensors.torch import save_file
    from transformers import ViTImageProcessor

    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(tmp_path)
    own = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": own}))
    (tmp_path / "own.py").write_text(OWN_CODE.format(mark=str(tmp_path / "ran")))
    weights = {"line.weight": torch.eye(8, 3), "line.bias": torch.zeros(8)}
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    name = f"{PREFIX}{tmp_path}"
    with pytest.raises(WorkbenchError, match="code of its own"):
        TransformersImages(name, str(tmp_path))
    assert not (tmp_path / "ran").exists()
    trusted = TransformersImages(name, str(tmp_path), trust_code=True)
    assert (tmp_path / "ran").exists()
    vectors = trusted.encode([Image.new("RGB", (30, 30), (255, 0, 255))])
    assert np.allclose(vectors, [[1, -1, 1, 0, 0, 0, 0, 0]], atol=1e-5)
    assert "own code" in trusted.card.library


@pytest.mark.skipif(not REAL_DINO.is_dir(), reason="no real DINOv2 on this machine")
def test_real_dino():
    encoder = load(REAL_DINO, "@layer=-2")
    noise = pictures()[1]
    blue, sky = (Image.new("RGB", (300, 200), colour) for colour in ("navy", "blue"))
    vectors = encoder.encode([blue, sky, noise])
    assert vectors.shape == (3, 384)
    near, far = (v @ vectors[0] / np.linalg.norm(v) for v in vectors[1:])
    assert near > far
    assert encoder.card.parameters is not None
    assert encoder.card.parameters > 20_000_000
