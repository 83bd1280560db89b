import json
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, tree, write_item

from workbench.alignment import StepReport, TrainingState, find_method
from workbench.alignment.training import losses
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import Recipe, SplitSettings, load_dataset
from workbench.stations import AlignRequest, EncodeRequest, align, encode, evaluate, resume, scan

QUICK = {"steps": 12, "neighbours": 6, "anchors": 8, "validate_every": 4, "alpha": 2.0}

TRAINER = "workbench.alignment.training.trainer"


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    encode_all(make_project(folder, 40, extra=6))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


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
    fields = find_method(method).settings.model_fields
    made, _ = run(project, method=method, settings={k: v for k, v in QUICK.items() if k in fields})
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


def test_a_run_that_diverges_keeps_the_last_good_heads(project, monkeypatch):
    settings = QUICK | {"checkpoint": "last"}
    good, _ = run(project, settings=settings, stop_after=7)
    real, calls = losses.contrastive_loss, []

    def breaking(*arguments):
        calls.append(1)
        return real(*arguments) * (float("nan") if len(calls) > 7 else 1)

    monkeypatch.setattr(losses, "contrastive_loss", breaking)
    monkeypatch.setattr(
        "workbench.alignment.training.trainer._SECONDS_A_STATE", -1.0
    )  # at every step
    made, told = run(project, settings=settings)
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert any("diverged at step 8" in text for text in notices)
    assert (made.recipe().state, made.recipe().stopped_at) == ("stopped", 7)
    assert all(np.isfinite(array).all() for array in made.space().tensors().values())
    assert heads(made) == heads(good)
    assert not made.has_training()
    with pytest.raises(WorkbenchError, match="no training state is saved with it"):
        go_on(project, made)


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
        ({"encoders": {"image": "fake/image"}}, "no pairs of encoded modalities"),
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
    made, told = run(project, settings=QUICK, pairs=100)
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert notices == ["There are only 16 training pairs image–text; all are used."]
    kept = made.recipe().kept
    assert kept is not None
    assert (kept.step, kept.rule) == (QUICK["steps"], "last")
    assert "no validation pairs" in kept.why


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
        ({"stopped_at": -1}, "stopped_at"),
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
    made = project.new_run("mine", Recipe(method="gera"))
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
    with pytest.raises(WorkbenchError, match="was interrupted, or is training now"):
        AlignRequest.of_run(left)


# ------------------------------------------------------------------------------ going on

LONG = QUICK | {"steps": 30, "head": "residual", "hidden": 16}


def stop_at(step, control):
    def listen(event):
        if isinstance(event, StepReport) and event.step == step:
            control.stop()

    return listen


def go_on(project, made, listen=None, control=None):
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    return drain(resume(project, made.name, control), take), told


def without_times(recipe):
    return recipe.model_copy(update={"created": "", "seconds": 0.0})


@pytest.mark.parametrize("checkpoint", ["best", "last"])
@pytest.mark.parametrize("method", ["gera", "contrastive", "structure", "sotalign"])
def test_a_stopped_run_goes_on_as_if_it_had_never_been_stopped(project, method, checkpoint):
    fields = find_method(method).settings.model_fields
    chosen = {k: v for k, v in LONG.items() if k in fields} | {"checkpoint": checkpoint}
    if "others" in fields:
        chosen["others"] = 8
    plain, _ = run(project, method=method, settings=chosen, pairs=20, seed=5, name="plain")
    control = Control()
    made, told = run(
        project, stop_at(13, control), control,
        method=method, settings=chosen, pairs=20, seed=5, name="stopped",
    )  # fmt: skip
    assert (made.recipe().state, made.recipe().stopped_at) == ("stopped", 13)
    assert made.has_training()
    assert told[-1].text == (
        "Stopped at step 13; the run “stopped” keeps its heads and can be resumed from there."
    )
    drain(evaluate(project, "stopped"))
    went_on, told = go_on(project, made)
    assert went_on.name == "stopped"
    assert heads(went_on) == heads(plain)
    assert (went_on.folder / "curves.csv").read_bytes() == (
        plain.folder / "curves.csv"
    ).read_bytes()
    assert without_times(went_on.recipe()) == without_times(plain.recipe())
    assert sorted(tree(went_on.folder)) == ["curves.csv", "heads.safetensors", "recipe.json"]
    assert [e.step for e in told if isinstance(e, StepReport)] == list(range(14, 31))


def test_stopped_at_every_step_in_turn(project):
    plain, _ = run(project, settings=QUICK, name="plain")
    control = Control()
    control.stop()
    made, _ = run(project, None, control, settings=QUICK, name="stopped")
    for step in range(1, 12):
        assert made.recipe().stopped_at == step - 1
        control = Control()
        made, _ = go_on(project, made, stop_at(step, control), control)
    made, _ = go_on(project, made)
    assert heads(made) == heads(plain)
    assert made.curves() == plain.curves()


def test_live_changes_are_kept_on_the_way(project):
    """Also one that is wished for between the last step and the stop: it was never made."""
    settings = LONG | {"checkpoint": "last"}

    def steer(step, value, control, stop=None):
        def listen(event):
            if isinstance(event, StepReport) and event.step == step:
                control.set("alpha/text", value)
            if isinstance(event, StepReport) and event.step == stop:
                control.set("temperature", 0.4)
                control.stop()

        return listen

    control = Control()
    made, _ = run(project, steer(4, 0.0, control, 12), control, settings=settings, name="s")
    control = Control()
    made, _ = go_on(project, made, steer(20, 30.0, control), control)
    recipe = made.recipe()
    assert [(c.step, c.name, c.value) for c in recipe.changes] == [
        (5, "alpha/text", 0.0), (21, "alpha/text", 30.0)
    ]  # fmt: skip
    again = repeat(project, made)
    assert heads(again) == heads(made)
    assert again.curves() == made.curves()


def test_a_repeat_that_is_stopped_still_makes_the_changes_to_come(project):
    control = Control()

    def steer(event):
        if isinstance(event, StepReport) and event.step in (4, 12, 20):
            control.set("alpha", event.step)

    made, _ = run(project, steer, control, settings=LONG | {"checkpoint": "last"}, name="first")
    control = Control()
    again = drain(
        align(project, AlignRequest.of_run(made), control), stop_at(12, control)
    )  # a change is due at the very next step
    assert again.has_training()
    again, _ = go_on(project, again)
    assert heads(again) == heads(made)
    assert again.recipe().changes == made.recipe().changes
    assert len(made.recipe().changes) == 6


class CrashError(Exception):
    pass


def test_a_training_that_crashes_goes_on_from_the_last_minute(project, monkeypatch):
    monkeypatch.setattr(
        "workbench.alignment.training.trainer._SECONDS_A_STATE", -1.0
    )  # at every step
    plain, told = run(project, settings=LONG, name="plain")
    assert not any(isinstance(event, TrainingState) for event in told)
    assert not plain.has_training()

    def crash(event):
        if isinstance(event, StepReport) and event.step == 17:
            raise CrashError

    with pytest.raises(CrashError):
        run(project, crash, settings=LONG, name="cut")
    cut = project.run("cut")
    assert cut.recipe().state == "running"
    assert len(cut.curves()) == 17
    assert cut.training().step == 16
    assert not cut.has_heads()
    with pytest.raises(WorkbenchError, match="Resume it, or repeat another one"):
        AlignRequest.of_run(cut)
    with (cut.folder / "curves.csv").open("a") as lines:
        lines.write("18,0.")  # half a row, as a kill leaves it
    made, told = go_on(project, cut)
    assert next(e.step for e in told if isinstance(e, StepReport)) == 17
    assert heads(made) == heads(plain)
    assert made.curves() == plain.curves()
    assert made.recipe().state == "finished"


def test_a_repeat_that_crashes_still_ends_where_it_was_to(project, monkeypatch):
    control = Control()
    made, _ = run(project, stop_at(20, control), control, settings=LONG)
    monkeypatch.setattr("workbench.alignment.training.trainer._SECONDS_A_STATE", -1.0)
    job = align(project, AlignRequest.of_run(made))
    while not (isinstance(event := next(job), StepReport) and event.step == 10):
        pass
    job.close()
    again, _ = go_on(project, project.run("gera-2"))
    assert (again.recipe().state, again.recipe().stopped_at) == ("stopped", 20)
    assert heads(again) == heads(made)


def until(job, step):
    """Follow a training up to a step."""
    while not (isinstance(event := next(job), StepReport) and event.step == step):
        pass


def test_a_run_that_is_training_is_not_gone_on_with(project, monkeypatch):
    monkeypatch.setattr(
        "workbench.alignment.training.trainer._SECONDS_A_STATE", -1.0
    )  # at every step
    plain, _ = run(project, settings=LONG, name="plain")
    first = align(project, AlignRequest.checked(settings=LONG, name="busy"))
    until(first, 11)
    busy = project.run("busy")
    assert busy.has_training()
    before = tree(busy.folder)
    with pytest.raises(WorkbenchError, match="“busy” is being trained by another process"):
        go_on(project, busy)
    assert tree(busy.folder) == before
    assert {each.name for each in project.runs()} == {"plain", "busy"}
    first.close()  # then it is free; and who goes on holds it too
    second = resume(project, "busy")
    until(second, 20)
    with pytest.raises(WorkbenchError, match="is being trained"):
        go_on(project, busy)
    made = drain(second)
    assert heads(made) == heads(plain)
    assert made.curves() == plain.curves()
    assert sorted(tree(made.folder)) == ["curves.csv", "heads.safetensors", "recipe.json"]
    with pytest.raises(WorkbenchError, match="is finished"):
        go_on(project, made)


def test_a_runs_folder_without_room_for_a_lock_is_a_sentence(project, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.project.runs.run.FileLock.acquire", full)
    with pytest.raises(WorkbenchError, match=r"gera\.lock cannot be written: No space left"):
        run(project, settings=QUICK)


def test_what_ended_by_itself_cannot_go_on(project):
    finished, _ = run(project, settings=QUICK, name="finished")
    solved, _ = run(project, method="ridge", name="solved")
    for each in (finished, solved):
        with pytest.raises(WorkbenchError, match="is finished, so there is nothing to resume"):
            go_on(project, each)
    impatient, told = run(project, settings=QUICK | {"steps": 500, "patience": 8}, name="impatient")
    assert impatient.recipe().state == "stopped"
    assert told[-1].text.endswith("the run “impatient” keeps its heads.")
    with pytest.raises(WorkbenchError, match="no training state is saved with it"):
        go_on(project, impatient)
    with pytest.raises(WorkbenchError, match="has no run “other”"):
        drain(resume(project, "other"))


def test_a_run_goes_on_only_as_it_began(project, tmp_path):
    control = Control()
    made, _ = run(project, stop_at(5, control), control, settings=LONG)
    recipe, before = recipe_file(made).read_text(), tree(made.folder)
    for change, words in (
        ({"seed": 9}, "it was started with another seed, 0"),
        ({"settings": made.recipe().settings | {"warm_up": 0.5}}, r"other settings \(warm_up\)"),
        ({"method": "contrastive", "settings": {"steps": 30}}, "another method"),
        ({"method": "contrastive"}, "contrastive has no setting"),
        ({"pairs": 5}, "other items or pairs"),
        ({"split": {"seed": 8}}, "other items or pairs"),
        ({"data_fingerprint": "other"}, "have changed since"),
    ):
        recipe_file(made).write_text(json.dumps(json.loads(recipe) | change))
        with pytest.raises(WorkbenchError, match=words):
            go_on(project, made)
    recipe_file(made).write_text(recipe)
    (made.folder / "training.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(WorkbenchError, match="cannot be read"):
        go_on(project, made)
    (made.folder / "training.safetensors").write_bytes(before["training.safetensors"])
    write_item(tmp_path / "image", "image", 700)
    drain(scan(project))
    encode_all(project)
    with pytest.raises(
        WorkbenchError, match="since the run “gera” was made, so it cannot be resumed"
    ):
        go_on(project, made)
    assert tree(made.folder) == before


def test_a_disk_too_full_to_keep_the_training_does_not_end_it(project, monkeypatch):
    monkeypatch.setattr("workbench.alignment.training.trainer._SECONDS_A_STATE", -1.0)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.project.runs.run.save_state", full)
    made, told = run(project, settings=QUICK)
    assert made.recipe().state == "finished"
    (notice,) = [event.text for event in told if isinstance(event, Notice)]
    assert "No space left on device" in notice
    assert "The training continues" in notice


# ------------------------------------------------------------------------------ recipes


def test_the_recipe_says_how_neighbours_were_found_and_where(project):
    made, _ = run(project, settings=QUICK)
    assert made.recipe().device == "cpu"
    assert {view: (f.index, f.recall) for view, f in made.recipe().neighbours.items()} == {
        "image": ("exact", 1.0), "text": ("exact", 1.0)
    }  # fmt: skip
    without, _ = run(project, method="contrastive", settings={"steps": 3})
    assert without.recipe().neighbours == {}


@pytest.mark.parametrize("device", ["tpu", "cuda:99"])
def test_a_device_that_is_not_there_is_a_sentence(project, device):
    with pytest.raises(WorkbenchError, match=r"device|GPU"):
        run(project, settings=QUICK, device=device)
    assert not (project.root / "runs").exists()


# as the first version of the workbench wrote it
OLD = {
    "schema_version": 1, "method": "gera", "seed": 0, "pairs": 12,
    "settings": {
        "steps": 5, "batch_pairs": 256, "temperature": 0.05, "learning_rate": 0.001,
        "start": "procrustes", "width": None, "weight_decay": 0.0001, "warm_up": 0.05,
        "clip": 1.0, "checkpoint": "best", "validate_every": 10, "alpha": 100.0,
        "neighbours": 50, "bandwidth": 0.3, "anchors": 64, "kernel": "heat", "density": True,
        "normalisation": "symmetric", "unpaired": "all",
    },
    "changes": [{"step": 3, "name": "alpha", "value": 2.0}], "stopped_at": None,
    "state": "finished", "note": "", "seconds": 1.5, "created": "2026-01-01T00:00:00+00:00",
    "workbench": "0.1.0",
}  # fmt: skip


def test_an_old_recipe_is_read_and_repeated_with_a_word_on_what_is_new(project):
    made = project.new_run("old", Recipe(method="gera"))
    new, _ = run(project, settings={"steps": 1})
    facts = json.loads(new.recipe().model_dump_json(include={"encoders", "split"}))
    recipe_file(made).write_text(
        json.dumps(OLD | facts | {"data_fingerprint": new.recipe().data_fingerprint})
    )
    told = []
    again = drain(align(project, AlignRequest.of_run(made)), told.append)
    assert again.recipe().state == "finished"
    assert again.recipe().changes[-1].value == 2.0
    (notice,) = [event.text for event in told if isinstance(event, Notice)]
    assert (
        "made by another version of the workbench, without whitening, until_stopped, head, hidden"
        in notice
    )
    changed = OLD | {"settings": OLD["settings"] | {"residual": True}}
    recipe_file(made).write_text(json.dumps(changed))
    with pytest.raises(WorkbenchError, match="recipe of the run “old” cannot be used") as error:
        AlignRequest.of_run(made)
    assert "gera has no setting “residual”" in str(error.value)
