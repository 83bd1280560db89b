"""A run with a ladder: kept, repeated, other heads taken of it, and scrubbed."""

import json

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, tree

from workbench.alignment import Snapshot, SweepReport
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import SplitSettings, read_ladder
from workbench.stations import (
    AlignRequest,
    ShownPairs,
    align,
    evaluate,
    pick,
    scrubber,
    sweep_in_words,
)

QUICK = {"steps": 6, "neighbours": 6, "anchors": 8, "validate_every": 3}
ALPHAS = [0.0, 1.0, 30.0]


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    encode_all(make_project(folder, 40, extra=6))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def run(project, control=None, listen=None, show=0, **request):
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    wanted = AlignRequest.checked(**({"settings": QUICK, "ladder": ALPHAS} | request))
    return drain(align(project, wanted, control, show=show), take), told


def test_a_ladder_is_kept_with_its_run(project, monkeypatch):
    monkeypatch.setattr("workbench.stations.training.alpha_sweep._STEPS_AT_ONCE", 4)  # of curves
    made, told = run(project, name="sweep", show=10)
    recipe, ladder = made.recipe(), read_ladder(made)
    assert recipe.ladder == ladder.alphas == ALPHAS
    assert recipe.state == "finished"
    assert recipe.rung == recipe.settings["alpha"] == ladder.knee().alpha
    assert recipe.settings["checkpoint"] == "last"
    assert tree(made.folder).keys() == {
        "curves.csv", "heads.safetensors", *(f"ladder/{n}.csv" for n in range(3)),
        *(f"ladder/{n}.safetensors" for n in range(3)), "ladder/figures.json", "recipe.json",
    }  # fmt: skip
    for name, array in made.space().tensors().items():
        np.testing.assert_array_equal(ladder.knee().space.tensors()[name], array)
    reports = [event for event in told if isinstance(event, SweepReport)]
    rung = ALPHAS.index(recipe.rung)
    assert made.curves() == [report.rungs[rung].row() for report in reports]
    assert sum(isinstance(event, ShownPairs) for event in told) == 1
    assert sum(isinstance(event, Snapshot) for event in told) >= 2
    assert drain(evaluate(project, "sweep"))["retrieval"]


def test_it_is_repeated_by_its_recipe(project):
    made, _ = run(project, rung=0.5)
    again = drain(align(project, AlignRequest.of_run(made)))
    assert again.recipe().rung == made.recipe().rung
    first, second = tree(made.folder), tree(again.folder)
    assert first.keys() == second.keys()
    assert {n for n in first if first[n] != second[n]} == {"recipe.json"}


def test_settings_may_ask_for_the_best_heads(project):
    made, _ = run(project, settings=QUICK | {"checkpoint": "best"})
    assert made.recipe().settings["checkpoint"] == "best"


def test_a_stop_keeps_the_ladder_so_far(project):
    control = Control()
    made, told = run(
        project, control, lambda e: control.stop() if getattr(e, "step", 0) == 2 else None
    )
    assert (made.recipe().state, made.recipe().stopped_at) == ("stopped", 2)
    assert not made.has_training()
    assert any("Stopped at step 2" in e.text for e in told if isinstance(e, Notice))
    assert read_ladder(made).alphas == ALPHAS
    again = drain(align(project, AlignRequest.of_run(made)))
    assert again.recipe().stopped_at == 2
    assert (again.folder / "heads.safetensors").read_bytes() == (
        made.folder / "heads.safetensors"
    ).read_bytes()


def test_without_validation_the_settings_alpha_is_taken(project):
    made, _ = run(
        project, split=SplitSettings(validation=0.0), settings=QUICK | {"alpha": 25.0}
    )  # fmt: skip
    assert made.recipe().rung == 30.0
    assert "cannot be compared" in sweep_in_words(read_ladder(made))


def test_other_heads_are_taken(project):
    made, _ = run(project, name="sweep")
    drain(evaluate(project, "sweep"))
    ladder = read_ladder(made)
    for wish in (0.0, 30.0, 5.0):
        found = ladder.at(wish)
        drain(pick(project, "sweep", wish))
        assert made.recipe().rung == made.recipe().settings["alpha"] == found.alpha
        for name, array in made.space().tensors().items():
            np.testing.assert_array_equal(found.space.tensors()[name], array)
        assert {row["alpha/text"] for row in made.curves()} == {ALPHAS[ladder.nearest(wish)]}
        assert made.report() == {}  # it was of other heads


def test_what_cannot_be_taken(project):
    run(project, name="sweep")
    run(project, name="plain", ladder=[])
    with pytest.raises(WorkbenchError, match="“plain” has no sweep"):
        drain(pick(project, "plain", 1.0))
    for alpha in (-1.0, 1001.0, float("nan")):
        with pytest.raises(WorkbenchError, match="from 0 to 1000"):
            drain(pick(project, "sweep", alpha))
    before = tree(project.root / "runs" / "sweep")
    control = Control()
    control.stop()
    drain(pick(project, "sweep", 0.0, control))
    assert tree(project.root / "runs" / "sweep") == before


@pytest.mark.parametrize("method", ["contrastive", "procrustes"])
def test_a_ladder_of_another_method_is_a_sentence(project, method):
    with pytest.raises(WorkbenchError, match=f"{method} has none"):
        run(project, method=method, settings={})
    assert project.runs() == []


def test_scrubbing(project):
    made, _ = run(project, name="sweep")
    ladder = read_ladder(made)
    moving = drain(scrubber(project, "sweep", 8))
    for alpha in ALPHAS:
        seen, rung = moving.at(alpha), ladder.at(alpha)
        assert (seen.alpha, seen.is_rung, seen.figures) == (alpha, True, rung.figures)
        for view, ids in moving.shown.ids.items():
            assert seen.glimpse.mapped[view].shape == (len(ids), rung.space.heads[view].bias.size)
    between = moving.at(5.0)
    assert between.is_rung != ladder.joined[1]
    if not between.is_rung:
        assert between.figures.keys() == ladder.rungs[0].figures.keys()


def test_scrubbing_other_data_is_refused(project):
    made, _ = run(project, name="sweep")
    recipe = made.recipe()
    recipe.data_fingerprint = "other"
    made.write_recipe(recipe)
    with pytest.raises(WorkbenchError, match="have changed"):
        drain(scrubber(project, "sweep"))


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"alphas": [1, 0], "figures": [{}, {}], "between": [{}], "pairs": 0}',
    '{"alphas": [0, 1], "figures": [{}, {}], "between": [], "pairs": 0}',
    '{"alphas": [0, 1], "figures": [{}, {}], "between": [{}], "pairs": 5}',
])  # fmt: skip
def test_damaged_ladders_are_a_sentence(project, text):
    made, _ = run(project, ladder=[0.0, 1.0])
    (made.folder / "ladder" / "figures.json").write_text(text)
    with pytest.raises(WorkbenchError, match="sweep"):
        read_ladder(made)


def test_damaged_heads_of_a_rung_are_a_sentence(project):
    made, _ = run(project)
    (made.folder / "ladder" / "1.safetensors").write_bytes(b"no")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_ladder(made)


def test_the_figures_file_holds_what_is_shown(project):
    made, _ = run(project)
    known = json.loads((made.folder / "ladder" / "figures.json").read_text())
    assert known["figures"] == [rung.figures for rung in read_ladder(made).rungs]
    assert len(known["between"]) == 2
