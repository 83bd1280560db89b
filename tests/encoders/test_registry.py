import sys
from importlib import metadata

import numpy as np
import pytest

from workbench.encoders import (
    EncoderCard,
    EncoderEntry,
    find_encoder,
    list_encoders,
    load_encoder,
    pick_device,
    plugin_problems,
)
from workbench.encoders.lists import plugins
from workbench.errors import WorkbenchError


class Lengths:
    """A plug-in's encoder."""

    def __init__(self, device: str) -> None:
        self.card = EncoderCard(
            name="mine/lengths",
            modality="text",
            width=1,
            library="none",
            source=f"computed on {device}",
            revision="1",
            preprocessing="none",
        )

    def encode(self, batch):
        return np.array([[len(text)] for text in batch], dtype=np.float32)


LENGTHS = EncoderEntry(
    "mine/lengths", "text", "Lengths", "How long it is.", False, Lengths, lambda: None
)
UNUSABLE = EncoderEntry(
    "mine/broken", "text", "Broken", "Never.", False, Lengths, lambda: "buy a better machine"
)


def offer_both() -> list[EncoderEntry]:
    return [LENGTHS, UNUSABLE]


@pytest.fixture
def plugged_in(monkeypatch):
    points = [
        metadata.EntryPoint("mine", f"{__name__}:offer", plugins.GROUP),
        metadata.EntryPoint("broken", "no_such_module:entry", plugins.GROUP),
        metadata.EntryPoint("odd", "math:pi", plugins.GROUP),
    ]
    monkeypatch.setattr(
        metadata.EntryPoint, "load", _load_for_test(metadata.EntryPoint.load), raising=True
    )
    real = metadata.entry_points
    monkeypatch.setattr(
        metadata,
        "entry_points",
        lambda **which: points if which.get("group") == plugins.GROUP else real(**which),
    )
    plugins._load.cache_clear()
    yield
    plugins._load.cache_clear()


def _load_for_test(load):
    # pytest's importlib mode gives test modules no importable name
    return lambda point: offer_both if point.name == "mine" else load(point)


def test_bundled_come_first_and_names_are_unique():
    entries = list_encoders()
    assert [e.name for e in entries][:2] == ["bundled/efficientnet-lite0", "bundled/minilm-l6"]
    assert len({(e.name, e.modality) for e in entries}) == len(entries)
    for modality in ("image", "text", "speech"):
        assert list_encoders(modality)
        assert {e.modality for e in list_encoders(modality)} == {modality}


def test_every_listed_encoder_is_found_again():
    for entry in list_encoders():
        assert find_encoder(entry.name, entry.modality) is entry
        assert entry.available() is None or entry.available().strip()
        assert entry.needs_download != entry.name.startswith("bundled/")


def test_open_ended_names(tmp_path):
    entry = find_encoder("sentence-transformers/some/model", "text")
    assert entry.needs_download
    assert not find_encoder(f"sentence-transformers/{tmp_path}", "text").needs_download
    assert find_encoder("open_clip/ViT-B-16/openai", "image").modality == "image"
    assert find_encoder("transformers-speech/facebook/hubert-base-ls960@layer=9", "speech")
    for name, modality in (
        ("timm/resnet50.a1_in1k", "image"),
        ("transformers-image/facebook/dinov2-small@layer=-2@pool=cls", "image"),
        ("transformers-text/google-bert/bert-base-uncased", "text"),
        ("sentence-transformers/clip-ViT-B-32", "image"),
    ):
        entry = find_encoder(name, modality)
        assert entry.needs_download
        assert entry.download is not None
    with pytest.raises(WorkbenchError, match="no option “depth”"):
        find_encoder("transformers-image/facebook/dinov2-small@depth=2", "image")
    with pytest.raises(WorkbenchError, match=r"names the file .* which does not exist"):
        find_encoder("precomputed/./none.npy", "image")


@pytest.mark.parametrize(
    ("name", "modality", "words"),
    [
        ("bundled/minilm", "text", "did you mean bundled/minilm-l6"),
        ("Bundled/MiniLM-L6", "text", "did you mean bundled/minilm-l6"),
        ("zzz", "speech", "There is no speech encoder named “zzz”"),
        ("", "image", "There is no image encoder"),
        ("open_clip/", "image", "There is no image encoder"),
        ("bundled/minilm-l6", "image", "encodes text, not image"),
        ("open_clip/ViT-B-16/openai", "speech", "encodes image and text, not speech"),
        ("sentence-transformers//no/such/folder", "text", "which does not exist"),
    ],
)
def test_unknown_names(name, modality, words):
    with pytest.raises(WorkbenchError, match=words):
        find_encoder(name, modality)


def test_plugins(plugged_in):
    assert LENGTHS in list_encoders("text")
    encoder = load_encoder("mine/lengths", "text", "cpu")
    assert encoder.encode(["four"]).tolist() == [[4.0]]
    assert encoder.card.source == "computed on cpu"
    with pytest.raises(WorkbenchError, match="cannot be used: buy a better machine"):
        load_encoder("mine/broken", "text", "cpu")
    problems = plugin_problems()
    assert len(problems) == 2
    assert all("could not be loaded" in problem for problem in problems)
    with pytest.raises(WorkbenchError, match="encoder plug-in broken"):
        find_encoder("mine/length", "text")


def test_precision():
    full = load_encoder("bundled/minilm-l6", "text", "cpu")
    assert full.card.dtype == "float32"
    half = load_encoder("bundled/minilm-l6", "text", "cpu", precision="half")
    assert half.card.dtype == "bfloat16 autocast"
    assert half.encode(["a"])[0] == pytest.approx(full.encode(["a"])[0], abs=0.02)
    with pytest.raises(WorkbenchError, match="precision “double” is unknown"):
        load_encoder("bundled/minilm-l6", "text", "cpu", precision="double")


def test_devices(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)  # which is not imported for that
        assert pick_device("cpu") == "cpu"
    assert pick_device() in ("cuda", "mps", "cpu")
    for wish in ("gpu", "cuda:x", "cpu:1", ""):
        with pytest.raises(WorkbenchError, match="is unknown"):
            pick_device(wish)


def test_devices_that_are_not_there(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert pick_device("auto") == "cpu"
    for wish in ("cuda", "cuda:0", "mps"):
        with pytest.raises(WorkbenchError, match="has no usable"):
            pick_device(wish)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("auto") == "cuda"
    assert pick_device("cuda:1") == "cuda:1"
    with pytest.raises(WorkbenchError, match="no CUDA device 2"):
        pick_device("cuda:2")


def test_importing_the_registry_imports_no_model_library():
    import subprocess
    import sys

    code = (
        "import sys, workbench.encoders as e, workbench.media; e.list_encoders(); "
        "before = 'huggingface_hub' in sys.modules; e.describe_encoders(search='clip'); "
        "print(before, [m for m in ('torch', 'transformers', 'timm', 'open_clip', 'soundfile', "
        "'soxr', 'sentence_transformers') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "False []"
