"""The command line of comparing two spaces: what it prints, for people and for scripts."""

import json

import numpy as np
import pytest

from workbench.jobs import drain
from workbench.project import Project, SpaceName
from workbench.stations import overlap_of_spaces, read_two_spaces

pytestmark = pytest.mark.usefixtures("shelf")


def test_json_has_the_figures_of_the_stations(project, gera):
    code, out, err = gera("compare-spaces", project, "poor", "good", "--json", "--neighbours", "5")
    assert (code, err) == (0, "")
    found = json.loads(out)
    opened = Project.open(project)
    spaces = drain(read_two_spaces(opened, SpaceName("poor"), SpaceName("good")))
    overlap = drain(overlap_of_spaces(*spaces.sides, 5))
    for view, own in overlap.items():
        facts = found["neighbourhoods"][view]
        assert facts["overlap"] == pytest.approx(own.overlap.mean())
        assert (facts["neighbours"], facts["items"]) == (5, 60)
        assert facts["least"][0]["overlap"] == own.overlap.min()
    changes = spaces.changes().of(spaces.tested_ids())
    assert found["ranks"]["held_out_only"]
    assert found["ranks"]["items"] == len(changes.ids)
    assert found["ranks"]["better"] == int((changes.after < changes.before).sum())
    assert [each["id"] for each in found["ranks"]["better_most"]] == [
        item for item, *_ in changes.better_most(5)
    ]
    every = found["groups"]["both ways"][0]
    assert every["after"]["recall@1"]["queries"] == sum(
        len(own.ids) for own in spaces.held_out[1].values()
    )
    difference = every["after"]["recall@1"]["difference"]
    assert difference["low"] <= difference["value"] <= difference["high"]
    assert {each["group"] for each in found["groups"]["image→text"][1:]} <= {
        "kind-0", "kind-1", "kind-2",
    }  # fmt: skip


def test_words_for_people(project, gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    code, out, err = gera("compare-spaces", project, "poor", "good")
    assert (code, err) == (0, "")
    assert "before: poor, after: good" in out
    opened = Project.open(project)
    spaces = drain(read_two_spaces(opened, SpaceName("poor"), SpaceName("good")))
    changes = spaces.changes().of(spaces.tested_ids())
    better = int(np.sum(changes.after < changes.before))
    assert f"of held-out items, {len(changes.ids)} of them: {better} better" in " ".join(
        out.split()
    )
    assert "most improved" in out
    assert "recall of held-out items by label" in out
    assert "kind-0" in out
    code, out, _ = gera("compare-spaces", project, "poor", "good", "--all-items")
    assert "of all items, 120 of them" in " ".join(out.split())


def test_the_spaces_that_are_listed_can_be_compared(project, gera):
    code, out, err = gera("spaces", project)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [
        "image", "text", "run:elsewhere", "run:poor", "run:good",
    ]  # fmt: skip
    code, out, _ = gera("spaces", project, "--json")
    listed = json.loads(out)
    assert listed[0] == {"name": "image", "run": None, "alpha": None, "frozen": True}
    assert listed[-1] == {"name": "run:good", "run": "good", "alpha": None, "frozen": False}
    code, out, _ = gera("compare-spaces", project, "image", "run:good", "--json")
    found = json.loads(out)
    assert (found["before"], found["after"]) == ("image", "run:good")
    assert list(found["neighbourhoods"]) == ["image"]
    code, out, _ = gera("compare-spaces", project, "run:poor", "good")
    assert "before: poor, after: good" in out


def test_a_frozen_side(project, gera):
    code, out, err = gera("compare-spaces", project, "frozen:good", "good")
    assert (code, err) == (0, "")
    assert "before: frozen embeddings of good, after: good" in out
    assert "Frozen spaces cannot be compared" in out
    code, out, _ = gera("compare-spaces", project, "frozen:good", "good", "--json")
    found = json.loads(out)
    assert found["ranks"] is None
    assert found["before"] == "frozen:good"
    assert found["groups"]["both ways"][0]["before"] == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["good", "other"], "no run “other”"),
        (["good", "run:good"], "Both sides are"),
        (["good", "good@3"], "“good” has no sweep"),
        (["good", "run:good@big"], "“big” is not a value of α"),
        (["good", "good"], "Both sides are"),
        (["good"], "Missing argument"),
        (["good", "poor", "--neighbours", "0"], "Give at least 1"),
        (["good", "poor", "--by", "smell"], "no column “smell”"),
    ],
)
def test_bad_input_is_one_sentence(project, gera, arguments, words):
    code, out, err = gera("compare-spaces", project, *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert words in " ".join(err.replace("│", " ").split())
