import json

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, three_runs

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Progress, drain
from workbench.stations import AlignRequest, align, evaluate
from workbench.stations.evaluating.compare import compare
from workbench.stations.evaluating.evaluate import measure

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def project(copied, tmp_path):
    return copied(three_runs, tmp_path)


def test_differences_are_those_of_the_figures_with_paired_intervals(project):
    found = drain(compare(project, ["good", "poor"], csls=3))
    good, poor = found["good"], found["poor"]
    assert "difference" not in good
    difference = poor.pop("difference")
    for name, report in (("good", good), ("poor", poor)):
        assert report == project.run(name).report() == drain(evaluate(project, name, csls=3))
    assert (difference["to"], difference["same_test_items"]) == ("good", True)
    assert difference["sentence"] == ""
    for kind in ("retrieval", "retrieval_csls"):
        assert difference[kind].keys() == {"image→text", "text→image", "mean"}
        for direction in ("image→text", "text→image"):
            for figure in ("recall@1", "recall@10", "median_rank", "mrr"):
                each = difference[kind][direction][figure]
                assert each["value"] == pytest.approx(
                    poor[kind][direction][figure] - good[kind][direction][figure]
                )
                assert each["low"] <= each["value"] <= each["high"]
                assert each["clear"] is (each["low"] > 0 or each["high"] < 0)
    assert difference["retrieval"]["mean"]["mrr"]["high"] < 0  # three pairs are too few here
    assert difference["retrieval"]["mean"]["mrr"]["clear"]
    json.dumps(difference, allow_nan=False)


def test_comparing_a_run_with_its_copy_gives_no_difference(project):
    drain(align(project, AlignRequest(method="procrustes", name="twin")))
    found = drain(compare(project, ["good", "twin"]))
    for row in found["twin"]["difference"]["retrieval"].values():
        for each in row.values():
            assert each == {"value": 0.0, "low": 0.0, "high": 0.0, "clear": False}


def test_the_draws_are_over_linked_items(project):
    measured = drain(measure(project, "good"))
    assert measured.bootstrap.groups == 12
    for direction, ranks in measured.ranks["retrieval"].items():
        assert len(ranks) == len(measured.groups[direction]) == 12
        assert set(measured.groups[direction].tolist()) == set(range(12))
        share = np.mean(ranks <= 5)
        assert share == measured.report["retrieval"][direction]["recall@5"]


def test_runs_of_different_splits_are_told_apart(project):
    found = drain(compare(project, ["good", "elsewhere", "poor"]))
    difference = found["elsewhere"]["difference"]
    assert not difference["same_test_items"]
    assert difference["sentence"] == (
        "The runs “good” and “elsewhere” were not measured on the same test items: their splits "
        "or views differ. So there is no paired difference."
    )
    assert "retrieval" not in difference
    assert found["poor"]["difference"]["same_test_items"]


def test_runs_of_other_views_are_told_apart(tmp_path):
    project = encode_all(make_project(tmp_path, 30, ("text", "image", "speech")))
    drain(align(project, AlignRequest(method="procrustes", name="three")))
    encoders = {"image": "fake/image", "text": "fake/text"}
    drain(align(project, AlignRequest(method="procrustes", name="two", encoders=encoders)))
    difference = drain(compare(project, ["three", "two"]))["two"]["difference"]
    assert not difference["same_test_items"]
    assert "splits or views differ" in difference["sentence"]


def test_bad_names(project):
    with pytest.raises(WorkbenchError, match="“poor” is named twice"):
        drain(compare(project, ["good", "poor", "poor"]))
    with pytest.raises(WorkbenchError, match="has no run “other”"):
        drain(compare(project, ["good", "other"]))
    assert drain(compare(project, [])) == {}


def test_a_stop_keeps_what_was_measured(project):
    control = Control()

    def listen(event):
        if isinstance(event, Progress) and event.message == "Measured good":
            control.stop()

    assert drain(compare(project, ["good", "poor"], control), listen).keys() == {"good"}
    assert project.run("poor").report() == {}
