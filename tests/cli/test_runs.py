"""The command line of runs: what it lists, and what it changes."""

import json

import pytest
from worlds.fakes import FakeShelf, three_runs

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import evaluate
from workbench.stations.runs.run_table import RunRows


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with three runs, of which one is measured."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        project = three_runs(tmp_path_factory.mktemp("finished"))
        drain(evaluate(project, "good"))
        return project.root


def names(gera, project):
    code, out, err = gera("runs", project, "--json")
    assert (code, err) == (0, "")
    return [row["name"] for row in json.loads(out)]


def line_of(out, name):
    return next(line.split() for line in out.splitlines() if line.strip().startswith(name))


def test_the_table_has_the_figures_of_the_window(project, gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = gera("runs", project)
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert "…" not in out
    rows = {row.name: row for row in RunRows(Project.open(project)).rows()}
    good = rows["good"]
    figures = [f"{each:.1%}" for each in (good.recall_1, good.recall_10, good.preservation)]
    assert line_of(out, "good")[:6] == ["good", "procrustes", "all", *figures]
    assert line_of(out, "poor")[:6] == ["poor", "procrustes", "3", "–", "–", "–"]
    assert out.index("good") < out.index("poor") < out.index("elsewhere")  # oldest first


def test_json_for_scripts(project, gera):
    code, out, err = gera("runs", project, "good", "poor", "--json")
    assert (code, err) == (0, "")
    good, poor = json.loads(out)
    report = Project.open(project).run("good").report()
    directions = report["retrieval"].values()
    assert good["recall_10"] == pytest.approx(sum(d["recall@10"] for d in directions) / 2)
    assert (good["name"], good["method"], good["state"]) == ("good", "procrustes", "finished")
    assert (good["has_heads"], good["note"], poor["recall_10"]) == (True, "", None)
    assert good["differs"] == {"pairs": "all"}
    assert poor["differs"] == {"pairs": 3}


def test_settings_that_differ_are_listed(project, gera):
    code, out, _ = gera("runs", project, "good", "elsewhere")
    assert code == 0
    below = out.split("settings that differ")[1]
    assert line_of(below, "split seed") == ["split", "seed", "0", "9"]
    assert "poor" not in out
    assert "settings that differ" not in gera("runs", project)[1]


def test_a_run_is_renamed_and_noted(project, gera):
    code, out, err = gera("runs", project, "--rename", "poor", "few pairs")
    assert (code, err) == (0, "")
    assert "The run “poor” was renamed to “few-pairs”." in out
    assert names(gera, project) == ["good", "few-pairs", "elsewhere"]
    code, out, err = gera("runs", project, "--note", "good", "a  fine\none")
    assert code == 0
    assert Project.open(project).run("good").recipe().note == "a fine one"
    assert "good: a fine one" in out.splitlines()
    gera("runs", project, "--note", "good", "")
    assert Project.open(project).run("good").recipe().note == ""


def test_runs_are_deleted_listed_and_restored(project, gera):
    code, out, err = gera("runs", project, "--delete", "poor", "--delete", "good")
    assert (code, err) == (0, "")
    assert "The run “poor” is deleted. For thirty days --restore poor restores it." in out
    assert names(gera, project) == ["elsewhere"]
    code, out, _ = gera("runs", project, "--deleted", "--json")
    assert [each["name"] for each in json.loads(out)] == ["good", "poor"]  # the last one first
    assert "poor" in gera("runs", project, "--deleted")[1]
    code, out, _ = gera("runs", project, "--restore", "poor")
    assert "The run “poor” is restored." in out
    assert names(gera, project) == ["poor", "elsewhere"]
    code, out, _ = gera("runs", project, "--for-good")
    assert "1 deleted run was removed from the disk." in out
    assert "No deleted runs are kept." in gera("runs", project, "--deleted")[1]


def test_a_name_taken_meanwhile_is_told(project, gera):
    gera("runs", project, "--delete", "good")
    gera("runs", project, "--rename", "poor", "good")
    code, out, _ = gera("runs", project, "--restore", "good")
    assert code == 0
    assert "The run “good” is restored as “good-2”." in out


def test_a_project_without_runs_says_how_to_make_one(tmp_path, gera):
    root = Project.create(tmp_path / "p").root
    code, out, _ = gera("runs", root)
    assert (code, out) == (
        0,
        "The project has no runs yet. Make one with “gera-workbench align”.\n",
    )
    assert json.loads(gera("runs", root, "--json")[1]) == []


def test_a_stopped_and_a_damaged_run_say_so(project, gera):
    opened = Project.open(project)
    run = opened.run("poor")
    run.write_recipe(run.recipe().model_copy(update={"state": "stopped", "note": "too early"}))
    (opened.run("elsewhere").folder / "recipe.json").write_text("{")
    code, out, err = gera("runs", project)
    assert (code, err) == (0, "")
    assert "poor: stopped early; too early" in out.splitlines()
    assert "elsewhere: damaged" in out.splitlines()
    assert "good:" not in out
    words = json.loads(gera("runs", project, "--json")[1])
    assert {row["name"]: row["state"] for row in words} == {
        "good": "finished", "poor": "stopped early", "elsewhere": "damaged",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["other"], "no run “other”. Its runs: good, poor, elsewhere"),
        (["--rename", "other", "x"], "no run “other”"),
        (["--rename", "good", "poor"], "A run “poor” exists already"),
        (["--rename", "good", "…"], "“…” is not a valid name for a run"),
        (["--note", "other", "x"], "no run “other”"),
        (["--delete", "../p"], "no run “../p”"),
        (["--restore", "good"], "No deleted run is called “good”. Deleted runs: none."),
        (["--rename", "good"], "requires 2 arguments"),
        (["--remove", "good"], "No such option"),
    ],
)
def test_bad_input_is_one_sentence(project, gera, arguments, words):
    code, out, err = gera("runs", project, *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert words in " ".join(err.replace("│", " ").split())
    assert names(gera, project) == ["good", "poor", "elsewhere"]
