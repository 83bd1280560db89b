from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.encoders.adapters.sentence_transformers import PREFIX, SentenceTransformersModel
from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE

WORDS = ["<pad>", "<unk>", "<|startoftext|>", "<|endoftext|>", "dog</w>", "d", "o", "g", "cat</w>"]
TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """Save a small random CLIP as transformers saves one."""
    import torch
    import transformers as t

    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("tiny clip")
    ends = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    text = {**TINY, **ends, "vocab_size": len(WORDS), "max_position_embeddings": 16}
    vision = {**TINY, "image_size": 16, "patch_size": 8}
    config = t.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
    t.CLIPModel(config).save_pretrained(place)
    tokenizer = t.CLIPTokenizer(
        vocab={word: number for number, word in enumerate(WORDS)},
        merges=[],
        pad_token=WORDS[0],
        unk_token=WORDS[1],
        model_max_length=16,
    )
    size = {"height": 16, "width": 16}
    t.CLIPProcessor(t.CLIPImageProcessor(size=size, crop_size=size), tokenizer).save_pretrained(
        place
    )
    return place


@pytest.fixture(scope="module")
def listener(tmp_path_factory) -> Path:
    """Save a small random audio spectrogram transformer that hears 8,000 samples a second."""
    import torch
    import transformers as t

    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("tiny ast")
    sizes = {"num_mel_bins": 32, "max_length": 64}
    t.ASTModel(t.ASTConfig(**TINY, **sizes, patch_size=16)).save_pretrained(place)
    t.ASTFeatureExtractor(sampling_rate=8000, **sizes).save_pretrained(place)
    return place


def load(place: Path, modality: str) -> SentenceTransformersModel:
    return SentenceTransformersModel(f"{PREFIX}{place}", str(place), modality=modality)


def pictures() -> list[Image.Image]:
    noise = np.random.default_rng(0)
    sizes = [(16, 16), (50, 40), (20, 64)]
    return [Image.fromarray(noise.integers(0, 255, (*s, 3), dtype=np.uint8)) for s in sizes]


def check(encoder: SentenceTransformersModel, batch: list, width: int) -> np.ndarray:
    together = encoder.encode(batch)
    alone = np.concatenate([encoder.encode([item]) for item in batch])
    assert together.shape == (len(batch), width)
    assert together.dtype == np.float32
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-4
    assert encoder.encode([]).shape == (0, width)
    assert encoder.card.width == width
    return together


def test_the_pictures_of_clip(clip):
    import torch
    from transformers import AutoModel, AutoProcessor

    encoder = load(clip, "image")
    vectors = check(encoder, pictures(), 24)
    network = AutoModel.from_pretrained(clip, dtype=torch.float32).eval()
    values = AutoProcessor.from_pretrained(clip)(images=pictures(), return_tensors="pt")
    with torch.inference_mode():
        expected = network.get_image_features(**values).pooler_output
    assert np.allclose(vectors, expected, atol=1e-5)
    assert encoder.card.modality == "image"


def test_the_texts_of_clip_are_never_taken_for_addresses(clip):
    encoder = load(clip, "text")
    check(encoder, ["dog", "cat.png", "https://example.org/dog.jpg", "", str(clip / "a.png")], 24)
    assert encoder.card.modality == "text"


def test_sound_comes_at_the_rate_of_the_model(listener):
    import torch
    from transformers import AutoFeatureExtractor, AutoModel

    time = np.arange(SPEECH_RATE) / SPEECH_RATE
    clips = [np.sin(2 * np.pi * pitch * time).astype("f4") for pitch in (300, 1200)]
    encoder = load(listener, "speech")
    vectors = check(encoder, clips, 32)
    slow = [np.sin(2 * np.pi * pitch * time[: SPEECH_RATE // 2] * 2) for pitch in (300, 1200)]
    network = AutoModel.from_pretrained(listener, dtype=torch.float32).eval()
    values = AutoFeatureExtractor.from_pretrained(listener)(
        slow, sampling_rate=8000, return_tensors="pt"
    )
    with torch.inference_mode():
        hidden = network(**values).last_hidden_state
    assert np.abs(vectors - hidden.mean(dim=1).numpy()).max() < 0.05
    assert encoder.card.modality == "speech"


def test_a_modality_that_it_does_not_know(clip, listener):
    with pytest.raises(WorkbenchError, match="encodes image and text, not speech"):
        load(clip, "speech")
    with pytest.raises(WorkbenchError, match="encodes speech, not text"):
        load(listener, "text")


def test_code_in_a_folder_is_refused(clip, tmp_path):
    (tmp_path / "modules.json").write_text(
        '[{"idx": 0, "name": "0", "path": "", "type": "own.Module"}]'
    )
    (tmp_path / "config_sentence_transformers.json").write_text("{}")
    (tmp_path / "own.py").write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n"
    )
    with pytest.raises(WorkbenchError, match="code of its own"):
        load(tmp_path, "text")
    assert not (tmp_path / "ran").exists()


def test_pictures_go_home_with_a_head(clip, tmp_path):
    """What the library takes as pictures it takes with a head behind it."""
    from sentence_transformers import SentenceTransformer
    from worlds.exports import contents, linear, residual

    from workbench.alignment import AlignedSpace
    from workbench.export import find_parts, write_bundle
    from workbench.jobs import drain

    encoder = load(clip, "image")
    for head in (linear(24), residual(24)):
        space = AlignedSpace({"image": head})
        made = contents(
            space, encoders={"image": encoder.card.model_dump(mode="json")},
            encoder=lambda _: encoder, samples={"image": pictures},
        )  # fmt: skip
        folder = drain(
            write_bundle(tmp_path / head.kind, made, find_parts(["sentence-transformers"]))
        )
        model = SentenceTransformer(
            str(folder / "sentence-transformers" / "image"), trust_remote_code=head.kind != "linear"
        )
        known = space.embed("image", encoder.encode(pictures()))
        np.testing.assert_allclose(model.encode(pictures()), known, atol=1e-5)
        assert model.get_embedding_dimension() == 6
