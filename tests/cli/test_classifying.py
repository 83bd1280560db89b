"""The command line of zero-shot classification: what it prints, for people and for scripts."""

import json

import pytest

pytestmark = pytest.mark.usefixtures("shelf_of_kinds")


@pytest.fixture
def project(of_kinds):
    return of_kinds.root


def test_tables_for_people(project, gera, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = gera(
        "zero-shot", project, "good", "poor", "--items", "all", "--csv", tmp_path / "new"
    )
    assert (code, err) == (0, f"7 tables are in {tmp_path / 'new'}\n")
    words = " ".join(out.split())
    assert "good 90.0% 100.0% 90.0% 3 60" in words
    assert "chance 33.3% 100.0%" in words
    assert "largest 33.3%" in words
    assert "difference to good, paired 95 % intervals" in words
    assert "kind-1 20 90.0% 90.0% kind-0 (2)" in words
    assert "2 kind-1 2 18 ·" in words
    assert "“a picture of {}”" in words
    assert "Pairs of 42 of them have trained the heads" in words
    assert (tmp_path / "new" / "good-items.csv").exists()


def test_json_for_scripts(project, gera, tmp_path):
    code, out, err = gera(
        "zero-shot", project, "good", "poor", "--classes", "KIND_0,kind 1", "--template", "{}",
        "--json", "--picture", tmp_path / "matrix.svg",
    )  # fmt: skip
    assert (code, err) == (0, f"Written: {tmp_path / 'matrix.svg'}\n")
    assert ">KIND_0</text>" in (tmp_path / "matrix.svg").read_text(encoding="utf-8")
    found = json.loads(out)
    assert (found["view"], found["items"], found["templates"]) == ("image", "held-out", ["{}"])
    good, poor = found["runs"]["good"], found["runs"]["poor"]
    assert [each["label"] for each in good["classes"]] == ["KIND_0", "kind 1"]
    assert good["interval"]["top1"][0] <= good["top1"] <= good["interval"]["top1"][1]
    assert good["chance"]["top1"] == 0.5
    assert "difference" not in good
    assert poor["difference"]["top1"].keys() == {"value", "low", "high", "clear"}
    assert any("not among the classes: “kind-2”" in each for each in good["remarks"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--picture", "matrix.gif"], "no name of a picture"),
        (["--template", "a picture"], "has no {} for the words of a class"),
        (["--template", ""], "A template is empty"),
        (["--classes", "one"], "There is one class, “one”"),
        (["--classes", "no.txt"], "does not exist"),
        (["--items", "some"], "“some” are no items"),
        (["--by", "smell"], "“smell” is not a modality"),
        (["--view", "speech"], "has no speech head"),
        (["--by", "image", "--shots", "0"], "at least one example"),
    ],
)
def test_bad_input_is_one_sentence(project, gera, arguments, words):
    code, out, err = gera("zero-shot", project, "good", *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert words in " ".join(err.split())
