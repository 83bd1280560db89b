"""The command line of evaluate: what it prints, for people and for scripts."""

import json

import pytest
from worlds.fakes import encode_all, make_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align

pytestmark = pytest.mark.usefixtures("shelf")


def table(out, title):
    """Return the rows of a table by their first column, run and direction joined."""
    rows = {}
    lines = iter(out.split(title, 1)[1].split("─ \n", 1)[1].splitlines())
    for line in lines:
        if not line.strip():
            break
        name, *cells = line.split()
        below = next(lines).split()
        rows[name, below[0]] = cells
    return rows


def test_tables_for_people(project, gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = gera("evaluate", project, "good", "poor", "--csls", "--zero-shot")
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines() if "kept:" not in line) <= 80
    report = Project.open(project).run("good").report()
    found = report["retrieval"]["image→text"]
    shown = table(out, "retrieval, with 95 % intervals")
    assert shown["good", "image→text"][0] == f"{found['recall@1']:.1%}"
    low, high = found["interval"]["recall@1"]
    assert f"{100 * low:.1f}–{100 * high:.1f}" in out
    assert shown["chance", "image→text"][:3] == ["8.3%", "41.7%", "83.3%"]
    assert shown.keys() >= {("poor", "text→image"), ("chance", "text→image")}
    assert ("good", "text→image") in table(out, "retrieval by CSLS, with 95 % intervals")
    kept = table(out, "neighbourhoods of held-out items")
    assert kept["good", "image"][0] == f"{report['preservation']['image']:.1%}"
    assert kept["good", "image"][-3:] == ["10", "of", "11"]
    health = table(out, "health of the space")
    gap = report["health"]["relations"]["image–text"]["modality_gap"]
    assert health["good", "image–text"][0] == f"{gap:.2f}"
    assert f"{report['zero_shot']['image']['top1']:.1%}" in out.split("zero-shot")[1]
    differences = table(out, "retrieval: difference to good")
    assert differences.keys() == {("poor", d) for d in ("image→text", "text→image", "mean")}
    assert differences["poor", "mean"][-1].startswith("-")
    assert differences["poor", "mean"][-1].endswith("*")
    assert "excludes 0" in out


def test_one_run_has_no_differences(project, gera):
    code, out, _ = gera("evaluate", project, "good")
    assert code == 0
    assert "difference" not in out
    assert "CSLS" not in out
    assert "zero-shot" not in out


def test_json_for_scripts(project, gera):
    code, out, err = gera("evaluate", project, "good", "poor", "--json", "--csls")
    assert (code, err) == (0, "")
    reports = json.loads(out)
    difference = reports["poor"].pop("difference")
    opened = Project.open(project)
    assert reports == {name: opened.run(name).report() for name in ("good", "poor")}
    assert difference["to"] == "good"
    assert difference["retrieval"]["mean"]["mrr"]["value"] < 0
    assert reports["good"]["csls"] == 10
    assert "retrieval_csls" in difference


def test_runs_of_other_splits_are_told(project, gera):
    code, out, err = gera("evaluate", project)  # all of them
    assert (code, err) == (0, "")
    assert (
        "The runs “good” and “elsewhere” were not measured on the same test items: their "
        "splits or views differ"
    ) in " ".join(out.split())
    assert "difference to good" in out
    code, out, _ = gera("evaluate", project, "good", "elsewhere", "poor")
    assert code == 0
    assert table(out, "difference to good").keys() == {
        ("poor", d) for d in ("image→text", "text→image", "mean")
    }
    # chance is told once a direction: there are as many candidates everywhere
    assert out.count("chance") == 2


def test_a_run_that_was_cut_off_is_left_out_and_told(project, gera):
    (project / "runs" / "poor" / "heads.safetensors").unlink()
    code, out, err = gera("evaluate", project, "--json")
    assert code == 0
    assert json.loads(out).keys() == {"good", "elsewhere"}
    assert err == (
        "The run “poor” is left out: it has no heads yet. It is training, or was interrupted.\n"
    )
    code, out, err = gera("evaluate", project, "good", "poor")
    assert (code, out) == (2, "")
    assert "The run “poor” has no heads yet: it is training, or was interrupted. Resume it" in err
    for name in ("good", "elsewhere"):
        (project / "runs" / name / "heads.safetensors").unlink()
    code, out, err = gera("evaluate", project)
    assert (code, out) == (2, "")
    assert "no runs yet that can be measured" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["good", "other"], "no run “other”"),
        (["good", "good"], "“good” is named twice"),
        (["good", "--csls", "3"], "no run “3”"),
        (["good", "--zeroshot"], "No such option"),
    ],
)
def test_bad_input_is_one_sentence(project, gera, arguments, words):
    code, out, err = gera("evaluate", project, *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert words in " ".join(err.replace("│", " ").split())


def test_zero_shot_without_texts_is_one_sentence(tmp_path, gera):
    made = encode_all(make_project(tmp_path, 20, modalities=("image", "speech")))
    drain(align(made, AlignRequest(method="procrustes", name="r")))
    code, out, err = gera("evaluate", made.root, "r", "--zero-shot")
    assert (code, out) == (2, "")
    assert "has no text view" in err
