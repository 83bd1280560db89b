"""Keeping the heads of a step: the run is repeated to just there, to the bit."""

import pytest
from worlds.projects import small_project

from workbench.alignment import StepReport
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, request_to_keep, resume
from workbench.stations.runs.run_table import read_row

QUICK = {
    "steps": 8, "neighbours": 5, "anchors": 8, "hidden": 10, "validate_every": 2,
    "checkpoint": "last",
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    return Project.open(small_project(tmp_path))


def heads(run):
    return (run.folder / "heads.safetensors").read_bytes()


def test_the_heads_of_a_step_are_those_that_the_run_had_then(project):
    run = drain(align(project, AlignRequest(settings=QUICK, name="whole")))
    stopped = drain(align(project, AlignRequest(settings=QUICK, name="stopped", stop_after=5)))
    kept = drain(align(project, request_to_keep(run, 5)))
    assert kept.name == "whole-step-5"
    assert heads(kept) == heads(stopped) != heads(run)
    recipe = kept.recipe()
    assert (recipe.kept.step, recipe.kept.rule) == (5, "step")
    assert read_row(kept).kept_step == 5
    assert read_row(run).kept_step == 8
    assert (recipe.state, recipe.stopped_at) == ("finished", None)  # as far as it was to go
    assert heads(drain(align(project, AlignRequest.of_run(kept)))) == heads(kept)
    # of a run that was stopped too, as far as it went
    again = drain(align(project, request_to_keep(stopped, 5)))
    assert heads(again) == heads(kept)


def test_a_training_until_stopped_is_kept_repeated_and_gone_on_with(project):
    endless = QUICK | {"until_stopped": True}
    run = drain(align(project, AlignRequest(settings=endless, name="long", stop_after=11)))
    assert (run.recipe().state, run.recipe().stopped_at) == ("stopped", 11)
    assert run.has_training()
    assert heads(drain(align(project, AlignRequest.of_run(run)))) == heads(run)
    step = drain(align(project, request_to_keep(run, 9)))
    shorter = drain(align(project, AlignRequest(settings=endless, name="nine", stop_after=9)))
    assert heads(step) == heads(shorter)
    control, before = Control(), heads(run)

    def stop(event):
        if isinstance(event, StepReport) and event.step == 14:
            control.stop()

    longer = drain(resume(project, "long", control), stop)
    assert longer.recipe().stopped_at == 14
    assert longer.has_training()
    assert heads(longer) != before
    sweep = align(project, AlignRequest(settings=endless, ladder=[0.0, 1.0], name="sweep"))
    told: list[object] = []
    assert drain(sweep, told.append).recipe().state == "finished"
    assert any(isinstance(each, Notice) and "ends at its steps" in each.text for each in told)


def test_a_step_that_was_not_made_is_a_sentence(project):
    run = drain(align(project, AlignRequest(settings=QUICK, name="whole")))
    for step in (0, 9):
        with pytest.raises(WorkbenchError, match=f"no step {step} to keep"):
            request_to_keep(run, step)
    solved = drain(align(project, AlignRequest(method="procrustes", name="solved")))
    with pytest.raises(WorkbenchError, match="made 0 steps"):
        request_to_keep(solved, 1)
    assert read_row(solved).kept_step is None


def test_a_sweep_has_no_single_step(project):
    run = drain(align(project, AlignRequest(settings=QUICK, ladder=[0.0, 1.0], name="sweep")))
    with pytest.raises(WorkbenchError, match="is a sweep"):
        request_to_keep(run, 3)
