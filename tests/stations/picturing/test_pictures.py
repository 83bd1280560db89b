import csv

import numpy as np
import pytest
from worlds.projects import small_project

from workbench.alignment import AlphaSweep, Rung
from workbench.charts import Groups, Values
from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    ItemColumns,
    align,
    column_groups,
    picture_of_curves,
    picture_of_map,
    sweep_chart,
)


def make(folder):
    project = Project.open(small_project(folder))
    drain(align(project, AlignRequest(method="procrustes", name="turned")))
    run = project.run("turned")
    run.write_curves([{"step": step, "loss": 1 / step, "recall@10": 0.5} for step in (1.0, 2.0)])


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.mark.parametrize("by", ["modality", "label", "paired", "split", "distortion", "rank"])
def test_a_map_is_coloured_by_each(project, by):
    chart = drain(picture_of_map(project, "run:turned", by=by))
    assert len(chart.positions) == len(chart.names) == len(project.catalogue.items())
    assert set(chart.modalities) == {"image", "text"}
    assert isinstance(chart.colours, Values if by in ("distortion", "rank") else Groups)
    if isinstance(chart.colours, Groups):
        assert len(chart.colours.names) == len(chart.colours.colours)
    assert chart.title.endswith(", PCA")
    assert len(chart.rows()) == len(chart.positions) + 1


def test_what_a_frozen_map_cannot_be_coloured_by_is_told(project):
    with pytest.raises(WorkbenchError, match="Name one by --run"):
        drain(picture_of_map(project, "image", by="rank"))
    with pytest.raises(WorkbenchError, match="cannot be coloured by “shape”"):
        drain(picture_of_map(project, "image", by="shape"))
    assert len(drain(picture_of_map(project, "image", by="rank", run="turned")).positions)


def test_rare_labels_are_one_grey_group(project):
    table = ItemColumns.read(project)
    labels = column_groups(table, table.ids, "label")
    assert set(labels.words()) <= {*table.label.names, "other labels", ""}
    assert column_groups(table, np.array([-5]), "label").codes.tolist() == [-1]


def test_curves_of_runs_are_read(project):
    chart = picture_of_curves(project, ["turned"])
    assert [(curve.name, curve.y.tolist()) for curve in chart.curves] == [("total", [1.0, 0.5])]
    assert picture_of_curves(project, ["turned"], "validation").curves[0].name == "R@10"
    with pytest.raises(WorkbenchError, match="no curves of “spread”"):
        picture_of_curves(project, ["turned"], "spread")
    with pytest.raises(WorkbenchError, match="no plot “losses”"):
        picture_of_curves(project, ["turned"], "losses")


def test_a_sweep_tells_its_knee():
    rungs = tuple(
        Rung(alpha, None, {"recall@1": 0.2, "recall@10": found, "mrr": found,
                           "preservation/image": kept})
        for alpha, found, kept in ((0.0, 0.6, 0.5), (1.0, 0.6, 0.6), (100.0, 0.1, 0.9))
    )  # fmt: skip
    chart = sweep_chart(AlphaSweep(rungs, pairs=100), "many")
    assert [words for _, words in chart.across.ticks] == ["0", "1", "100"]
    assert [curve.name for curve in chart.curves] == ["R@1", "R@10", "image kept"]
    assert chart.marks == ((1.0, "knee, α = 1"),)
    with pytest.raises(WorkbenchError, match="no validation pairs"):
        sweep_chart(AlphaSweep((Rung(0.0, None, {}),)), "many")


def test_the_command_writes_pictures_and_numbers(project, gera, tmp_path):
    picture, table = tmp_path / "a.svg", tmp_path / "a.csv"
    code, out, _ = gera("picture", project.root, "map", "turned", "--out", picture, "--out", table)
    assert code == 0
    assert out.splitlines() == [f"Written: {picture}", f"Written: {table}"]
    with table.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(project.catalogue.items())
    assert ">PCA 1<" in picture.read_text("utf-8")
    code, _, err = gera("picture", project.root, "curves", "turned", "--out", tmp_path / "b.txt")
    assert code == 2
    assert "“b.txt” is no name of a picture" in err
    assert gera("picture", project.root, "cake", "turned", "--out", table)[0] == 2
    assert gera("picture", project.root, "sweep", "turned", "--out", table)[0] == 2
