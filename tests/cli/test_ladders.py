"""Sweeping α on the command line, and taking other heads."""

import json

import pytest
from worlds.fakes import encode_all, make_project

from workbench.project import Project

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    encode_all(make_project(folder, 40, extra=4))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path).root


def sweep(project, gera, *more):
    few = "--steps", 4, "--neighbours", 6, "--name", "sweep", "--alphas", "0,1,30"
    return gera("align", project, *few, *more)


def test_a_sweep_and_its_ladder(project, gera):
    code, out, err = sweep(project, gera, "--sweep")
    assert (code, err) == (0, "")
    assert "The sweep of sweep, on validation pairs" in out
    assert "retrieval, with 95 % intervals" in out  # the run is measured as any other
    run = Project.open(project).run("sweep")
    assert run.recipe().ladder == [0.0, 1.0, 30.0]
    code, shown, _ = gera("ladder", project, "sweep")
    assert code == 0
    lines = [line.split() for line in shown.splitlines()]
    assert [words[0] for words in lines if words and words[-1] in ("mixes", "snaps")] == ["0", "1"]
    assert f"The run has the heads of α = {run.recipe().rung:g}." in " ".join(shown.split())
    code, out, _ = gera("ladder", project, "sweep", "--json")
    plain = json.loads(out)
    assert [rung["alpha"] for rung in plain["rungs"]] == [0.0, 1.0, 30.0]
    assert plain["alpha"] == run.recipe().rung
    assert len(plain["joined"]) == 2


def test_other_heads_are_taken(project, gera):
    sweep(project, gera)
    run = Project.open(project).run("sweep")
    for alpha in (30, 0):
        code, out, _ = gera("ladder", project, "sweep", "--pick", alpha)
        assert code == 0
        assert f"The run has the heads of α = {alpha}." in " ".join(out.split())
        assert run.recipe().rung == alpha
    assert run.report() == {}
    code, _, _ = gera("evaluate", project, "sweep")
    assert code == 0


def test_it_is_repeated(project, gera):
    sweep(project, gera)
    code, _, err = gera("align", project, "--repeat", "sweep", "--name", "again")
    assert (code, err) == (0, "")
    first, second = (Project.open(project).run(name) for name in ("sweep", "again"))
    assert second.recipe().rung == first.recipe().rung
    for name in ("heads.safetensors", "curves.csv"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--alphas", "0,x"), "“x” is not a number"),
        (("--alphas", "1"), "from 2 to 32 different values of α"),
        (("--alphas", "0,2000"), "from 0.001 to 1000"),
        (("--sweep", "--method", "ridge"), "ridge has none"),
        (("--sweep", "--set", "learn_temperature=true"), "share one temperature"),
        (("--sweep", "--repeat", "x"), "leave out sweep"),
    ],
)
def test_bad_sweeps_are_a_sentence(project, gera, arguments, words):
    code, out, err = gera("align", project, *arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(err.split())
    assert Project.open(project).runs() == []


def test_a_run_without_a_ladder(project, gera):
    gera("align", project, "--method", "procrustes")
    code, out, err = gera("ladder", project, "procrustes")
    assert (code, out) == (2, "")
    assert "has no sweep" in err


def test_where_alpha_acts(project, gera):
    few = "--set", "neighbours=6", "--set", "hidden=20"
    code, out, err = gera("probe", project, *few)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert [words[0] for words in lines if words and words[-1].endswith("%")][:2] == ["0", "0.001"]
    assert "In a short training" in out or "α changed less than 1 %" in out
    code, shown, _ = gera("probe", project, *few, "--json")
    plain = json.loads(shown)
    assert len(plain["alphas"]) == len(plain["kept"]) == 8
    assert plain["acts"] is None or len(plain["acts"]) == 2
    assert not Project.open(project).runs()  # nothing is kept
    code, _, err = gera("probe", project, "--set", "neighbours")
    assert code == 2
    assert "NAME=VALUE" in err
