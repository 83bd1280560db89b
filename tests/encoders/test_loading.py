import json
import logging
import socket
from pathlib import Path

import pytest

from workbench.encoders import CodeRefused, load_encoder, loading
from workbench.encoders.revision import commit_in_path, package_version, weights_revision
from workbench.errors import WorkbenchError


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    from huggingface_hub import constants

    def refuse(*address, **options):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(loading.urllib.request, "getproxies", dict)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("sentence-transformers/nobody/no-such-model", "text"),
        ("transformers-speech/nobody/no-such-model", "speech"),
        ("open_clip/ViT-B-32/laion2b_s34b_b79k", "image"),
        ("open_clip/hf-hub:nobody/no-such-model", "image"),
    ],
)
def test_offline_gives_one_sentence_at_once(no_network, name, modality, capfd):
    with pytest.raises(WorkbenchError, match="network cannot be reached") as caught:
        load_encoder(name, modality, "cpu")
    assert name in str(caught.value)
    output = capfd.readouterr()
    assert output.out == output.err == ""


def sentence_for(error: Exception, local: bool = False) -> str:
    with pytest.raises(WorkbenchError) as caught, loading.loading("a/b", local):
        raise error
    return str(caught.value)


def test_sentences():
    assert "code of its own" in sentence_for(ValueError("set trust_remote_code=True to run it"))
    assert "needs a package" in sentence_for(ImportError("No module named 'sentencepiece'"))
    torn = ImportError("libtorch_cpu.so: failed to map segment from shared object")
    assert "A library cannot be loaded" in sentence_for(torn)
    full = FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")
    assert "TMPDIR" in sentence_for(full)
    assert "not enough memory" in sentence_for(RuntimeError("CUDA out of memory"))
    assert "could not be loaded (size mismatch)" in sentence_for(ValueError("size mismatch\nfor x"))
    assert "network" in sentence_for(TimeoutError("timed out"))
    assert "could not be loaded" in sentence_for(TimeoutError("timed out"), local=True)
    assert sentence_for(WorkbenchError("As it is.")) == "As it is."

    class GatedRepoError(Exception):
        pass

    class RepositoryNotFoundError(Exception):
        pass

    assert "accepted its terms" in sentence_for(GatedRepoError())
    try:
        raise RepositoryNotFoundError
    except RepositoryNotFoundError as error:
        outer = OSError("cannot load")
        outer.__cause__ = error
    assert "The model hub has no encoder a/b" in sentence_for(outer)


def test_loading_leaves_logging_and_the_hubs_mode_as_they_were(monkeypatch):
    from huggingface_hub import constants

    handlers, mode = list(logging.getLogger().handlers), constants.HF_HUB_OFFLINE
    with loading.loading("a/b", local=True):
        assert constants.HF_HUB_OFFLINE
    assert logging.getLogger().handlers == handlers
    assert mode == constants.HF_HUB_OFFLINE


def test_revision_changes_with_the_weights(tmp_path):
    big = bytearray(5 << 20)
    (tmp_path / "model.safetensors").write_bytes(big)
    (tmp_path / "README.md").write_text("a")
    first = weights_revision(tmp_path)
    (tmp_path / "README.md").write_text("b")
    assert weights_revision(tmp_path) == first
    for place in (0, len(big) - 1):
        changed = bytearray(big)
        changed[place] = 1
        (tmp_path / "model.safetensors").write_bytes(changed)
        assert weights_revision(tmp_path) != first
    (tmp_path / "model.safetensors").write_bytes(big)
    (tmp_path / "config.json").write_text("{}")
    assert weights_revision(tmp_path) != first


def test_versions():
    assert package_version("pydantic").count(".") >= 1
    assert package_version("no-such-package") == "unknown"
    assert commit_in_path(str(Path("x/snapshots/abc/model.bin"))) == "abc"
    assert commit_in_path("/a/b") == "unknown"


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("sentence-transformers", "text"),
        ("transformers-text", "text"),
        ("transformers-image", "image"),
        ("transformers-speech", "speech"),
    ],
)
def test_a_folder_with_code_of_its_own_is_refused_and_none_of_it_runs(tmp_path, name, modality):
    marker = tmp_path / "marker"
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "own.py").write_text(f"open({str(marker)!r}, 'w').close()")
    automatic = {
        "AutoConfig": "own.Config",
        "AutoModel": "own.Model",
        "AutoTokenizer": ["own.Tokenizer", None],
        "AutoImageProcessor": "own.Processor",
    }
    settings = json.dumps({"model_type": "own", "auto_map": automatic})
    for file in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        (folder / file).write_text(settings)
    if name == "sentence-transformers":
        module = {"idx": 0, "name": "0", "path": "", "type": "own.Module"}
        (folder / "modules.json").write_text(json.dumps([module]))
    with pytest.raises(CodeRefused, match="code of its own"):
        load_encoder(f"{name}/{folder}", modality, "cpu")
    assert not marker.exists()
