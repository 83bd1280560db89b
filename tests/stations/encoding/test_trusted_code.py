"""A model's own code runs by the user's word alone, kept on this machine for code as it is."""

import json
import sys

import pytest
from worlds.fakes import FakeShelf, make_project

from workbench.encoders import OwnCode, own_code, place_of_code
from workbench.home import settings_folder
from workbench.jobs import Notice, drain
from workbench.project import Project
from workbench.stations import EncodeRequest, LoadedEncoders, encode
from workbench.stations.encoding.trusted_code import is_trusted, trust


class Shelf(FakeShelf):
    """Notes whether code may run."""

    def __init__(self):
        super().__init__()
        self.allowed = []

    def __call__(self, name, modality, device="auto", *, trust_code=False, **_):
        self.allowed.append(trust_code)
        return super().__call__(name, modality)


@pytest.fixture
def shelf(monkeypatch):
    return Shelf().put(monkeypatch)


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": "own.Model"}}))
    (folder / "own.py").write_text("print('run')\n")
    return folder


def name_of(model):
    return f"transformers-text/{model}"


def encode_with(project, model, **options):
    told = []
    drain(encode(project, EncodeRequest("text", name_of(model), **options)), told.append)
    return [event.text for event in told if isinstance(event, Notice)]


def test_what_a_project_says_is_not_heeded_told_once_and_taken_out(tmp_path, shelf, model):
    made = make_project(tmp_path, 3, ("text",))
    file = made.root / "project.toml"
    file.write_text(f"trusted = [{json.dumps(name_of(model))}]\n{file.read_text()}")
    project = Project.open(made.root)
    (sentence,) = encode_with(project, model)
    assert str(file) in sentence
    assert "not heeded" in sentence
    assert encode_with(project, model) == []
    assert encode_with(Project.open(made.root), model) == []
    assert shelf.allowed == [False] * 3
    assert "trusted" not in file.read_text()


def test_the_users_word_holds_for_all_projects_and_for_this_code_alone(tmp_path, shelf, model):
    one = make_project(tmp_path / "one", 3, ("text",))
    other = make_project(tmp_path / "other", 3, ("text",))
    assert encode_with(one, model, trust_code=True) == []
    assert encode_with(one, model) == encode_with(other, model) == []
    LoadedEncoders().load("text", name_of(model))
    assert shelf.allowed == [True] * 4
    assert str(model) not in (one.root / "project.toml").read_text().partition("[encoders]")[0]
    (model / "own.py").write_text("print('run!')\n")
    encode_with(one, model)
    LoadedEncoders().load("text", name_of(model))
    assert shelf.allowed[4:] == [False, False]
    encode_with(one, model, trust_code=True)
    assert is_trusted(name_of(model), "text")


def test_code_that_was_refused_or_failed_is_not_trusted(tmp_path, monkeypatch, model):
    project = make_project(tmp_path, 3, ("text",))

    def fail(*_, **__):
        raise ValueError

    monkeypatch.setattr(sys.modules["workbench.stations.encoding.encode"], "load_encoder", fail)
    with pytest.raises(ValueError):
        encode_with(project, model, trust_code=True)
    assert not is_trusted(name_of(model), "text")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("own.py", "other"),
        ("more.py", ""),
        ("below/more.py", ""),
        ("data.bin", "pickled"),
        ("config.json", '{"auto_map": {"AutoModel": "own.Other"}}'),
    ],
)
def test_any_change_is_other_code(model, file, content):
    before = own_code(name_of(model), "text")
    assert before == own_code(name_of(model), "text")
    assert before.place == str(model.resolve())
    (model / file).parent.mkdir(exist_ok=True)
    (model / file).write_text(content)
    assert own_code(name_of(model), "text").content != before.content


def test_code_that_leads_elsewhere_is_asked_about_each_time(tmp_path, shelf, model):
    project = make_project(tmp_path, 3, ("text",))
    (model / "below").symlink_to(tmp_path, target_is_directory=True)
    assert own_code(name_of(model), "text") is None
    (sentence,) = encode_with(project, model, trust_code=True)
    assert "asked again" in sentence
    encode_with(project, model)
    assert shelf.allowed == [True, False]
    (model / "below").unlink()
    assert own_code(name_of(model), "text")
    settings = {"inner": [{"auto_map": {"AutoModel": ["some/body--own.Model"]}}]}
    (model / "config.json").write_text(json.dumps(settings))
    assert own_code(name_of(model), "text") is None


def test_a_word_for_what_brings_no_code_says_nothing(tmp_path, shelf):
    project = make_project(tmp_path, 3, ("text",))
    told = []
    request = EncodeRequest("text", "fake/text", trust_code=True)
    drain(encode(project, request), told.append)
    assert not [event for event in told if isinstance(event, Notice)]
    assert shelf.allowed == [False]


def test_a_repository_is_trusted_at_one_commit(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    name, folder = "sentence-transformers/own/code", tmp_path / "models--own--code"
    assert place_of_code(name, "text") == "hub own/code"
    assert own_code(name, "text") is None  # it is not here
    for commit in ("a" * 40, "b" * 40):
        (folder / "snapshots" / commit).mkdir(parents=True)
        (folder / "refs").mkdir(exist_ok=True)
        (folder / "refs" / "main").write_text(commit)
        assert not is_trusted(name, "text")
        assert own_code(name, "text") == OwnCode("hub own/code", commit)
        assert trust(own_code(name, "text")) == ""
        assert is_trusted(name, "text")


@pytest.mark.parametrize(
    "name", ["bundled/minilm-l6", "timm/vit_tiny", "fake/text", "precomputed/x"]
)
def test_what_brings_no_code_is_never_asked_for_it(name):
    trust(OwnCode("elsewhere", "x"))
    assert not is_trusted(name, "text")


@pytest.mark.parametrize("content", ["", "[]", '{"trusted": 3}', '{"trusted": [1]}', "[" * 99_999])
def test_a_damaged_file_trusts_nothing_and_is_written_anew(model, content):
    file = settings_folder() / "trusted-code.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert not is_trusted(name_of(model), "text")
    assert trust(own_code(name_of(model), "text")) == ""
    assert is_trusted(name_of(model), "text")


def test_without_a_home_it_is_asked_each_time(monkeypatch, tmp_path, model):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")  # a project could have such a folder
    assert settings_folder() is None
    assert "asked again" in trust(own_code(name_of(model), "text"))
    assert not is_trusted(name_of(model), "text")
    assert not (tmp_path / "here").exists()
