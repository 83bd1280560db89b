from pathlib import Path

import numpy as np
import pytest

from workbench.encoders import load_encoder
from workbench.encoders.adapters.transformers_speech import (
    PREFIX,
    TransformersSpeech,
    stretch_means,
)
from workbench.encoders.precision import in_half_precision
from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE

REAL_WHISPER = Path(__file__).resolve().parents[4] / "shared/models/whisper-base-encoder"
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "conv_dim": (16, 16, 16),
    "conv_kernel": (10, 8, 4),
    "conv_stride": (5, 4, 4),
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
}


def clips() -> list[np.ndarray]:
    noise = np.random.default_rng(0)
    lengths = (0.7, 2.3, 0.011, 1.0)  # seconds
    return [noise.normal(0, 0.1, round(s * SPEECH_RATE)).astype("f4") for s in lengths]


@pytest.fixture(scope="module")
def whisper(tmp_path_factory) -> Path:
    """Save a small random Whisper of 4 s as transformers saves one."""
    import torch
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("tiny-whisper")
    config = WhisperConfig(
        d_model=32,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        vocab_size=20,
        max_source_positions=200,
        max_target_positions=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    WhisperModel(config).half().save_pretrained(place)
    WhisperFeatureExtractor(chunk_length=4).save_pretrained(place)
    return place


KINDS = ["wav2vec2", "hubert", "wavlm", "wav2vec2-layer", "hubert-layer", "wavlm-layer"]


@pytest.fixture(scope="module", params=KINDS)
def waveform_model(request, tmp_path_factory) -> Path:
    """Save a small random encoder of samples."""
    import torch
    import transformers

    torch.manual_seed(0)
    name = {"hubert": "Hubert", "wavlm": "WavLM"}.get(request.param.partition("-")[0], "Wav2Vec2")
    norm = "layer" if request.param.endswith("layer") else "group"
    config = getattr(transformers, f"{name}Config")(feat_extract_norm=norm, **SMALL)
    place = tmp_path_factory.mktemp(request.param)
    getattr(transformers, f"{name}Model")(config).save_pretrained(place)
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=True, return_attention_mask=norm == "layer"
    ).save_pretrained(place)
    return place


def check(name: str, width: int) -> None:
    encoder = load_encoder(name, "speech", "cpu")
    together = encoder.encode(clips())
    alone = np.concatenate([encoder.encode([clip]) for clip in clips()])
    assert together.shape == (4, width)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert np.abs(together - alone).max() < 1e-4 * max(1.0, np.abs(alone).max())
    assert np.abs(together[0] - together[1]).max() > 1e-4
    assert encoder.encode([]).shape == (0, width)
    assert encoder.card.width == width
    assert encoder.card.modality == "speech"


def test_whisper(whisper):
    check(f"{PREFIX}{whisper}", 32)


def test_waveform_models(waveform_model):
    check(f"{PREFIX}{waveform_model}", 32)


def test_whisper_is_the_librarys_on_a_full_clip(whisper):
    import torch
    from transformers import AutoFeatureExtractor, AutoModel

    clip = np.random.default_rng(1).normal(0, 0.1, 4 * SPEECH_RATE).astype("f4")
    mel = AutoFeatureExtractor.from_pretrained(whisper)(
        clip, sampling_rate=SPEECH_RATE, return_tensors="pt"
    )["input_features"]
    network = AutoModel.from_pretrained(whisper, dtype=torch.float32).encoder.eval()
    with torch.inference_mode():
        last = network(mel).last_hidden_state[0]
        own = load_encoder(f"{PREFIX}{whisper}", "speech", "cpu")
        hidden = own._model._hidden(mel, torch.tensor([200]), 2)
        assert torch.allclose(network.layer_norm(hidden)[0], last, atol=1e-4)
        assert np.allclose(own.encode([clip])[0], hidden.mean(1)[0].numpy(), atol=1e-4)
    longer = np.concatenate([clip, clip])
    assert np.allclose(own.encode([longer]), own.encode([clip]), atol=1e-3)


def test_layers(whisper):
    vectors = {}
    for layer in (0, 1, 2, -1):
        encoder = load_encoder(f"{PREFIX}{whisper}@layer={layer}", "speech", "cpu")
        vectors[layer] = encoder.encode(clips()[:1])
        assert f"block {layer % 3} of 2" in encoder.card.preprocessing
    assert np.array_equal(vectors[2], vectors[-1])
    assert not np.allclose(vectors[0], vectors[1])
    assert not np.allclose(vectors[1], vectors[2])
    with pytest.raises(WorkbenchError, match="has 2 blocks, so there is no layer 7"):
        load_encoder(f"{PREFIX}{whisper}@layer=7", "speech", "cpu")


def test_stretches_of_frames():
    import torch

    frames = torch.arange(24.0).reshape(1, 12, 2).repeat(3, 1, 1)
    own = torch.tensor([12, 6, 1])
    padded = frames.clone()
    padded[1, 6:], padded[2, 1:] = 1e6, -1e6
    one, three = (stretch_means(padded, own, segments) for segments in (1, 3))
    assert torch.allclose(one[0], frames[0].mean(0))
    assert torch.allclose(one[1], frames[1, :6].mean(0))
    assert torch.allclose(three[0].view(3, 2), frames[0].view(3, 4, 2).mean(1))
    assert torch.allclose(three[1].view(3, 2), frames[1, :6].view(3, 2, 2).mean(1))
    assert torch.allclose(three[2].view(3, 2), frames[2, :1].expand(3, 2))
    halves = stretch_means(frames[:1, :3], torch.tensor([3]), 2)  # a border within a frame
    assert torch.allclose(halves[0], torch.tensor([2 / 3, 5 / 3, 10 / 3, 13 / 3]))


def test_segments_of_whisper(whisper):
    check(f"{PREFIX}{whisper}@segments=3", 96)
    check(f"{PREFIX}{whisper}@layer=1@segments=2", 64)


def test_segments_of_waveform_models(waveform_model):
    check(f"{PREFIX}{waveform_model}@segments=2", 64)


def test_segments_average_to_the_whole(waveform_model):
    name = f"{PREFIX}{waveform_model}"
    whole = TransformersSpeech(name, str(waveform_model))
    thirds = TransformersSpeech(f"{name}@segments=3", str(waveform_model))
    means = thirds.encode(clips()).reshape(4, 3, 32).mean(axis=1)
    assert np.allclose(means, whole.encode(clips()), atol=1e-4)
    assert "3 equal stretches" in thirds.card.preprocessing
    assert thirds.card != whole.card


def test_pooling_is_over_the_librarys_own_frames(waveform_model):
    """Alone and unpadded, as the library documents its use."""
    import torch
    from transformers import AutoFeatureExtractor, AutoModel

    extractor = AutoFeatureExtractor.from_pretrained(waveform_model)
    network = AutoModel.from_pretrained(waveform_model, dtype=torch.float32).eval()
    clip = clips()[1]
    values = extractor(clip, sampling_rate=SPEECH_RATE, return_tensors="pt")["input_values"]
    with torch.inference_mode():
        output = network(values, output_hidden_states=True)
    for option, expected in (("", output.last_hidden_state), ("@layer=1", output.hidden_states[1])):
        encoder = TransformersSpeech(f"{PREFIX}{waveform_model}{option}", str(waveform_model))
        vectors = encoder.encode([clip, np.tile(clip, 2)])
        assert np.allclose(vectors[0], expected[0].mean(0), atol=1e-4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("@segments=1", "whole number from 2 on"),
        ("@segments=many", "whole number from 2 on"),
        ("@layer=last", "write a whole number"),
        ("@pool=mean", "no option “pool”: it takes @layer= and @segments="),
    ],
)
def test_wrong_options(options, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        TransformersSpeech(f"{PREFIX}a/b{options}", "a/b")


def check_half_precision(place: Path) -> None:
    full = TransformersSpeech(f"{PREFIX}{place}@segments=2", str(place))
    half, plain = in_half_precision(full, "cpu").encode(clips()), full.encode(clips())
    norms = np.linalg.norm(plain, axis=1) * np.linalg.norm(half, axis=1)
    assert ((half * plain).sum(axis=1) / norms).min() > 0.99
    assert not np.array_equal(half, plain)


def test_half_precision_of_whisper(whisper):
    check_half_precision(whisper)


def test_half_precision_of_waveform_models(waveform_model):
    check_half_precision(waveform_model)


def test_a_model_of_another_kind(tmp_path):
    from transformers import BertConfig

    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(WorkbenchError, match="is not a speech encoder"):
        load_encoder(f"{PREFIX}{tmp_path}", "speech", "cpu")


def test_missing_and_damaged_files(tmp_path):
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        load_encoder(f"{PREFIX}{tmp_path}", "speech", "cpu")
    (tmp_path / "config.json").write_text("{ no json")
    with pytest.raises(WorkbenchError, match="could not be loaded"):
        load_encoder(f"{PREFIX}{tmp_path}", "speech", "cpu")


@pytest.mark.skipif(not REAL_WHISPER.is_dir(), reason="no real Whisper encoder on this machine")
def test_real_whisper():
    check(f"{PREFIX}{REAL_WHISPER}", 512)
