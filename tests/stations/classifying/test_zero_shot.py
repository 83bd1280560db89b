import csv
import json
import shutil

import numpy as np
import pytest
from worlds.fakes import encode_all, write_item
from worlds.kinds import WRONG, project_of_kinds

from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.project import Project, SplitSettings
from workbench.stations import (
    AlignRequest,
    ZeroShotRequest,
    align,
    class_rows,
    confused_items,
    parse_classes,
    plain_zero_shot,
    scan,
    share_a_space,
    split_roles,
    write_zero_shot,
    zero_shot,
)

pytestmark = pytest.mark.usefixtures("shelf_of_kinds")


@pytest.fixture
def copy(of_kinds, tmp_path):
    shutil.copytree(of_kinds.root.parent, tmp_path, dirs_exist_ok=True)
    return Project.open(tmp_path / "project")


def numbers_of(project, ids):
    return [int(item.key[-3:]) for item in project.catalogue.items_of(ids.tolist())]


def test_the_truth_is_found(of_kinds):
    found = drain(zero_shot(of_kinds, ["good"], ZeroShotRequest(items="all")))
    (run,) = found.runs
    assert (found.view, run.classes.labels) == ("image", ["kind-0", "kind-1", "kind-2"])
    assert found.templates == ("{}", "a picture of {}", "an image that shows {}")
    numbers = np.array(numbers_of(of_kinds, run.ids))
    assert sorted(numbers) == list(range(60))
    assert run.found.named.tolist() == (numbers % 3).tolist()
    assert run.found.top(1) == 54 / 60
    wrong = [each for each in run.found.confusions().tolist() if each[0] != each[1]]
    assert wrong == [[0, 2, 2], [1, 0, 2], [2, 1, 2]]
    assert numbers_of(of_kinds, confused_items(run, 1, 0)) == [9, 39]
    rows = class_rows(run)
    assert [(row.items, row.recall, row.precision) for row in rows] == [(20, 0.9, 0.9)] * 3
    assert [(row.confused_with, row.confused) for row in rows] == [
        ("kind-2", 2), ("kind-0", 2), ("kind-1", 2),
    ]  # fmt: skip
    for row in rows:
        assert 0.6 < row.interval[0] < 0.9 < row.interval[1] < 1
    low, high = run.intervals["top1"]
    assert low < 0.9 < high
    assert (run.found.chance(1), run.found.majority) == (1 / 3, 1 / 3)
    assert any("Pairs of 42 of them have trained" in each for each in run.remarks)
    assert "With 3 classes every item is right in the top 5; look at top-1." in found.remarks


def test_held_out_items_alone_unless_all_are_asked_for(of_kinds):
    (run,) = drain(zero_shot(of_kinds, ["good"])).runs
    ids, roles = split_roles(of_kinds, "good")["image"]
    assert run.ids.tolist() == ids[np.array(roles) == "test"].tolist()
    assert run.remarks == [
        "good: 12 image items classified, held out: no pair of theirs has trained the heads."
    ]


def test_a_run_without_texts_shows_classes_by_examples(tmp_path):
    made = project_of_kinds(tmp_path, ("image", "speech"), count=30)
    with pytest.raises(WorkbenchError, match="Show them by examples: image, speech"):
        drain(zero_shot(made, ["good"]))
    request = ZeroShotRequest(view="speech", by="image", shots=3)
    (run,) = drain(zero_shot(made, ["good"], request)).runs
    numbers = numbers_of(made, run.ids)
    assert len(numbers) == 6
    assert run.found.top(1) == 1 - len(set(numbers) & set(WRONG)) / 6


def test_runs_are_set_beside_the_first_item_by_item(of_kinds, shelf_of_kinds):
    shelf_of_kinds.loaded.clear()
    found = drain(zero_shot(of_kinds, ["good", "poor"], ZeroShotRequest(items="all")))
    good, poor = found.runs
    difference = poor.differences["top1"]
    assert difference.value == pytest.approx(poor.found.top(1) - good.found.top(1))
    assert difference.low <= difference.value <= difference.high
    assert not good.differences
    assert len(shelf_of_kinds.loaded["text"].seen) == 9  # encoded once for both
    drain(
        align(of_kinds, AlignRequest(method="procrustes", name="else", split=SplitSettings(seed=5)))
    )
    _, other = drain(zero_shot(of_kinds, ["good", "else"])).runs
    assert not other.differences
    assert "not measured on the same items" in other.sentence


def test_frozen_spaces_and_those_of_a_sweep(of_kinds):
    request = ZeroShotRequest(by="image", items="all", shots=4)
    good, frozen = drain(zero_shot(of_kinds, ["good", "frozen:good"], request)).runs
    assert frozen.found.top(1) > 0.8
    assert good.ids.tolist() == frozen.ids.tolist()
    with pytest.raises(WorkbenchError, match="have no space in common"):
        drain(zero_shot(of_kinds, ["good", "frozen:good"]))
    with pytest.raises(WorkbenchError, match="“image” is of no run"):
        drain(zero_shot(of_kinds, ["image"]))


def test_typed_classes_templates_and_the_view(of_kinds, shelf_of_kinds):
    shelf_of_kinds.loaded.clear()
    classes = parse_classes(["KIND_0,kind 1,kind-7 = thing 2 | kind 5"])
    request = ZeroShotRequest(classes, ("{}", " {} "), items="all")
    found = drain(zero_shot(of_kinds, ["good"], request))
    (run,) = found.runs
    assert found.templates == ("{}",)
    assert len(shelf_of_kinds.loaded["text"].seen) == 4
    assert len(run.ids) == 40
    assert class_rows(run)[2].items == 0
    assert np.isnan(class_rows(run)[2].recall)
    assert any("20 image items with labels that are not among the classes: “kind-2”" in each
               for each in run.remarks)  # fmt: skip
    assert json.loads(json.dumps(plain_zero_shot(found), allow_nan=False))


def test_texts_by_pictures(of_kinds):
    request = ZeroShotRequest(view="text", by="image", shots=3)
    (run,) = drain(zero_shot(of_kinds, ["good"], request)).runs
    assert len(run.ids) == 12
    assert any("12 text items without a label of their own" in each for each in run.remarks)
    assert any("shown by 3 image items each, 9 in all" in each for each in run.remarks)
    wrong = [number for number in numbers_of(of_kinds, run.ids) if number in WRONG]
    assert run.found.top(1) == 1 - len(wrong) / 12


def test_examples_are_nested_and_never_classified(of_kinds):
    left = {}
    for shots in (1, 2, 5):
        request = ZeroShotRequest(by="image", shots=shots, seed=3, items="all")
        (run,) = drain(zero_shot(of_kinds, ["good"], request)).runs
        left[shots] = set(run.ids.tolist())
        assert len(left[shots]) == 60 - 3 * shots
    assert left[5] < left[2] < left[1]
    with pytest.raises(WorkbenchError, match="so none is left to be classified"):
        drain(zero_shot(of_kinds, ["good"], ZeroShotRequest(by="image", items="all")))


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (ZeroShotRequest(templates=("a", "b")), "“a” has no {}"),
        (ZeroShotRequest(templates=(" ",)), "A template is empty"),
        (ZeroShotRequest(templates=("{}",), by="image"), "have no template"),
        (ZeroShotRequest(shots=0, by="image"), "at least one example, not 0"),
        (ZeroShotRequest(parse_classes(["one"])), "There is one class, “one”"),
        (ZeroShotRequest(parse_classes(["x,y"])), "Their labels: “kind-0”, “kind-1” and “kind-2”"),
        (ZeroShotRequest(view="speech"), "has no speech head"),
    ],
)
def test_what_cannot_be_is_a_sentence(of_kinds, request_, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        drain(zero_shot(of_kinds, ["good"], request_))


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [([], "at least one run"), (["good", "run:good"], "named twice"), (["no"], "no run “no”")],
)
def test_runs_that_cannot_be(of_kinds, runs, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        drain(zero_shot(of_kinds, runs))


def test_names_the_encoder_cuts_or_takes_for_the_same_are_told(of_kinds):
    classes = parse_classes(
        ["kind-0,kind-1 = a very long name for the kind 4,kind-2,kind-3 = kind 2"]
    )
    (run,) = drain(
        zero_shot(of_kinds, ["good"], ZeroShotRequest(classes, ("{}",), items="all"))
    ).runs
    assert any("1 text is longer than fake/text reads (6 tokens)" in each for each in run.remarks)
    assert any("cannot tell apart" in each and "“kind-2” and “kind-3”" in each
               for each in run.remarks)  # fmt: skip
    assert class_rows(run)[2].recall == 0  # a tie is no answer


def test_a_stop(of_kinds):
    control = Control()
    control.stop()
    assert drain(zero_shot(of_kinds, ["good"], control=control)).runs == []


def test_tables_to_take_away(of_kinds, tmp_path):
    found = drain(zero_shot(of_kinds, ["good", "poor"], ZeroShotRequest(items="all")))
    written = write_zero_shot(of_kinds, found, tmp_path / "new" / "tables")
    assert len(written) == 7
    tables = {path.name: list(csv.DictReader(path.open(encoding="utf-8"))) for path in written}
    assert float(tables["figures.csv"][0]["top1"]) == pytest.approx(0.9)
    assert {row["class"] for row in tables["good-classes.csv"]} == {"kind-0", "kind-1", "kind-2"}
    assert sum(int(row["items"]) for row in tables["good-confusions.csv"]) == 60
    items = tables["good-items.csv"]
    assert sum(row["class"] == row["named"] for row in items) == 54
    assert all((row["rank"] == "1") == (row["class"] == row["named"]) for row in items)


def test_copies_under_several_labels_are_left_out(copy, tmp_path):
    shutil.copy(tmp_path / "image/kind-0/thing-000.png", tmp_path / "image/kind-1/again.png")
    drain(scan(copy))
    encode_all(copy)
    (run,) = drain(zero_shot(copy, ["good"], ZeroShotRequest(items="all"))).runs
    assert len(run.ids) == 59
    assert "Left out: 1 image item with several labels that contradict each other." in run.remarks


def test_no_labels_at_all(tmp_path):
    made = project_of_kinds(tmp_path, label=lambda _: "")
    with pytest.raises(WorkbenchError, match="No image item has a label, nor has its partner"):
        drain(zero_shot(made, ["good"]))


def test_items_without_a_label_are_counted_and_changed_data_told(copy, tmp_path):
    for number in range(60, 64):
        write_item(tmp_path / "image", "image", number)
    drain(scan(copy))
    encode_all(copy)
    with pytest.raises(WorkbenchError, match="nobody knows which are held out"):
        drain(zero_shot(copy, ["good"]))
    (run,) = drain(zero_shot(copy, ["good"], ZeroShotRequest(items="all"))).runs
    assert len(run.ids) == 60
    assert "Left out: 4 image items without a label." in run.remarks
    assert any("The data have changed since" in each for each in run.remarks)


def test_frozen_spaces_of_one_model_are_one():
    clip = {"source": "hub laion/clip", "revision": "1", "width": 512}
    cards = {"image": clip, "text": dict(clip), "speech": clip | {"source": "hub whisper"}}
    assert share_a_space(cards, "image", "text")
    assert share_a_space(cards, "speech", "speech")
    assert not share_a_space(cards, "image", "speech")
    assert not share_a_space(cards | {"text": clip | {"revision": "2"}}, "image", "text")
