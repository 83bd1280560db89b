"""Uploading: only when asked for, only with a token, and only what an export has written.

The hub itself is never asked; a stand-in of its client writes down what it was asked for.
"""

import huggingface_hub
import pytest
from huggingface_hub.errors import OfflineModeIsEnabled
from worlds.exports import space_of, write

from workbench.errors import WorkbenchError
from workbench.export import check_push, push
from workbench.jobs import Control, drain


@pytest.fixture
def folder(tmp_path):
    folder = write(tmp_path / "b", space_of("linear"))
    (folder / "diary.txt").write_text("mine")
    return folder


@pytest.fixture
def asked(monkeypatch):
    """Return what the hub's client was asked for."""
    calls = []

    class Client:
        raises = None

        def __init__(self, token):
            calls.append(("token", token))

        def create_repo(self, name, **options):
            if Client.raises:
                raise Client.raises
            calls.append(("create", name, options))

        def upload_folder(self, **options):
            calls.append(("upload", options))
            return type("Commit", (), {"commit_url": "https://hub/commit"})

    monkeypatch.setattr(huggingface_hub, "HfApi", Client)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "secret")
    calls.append(Client)
    return calls


def test_what_the_export_has_written_goes_up_and_is_private(folder, asked):
    assert drain(push(folder, "me/heads")) == "https://hub/commit"
    _, token, (_, name, made), (_, sent) = asked
    assert token == ("token", "secret")
    assert (name, made) == ("me/heads", {"private": True, "exist_ok": True})
    assert (sent["repo_id"], sent["folder_path"]) == ("me/heads", folder)
    assert sent["allow_patterns"] == [
        "README.md", "config.json", "example.py", "heads.safetensors", "load_heads.py",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["heads", "a/b/c", "me/", "/x", "me/he ads", ""])
def test_names_that_are_none(name, asked):
    with pytest.raises(WorkbenchError, match=r"is no repository\. Write it as OWNER/NAME"):
        check_push(name)


def test_without_a_token_nothing_is_asked(folder, asked, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(WorkbenchError, match=r"Nobody is logged in.*hf auth login"):
        drain(push(folder, "me/heads"))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [(OfflineModeIsEnabled("x"), "HF_HUB_OFFLINE is set"),
     (ConnectionError("no route\nmore"), "was not uploaded to me/heads: no route$"),
     (RuntimeError(""), "was not uploaded to me/heads: RuntimeError$")],
    ids=str,
)  # fmt: skip
def test_failures_are_sentences(folder, asked, error, words):
    asked[0].raises = error
    with pytest.raises(WorkbenchError, match=words):
        drain(push(folder, "me/heads"))


def test_a_stop_before_it_begins(folder, asked):
    control = Control()
    control.stop()
    assert drain(push(folder, "me/heads", control)) == ""
    assert len(asked) == 1
