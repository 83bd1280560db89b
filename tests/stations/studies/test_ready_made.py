"""Ready-made studies: their grids for projects of all kinds, and how relations are left out."""

from dataclasses import replace

import numpy as np
import pytest
from worlds.projects import small_project
from worlds.views import three_views

from workbench.errors import WorkbenchError
from workbench.jobs import Control
from workbench.project import Dataset, Project, SplitSettings, rows_in, split_pairs
from workbench.project.dataset import View
from workbench.stations import READY_MADE
from workbench.stations.studies.cell import StudyData, encoders_in_words, figures_of, train_cell
from workbench.stations.studies.cell_words import axis_value, cell_in_words
from workbench.stations.studies.facts import ProjectFacts
from workbench.stations.studies.grid import Cell, expand
from workbench.stations.studies.ready_made import budgets, find_ready_made
from workbench.stations.studies.refusals import refusal

CHOSEN = {"image": "i", "text": "t", "speech": "s"}
THREE = ProjectFacts(
    CHOSEN, {"image": ["i", "i2"], "text": ["t"], "speech": ["s"]},
    {("image", "text"): 500, ("text", "speech"): 500, ("image", "speech"): 500}, 400,
)  # fmt: skip
TWO = ProjectFacts(
    {"image": "i", "text": "t"}, {"image": ["i"], "text": ["t"]}, {("image", "text"): 150}, 120
)


def cells(name, facts=THREE):
    design = find_ready_made(name).design(facts)
    return expand(design.grids, design.seeds[:1])


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.name)
def test_each_is_a_study_of_a_project_that_has_all(ready):
    design = ready.design(THREE)
    found = expand(design.grids, design.seeds)
    assert len({cell.key for cell in found}) == len(found) > 5
    assert len({repr(axis_value(cell, design.x)) for cell in found}) > 1
    assert all(cell.labels is None or 2 <= cell.labels <= THREE.labels for cell in found)
    assert len(design.seeds) == 5


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (817, [25, 50, 100, 200, 400, 817]),
        (430, [25, 50, 100, 200, 430]),  # 400 would be nearly all
        (30, [25, 30]),
        (12, [12]),
    ],
)
def test_budgets_are_doubled_up_to_all(labels, expected):
    assert budgets(labels) == expected


def test_what_a_project_lacks_is_said():
    for name in ("encoders", "third-modality"):
        with pytest.raises(WorkbenchError, match="cannot be studied here"):
            find_ready_made(name).design(TWO)
    assert find_ready_made("encoders").missing(THREE) == ""
    nothing = ProjectFacts(missing="there is nothing.")
    assert all(ready.missing(nothing) == "there is nothing." for ready in READY_MADE)


def test_the_third_modality_three_ways():
    ways = {axis_value(cell, "relations"): cell for cell in cells("third-modality")}
    assert list(ways) == ["directly", "through text", "all pairs"]
    assert ways["directly"].encoders == {"image": "i", "speech": "s"}
    assert ways["through text"].only_tested == [("image", "speech")]
    assert {cell.measured for cell in ways.values()} == {"image-speech"}


def test_unpaired_items_and_the_control_without():
    rich = replace(THREE, items={"image": 5000, "text": 500, "speech": 500})
    found = cells("unpaired", rich)
    assert [(cell.unpaired_times, cell.settings) for cell in found] == [
        (0.0, {}), (1.0, {}), (10.0, {}), (None, {}), (None, {"unpaired": "none"}),
    ]  # fmt: skip
    few = cells("unpaired")  # 400 pairs less 200: about 100 of each view are unpaired
    assert [cell.unpaired_times for cell in few] == [0.0, None, None]
    assert cell_in_words(found[2]) == "GeRA, 200 labels, 10× unpaired, seed 0"


def test_methods_that_refuse_three_views_are_left_out():
    assert {cell.method for cell in cells("label-efficiency", TWO)} >= {"gera", "ridge", "cca"}
    three = {cell.method for cell in cells("label-efficiency")}
    assert three >= {"gera", "contrastive", "procrustes"}
    assert not three & {"ridge", "cca", "asif"}
    assert refusal("ridge", CHOSEN, PAIRS).startswith("Ridge aligns exactly two views")
    assert refusal("ridge", ["image", "text"], [("image", "text")]) == ""


def test_a_setting_that_a_method_lacks_trains_it_once():
    from workbench.stations.studies.grid import Grid

    grid = Grid(methods=["gera", "ridge"], settings={"alpha": [0, 3], "steps": [5]})
    assert [(cell.method, cell.settings) for cell in expand([grid], [0])] == [
        ("gera", {"alpha": 0.0, "steps": 5}), ("gera", {"alpha": 3.0, "steps": 5}), ("ridge", {}),
    ]  # fmt: skip


PAIRS = {
    ("image", "text"): np.stack([np.arange(100)] * 2, axis=1),
    ("text", "speech"): np.stack([np.arange(100)] * 2, axis=1),
    ("image", "speech"): np.stack([np.arange(100)] * 2, axis=1),
}
COUNTS = dict.fromkeys(("image", "text", "speech"), 130)


def test_a_relation_that_is_only_tested_is_not_learned_from():
    settings = SplitSettings(labels=20, validation=0.2)
    whole = split_pairs(COUNTS, PAIRS, settings)
    without = split_pairs(
        COUNTS, PAIRS, settings.model_copy(update={"only_tested": [("speech", "image")]})
    )
    relation = ("image", "speech")
    assert relation not in without.training
    assert relation not in without.validation
    for other in (("image", "text"), ("text", "speech")):
        assert (without.training[other] == whole.training[other]).all()
    assert all((without.test[each] == whole.test[each]).all() for each in PAIRS)


def test_fewer_unpaired_items_are_among_more():
    def unpaired(times):
        settings = SplitSettings(labels=20, validation=0.0, unpaired=times)
        return split_pairs(COUNTS, PAIRS, settings)

    none, some, more, all_ = (unpaired(times) for times in (0, 0.5, 1.5, None))
    for view in COUNTS:
        paired = len(rows_in(all_.training, view))
        assert len(none.unpaired[view]) == 0
        assert len(some.unpaired[view]) == round(0.5 * paired)
        assert set(some.unpaired[view]) < set(more.unpaired[view]) <= set(all_.unpaired[view])
    assert (none.training["image", "text"] == all_.training["image", "text"]).all()


def test_pictures_and_recordings_that_meet_by_way_of_texts(tmp_path):
    project = Project.open(small_project(tmp_path, 12))
    views, told, held_out = three_views()
    rows = {view: np.concatenate([views[view], held_out.views[view]]) for view in views}
    pairs = {relation: np.stack([np.arange(160)] * 2, axis=1) for relation in PAIRS}
    data = StudyData(project)
    data._sets[encoders_in_words(CHOSEN)] = Dataset(
        {view: View(np.arange(160), rows[view], {"name": view}) for view in rows}, pairs, "mark"
    )
    recalls = {}
    for way, only_tested in (("all", []), ("through text", [("image", "speech")])):
        cell = Cell(
            method="procrustes", labels=60, encoders=CHOSEN, only_tested=only_tested,
            measured="image-speech",
        )  # fmt: skip
        trained = train_cell(data, cell, SplitSettings(), "cpu", Control())
        recalls[way] = figures_of(trained, data, cell)["recall@10"]
    assert told  # the world has pairs, of which the study makes its own split
    assert 0.5 < recalls["through text"] <= 1
    assert 0.5 < recalls["all"] <= 1
