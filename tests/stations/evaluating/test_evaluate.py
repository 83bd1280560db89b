import json
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import (
    FakeShelf,
    encode_all,
    make_project,
    settings_of,
    vector,
    write_item,
)

from workbench.alignment import standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import (
    class_prototypes,
    compare_neighbourhoods,
    distortion,
    neighbour_overlap,
    rank_intervals,
    relation_health,
    retrieval,
    retrieve,
    view_health,
)
from workbench.evaluation.uncertainty import Bootstrap
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import Project, SplitSettings, load_dataset
from workbench.stations import AlignRequest, align, evaluate, scan, zero_shot

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 60))
    drain(align(project, AlignRequest(method="procrustes", pairs=20)))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def held_out_rows(project):
    """Return the embeddings of the test pairs as the world knows them, row for row."""
    data = load_dataset(project)
    items = {item.id: item for item in project.catalogue.items()}
    pairs = data.split(project.settings.split, 20).test["image", "text"]
    assert len(pairs) == 12
    rows, labels = {}, {}
    for side, view in enumerate(("image", "text")):
        found = [items[data.views[view].ids[row]] for row in pairs[:, side]]
        numbers = [int(Path(item.path).stem[-3:]) for item in found]
        rows[view] = np.stack([vector(view, number) for number in numbers])
        labels[view] = [item.label for item in found]
    return rows, labels


def test_the_figures_are_those_of_plain_arrays(project):
    report = drain(evaluate(project, "procrustes"))
    rows, _ = held_out_rows(project)
    space = project.run("procrustes").space()
    joint = {view: space.embed(view, each) for view, each in rows.items()}
    scores = joint["image"] @ joint["text"].T
    diagonal = np.stack([np.arange(12)] * 2, axis=1)
    for direction, each in (("image→text", scores), ("text→image", scores.T)):
        expected = retrieval(each, diagonal)
        found = report["retrieval"][direction]
        assert (found["queries"], found["candidates"]) == (12, 12)
        for k in (1, 5, 10):
            assert found[f"recall@{k}"] == pytest.approx(expected.recall[k])
            assert found["chance"][f"recall@{k}"] == pytest.approx(k / 12)
            low, high = found["interval"][f"recall@{k}"]
            assert low <= found[f"recall@{k}"] <= high
        assert found["median_rank"] == expected.median_rank
        assert found["mrr"] == pytest.approx(expected.mrr)
        assert (
            found["interval"].keys()
            == rank_intervals(expected.ranks, np.arange(12), Bootstrap(12, 5)).keys()
        )
    for view in ("image", "text"):
        frozen = standardise(rows[view], space.heads[view].centre)
        around = compare_neighbourhoods(frozen, joint[view], 10)
        found = report["neighbourhoods"][view]
        assert report["preservation"][view] == pytest.approx(
            neighbour_overlap(frozen, joint[view], 10)
        )
        assert found["overlap"] == report["preservation"][view]
        assert found["chance"]["overlap"] == 10 / 11
        assert found["trustworthiness"] == pytest.approx(around.trustworthiness)
        assert found["continuity"] == pytest.approx(around.continuity)
        assert (found["neighbours"], found["items"], found["sampled"]) == (10, 12, 12)
        bent = distortion(frozen, joint[view], 50)
        assert found["distortion"]["mean"] == pytest.approx(bent.mean(), rel=1e-4)
        assert found["distortion"]["quantile_0.5"] == pytest.approx(np.median(bent), rel=1e-4)
        assert found["distortion"]["neighbours"] == 11
        health = report["health"]["views"][view]
        assert health["effective_rank"] == pytest.approx(view_health(joint[view]).effective_rank)
        assert health["uniformity"] == pytest.approx(view_health(joint[view]).uniformity)
    between = relation_health(joint["image"], joint["text"], diagonal)
    health = report["health"]["relations"]["image–text"]
    assert health["modality_gap"] == pytest.approx(between.modality_gap)
    assert health["alignment"] == pytest.approx(between.alignment)
    assert health["hubness"]["image"] == pytest.approx(between.hubness_first)
    assert health["hubness"]["text"] == pytest.approx(between.hubness_second)
    assert report["retrieval"]["image→text"]["recall@1"] > 0.8  # the world is easy
    assert "zero_shot" not in report
    assert "retrieval_csls" not in report
    assert project.run("procrustes").report() == report
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_csls_is_measured_beside(project):
    plain = drain(evaluate(project, "procrustes"))
    report = drain(evaluate(project, "procrustes", csls=3))
    assert report["retrieval"] == plain["retrieval"]
    assert report["csls"] == 3
    rows, _ = held_out_rows(project)
    space = project.run("procrustes").space()
    joint = {view: space.embed(view, each) for view, each in rows.items()}
    diagonal = np.stack([np.arange(12)] * 2, axis=1)
    for first, second in (("image", "text"), ("text", "image")):
        expected = retrieve(joint[first], joint[second], diagonal, csls=3)
        found = report["retrieval_csls"][f"{first}→{second}"]
        assert found["mrr"] == pytest.approx(expected.mrr)
        assert found["recall@1"] == expected.recall[1]


def test_zero_shot_names_held_out_items_by_their_labels(project, shelf):
    shelf.loaded.clear()
    report = drain(evaluate(project, "procrustes", zero_shot=True))
    rows, labels = held_out_rows(project)
    space = project.run("procrustes").space()
    # the fake encoder hears only the number in “a picture of kind 2”
    names = ["kind-0", "kind-1", "kind-2"]
    prompts = space.embed("text", np.stack([vector("text", number) for number in range(3)]))
    prototypes = class_prototypes(prompts, np.arange(3), 3)
    own = np.array([names.index(label) for label in labels["image"]])
    named = (space.embed("image", rows["image"]) @ prototypes.T).argmax(axis=1)
    found = report["zero_shot"]["image"]
    assert report["zero_shot"].keys() == {"image"}
    assert found["top1"] == pytest.approx(np.mean(named == own))
    assert (found["top5"], found["items"], found["classes"]) == (1.0, 12, 3)
    assert found["chance"] == {"top1": pytest.approx(1 / 3), "top5": 1.0}
    assert found["majority"] == np.bincount(own).max() / 12
    for number, label in enumerate(names):
        each = found["per_class"][label]
        assert each["items"] == np.sum(own == number)
        assert each["top1"] == pytest.approx(np.mean(named[own == number] == number))
    low, high = found["interval"]["top1"]
    assert low <= found["top1"] <= high
    assert shelf.loaded.keys() == {"text"}
    assert len(shelf.loaded["text"].seen) == 9  # three classes, three templates; nothing else
    (run,) = drain(zero_shot(project, ["procrustes"])).runs  # the station of its own agrees
    assert run.found.figures() == {name: found[name] for name in ("top1", "top5", "balanced")}
    assert project.run("procrustes").report() == report
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_what_zero_shot_needs(tmp_path):
    made = make_project(tmp_path, 20, modalities=("image", "speech"))
    drain(align(encode_all(made), AlignRequest(method="procrustes")))
    with pytest.raises(WorkbenchError, match="has no text view"):
        drain(evaluate(made, "procrustes", zero_shot=True))


@pytest.mark.parametrize("labels", [lambda _: "same", str])
def test_labels_that_are_no_classes(tmp_path, labels, monkeypatch):
    monkeypatch.setattr("workbench.stations.evaluating.zero_shot._MOST_CLASSES", 15)
    for number in range(20):
        for view in ("image", "text"):
            write_item(tmp_path / view / labels(number), view, number)
    settings = settings_of()
    made = Project.create(tmp_path / "project", settings)
    drain(scan(made))
    drain(align(encode_all(made), AlignRequest(method="procrustes")))
    with pytest.raises(WorkbenchError, match="2 to 15 different labels"):
        drain(evaluate(made, "procrustes", zero_shot=True))
    assert made.run("procrustes").report() == {}


def test_a_text_encoder_that_fails_is_told(project, monkeypatch):
    FakeShelf(wrong=[1]).put(monkeypatch)
    with pytest.raises(WorkbenchError, match="not finite for the labels of image"):
        drain(evaluate(project, "procrustes", zero_shot=True))
    FakeShelf(revision="2").put(monkeypatch)
    with pytest.raises(WorkbenchError, match="not the one that the run"):
        drain(evaluate(project, "procrustes", zero_shot=True))


@pytest.mark.parametrize("words", ["image→text", "neighbourhoods", "mix", "labels"])
def test_a_stop_leaves_the_report_as_it_was(project, words):
    before = drain(evaluate(project, "procrustes"))
    control = Control()
    told = []

    def listen(event):
        told.append(event.message)
        if isinstance(event, Progress) and words in event.message:
            control.stop()

    job = evaluate(project, "procrustes", control, csls=3, zero_shot=True)
    assert drain(job, listen) == {}
    assert any(words in message for message in told)
    assert project.run("procrustes").report() == before


def test_heads_that_change_while_they_are_measured_get_no_report(project):
    run = project.run("procrustes")
    other = drain(align(project, AlignRequest(method="procrustes", pairs=5))).space()

    def listen(event):
        if isinstance(event, Progress) and "mix" in event.message:
            run.write_space(other)

    with pytest.raises(
        WorkbenchError, match="“procrustes” was trained further while it was measured"
    ):
        drain(evaluate(project, "procrustes"), listen)
    assert run.report() == {}
    assert drain(evaluate(project, "procrustes")) == run.report() != {}


def test_three_views_and_several_captions(tmp_path):
    made = make_project(tmp_path, 30, modalities=("image", "text", "speech"))
    drain(align(encode_all(made), AlignRequest(method="contrastive", settings={"steps": 5})))
    report = drain(evaluate(made, "contrastive", csls=2, zero_shot=True))
    assert len(report["retrieval"]) == 4
    assert report["health"]["relations"].keys() == {"image–text", "image–speech"}
    assert report["neighbourhoods"].keys() == {"image", "text", "speech"}
    assert report["zero_shot"].keys() == {"image", "speech"}
    json.dumps(report, allow_nan=False)


def test_changed_data_are_told(project, tmp_path):
    write_item(tmp_path / "image", "image", 700)
    drain(scan(project))
    encode_all(project)
    with pytest.raises(WorkbenchError, match="have changed since the run “procrustes” was made"):
        drain(evaluate(project, "procrustes"))


def test_a_changed_split_of_the_project_does_not_matter(project):
    before = drain(evaluate(project, "procrustes"))
    project.change(split=SplitSettings(seed=5))
    assert drain(evaluate(project, "procrustes")) == before


def test_no_test_pairs(tmp_path):
    project = encode_all(make_project(tmp_path, 20, split=SplitSettings(test=0)))
    drain(align(project, AlignRequest(method="procrustes")))
    with pytest.raises(WorkbenchError, match="No pairs are held out for testing"):
        drain(evaluate(project, "procrustes"))


def test_what_is_missing_or_damaged_is_a_sentence(project):
    run = project.run("procrustes")
    with pytest.raises(WorkbenchError, match="has no run “other”"):
        drain(evaluate(project, "other"))
    heads = run.folder / "heads.safetensors"
    content = heads.read_bytes()
    heads.write_bytes(content[:-40])
    with pytest.raises(WorkbenchError, match="cannot be read"):
        drain(evaluate(project, "procrustes"))
    heads.unlink()
    with pytest.raises(WorkbenchError, match="has no heads"):
        drain(evaluate(project, "procrustes"))
    heads.write_bytes(content)
    recipe = run.recipe()
    run.write_recipe(recipe.model_copy(update={"encoders": {}}))
    with pytest.raises(WorkbenchError, match="does not name its encoders"):
        drain(evaluate(project, "procrustes"))
    for view in ("image", "text"):
        (project.root / "embeddings" / f"{view}--fake-{view}.h5").unlink()
    run.write_recipe(recipe)
    with pytest.raises(WorkbenchError, match="There is no cache"):
        drain(evaluate(project, "procrustes"))


def test_of_very_many_test_pairs_some_are_asked_with_among_all(project, monkeypatch):
    whole = drain(evaluate(project, "procrustes"))
    station = sys.modules["workbench.stations.evaluating.evaluate"]
    monkeypatch.setattr(station, "MOST_GROUPS", 5)
    events = []
    some, again = (drain(station.measure(project, "procrustes"), events.append) for _ in range(2))
    assert some.report == again.report
    told = [event.text for event in events if isinstance(event, Notice)]
    assert [each.partition(" groups")[0] for each in told] == ["Retrieval asks with 5 of 12"] * 2
    for direction, figures in some.report["retrieval"].items():
        assert (figures["queries"], figures["candidates"]) == (5, 12)
        assert sorted(some.groups[direction]) == list(range(5))
        assert set(some.ranks["retrieval"][direction]) <= set(range(1, 13))
    assert some.bootstrap.groups == 5
    assert some.report["neighbourhoods"] == whole["neighbourhoods"]
    assert some.report["health"] == whole["health"]
