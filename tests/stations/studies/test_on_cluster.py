"""A study on a cluster: the table that it has without one."""

import csv
import importlib.util
import sys

import pytest
from worlds.projects import small_project

from workbench.jobs import Control, drain
from workbench.stations import CellDone, checked_design, study
from workbench.stations.studies import on_cluster
from workbench.stations.studies.cell import StudyData
from workbench.stations.studies.on_cluster import measure_there, plain_data
from workbench.stations.studies.workers import attempt

TIMES = ("seconds", "step_seconds", "wall", "peak_memory")
DESIGN = checked_design(
    {
        "title": "study", "seeds": 2,
        "grids": [{"methods": ["procrustes", "ridge"], "labels": [10, 20]}],
    }
)  # fmt: skip


@pytest.fixture
def project(copied, tmp_path):
    return copied(lambda folder: small_project(folder, 60), tmp_path)


def figures_of(made):
    with made.table_path.open(encoding="utf-8", newline="") as file:
        return [
            {name: each for name, each in row.items() if name not in TIMES}
            for row in csv.DictReader(file)
        ]


def test_a_cell_that_is_sent_has_the_figures_that_it_has_here(project, monkeypatch):
    monkeypatch.setattr(on_cluster, "in_one_thread", lambda: None)  # this process has others to do
    made = drain(study(project, DESIGN, name="calm", workers=1))
    cell, recipe = made.recipe().cells()[-1], made.recipe()
    data = StudyData(project, recipe.created)
    sent = plain_data(data, cell.encoders)
    for facts in sent["views"].values():
        facts["embeddings"].flags.writeable = False  # as a store that is shared has them
    found = measure_there(
        sent, cell.model_dump(mode="json"), recipe.split.model_dump(mode="json"), "cpu"
    )
    here = attempt(data, cell, recipe.split, "cpu", Control())
    assert found["error"] == ""
    without = [
        {name: value for name, value in figures.items() if name not in TIMES}
        for figures in (found["figures"], here.figures)
    ]
    assert without[0] == without[1]
    assert {"recall@10", "kept", "within"} <= without[0].keys()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="the extra “cluster” is not installed"
)
@pytest.mark.skipif(sys.platform != "linux", reason="a cluster of many nodes is tried on Linux")
def test_a_study_on_a_cluster_that_loses_a_node_has_the_same_table(project):
    from worlds.clusters import NODE, cluster_of

    calm = drain(study(project, DESIGN, name="calm", workers=1))
    with cluster_of(1) as cluster:
        doomed = cluster.add_node(**NODE)
        told = []

        def lose(event):
            told.append(event)
            if sum(isinstance(each, CellDone) for each in told) == 1 and doomed in (
                cluster.list_all_nodes()
            ):
                cluster.remove_node(doomed, allow_graceful=False)

        made = drain(study(project, DESIGN, name="far", cluster=cluster.address), lose)
    assert doomed not in cluster.list_all_nodes()
    assert figures_of(made) == figures_of(calm)
    done = [event.cell.key for event in told if isinstance(event, CellDone)]
    assert len(done) == len(set(done)) == 8
