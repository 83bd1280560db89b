"""The commands export, import and search."""

import json

import pytest
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align


def make(folder):
    project = encode_all(make_project(folder, 20))
    drain(align(project, AlignRequest(method="procrustes", name="r")))


@pytest.fixture
def root(copied, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    return copied(make, tmp_path / "world").root


def test_home_and_back(root, tmp_path, gera):
    code, out, _ = gera("export", root, "r", "--dry-run", "--json")
    assert code == 0
    assert list(json.loads(out)) == ["heads", "vectors", "index", "sentence-transformers", "onnx"]
    assert "Every item in the joint space" in gera("export", root, "r", "--dry-run")[1]
    folder = tmp_path / "out"
    code, out, _ = gera("export", root, "r", folder, "--with", "vectors, index")
    assert (code, out) == (0, f"Exported to {folder}\n")
    assert {"vectors", "index"} < {path.name for path in folder.iterdir()}
    asked = ("--text", "thing 9", "--to", "image", "--top", 3, "--json")
    found = json.loads(gera("search", folder, *asked)[1])
    assert found[0].keys() == {"rank", "score", "id", "modality", "path", "text", "label"}
    known = json.loads(gera("query", root, "r", *asked)[1])
    assert [row["id"] for row in found] == [row["id"] for row in known]
    assert json.loads(gera("search", root, "--run", "r", *asked)[1])[0]["id"] == found[0]["id"]
    each = json.loads(gera("search", folder, "--text", "thing 9", "--to", "each", "--json")[1])
    assert list(each) == ["image", "text"]
    assert "thing-009.png" in gera("search", folder, "--text", "thing 9", "--to", "image")[1]
    code, out, _ = gera("import", root, folder, "--name", "guest")
    assert (code, out) == (0, f"The run “guest” is kept in {root / 'runs' / 'guest'}\n")
    assert Project.open(root).run("guest").has_heads()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["export", "{}", "r"], "Name the folder to export to"),
        (["export", "{}", "r", "{}/x", "--with", "maps"], "no part “maps”"),
        (["export", "{}", "r", "{}/x", "--push", "heads"], "is no repository"),
        (["export", "{}", "r", "{}/x", "--push", "me/heads"], "Nobody is logged in"),
        (["search", "{}/none", "--text", "x"], "is no exported folder"),
        (["search", "{}"], "at least one text"),
        (["search", "{}", "--text", "x", "--to", "smell"], "is not a modality"),
        (["search", "{}", "--text", "x", "--run", "none"], "no run “none”"),
        (["import", "{}", "{}/none"], "is no exported folder"),
    ],
)
def test_refusals_are_sentences(root, gera, command, words, monkeypatch):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    code, out, err = gera(*(part.format(root) for part in command))
    assert (code, out) == (2, "")
    assert words in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert not (root / "x").exists()
