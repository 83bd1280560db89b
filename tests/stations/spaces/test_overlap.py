"""Two spaces and two runs, item by item, as evaluation measures them."""

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, three_runs, write_item

from workbench.errors import WorkbenchError
from workbench.evaluation import compare_neighbourhoods
from workbench.jobs import Control, Progress, drain
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    SpaceOf,
    align,
    encode,
    evaluate,
    held_out_ranks,
    overlap_of_spaces,
    read_run_space,
    scan,
)
from workbench.stations.runs.run_space import RunSpace, RunView

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def project(copied, tmp_path):
    return copied(three_runs, tmp_path)


def space(project, name):
    return drain(read_run_space(project, name))


def overlap(*sides, **options):
    return drain(overlap_of_spaces(*sides, **options))


# --- neighbourhoods ------------------------------------------------------------------------------


def test_overlap_of_two_runs_is_that_of_evaluation(project, monkeypatch):
    import sys

    monkeypatch.setattr(sys.modules["workbench.stations.spaces.overlap"], "_ROWS_AT_ONCE", 25)
    good, poor = space(project, "good"), space(project, "poor")
    told = []
    found = drain(overlap_of_spaces(SpaceOf(good), SpaceOf(poor), 7), told.append)
    assert set(found) == {"image", "text"}
    assert [e.done for e in told if isinstance(e, Progress)] == [25, 50, 60] * 2
    for view, own in found.items():
        around = compare_neighbourhoods(good.views[view].after, poor.views[view].after, 7)
        np.testing.assert_array_equal(own.overlap, around.overlap)
        np.testing.assert_array_equal(own.ids, good.views[view].ids)
        assert (own.neighbours, own.items, own.chance) == (7, 60, 7 / 59)
        least = own.least(5)
        assert [share for _, share in least] == np.sort(own.overlap)[:5].tolist()
        assert own.overlap[np.searchsorted(own.ids, least[0][0])] == own.overlap.min()


def test_frozen_beside_joint_is_what_evaluate_calls_kept(project):
    good = space(project, "good")
    before_after = overlap(SpaceOf(good, frozen=True), SpaceOf(good))
    for view, own in before_after.items():
        facts = good.views[view]
        around = compare_neighbourhoods(facts.before, facts.after)
        np.testing.assert_array_equal(own.overlap, around.overlap)
    for own in overlap(SpaceOf(good), SpaceOf(good)).values():
        assert (own.overlap == 1).all()
    assert SpaceOf(good, frozen=True).in_words() == "frozen embeddings of good"


def test_only_items_that_both_have_count(project, tmp_path):
    good = space(project, "good")
    view = good.views["image"]
    some = np.arange(0, 60, 2)
    fewer = RunView(
        view.ids[some], view.ids[some], np.arange(30), view.before[some], view.after[some]
    )
    part = RunSpace("part", {"image": fewer}, {}, None)
    found = overlap(SpaceOf(good), SpaceOf(part))
    assert list(found) == ["image"]
    np.testing.assert_array_equal(found["image"].ids, view.ids[some])
    assert (found["image"].overlap == 1).all()
    assert found["image"].items == 30


def test_of_many_some_are_drawn_and_the_same_each_time(project):
    good, poor = space(project, "good"), space(project, "poor")
    every = overlap(SpaceOf(good), SpaceOf(poor))["image"]
    some = overlap(SpaceOf(good), SpaceOf(poor), most=20)["image"]
    assert (len(some.ids), some.items) == (20, 60)
    place = np.searchsorted(every.ids, some.ids)
    np.testing.assert_array_equal(some.overlap, every.overlap[place])
    again = overlap(SpaceOf(good), SpaceOf(poor), most=20)["image"]
    np.testing.assert_array_equal(again.ids, some.ids)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_items(count):
    ids, rows = np.arange(count), np.eye(2, dtype=np.float32)[:count]
    view = RunView(ids, ids, ids, rows, rows)
    tiny = RunSpace("tiny", {"image": view}, {}, None)
    found = overlap(SpaceOf(tiny), SpaceOf(tiny, frozen=True))["image"]
    assert found.overlap.tolist() == [1.0] * count
    assert len(found.least()) == count
    assert np.isnan(found.chance) == (count < 2)


def test_a_stop_and_what_cannot_be_compared(project):
    good = space(project, "good")
    control = Control()
    control.stop()
    assert overlap(SpaceOf(good), SpaceOf(good), control=control) == {}
    nothing = RunSpace("no views", {}, {}, None)
    with pytest.raises(
        WorkbenchError, match="compare: good and no views have no modality in common"
    ):
        overlap(SpaceOf(good), SpaceOf(nothing))
    with pytest.raises(WorkbenchError, match="Give at least 1"):
        overlap(SpaceOf(good), SpaceOf(good), neighbours=0)


# --- held-out pairs ------------------------------------------------------------------------------


def test_held_out_ranks_are_those_of_evaluate(project):
    report = drain(evaluate(project, "good"))
    found = drain(held_out_ranks(project, "good"))
    assert found.keys() == report["retrieval"].keys()
    for direction, own in found.items():
        facts = report["retrieval"][direction]
        assert len(own.ids) == len(own.ranks) == len(own.linked) == facts["queries"]
        assert np.mean(own.ranks <= 5) == pytest.approx(facts["recall@5"])
        assert np.median(own.ranks) == facts["median_rank"]
        modality = direction.partition("→")[0]
        items = project.catalogue.items_of(own.ids.tolist())
        assert {item.modality for item in items} == {modality}


def test_bad_wishes_are_sentences(project, tmp_path):
    with pytest.raises(WorkbenchError, match="no run"):
        drain(held_out_ranks(project, "nothing"))
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))
    with pytest.raises(WorkbenchError, match="held-out pairs are no longer the same"):
        drain(held_out_ranks(project, "good"))


def test_no_test_pairs_is_a_sentence(tmp_path):
    from workbench.project import SplitSettings

    project = encode_all(make_project(tmp_path, 20))
    none = SplitSettings(test=0.0)
    drain(align(project, AlignRequest(method="procrustes", name="p", split=none)))
    with pytest.raises(WorkbenchError, match="No pairs are held out"):
        drain(held_out_ranks(project, "p"))
