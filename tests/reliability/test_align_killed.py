"""SIGKILL at any moment of a training: it goes on from what was kept, to the very same heads."""

import random
import shutil
import time

import pytest
from worlds.fakes import tree
from worlds.forks import Fork
from worlds.projects import small_project

from workbench.alignment import load_state
from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, resume

STEPS_A_KILL = 130  # more than one of them can get
SETTINGS = {
    "neighbours": 8, "anchors": 16, "hidden": 40, "validate_every": 20, "alpha": 5.0,
}  # fmt: skip
REQUEST = AlignRequest(
    settings=SETTINGS, pairs=30, seed=3, name="run",
    changes=[{"step": 90, "name": "alpha/text", "value": 60.0}],
)  # fmt: skip

# a real align station in a process of its own, which keeps its training at about every other step
# instead of every ten seconds; a line on each step
ALIGN = """
import sys
from pathlib import Path
from workbench.alignment import StepReport
from workbench.alignment.training import trainer
from workbench.project import Project
from workbench.stations import AlignRequest, align, resume
trainer._SECONDS_A_STATE = 0.01
project = Project.open(Path(sys.argv[1]))
request = AlignRequest.model_validate_json(sys.argv[3])
for event in resume(project, "run") if sys.argv[2] == "resume" else align(project, request):
    if isinstance(event, StepReport):
        print(event.step, flush=True)
"""


def train_and_kill(project, request, way, lines, seconds):
    """Kill a training a moment after it has told so many lines; return the last step it told."""
    step = 0
    with Fork(ALIGN, project.root, way, request.model_dump_json()) as process:
        for count, line in enumerate(process.stdout, 1):
            step = int(line)
            if count >= lines:
                break
        time.sleep(seconds)
        process.kill()
        told = [line for line in process.stdout.read().split("\n")[:-1] if line]
    return int(told[-1]) if told else step


@pytest.mark.timeout(280)
@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_a_training_killed_many_times_ends_like_one_that_was_not(tmp_path, kills):
    project = Project.open(small_project(tmp_path, 60))
    length = STEPS_A_KILL * kills
    request = REQUEST.model_copy(update={"settings": {**SETTINGS, "steps": length}})
    calm = drain(align(project, request.model_copy(update={"name": "calm"})))
    chance = random.Random(4)
    kept = told = 0
    for _ in range(kills):
        way = "resume" if kept else "align"
        told = train_and_kill(project, request, way, chance.randint(2, 40), chance.uniform(0, 0.03))
        run = project.run("run")
        assert run.recipe().state == "running"
        if not run.has_training():  # killed before anything was kept
            shutil.rmtree(run.folder)
            continue
        state = load_state(run.folder / "training.safetensors")
        assert kept <= state.step <= told
        kept = state.step
        steps = [row["step"] for row in run.curves()]
        assert steps[: int(kept)] == list(range(1, int(kept) + 1))
    assert 0 < kept < length
    run = drain(resume(project, "run"))
    assert run.recipe().state == "finished"
    assert run.recipe().changes == calm.recipe().changes
    assert len(calm.recipe().changes) == 1
    files = tree(calm.folder)
    assert sorted(files) == ["curves.csv", "heads.safetensors", "recipe.json"]
    assert {n: f for n, f in tree(run.folder).items() if n != "recipe.json"} == {
        n: f for n, f in files.items() if n != "recipe.json"
    }
    with pytest.raises(WorkbenchError, match="is finished"):
        drain(resume(project, "run"))
