"""SIGKILL at any moment of a study: no finished cell is lost or repeated, and it ends alike."""

import csv
import random
import time

import pytest
from worlds.forks import Fork
from worlds.projects import small_project

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import StudyShelf, checked_design, resume_study, study

DESIGN = checked_design(
    {
        "title": "study", "seeds": 4,
        "grids": [{"methods": ["procrustes", "asif"], "labels": [8, 16, 32]}],
    }
)  # fmt: skip
TIMES = ("seconds", "step_seconds", "wall", "peak_memory")

# a real study in a process of its own; a line on each cell that is finished
STUDY = """
import sys
from pathlib import Path
from workbench.project import Project
from workbench.stations import CellDone, resume_study, study, checked_design, StudyShelf
project = Project.open(Path(sys.argv[1]))
known = StudyShelf(project).find("study")
design = checked_design(__import__("json").loads(sys.argv[2]))
job = resume_study(project, "study", workers=1) if known else study(project, design, workers=1)
for event in job:
    if isinstance(event, CellDone):
        print(event.cell.key, flush=True)
"""


def study_and_kill(project, cells, seconds):
    """Kill a study a moment after it has told of so many cells; return those it told of."""
    told = []
    with Fork(STUDY, project.root, DESIGN.model_dump_json()) as process:
        for line in process.stdout:
            told.append(line.strip())
            if len(told) >= cells:
                break
        time.sleep(seconds)
        process.kill()
        told += [line for line in process.stdout.read().split("\n")[:-1] if line]
    return told


def table(project, name):
    with StudyShelf(project).study(name).table_path.open(encoding="utf-8", newline="") as file:
        return [
            {n: each for n, each in row.items() if n not in TIMES} for row in csv.DictReader(file)
        ]


@pytest.mark.timeout(280)
@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_a_study_killed_many_times_ends_with_the_same_table(tmp_path, kills):
    project = Project.open(small_project(tmp_path, 60))
    drain(study(project, DESIGN, name="calm", workers=1))
    chance = random.Random(4)
    finished = []
    for _ in range(kills):
        told = study_and_kill(project, chance.randint(1, 8 // kills + 2), chance.uniform(0, 0.05))
        assert not set(told) & set(finished)  # none is made again
        finished += told
        kept = {row["cell"] for row in table(project, "study")}
        assert set(finished) <= kept
        finished = sorted(kept)  # the last one may have been kept and not told of
    drain(resume_study(project, "study", workers=1))
    assert table(project, "study") == table(project, "calm")
    folder = StudyShelf(project).study("study").folder
    assert sorted(each.name for each in folder.iterdir()) == ["recipe.json", "table.csv"]
