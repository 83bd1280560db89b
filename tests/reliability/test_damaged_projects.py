"""Projects with damaged files: what is damaged says so, and spoils nothing else."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds.damage import ANY_FILE, ANY_JSON, HEADS, RECIPE, REPORT, UNMEASURED
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.project import ANSWERS_FILE, Project, read_ladder, read_selections
from workbench.stations import AlignRequest, align, evaluate, make_map, map_file
from workbench.stations.runs.run_table import RunRows

FEW = {"steps": 6, "neighbours": 5, "anchors": 8, "hidden": 10}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a project with a measured run, one beside it, and one with a sweep."""
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        FakeShelf().put(patch)
        project = encode_all(make_project(root, 40))
    drain(align(project, AlignRequest(method="procrustes", name="good")))
    drain(align(project, AlignRequest(method="procrustes", name="other")))
    drain(align(project, AlignRequest(settings=FEW, ladder=[0.0, 10.0], name="swept")))
    for name in ("good", "other"):
        drain(evaluate(project, name))
    drain(make_map(project, "run:good"))
    return root


@pytest.fixture
def project(made, tmp_path):
    return Project.open(shutil.copytree(made, tmp_path / "copy") / "project")


def rows(project):
    return {row.name: row for row in RunRows(project).rows()}


@pytest.mark.parametrize(
    ("file", "way"),
    [
        *(("recipe.json", way) for way in (RECIPE | ANY_FILE | ANY_JSON).values()),
        *(("report.json", way) for way in (REPORT | ANY_FILE | ANY_JSON).values()),
    ],
    ids=[
        *(f"recipe-{name}" for name in RECIPE | ANY_FILE | ANY_JSON),
        *(f"report-{name}" for name in REPORT | ANY_FILE | ANY_JSON),
    ],
)
@pytest.mark.timeout(60)
def test_a_run_with_a_damaged_file_is_shown_as_damaged_and_the_others_as_ever(project, file, way):
    before = rows(project)
    way(project.run("good").folder / file)
    after = rows(project)
    assert after["good"].state == "damaged"
    assert {name: row for name, row in after.items() if name != "good"} == {
        name: row for name, row in before.items() if name != "good"
    }
    assert {run.name for run in project.runs()} == set(before)


@pytest.mark.parametrize("way", UNMEASURED.values(), ids=UNMEASURED)
def test_a_report_with_gaps_is_whole(project, way):
    way(project.run("good").folder / "report.json")
    assert rows(project)["good"].state == "finished"


@pytest.mark.parametrize("way", [*ANY_FILE.values(), *HEADS.values()], ids=[*ANY_FILE, *HEADS])
@pytest.mark.timeout(60)
def test_damaged_heads_are_a_sentence_for_who_wants_them(project, way):
    way(project.run("good").folder / "heads.safetensors")
    for station in (evaluate(project, "good"), make_map(project, "run:good")):
        with pytest.raises(WorkbenchError):
            drain(station)
    assert drain(evaluate(project, "other"))["retrieval"]


@pytest.mark.parametrize("way", ANY_FILE.values(), ids=ANY_FILE)
@pytest.mark.timeout(60)
def test_every_other_file_is_refused_in_a_sentence_or_made_again(project, way):
    root, swept = project.root, project.run("swept")
    way(map_file(project, "run:good", "pca"))
    assert len(drain(make_map(project, "run:good")).ids) == 80
    way(root / "selections.json")
    with pytest.raises(WorkbenchError, match=r"selections\.json"):
        read_selections(project)
    for name in ("curves.csv", "training.safetensors", "ladder/1.safetensors"):
        way(swept.folder / name)
    if way.__name__ not in ("empty", "cut"):  # a file of curves may end anywhere
        with pytest.raises(WorkbenchError, match=r"curves\.csv"):
            swept.curves()
    for read in (swept.training, lambda: read_ladder(swept)):
        with pytest.raises(WorkbenchError, match=r"safetensors"):
            read()
    way(swept.folder / "ladder" / "figures.json")
    with pytest.raises(WorkbenchError, match=r"figures\.json"):
        read_ladder(swept)
    way(root / ANSWERS_FILE)
    with pytest.raises(WorkbenchError, match=r"own-pairs\.csv"):
        project.catalogue.pairs()
    way(root / "project.toml")
    if way.__name__ not in ("empty", "cut"):  # half of its settings are settings
        with pytest.raises(WorkbenchError, match=r"project\.toml"):
            Project.open(root)


@pytest.mark.parametrize("way", ANY_JSON.values(), ids=ANY_JSON)
def test_json_of_another_shape_is_refused_in_a_sentence(project, way):
    way(project.root / "selections.json")
    with pytest.raises(WorkbenchError, match=r"selections\.json"):
        read_selections(project)
    swept = project.run("swept")
    way(swept.folder / "ladder" / "figures.json")
    with pytest.raises(WorkbenchError, match=r"figures\.json"):
        read_ladder(swept)


@pytest.mark.parametrize("ids", ['"all"', "[1.5]", "[true]", "[[1]]", "[1e30]", "[9e999]",
                                 "[99999999999999999999]", "null", '["1"]'])  # fmt: skip
def test_a_selection_of_what_are_no_ids_is_refused(project, ids):
    path = project.root / "selections.json"
    path.write_text(f'{{"mine": [1, 2], "odd": {ids}}}')
    with pytest.raises(WorkbenchError, match="damaged"):
        read_selections(project)
    path.write_text('{"mine": [3, 1, 3], "none": []}')
    found = read_selections(project)
    assert (found["mine"].tolist(), found["none"].tolist()) == ([1, 3], [])


@pytest.mark.parametrize(
    "arguments",
    [("runs",), ("evaluate",), ("caches",), ("spaces",)],
    ids=lambda arguments: arguments[0],
)
def test_the_command_line_goes_on_beside_a_damaged_run(project, gera, arguments):
    folder = project.run("good").folder
    REPORT["retrieval_is_a_number"](folder / "report.json")
    RECIPE["alpha_is_a_word"](project.run("swept").folder / "recipe.json")
    code, out, err = gera(arguments[0], project.root, *arguments[1:])
    assert code in (0, 2)
    assert "Traceback" not in out + err
    if arguments == ("runs",):
        assert "good: damaged" in out
        assert "swept: damaged" in out


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_in_a_recipe_or_report_is_a_row(project, data):
    """Put any JSON in the place of any value."""
    kind = data.draw(st.sampled_from(["recipe.json", "report.json"]))
    path = project.run("good").folder / kind
    whole = path.read_text()
    place = found = json.loads(whole)
    while isinstance(place, dict) and place:
        outer, name = place, data.draw(st.sampled_from(sorted(place)))
        place = place[name]
        if data.draw(st.booleans()):
            break
    outer[name] = data.draw(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
        | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.floats())
    )  # fmt: skip
    try:
        path.write_text(json.dumps(found))
        row = rows(project)["good"]
        assert isinstance(row.state, str)
        for share in (row.recall_1, row.recall_10, row.preservation):
            assert share is None or np.isfinite(share)
    finally:
        path.write_text(whole)


def test_a_project_that_cannot_be_written_is_measured_and_mapped_all_the_same(
    project, monkeypatch, gera
):
    def read_only(*_):
        raise OSError(30, "Read-only file system")

    for room in ("project.writing", "stations.maps.kept_maps"):
        monkeypatch.setattr(f"workbench.{room}.write_whole", read_only)
    told = []
    report = drain(evaluate(project, "other"), told.append)
    assert report["retrieval"]
    made = drain(make_map(project, "run:other"), told.append)
    assert len(made.ids) == 80
    sentences = [event.text for event in told if isinstance(event, Notice)]
    assert len([text for text in sentences if "Read-only file system" in text]) == 2
    code, out, err = gera("map", project.root, "run:other")
    assert (code, "80 items mapped." in out) == (0, True)
    assert "not kept" in err
