import json

import pytest

from workbench import project as project_module
from workbench.alignment import LiveChange
from workbench.errors import WorkbenchError
from workbench.project import (
    KeyPairs,
    Project,
    ProjectSettings,
    Recipe,
    Source,
    SplitSettings,
    absolute_path,
    file_name,
)
from workbench.project.names import map_file

GERA = Recipe(method="gera")


def full(*_, **__):
    raise OSError(28, "No space left on device")


def test_create_open_change(tmp_path):
    project = Project.create(tmp_path / "new" / "one", ProjectSettings(name="one"))
    project.change(
        sources=[Source(modality="image", path="x")],
        pairings=[KeyPairs(between=("image", "text"))],
        split=SplitSettings(seed=3),
        encoders={"image": "fake"},
    )
    again = Project.open(project.root)
    assert again.settings == project.settings
    assert again.settings.split.seed == 3
    assert again.encoder("image") == "fake"
    with pytest.raises(WorkbenchError, match="No encoder is chosen for text"):
        again.encoder("text")
    with pytest.raises(WorkbenchError, match="is a project already"):
        Project.create(project.root)


def test_two_programs_do_not_undo_each_others_settings(tmp_path):
    window = Project.create(tmp_path / "p")
    shell = Project.open(window.root)
    shell.choose_encoder("text", "words")
    window.choose_encoder("image", "eyes")
    window.change(name="mine")
    assert Project.open(window.root).settings.encoders == {"text": "words", "image": "eyes"}
    assert window.settings == Project.open(window.root).settings


def test_a_bad_change_changes_nothing(tmp_path, monkeypatch):
    project = Project.create(tmp_path / "p")
    before = (project.root / "project.toml").read_bytes()
    for bad in ({"encoders": {"smell": "nose"}}, {"nmae": "x"}, {"sources": [{"path": 3}]}):
        with pytest.raises(WorkbenchError, match="not valid"):
            project.change(**bad)
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        project.change(name="x")
    assert project.settings.name == "p"
    assert (project.root / "project.toml").read_bytes() == before


def test_places_where_no_project_can_be(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(WorkbenchError, match="No project can be made"):
            Project.create(place)
        with pytest.raises(WorkbenchError):
            Project.open(place)
    with pytest.raises(WorkbenchError, match="not valid UTF-8"):
        Project.create(tmp_path / "bad\udcff")


def test_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert absolute_path("a") == tmp_path / "a"
    assert absolute_path("a", tmp_path / "b") == tmp_path / "b" / "a"
    assert absolute_path("/a", tmp_path) == project_module.project.Path("/a")
    assert absolute_path("~/a", tmp_path / "b") == tmp_path / "home" / "a"
    assert absolute_path("~no-such-user/a") == tmp_path / "~no-such-user" / "a"


def test_file_names_are_safe_short_and_apart():
    assert file_name("open_clip/ViT-B-32/laion2b") == "open_clip-ViT-B-32-laion2b"
    assert file_name("../..") == "unnamed"
    long = [file_name("transformers-speech//deep/" + "x" * n) for n in (300, 301)]
    assert len(set(long)) == 2
    assert all(len(name) <= 120 for name in long)
    assert file_name(long[0]) == long[0]  # a run can be found by its name


def test_new_runs_never_share_a_folder(tmp_path):
    project = Project.create(tmp_path / "p")
    names = [project.new_run(wish, GERA).name for wish in ("gera", "gera", "a/b", "a b", "gera")]
    assert names == ["gera", "gera-2", "a-b", "a-b-2", "gera-3"]


@pytest.mark.parametrize(
    ("wish", "name"),
    [("日本語", "日本語"), ("Übung 1", "Übung-1"), ("U\u0308bung", "Übung"), ("α=3", "α-3"),
     ("حرف", "حرف"), ("x" * 90 + "ß" * 90, None)],
)  # fmt: skip
def test_runs_may_have_names_in_any_script(tmp_path, wish, name):
    project = Project.create(tmp_path / "p")
    run = project.new_run(wish, GERA)
    assert name is None or run.name == name
    assert len(run.name.encode()) <= 120
    assert project.new_run(wish, GERA).name == f"{run.name}-2"
    (run.folder / "recipe.json").write_text("{}")
    for asked in (wish, run.name):
        assert project.run(asked).folder == run.folder
    assert map_file(f"run:{run.name}", "pca") != map_file("run:other", "pca")


@pytest.mark.parametrize("wish", ["…", "", "  ", "--", "../.."])
def test_a_name_of_which_nothing_is_left_is_refused(tmp_path, wish):
    with pytest.raises(WorkbenchError, match="is not a valid name for a run"):
        Project.create(tmp_path / "p").new_run(wish, GERA)


def test_runs_folder_that_cannot_be_made(tmp_path):
    project = Project.create(tmp_path / "p")
    (project.root / "runs").write_text("a file")
    with pytest.raises(WorkbenchError, match="runs"):
        project.new_run("gera", GERA)


def test_run_files_round_trip(tmp_path):
    project = Project.create(tmp_path / "p")
    run = project.new_run("gera", GERA)
    assert (run.curves(), run.report(), run.has_heads()) == ([], {}, False)
    with pytest.raises(WorkbenchError, match="has no heads"):
        run.space()
    assert run.recipe() == GERA
    recipe = Recipe(method="gera", changes=[LiveChange(step=2, name="alpha/image", value=0.1)])
    run.write_recipe(recipe)
    assert project.run("gera").recipe() == recipe
    report = {"retrieval": {"image→text": {"recall@1": 0.5}}}
    run.write_report(report)
    assert run.report() == report
    figures = {"temperature": 0.05, "learning_rate": 1e-3, "gradient_norm": 1.0}
    first = {"step": 1, "loss": 0.1 + 0.2, "alpha/image": 1.0, **figures}
    second = {"step": 2, "loss": 0.2, "geometric/image": 0.1, **figures, "recall@10": 1.0}
    run.write_curves([first, second])
    assert run.curves() == [first, second]


def test_runs_come_oldest_first_and_a_damaged_recipe_hides_no_other(tmp_path):
    project = Project.create(tmp_path / "p")
    for name, created in (("b", "2026-01-02"), ("a", "2026-01-03"), ("c", "2026-01-01")):
        project.new_run(name, Recipe(method="gera", created=created))
    assert [run.name for run in project.runs()] == ["c", "b", "a"]
    (project.root / "runs" / "b" / "recipe.json").write_text("{")
    assert [run.name for run in project.runs()] == ["b", "c", "a"]
    with pytest.raises(WorkbenchError, match="Its runs: b, c, a"):
        project.run("d")
    for name in ("../p/runs/a", "", ".", "a/"):
        with pytest.raises(WorkbenchError, match="has no run"):
            project.run(name)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"method": 3}', b'{"method": "gera", "x": 1}',
        b'{"settings": {}}', b'{"method": "gera", "changes": [{"step": "one"}]}',
        b'{"method": "gera", "split": {"test": 2}}',
    ],
)  # fmt: skip
def test_a_damaged_recipe_is_a_sentence(tmp_path, content):
    run = Project.create(tmp_path / "p").new_run("gera", GERA)
    (run.folder / "recipe.json").write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"recipe\.json"):
        run.recipe()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_a_damaged_report_is_a_sentence(tmp_path, content):
    run = Project.create(tmp_path / "p").new_run("gera", GERA)
    (run.folder / "report.json").write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"report\.json"):
        run.report()


@pytest.mark.parametrize("content", [b"step,loss\n1,x\n", b"step\n\xff\n"])
def test_damaged_curves_are_a_sentence(tmp_path, content):
    run = Project.create(tmp_path / "p").new_run("gera", GERA)
    (run.folder / "curves.csv").write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"curves\.csv"):
        run.curves()


def test_damaged_heads_are_a_sentence(tmp_path):
    import numpy as np
    from safetensors.numpy import save_file

    run = Project.create(tmp_path / "p").new_run("gera", GERA)
    path = run.folder / "heads.safetensors"
    for content in (b"", b"x" * 100, (1 << 60).to_bytes(8, "little")):
        path.write_bytes(content)
        with pytest.raises(WorkbenchError, match="heads"):
            run.space()
    form = {"format": "gera-workbench heads 1"}
    for configuration in (
        [], {}, form, form | {"views": 3}, form | {"views": {"image": {}}},
        form | {"views": {"image": {"kind": "oracle"}}},
        form | {"views": {"image": {"kind": "linear"}}},
        form | {"views": {"image": {"kind": "linear", "size": 3}}},
    ):  # fmt: skip
        save_file({"image.centre": np.ones(3)}, path, {"configuration": json.dumps(configuration)})
        with pytest.raises(WorkbenchError, match="heads"):
            run.space()


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    run = Project.create(tmp_path / "p").new_run("gera", GERA)
    monkeypatch.setattr("os.replace", full)
    for write in (
        lambda: run.write_recipe(Recipe(method="gera")),
        lambda: run.write_report({}),
        lambda: run.write_curves([]),
    ):
        with pytest.raises(WorkbenchError, match="No space left on device"):
            write()
