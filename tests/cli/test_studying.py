"""Studies on the command line: listed, started, extended, gone on with, shown, reported."""

import json
import re

import pytest
from worlds.projects import small_project

from workbench.jobs import Control
from workbench.project import Project
from workbench.stations import StudyShelf, checked_design
from workbench.stations.studies.study_folder import StudyRecipe

FEW = "--methods", "procrustes,ridge", "--labels", "10,20,all", "--seeds", 2, "--workers", 1


def make(folder):
    small_project(folder, 60)


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path).root


def start(project, gera, *more):
    return gera("study", project, "label-efficiency", *FEW, *more)


def test_what_could_be_studied(project, gera):
    code, out, err = gera("study", project, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["studies"] == []
    ready = {each["name"]: each for each in told["ready_made"]}
    assert ready["label-efficiency"]["trainings"] == 8 * 2 * 5  # methods, 25 and all, seeds
    assert ready["label-efficiency"]["seconds"] is None
    assert ready["alpha"]["trainings"] == 9 * 5
    assert "by one encoder of each modality" in ready["encoders"]["missing"]
    assert "none of text–speech, image–speech" in ready["third-modality"]["missing"]
    code, out, _ = gera("study", project)
    words = " ".join(out.split())
    assert "Ready-made studies" in words
    assert "Cannot be studied here" in words


def test_a_study_from_start_to_report(project, gera, tmp_path):
    code, out, _ = start(project, gera, "--dry-run")
    assert (code, out) == (0, "12 trainings, how long, the first of them will tell.\n")
    code, out, err = start(project, gera, "--target", 0.3)
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert "R@10, %: mean ± standard deviation over seeds" in words
    assert re.search(r"(reaches|does not reach) R@10 30\.0 %", words)
    assert "12 of 12 cells are finished." in words
    code, out, _ = start(project, gera, "--dry-run", "--seeds", 3)
    assert re.fullmatch(r"6 trainings, about \d+ s\.\n", out)
    code, out, _ = gera("study", project, "label-efficiency-x")
    assert code == 2
    page = tmp_path / "report.html"
    code, out, err = gera("study", project, "label-efficiency", "--report", "--to", page)
    assert code == 0
    assert f"The report is {page}" in " ".join(err.split())
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_plain_figures_for_scripts(project, gera):
    code, out, _ = start(project, gera, "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["cells"], told["finished"], told["failed"]) == (12, 12, [])
    assert [line["name"] for line in told["lines"]] == ["Procrustes", "Ridge"]
    (first, *_) = told["lines"][0]["points"]
    assert first["x"] == "10"
    assert first["recall@10"]["seeds"] == 2
    found = first["recall@10"]
    assert found["low"] <= found["mean"] <= found["high"]


def test_ones_own_grid(project, gera, tmp_path):
    own = tmp_path / "study.toml"
    own.write_text(
        'title = "Powers"\nx = "power"\nseeds = [4]\n'
        '[[grid]]\nmethods = ["asif"]\nlabels = [20]\n[grid.settings]\npower = [1, 2, 4]\n',
        encoding="utf-8",
    )
    code, out, err = gera("study", project, own, "--workers", 1)
    assert (code, err) == (0, "")
    assert "3 of 3 cells are finished" in " ".join(out.split())
    (study,) = StudyShelf(Project.open(project)).studies()
    assert study.name == "Powers"
    code, out, _ = gera("study", project, "Powers", "--json")
    assert [point["x"] for point in json.loads(out)["lines"][0]["points"]] == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("seeds = 2", "grids: List should have at least 1 item"),
        ("[[grid]]\nmehtods = []", "grids.0.mehtods"),
        ('kind = "alpha"\n[[grid]]', "says “kind”"),
        ("seeds = [", "is damaged and cannot be read"),
    ],
)
def test_a_file_that_is_no_study(project, gera, tmp_path, content, sentence):
    own = tmp_path / "study.toml"
    own.write_text(content, encoding="utf-8")
    code, _, err = gera("study", project, own)
    assert code == 2
    assert sentence in " ".join(err.split())


def test_a_stop_says_how_to_go_on(project, gera, monkeypatch):
    monkeypatch.setattr(Control, "stopping", property(lambda _: True))
    code, _, err = start(project, gera)
    assert code == 130
    assert "--resume" in err
    monkeypatch.undo()
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = gera("study", project, "label-efficiency", "--resume", "--workers", 1)
    assert code == 0
    assert "12 of 12 cells are finished." in " ".join(out.split())


def test_the_best_is_trained(project, gera):
    start(project, gera)
    code, _, err = gera("study", project, "label-efficiency", "--train-best")
    assert code == 0
    assert "The run “label-efficiency-best” is kept in" in " ".join(err.split())
    assert Project.open(project).run("label-efficiency-best").has_heads()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("encoders",), "“Encoders” cannot be studied here"),
        (("nothing",), "“nothing” is neither a ready-made study nor a file nor a study"),
        (("nothing", "--resume"), "has no study “nothing”. Its studies: none yet"),
        (("alpha", "--labels", "ten"), "are no numbers of labels"),
        (("alpha", "--labels", "900"), "asks for 900 labels, and there are 48 pairs"),
        (("alpha", "--resume", "--seeds", 3), "leave out --seeds"),
        (("label-efficiency", "--methods", "magic"), "There is no method “magic”"),
        (("missing.toml",), "does not exist"),
    ],
)
def test_what_cannot_be_done_is_said(project, gera, arguments, sentence):
    code, out, err = gera("study", project, *arguments)
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.split())
    assert not (project / "studies").exists()


def test_a_study_is_renamed_deleted_and_restored(project, gera):
    shelf = StudyShelf(Project.open(project))
    split = Project.open(project).settings.split
    design = checked_design({"title": "few", "grids": [{"methods": ["ridge"], "labels": [10]}]})
    first = shelf.new("first", StudyRecipe(design=design, split=split))
    shelf.new("other", StudyRecipe(design=design, split=split))
    code, out, _ = gera("study", project, "--rename", "first", "second look")
    assert (code, out) == (0, "The study “first” was renamed to “second-look”.\n")
    assert (
        "study “other” exists already"
        in gera("study", project, "--rename", "second-look", "other")[2]
    )
    with shelf.study("other").worked_at_alone():
        assert "being worked at" in gera("study", project, "--delete", "other")[2]
    code, out, _ = gera("study", project, "--delete", "second-look")
    assert "For thirty days --restore second-look restores it." in out
    assert [each.name for each in shelf.studies()] == ["other"]
    assert json.loads(gera("study", project, "--deleted", "--json")[1])[0]["name"] == "second-look"
    shelf.new("second-look", StudyRecipe(design=design, split=split))
    code, out, _ = gera("study", project, "--restore", "second-look")
    assert out == "The study “second-look” is restored as “second-look-2”.\n"
    assert not first.exists()
    assert "Deleted studies: none" in gera("study", project, "--restore", "first")[2]
    gera("study", project, "--delete", "other")
    assert gera("study", project, "--for-good")[1] == "1 deleted study was removed from the disk.\n"
    assert shelf.deleted() == []
