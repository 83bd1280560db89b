import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.encoders import find_encoder, load_encoder
from workbench.encoders.adapters.open_clip import (
    OpenClipTower,
    drop_other_tower,
    facts_of,
    pretrained_names,
)
from workbench.encoders.encoder import PreparingEncoder
from workbench.errors import WorkbenchError

TINY = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Save a small random CLIP as open_clip saves one."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("tiny clip")
    save_file(open_clip.CLIP(**TINY).state_dict(), place / "open_clip_model.safetensors")
    preprocess = {"mean": [0.5] * 3, "std": [0.5] * 3}
    config = {"model_cfg": TINY, "preprocess_cfg": preprocess}
    (place / "open_clip_config.json").write_text(json.dumps(config))
    return place


def pictures() -> list[Image.Image]:
    noise = np.random.default_rng(0)
    sizes = [(32, 32), (50, 40), (20, 64)]
    return [Image.fromarray(noise.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]


@pytest.mark.parametrize(
    ("modality", "batch"),
    [("image", pictures()), ("text", ["a dog", "", "many words " * 40, "Äpfel"])],
)
def test_towers(folder, modality, batch):
    encoder = load_encoder(f"open_clip/{folder}", modality, "cpu")
    together = encoder.encode(batch)
    alone = np.concatenate([encoder.encode([item]) for item in batch])
    assert together.shape == (len(batch), 24)
    assert together.dtype == np.float32
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-3
    assert encoder.encode([]).shape == (0, 24)
    assert encoder.card.modality == modality
    assert encoder.card.width == 24
    assert encoder.card.revision.startswith("sha256:")


def test_towers_are_those_of_the_whole_model(folder):
    import open_clip
    import torch

    clip, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(["a dog"])
    with torch.inference_mode():
        picture = clip.eval().encode_image(transform(pictures()[1])[None]).numpy()
        text = clip.encode_text(tokens).numpy()
    name = f"open_clip/{folder}"
    image_tower, text_tower = (load_encoder(name, m, "cpu") for m in ("image", "text"))
    assert np.allclose(image_tower.encode([pictures()[1]]), picture, atol=1e-5)
    assert np.allclose(text_tower.encode(["a dog"]), text, atol=1e-5)
    assert image_tower.card.parameters + text_tower.card.parameters + 1 == sum(
        parameter.numel() for parameter in open_clip.CLIP(**TINY).parameters()
    )


def test_pictures_can_be_prepared_ahead_and_texts_cannot(folder):
    image, text = (OpenClipTower("a", str(folder), modality) for modality in ("image", "text"))
    assert isinstance(image, PreparingEncoder)
    assert not isinstance(text, PreparingEncoder)
    prepared = [image.preparation(picture) for picture in pictures()]
    assert prepared[0].shape == (3, 32, 32)
    assert np.array_equal(image.encode_prepared(prepared), image.encode(pictures()))
    assert image.encode_prepared([]).shape == (0, 24)


def test_a_model_that_also_writes_captions(tmp_path):
    """CoCa normalises by itself unless told not to, and has a third part, which is dropped."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    third = {"width": 32, "heads": 2, "layers": 2, "context_length": 16, "vocab_size": 49408}
    model = {**TINY, "text_cfg": TINY["text_cfg"] | {"embed_cls": True, "output_tokens": True}}
    model |= {"multimodal_cfg": third, "custom_text": True}
    model["vision_cfg"] = model["vision_cfg"] | {"attentional_pool": True, "output_tokens": True}
    coca = open_clip.CoCa(**{key: part for key, part in model.items() if key != "custom_text"})
    save_file(coca.state_dict(), tmp_path / "open_clip_model.safetensors")
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": model}))
    for modality, batch in (("image", pictures()), ("text", ["a dog", "a cat"])):
        encoder = OpenClipTower("a", str(tmp_path), modality)
        lengths = np.linalg.norm(encoder.encode(batch), axis=1)
        assert np.abs(lengths - 1).max() > 0.1
        part = coca.visual if modality == "image" else coca.text
        assert encoder.card.parameters == sum(p.numel() for p in part.parameters())


def test_the_catalogue():
    import open_clip

    names = pretrained_names()
    assert names == open_clip.list_pretrained()
    facts = {name: facts_of(*name) for name in names}
    assert all(fact["width"] > 0 for fact in facts.values())
    assert all(fact["repository"] or fact["url"] for fact in facts.values())
    assert all(fact["repository"].count("/") == 1 for fact in facts.values() if fact["repository"])
    assert all(bool(fact["files"]) == bool(fact["repository"]) for fact in facts.values())
    assert facts["ViT-B-32", "laion2b_s34b_b79k"] == {
        "width": 512,
        "repository": "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "files": ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"],
        "url": None,
    }
    with pytest.raises(WorkbenchError, match=r"choose among .*laion2b_s34b_b79k"):
        facts_of("ViT-B-32", "laion2b")


@pytest.mark.parametrize("architecture", ["RN50", "ViT-B-16-SigLIP", "MobileCLIP-S1"])
def test_kinds_of_the_catalogue(architecture):
    """Each kind of network keeps what its tower needs, and gives the width that is promised."""
    import open_clip
    import torch

    width = facts_of(architecture, open_clip.list_pretrained_tags_by_model(architecture)[0])[
        "width"
    ]
    for modality in ("image", "text"):
        with torch.device("meta"), torch.inference_mode():
            clip = open_clip.create_model(architecture, device="meta", load_weights=False).eval()
            assert drop_other_tower(clip, modality) > 0
            if modality == "image":
                size = clip.visual.image_size
                size = size if isinstance(size, tuple) else (size, size)
                vectors = clip.encode_image(torch.empty(2, 3, *size), normalize=False)
            else:
                length = getattr(clip, "context_length", None) or clip.text.context_length
                vectors = clip.encode_text(torch.zeros(2, length).long(), normalize=False)
        assert vectors.shape == (2, width)


def test_no_pickled_object_is_loaded(folder, tmp_path):
    import torch

    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    (tmp_path / "open_clip_config.json").write_text((folder / "open_clip_config.json").read_text())
    torch.save({"visual.proj": Trap()}, tmp_path / "open_clip_pytorch_model.bin")
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        OpenClipTower("a", str(tmp_path), "image")
    assert not (tmp_path / "sprung").exists()


def test_other_weights_have_another_revision(folder, tmp_path):
    import shutil

    from safetensors.torch import load_file, save_file

    other = shutil.copytree(folder, tmp_path / "other")
    weights = load_file(other / "open_clip_model.safetensors")
    save_file(
        {key: value + 1 for key, value in weights.items()}, other / "open_clip_model.safetensors"
    )
    revisions = [
        load_encoder(f"open_clip/{place}", "text", "cpu").card.revision for place in (folder, other)
    ]
    assert revisions[0] != revisions[1]


def test_wrong_names(tmp_path):
    with pytest.raises(WorkbenchError, match="not a complete open_clip name"):
        find_encoder("open_clip/ViT-B-32", "image")
    with pytest.raises(WorkbenchError, match="which does not exist"):
        find_encoder(f"open_clip/{tmp_path / 'none'}", "image")
    with pytest.raises(WorkbenchError, match=r"no open_clip_config\.json"):
        load_encoder(f"open_clip/{tmp_path}", "image", "cpu")
    with pytest.raises(WorkbenchError, match=r"choose among .*laion2b_s34b_b79k"):
        load_encoder("open_clip/ViT-B-32/laion2b", "image", "cpu")
    with pytest.raises(WorkbenchError, match=r"choose among .*ViT-B-32"):
        load_encoder("open_clip/ViT-B32/laion2b_s34b_b79k", "image", "cpu")


def test_damaged_weights(folder, tmp_path):
    (tmp_path / "open_clip_config.json").write_text((folder / "open_clip_config.json").read_text())
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        load_encoder(f"open_clip/{tmp_path}", "text", "cpu")
    (tmp_path / "open_clip_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        load_encoder(f"open_clip/{tmp_path}", "text", "cpu")
