import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.encoders import (
    EncoderFacts,
    describe_encoders,
    facts_of,
    find_encoder,
    list_encoders,
)
from workbench.encoders.downloading.hub_cache import files_here, weights_among
from workbench.encoders.entry import Download, download_of
from workbench.encoders.lists.well_known import WELL_KNOWN

COMMIT = "b" * 40


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """Let the hub's cache be an empty folder."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "cache"


def lay(cache, repository: str, **contents: bytes) -> None:
    """Lay files down as the hub's library does: contents by hash, names as links."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    for part in ("refs", "blobs", f"snapshots/{COMMIT}"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(COMMIT)
    for number, (name, content) in enumerate(contents.items()):
        blob = folder / "blobs" / f"{number}-{len(content)}"
        blob.write_bytes(content)
        link = folder / "snapshots" / COMMIT / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(blob)


def test_states_of_the_curated_list():
    facts = {(each.name, each.modality): each for each in describe_encoders()}
    assert len(facts) == len(list_encoders())
    bundled = facts["bundled/minilm-l6", "text"]
    assert bundled.state == bundled.state_in_words == "bundled"
    assert bundled.bytes > 50_000_000
    assert (bundled.width, bundled.parameters) == (384, 22_713_216)
    whisper = facts["transformers-speech/openai/whisper-base", "speech"]
    assert whisper.state_in_words == "needs download (290 MB)"
    assert pickle.loads(pickle.dumps(whisper)) == whisper  # noqa: S301 - our own
    assert all(each.width for each in facts.values())
    assert {each.state for each in facts.values()} == {"bundled", "download"}


def test_downloaded_is_read_from_disk(cache):
    entry = find_encoder("transformers-speech/openai/whisper-base", "speech")
    lay(cache, "openai/whisper-base", **{"config.json": b"{}"})
    assert facts_of(entry).state == "download"
    lay(cache, "openai/whisper-base", **{"config.json": b"{}", "model.safetensors": b"x" * 100})
    facts = facts_of(entry)
    assert (facts.state, facts.bytes) == ("downloaded", 102)
    assert facts_of(replace(entry, name=f"{entry.name}@layer=2")).state == "downloaded"


def test_shards_and_tokenizers_count(cache):
    index = json.dumps({"weight_map": {"a": "model-00001-of-00002.safetensors"}}).encode()
    one = {"model.safetensors.index.json": index, "model-00001-of-00002.safetensors": b"1"}
    lay(cache, "a/b", **one)
    assert files_here(Download("a/b")) is None
    lay(cache, "a/b", **one, **{"model-00002-of-00002.safetensors": b"22"})
    assert len(files_here(Download("a/b"))) == 3
    both = Download("a/b", also=(Download("c/d", weights=()),))
    assert files_here(both) is None
    lay(cache, "c/d", **{"tokenizer.json": b"{}"})
    assert len(files_here(both)) == 4


def test_unusable_and_local(tmp_path, monkeypatch):
    entry = find_encoder("sentence-transformers/a/b", "text")
    broken = replace(entry, available=lambda: "install the Python package sentence_transformers")
    assert facts_of(broken).state == "unusable"
    assert facts_of(broken).state_in_words.startswith("not usable: install the Python package")
    (tmp_path / "model" / "1_Pooling").mkdir(parents=True)
    (tmp_path / "model" / "config.json").write_bytes(b"12345")
    (tmp_path / "model" / "1_Pooling" / "config.json").write_bytes(b"12")
    local = facts_of(find_encoder(f"sentence-transformers/{tmp_path / 'model'}", "text"))
    assert (local.state, local.bytes, local.family) == ("here", 7, "sentence-transformers")
    assert local.state_in_words == "on this machine"
    (tmp_path / "mine@x=1.npy").write_bytes(b"123")
    own = facts_of(find_encoder(f"precomputed/{tmp_path / 'mine@x=1.npy'}", "speech"))
    assert (own.state, own.bytes, own.family) == ("here", 3, "precomputed")


def test_search():
    def names(search, modality=None):
        return [each.name for each in describe_encoders(modality, search)]

    assert names("e5 Multilingual base") == ["sentence-transformers/intfloat/multilingual-e5-base"]
    assert len(names("dinov3")) == 4
    assert set(names("SIGLIP", "text")) < set(names("open_clip"))
    assert names("no such encoder") == []
    assert names("", "speech") == [entry.name for entry in list_encoders("speech")]


def test_everything_of_the_libraries_and_what_is_well_known_of_them(cache):
    everything = describe_encoders(everything=True)
    names = {(each.name, each.modality) for each in everything}
    assert len(names) == len(everything) > 1500
    assert [each.name for each in everything[: len(list_encoders())]] == [
        entry.name for entry in list_encoders()
    ]
    assert ("timm/resnet50.a1_in1k", "image") in names
    assert ("open_clip/RN50/openai", "text") in names
    lay(cache, "timm/resnet50.a1_in1k", **{"model.safetensors": b"123"})
    (resnet,) = describe_encoders("image", "timm/resnet50.a1_in1k", everything=True)
    assert (resnet.state, resnet.bytes, resnet.licence) == ("downloaded", 3, "apache-2.0")


@pytest.mark.parametrize(
    "entry",
    [e for e in WELL_KNOWN if e.name.startswith(("open_clip/", "timm/"))],
    ids=lambda entry: f"{entry.name}-{entry.modality}",
)
def test_well_known_repositories_are_those_of_the_libraries(entry):
    from workbench.encoders.lists.catalogue import FAMILIES

    (family,) = (f for f in FAMILIES if entry.name.startswith(f.prefix))
    asked = family.entry(entry.name, entry.modality)
    assert download_of(asked) == replace(entry.download, size=None)


@given(
    st.sets(st.sampled_from(["", "1_Pooling/", "2_Dense/"]), min_size=1),
    st.sets(
        st.sampled_from(["model.safetensors", "pytorch_model.bin", "config.json", "tf_model.h5"])
    ),
)
def test_one_kind_of_weights_a_folder(folders, files):
    names = [folder + file for folder in folders for file in files]
    chosen = weights_among(names, ("model.safetensors", "pytorch_model.bin"))
    if not files & {"model.safetensors", "pytorch_model.bin"}:
        assert chosen is None
        return
    wanted = "model.safetensors" if "model.safetensors" in files else "pytorch_model.bin"
    assert sorted(chosen) == sorted(folder + wanted for folder in folders)


def test_words_of_states():
    facts = EncoderFacts("a", "text", "A", "", "timm", None, None, None, "", "download")
    assert facts.state_in_words == "needs download"
    assert replace(facts, bytes=820).state_in_words == "needs download (820 bytes)"
