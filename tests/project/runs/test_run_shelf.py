"""Runs are renamed, noted, deleted and restored, and nothing of them is lost on the way."""

import os
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.fakes import tree

from workbench.errors import WorkbenchError
from workbench.project import Project, Recipe, Run, spoken_name
from workbench.project.names import map_file


@pytest.fixture
def project(tmp_path):
    project = Project.create(tmp_path / "p")
    for number, name in enumerate(("first", "second", "second--pca")):
        recipe = Recipe(method="gera", seed=number, created=f"2026-01-0{number + 1}")
        run = project.new_run(name, recipe)
        run.write_report({"retrieval": {}, "of": name})
        for method in ("pca", "umap"):
            path = project.map_path(f"run:{name}", method)
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{method} of {name}")
    return project


def names(project):
    return [run.name for run in project.runs()]


def full(*_, **__):
    raise OSError(28, "No space left on device")


def test_a_renamed_run_keeps_its_report_its_maps_and_its_place(project):
    run = project.shelf.rename("second", "the best/one")
    assert run.name == "the-best-one"
    assert names(project) == ["first", "the-best-one", "second--pca"]
    assert run.recipe().seed == 1
    assert run.report()["of"] == "second"
    for method in ("pca", "umap"):
        assert project.map_path("run:the-best-one", method).read_text() == f"{method} of second"
        assert not project.map_path("run:second", method).exists()
        # a name that begins alike is another run
        kept = project.map_path("run:second--pca", method)
        assert kept.read_text() == f"{method} of second--pca"
    with pytest.raises(WorkbenchError, match="has no run “second”"):
        project.run("second")


def test_a_name_may_be_kept(project):
    assert project.shelf.rename("first", "first").name == "first"
    assert project.shelf.rename("first", "  first ").name == "first"
    assert len(names(project)) == 3


@pytest.mark.parametrize("wish", ["", " ", "…", "../..", "-", "  . "])
def test_what_is_no_name_is_refused(project, wish):
    with pytest.raises(WorkbenchError, match="is not a valid name for a run"):
        project.shelf.rename("first", wish)
    assert names(project) == ["first", "second", "second--pca"]


def test_a_taken_name_is_refused_and_nothing_is_changed(project):
    with pytest.raises(WorkbenchError, match="A run “second” exists already"):
        project.shelf.rename("first", "second")
    assert project.run("first").report()["of"] == "first"
    assert project.run("second").report()["of"] == "second"
    with pytest.raises(WorkbenchError, match="has no run “other”"):
        project.shelf.rename("other", "more")


def test_a_folder_that_cannot_be_moved_is_a_sentence_and_leaves_no_empty_one(project, monkeypatch):
    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(WorkbenchError, match="“first” cannot be renamed: No space left"):
        project.shelf.rename("first", "other")
    with pytest.raises(WorkbenchError, match="“first” cannot be deleted: No space left"):
        project.shelf.delete("first")
    monkeypatch.undo()
    deleted = project.shelf.delete("second")
    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(WorkbenchError, match="“second” cannot be restored: No space left"):
        project.shelf.restore(deleted)
    monkeypatch.undo()
    folders = [path.name for path in (project.root / "runs").iterdir() if path.name[0] != "."]
    assert sorted(folders) == ["first", "second--pca"]
    assert project.shelf.restore(deleted).name == "second"


def test_a_run_that_trains_is_left_alone(project):
    with project.run("first").trained_alone():
        for change in (
            lambda: project.shelf.rename("first", "other"),
            lambda: project.shelf.note("first", "good"),
            lambda: project.shelf.delete("first"),
        ):
            with pytest.raises(
                WorkbenchError, match=r"“first” is being trained. It can be \w+ed w"
            ):
                change()
    assert project.shelf.rename("first", "other").name == "other"


def test_a_note_is_one_line_of_the_recipe(project):
    run = project.shelf.note("first", "  kept more\nneighbours — α 30 ")
    assert run.recipe().note == "kept more neighbours — α 30"
    assert run.recipe().model_copy(update={"note": ""}) == Recipe(
        method="gera", seed=0, created="2026-01-01"
    )
    assert project.shelf.note("first", "").recipe().note == ""
    assert run.report()["of"] == "first"  # a note is no reason to measure again
    (run.folder / "recipe.json").write_text("{")
    with pytest.raises(WorkbenchError, match="damaged"):
        project.shelf.note("first", "x")


def test_a_full_disk_loses_no_recipe(project, monkeypatch):
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        project.shelf.note("first", "x")
    assert project.run("first").recipe().note == ""


def test_a_deleted_run_is_gone_and_comes_back_whole(project):
    (project.run("second").folder / "heads.safetensors").write_bytes(b"heads")
    before = tree(project.run("second").folder)
    deleted = project.shelf.delete("second")
    assert names(project) == ["first", "second--pca"]
    assert project.shelf.deleted() == [deleted]
    assert not project.map_path("run:second", "umap").exists()
    assert project.map_path("run:second--pca", "umap").exists()
    again = Project.open(project.root)  # as after the window was closed
    (found,) = again.shelf.deleted()
    assert (found.name, found.when, found.folder) == ("second", deleted.when, deleted.folder)
    run = again.shelf.restore(found)
    assert names(again) == ["first", "second", "second--pca"]
    assert tree(run.folder) == before
    assert again.map_path("run:second", "umap").read_text() == "umap of second"
    assert again.shelf.deleted() == []
    with pytest.raises(WorkbenchError, match="“second” no longer exists"):
        again.shelf.restore(found)


def test_a_name_taken_meanwhile_is_left_to_its_owner(project):
    deleted = project.shelf.delete("second")
    project.new_run("second", Recipe(method="ridge"))
    path = project.map_path("run:second", "pca")
    path.parent.mkdir()
    path.write_text("of the new one")
    run = project.shelf.restore(deleted)
    assert run.name == "second-2"
    assert run.recipe().method == "gera"
    assert project.run("second").recipe().method == "ridge"
    assert path.read_text() == "of the new one"
    assert project.map_path("run:second-2", "pca").read_text() == "pca of second"


def test_runs_of_one_name_are_deleted_one_after_the_other(project):
    first = project.shelf.delete("first")
    project.new_run("first", Recipe(method="ridge"))
    second = project.shelf.delete("first")
    assert project.shelf.deleted() == [second, first]
    assert project.shelf.restore(second).recipe().method == "ridge"
    assert project.shelf.restore(first).name == "first-2"


def test_a_damaged_run_can_be_deleted_and_restored(project):
    (project.run("first").folder / "recipe.json").write_text("{")
    deleted = project.shelf.delete("first")
    assert "first" not in names(project)
    assert project.shelf.restore(deleted).name == "first"


def test_for_good_is_for_good(project):
    deleted = project.shelf.delete("first")
    project.shelf.delete_for_good(deleted)
    assert project.shelf.deleted() == []
    assert not deleted.folder.exists()
    project.shelf.delete_for_good(deleted)  # by someone else meanwhile: as wanted
    with pytest.raises(WorkbenchError, match="no longer exists"):
        project.shelf.restore(deleted)


def test_what_was_deleted_long_ago_goes_when_the_project_is_opened(project):
    bin_ = project.shelf.delete("first").folder.parent
    project.shelf.delete("second")
    for days, name in ((31, "old"), (29, "young")):
        stamp = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y%m%dT%H%M%S%fZ")
        place = bin_ / f"{stamp}--{name}"
        place.mkdir()
        Run(place).write_recipe(Recipe(method="gera"))
    (bin_ / "mine").mkdir()
    again = Project.open(project.root)
    assert [each.name for each in again.shelf.deleted()] == ["second", "first", "young"]
    assert (bin_ / "mine").exists()  # not ours


# what an earlier version that was killed could leave of making, renaming and restoring a run
@pytest.mark.parametrize("way", ["made", "renamed", "restored"])
def test_an_empty_folder_is_nobodys_name(project, way):
    if way == "restored":
        deleted = project.shelf.delete("first")
    name = "first" if way == "restored" else "ghost"
    (project.root / "runs" / name).mkdir()
    if way == "made":
        assert project.new_run("ghost", Recipe(method="ridge")).name == "ghost"
    elif way == "renamed":
        assert project.shelf.rename("first", "ghost").report()["of"] == "first"
    else:
        assert project.shelf.restore(deleted).name == "first"


@pytest.mark.parametrize("way", ["made", "renamed", "restored"])
def test_a_file_has_a_name_as_a_folder_does(project, way):
    deleted = project.shelf.delete("second")
    (project.root / "runs" / "second").write_text("mine")
    if way == "made":
        assert project.new_run("second", Recipe(method="ridge")).name == "second-2"
    elif way == "renamed":
        with pytest.raises(WorkbenchError, match="A run “second” exists already"):
            project.shelf.rename("first", "second")
    else:
        assert project.shelf.restore(deleted).name == "second-2"
    assert (project.root / "runs" / "second").read_text() == "mine"


def test_maps_that_an_earlier_version_kept_elsewhere_are_found(project):
    for name in names(project):  # they were kept by the names of the runs, in one folder
        for method in ("pca", "umap"):
            path = project.map_path(f"run:{name}", method)
            old = project.root / "maps" / map_file(f"run:{name}", method)
            old.parent.mkdir(exist_ok=True)
            path.rename(old)
    (project.root / "maps" / "text--pca.h5").write_text("pca of text")
    deleted = project.shelf.delete("second--pca")
    old = deleted.folder / "maps"
    for method in ("pca", "umap"):  # and moved into the folder of the run that was deleted
        (project.root / "maps" / f"run-second--pca--{method}.h5").rename(
            old / f"run-second--pca--{method}.h5"
        )
    again = Project.open(project.root)
    again.shelf.restore(deleted)
    for name in names(again):
        for method in ("pca", "umap"):
            assert again.map_path(f"run:{name}", method).read_text() == f"{method} of {name}"
    assert [path.name for path in (project.root / "maps").iterdir()] == ["text--pca.h5"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_nothing_is_deleted_or_written_through_a_link(project, tmp_path):
    old = (datetime.now(UTC) - timedelta(days=31)).strftime("%Y%m%dT%H%M%S%fZ")
    outside = tmp_path / "outside"
    Run(outside / f"{old}--mine").folder.mkdir(parents=True)
    Run(outside / f"{old}--mine").write_recipe(Recipe(method="gera"))
    (project.root / "runs" / ".deleted").symlink_to(outside)
    again = Project.open(project.root)
    assert again.shelf.deleted() == []
    with pytest.raises(WorkbenchError, match="cannot be deleted: it is a link to another place"):
        again.shelf.delete("first")
    (project.root / "runs" / ".deleted").unlink()
    deleted = again.shelf.delete("first")
    # a deleted run that is a link: the link goes
    linked = deleted.folder.with_name(f"{old}--linked")
    linked.symlink_to(outside / f"{old}--mine")
    Project.open(project.root)
    assert not os.path.lexists(linked)
    # a run that is a link can be read, and is not written
    (project.root / "runs" / "linked").symlink_to(outside / f"{old}--mine")
    run = again.run("linked")
    before = run.recipe()
    for write in (
        lambda: run.write_recipe(Recipe(method="ridge")),
        lambda: run.write_report({}),
        lambda: run.write_space(None),
        lambda: run.write_curves([]),
        lambda: run.make_folder("maps"),
        lambda: again.shelf.note("linked", "x"),
    ):
        with pytest.raises(WorkbenchError, match="a link to another place, into which nothing"):
            write()
    assert run.recipe() == before
    assert [path.name for path in outside.rglob("*.*")] == ["recipe.json"]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_any_wish_is_a_name_or_a_sentence(tmp_path_factory, wish):
    project = Project.create(tmp_path_factory.mktemp("p") / "p")
    project.new_run("run", Recipe(method="gera"))
    try:
        run = project.shelf.rename("run", wish)
    except WorkbenchError:
        assert not re.search(r"\w", wish)
        assert names(project) == ["run"]
    else:
        assert run.name == spoken_name(wish)
        assert names(project) == [run.name]


def test_recipes_that_are_as_they_were_are_not_read_again(project, monkeypatch):
    assert names(project) == ["first", "second", "second--pca"]
    read, original = [], Run.recipe
    monkeypatch.setattr(Run, "recipe", lambda run: read.append(run.name) or original(run))
    assert names(project) == ["first", "second", "second--pca"]
    assert read == []
    run = project.run("first")
    run.write_recipe(Recipe(method="gera", created="2026-02-01"))
    assert names(project) == ["second", "second--pca", "first"]
    assert read == ["first"]
