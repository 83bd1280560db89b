import json
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, tree, write_item

from workbench.alignment import StepReport
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import SplitSettings, load_dataset
from workbench.stations import AlignRequest, EncodeRequest, align, encode, scan

QUICK = {"steps": 12, "neighbours": 6, "anchors": 8, "validate_every": 4, "alpha": 2.0}


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    return FakeShelf().put(monkeypatch)


@pytest.fixture
def project(tmp_path):
    return encode_all(make_project(tmp_path, 40, extra=6))


def run(project, listen=None, control=None, **request):
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    made = drain(align(project, AlignRequest.checked(**request), control), take)
    return made, told


def heads(made):
    return (made.folder / "heads.safetensors").read_bytes()


def repeat(project, made):
    return drain(align(project, AlignRequest.of_run(made)))


def test_what_lies_in_a_run(project):
    made, told = run(project, settings=QUICK, pairs=10, seed=3, name="first")
    assert made.folder == project.root / "runs" / "first"
    assert sorted(tree(made.folder)) == ["curves.csv", "heads.safetensors", "recipe.json"]
    recipe = made.recipe()
    assert (recipe.method, recipe.seed, recipe.pairs) == ("gera", 3, 10)
    assert (recipe.state, recipe.stopped_at, recipe.changes) == ("finished", None, [])
    assert recipe.settings["steps"] == 12
    assert recipe.settings["temperature"] == 0.05  # defaults are written out
    assert recipe.split == project.settings.split
    assert recipe.data_fingerprint == load_dataset(project).fingerprint
    assert {m: card["name"] for m, card in recipe.encoders.items()} == {
        "image": "fake/image", "text": "fake/text",
    }  # fmt: skip
    steps = [event for event in told if isinstance(event, StepReport)]
    assert len(steps) == len(made.curves()) == 12
    assert made.curves()[-1]["loss"] == steps[-1].loss
    assert made.space().views == ("image", "text")


@pytest.mark.parametrize("method", ["gera", "contrastive", "procrustes", "asif"])
def test_the_recipe_gives_the_same_heads(project, method):
    settings = {k: v for k, v in QUICK.items() if k in ("steps", "validate_every")}
    made, _ = run(project, method=method, settings=settings if "o" in method[:2] else (
        QUICK if method == "gera" else {}
    ))  # fmt: skip
    again = repeat(project, made)
    assert again.name == f"{method}-2"
    assert heads(again) == heads(made)
    one, two = made.recipe(), again.recipe()
    assert one.model_copy(update={"created": "", "seconds": 0.0}) == two.model_copy(
        update={"created": "", "seconds": 0.0}
    )


def test_the_recipe_repeats_live_changes_and_a_stop(project):
    control = Control()

    def steer(event):
        if isinstance(event, StepReport):
            if event.step == 3:
                control.set("alpha", 9.0)
            if event.step == 5:
                control.set("alpha/text", 0.0)
                control.set("temperature", 0.2)
            if event.step == 8:
                control.stop()

    plain, _ = run(project, settings=QUICK | {"checkpoint": "last"})
    made, told = run(project, steer, control, settings=QUICK | {"checkpoint": "last"})
    recipe = made.recipe()
    assert (recipe.state, recipe.stopped_at) == ("stopped", 8)
    assert [(change.step, change.name, change.value) for change in recipe.changes] == [
        (4, "alpha/image", 9.0), (4, "alpha/text", 9.0), (6, "alpha/text", 0.0),
        (6, "temperature", 0.2),
    ]  # fmt: skip
    assert isinstance(told[-1], Notice)
    assert "Stopped at step 8" in told[-1].text
    again = repeat(project, made)
    assert heads(again) == heads(made) != heads(plain)
    assert again.recipe().changes == recipe.changes
    assert again.recipe().stopped_at == 8


def test_a_stop_before_the_first_step_keeps_the_start(project):
    control = Control()
    control.stop()
    made, _ = run(project, None, control, settings=QUICK)
    assert (made.recipe().state, made.recipe().stopped_at) == ("stopped", 0)
    assert heads(repeat(project, made)) == heads(made)


def test_a_repeat_uses_the_split_and_the_encoders_of_the_run(project):
    made, _ = run(project, settings=QUICK, pairs=8)
    project.change(split=SplitSettings(seed=9, test=0.5))
    drain(encode(project, EncodeRequest("text", "fake/other")))
    assert project.encoder("text") == "fake/other"
    again = repeat(project, made)
    assert heads(again) == heads(made)
    assert again.recipe().split == made.recipe().split
    assert again.recipe().encoders == made.recipe().encoders


def test_held_out_items_do_not_touch_training(project, tmp_path):
    """Other contents of held-out items give the same heads."""
    made, _ = run(project, settings=QUICK | {"checkpoint": "last"})
    data = load_dataset(project)
    test = data.split(project.settings.split).test["image", "text"]
    held = {data.views["text"].ids[row] for row in test[:, 1]}
    for item in project.catalogue.items("text"):
        if item.id in held:
            Path(item.path).write_text(f"thing {item.id + 5000}")
    drain(scan(project))
    encode_all(project)
    again, _ = run(project, settings=QUICK | {"checkpoint": "last"})
    assert again.recipe().data_fingerprint != made.recipe().data_fingerprint
    assert heads(again) == heads(made)


def test_a_run_that_diverges_keeps_the_last_good_heads(project):
    wild = QUICK | {"learning_rate": 1.0, "clip": 1e30, "alpha": 1000.0}
    made, _ = run(project, settings=wild)
    assert all(np.isfinite(array).all() for array in made.space().tensors().values())


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"method": "magic"}, "no method “magic”"),
        ({"settings": {"alpa": 1}}, "no setting “alpa”"),
        ({"settings": {"alpha": -1}}, "alpha"),
        ({"settings": {"alpha": "much"}}, "alpha"),
        ({"settings": {"steps": 0}}, "steps"),
        ({"settings": {"alpha": float("nan")}}, "alpha"),
        ({"method": "asif", "settings": {"alpha": 1}}, "asif has no setting"),
        ({"pairs": 1}, "pairs"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"stop_after": -1}, "stop_after"),
        ({"changes": [{"step": "x"}]}, "changes"),
        ({"split": {"test": 3}}, "split"),
        ({"encoders": {"image": "fake/image", "text": "fake/none"}}, "There is no cache"),
        ({"encoders": {"image": "fake/image"}}, "no pairs between encoded modalities"),
    ],
)
def test_a_bad_request_is_a_sentence_and_leaves_no_folder(project, request_, words):
    with pytest.raises(WorkbenchError) as error:
        run(project, **request_)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert not (project.root / "runs").exists()


def test_too_few_pairs(tmp_path):
    project = encode_all(make_project(tmp_path, 1))
    with pytest.raises(WorkbenchError, match="training pairs image–text"):
        run(project, settings=QUICK)
    assert not (project.root / "runs").exists()


def test_a_budget_above_what_there_is_and_no_validation_are_told(tmp_path):
    project = encode_all(make_project(tmp_path, 20, split=SplitSettings(test=0.2, validation=0.0)))
    _, told = run(project, settings=QUICK, pairs=100)
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert notices == [
        "There are only 16 training pairs image–text; all are used.",
        "No pairs are kept for validation, so the last heads are kept.",
    ]


def test_three_views(tmp_path):
    project = encode_all(make_project(tmp_path, 30, ("text", "image", "speech"), extra=3))
    made, _ = run(project, settings=QUICK)
    assert set(made.space().views) == {"image", "text", "speech"}
    assert {"geometric/image", "geometric/text", "geometric/speech"} <= made.curves()[0].keys()
    assert heads(repeat(project, made)) == heads(made)


def recipe_file(made):
    return made.folder / "recipe.json"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pairs": 1}, "pairs"),
        ({"seed": -4}, "seed"),
        ({"stopped_at": -1}, "stop_after"),
        ({"method": "magic"}, "no method"),
        ({"settings": {"alpha": []}}, "alpha"),
        ({"encoders": {"image": {}}}, "does not name its encoders"),
        ({"encoders": {"smell": {"name": "nose"}}}, "does not name its encoders"),
        ({"changes": [{"step": 1, "name": "alpha"}]}, "changes.0.value"),
    ],
)
def test_a_recipe_made_by_hand_that_is_wrong_is_a_sentence(project, change, words):
    made, _ = run(project, settings=QUICK)
    content = json.loads(recipe_file(made).read_text())
    recipe_file(made).write_text(json.dumps(content | change))
    with pytest.raises(WorkbenchError) as error:
        repeat(project, made)
    assert words in str(error.value)


def test_a_recipe_made_by_hand_that_is_short_takes_the_projects_ways(project):
    made = project.new_run("mine")
    recipe_file(made).write_text(json.dumps({"method": "contrastive", "settings": {"steps": 3}}))
    again = repeat(project, made)
    assert again.recipe().state == "finished"
    assert len(again.curves()) == 3


def test_changed_data_are_another_fingerprint(project, tmp_path):
    made, _ = run(project, settings=QUICK)
    write_item(tmp_path / "image", "image", 700)
    drain(scan(project))
    encode_all(project)
    told = []
    again = drain(align(project, AlignRequest.of_run(made)), told.append)
    assert again.recipe().data_fingerprint != made.recipe().data_fingerprint
    assert any("the heads will differ" in e.text for e in told if isinstance(e, Notice))
    told.clear()
    drain(align(project, AlignRequest.of_run(again)), told.append)
    assert not [event for event in told if isinstance(event, Notice)]


def test_a_run_that_was_cut_off_keeps_its_curves_and_is_not_repeated(project):
    job = align(project, AlignRequest.checked(settings=QUICK))
    while not (isinstance(event := next(job), StepReport) and event.step == 5):
        pass
    job.close()  # as when the process is ended
    (left,) = project.runs()
    assert left.recipe().state == "running"
    assert len(left.curves()) == 5
    with pytest.raises(WorkbenchError, match="was cut off, or is training now"):
        AlignRequest.of_run(left)
