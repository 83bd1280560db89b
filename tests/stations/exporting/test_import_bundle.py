"""Exported heads as a run of another project: measured, asked and compared there."""

import json

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.project import Imported
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    Question,
    align,
    compare,
    encode,
    evaluate,
    export,
    import_bundle,
    query,
    scan,
    split_roles,
    training_pairs,
)


def make(folder):
    project = encode_all(make_project(folder, 30))
    drain(align(project, AlignRequest(method="procrustes", name="r", pairs=10)))
    drain(evaluate(project, "r"))


@pytest.fixture
def project(copied, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    return copied(make, tmp_path / "world")


@pytest.fixture
def exported(project, tmp_path):
    return drain(export(project, "r", tmp_path / "out"))


def brought(project, folder, **more):
    """Import; return the run and what was told."""
    told = []
    job = import_bundle(project, folder, **more)
    run = drain(job, lambda event: told.append(event.text) if isinstance(event, Notice) else None)
    return run, told


def test_at_home_it_is_the_same_run(project, exported):
    run, told = brought(project, exported)
    assert told == []
    assert run.name == "r-2"
    recipe, known = run.recipe(), project.run("r").recipe()
    assert recipe.note == f"Imported from {exported}"
    assert (recipe.imported.elsewhere, recipe.state) == (False, "finished")
    same = {"method", "settings", "split", "pairs", "data_fingerprint", "encoders", "seed"}
    assert recipe.model_dump(include=same) == known.model_dump(include=same)
    assert drain(evaluate(project, run.name)) == project.run("r").report()


def change_recipe(folder, **values):
    """Change what the export tells of its recipe."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    told["recipe"] |= values
    (folder / "config.json").write_text(json.dumps(told), "utf-8")


@pytest.mark.parametrize("created", ["2020-01-01T00:00:00+00:00", "9999-12-31T00:00:00+00:00"])
def test_it_was_made_now_and_nobody_works_on_it(project, exported, created):
    """So it is the newest run, and not one that is still running."""
    change_recipe(exported, created=created, state="running")
    run, _ = brought(project, exported)
    assert project.run("r").recipe().created < run.recipe().created < "9999"
    assert run.recipe().state == "stopped"
    assert [each.name for each in project.runs()] == ["r", run.name]


def test_elsewhere_it_is_measured_asked_and_compared(project, exported, tmp_path):
    other = encode_all(make_project(tmp_path / "other", 24, extra=3))
    run, (told,) = brought(other, exported, name="guest")
    assert "trained elsewhere" in told
    assert run.name == "guest"
    assert run.recipe().imported == Imported(folder=str(exported), elsewhere=True)
    assert run.recipe().pairs is None
    rows = np.eye(10, dtype=np.float32)
    there = project.run("r").space().embed("image", rows)
    np.testing.assert_array_equal(run.space().embed("image", rows), there)
    report = drain(evaluate(other, "guest"))
    assert report["retrieval"]["image→text"]["queries"] == 5
    assert report["retrieval"]["image→text"]["recall@1"] > 0.7
    best = drain(query(other, "guest", Question(text="thing 9"), to="image", top=1))[0]
    assert best.item.path.endswith("thing-009.png")
    drain(align(other, AlignRequest(method="procrustes", name="own")))
    assert set(drain(compare(other, ["own", "guest"]))) == {"own", "guest"}


def test_of_what_it_was_trained_with_nothing_is_claimed(project, exported, tmp_path):
    other = encode_all(make_project(tmp_path / "other", 24))
    run, _ = brought(other, exported)
    roles = {role for _, each in split_roles(other, run.name).values() for role in each}
    assert roles == {"test", "left out"}
    pairs = drain(training_pairs(other, run.name))
    (best,) = drain(query(other, run.name, Question(text="thing 9"), top=1))
    row = np.zeros(run.space().embed("text", np.zeros((1, 8))).shape[1], np.float32)
    assert pairs.between(row, row, best.item.modality) == []
    again = drain(export(other, run.name, tmp_path / "again"))
    card = (again / "README.md").read_text("utf-8")
    assert "Pairs: 5 for test." in card


def test_a_view_that_the_project_lacks_is_left_out(project, exported, tmp_path):
    other = make_project(tmp_path / "other", 12, modalities=("text", "speech"))
    with pytest.raises(
        WorkbenchError, match=r"text items of the project are not encoded.*encode P"
    ):
        brought(other, exported)
    encode_all(other)
    run, told = brought(other, exported)
    assert told[0] == "The project has no image items, so the image head is left out."
    assert "cannot be measured here" in told[1]
    assert run.space().views == ("text",)
    assert drain(query(other, run.name, Question(text="thing 4"), top=1))[0].item.text == "thing 4"


def test_other_encoders_are_refused(project, exported, tmp_path, monkeypatch):
    write_item(tmp_path / "other" / "image", "image", 3)
    other = make_project(tmp_path / "other", 12)
    drain(encode(other, EncodeRequest("image", "fake/image")))
    drain(encode(other, EncodeRequest("text", "fake/other")))
    with pytest.raises(WorkbenchError, match="are encoded by fake/other, and the text head"):
        brought(other, exported)
    FakeShelf(revision="2").put(monkeypatch)
    newer = encode_all(make_project(tmp_path / "newer", 12))
    with pytest.raises(WorkbenchError, match="revision was 1, is 2"):
        brought(newer, exported)
    for each in (other, newer):
        assert each.runs() == []


def test_nothing_that_fits(project, exported, tmp_path):
    other = make_project(tmp_path / "other", 4, modalities=("speech",))
    with pytest.raises(WorkbenchError, match=r"nothing that the heads of .* are for: image, text"):
        brought(other, exported)


@pytest.mark.parametrize(
    "change", [{"recipe": {"method": 3}}, {"recipe": []}, {"recipe": None}, {"recipe": {"x": 1}},
               {"encoders": None}, {"encoders": {"image": {"name": "fake/image"}}},
               {"recipe": {"method": "procrustes", "settings": {"a": 1e999}}},
               {"recipe": {"method": "procrustes", "split": {"test": 7}}}],
    ids=str,
)  # fmt: skip
def test_words_that_make_no_sense_are_refused(project, exported, change):
    told = json.loads((exported / "config.json").read_text("utf-8"))
    (exported / "config.json").write_text(json.dumps(told | change), "utf-8")
    with pytest.raises(WorkbenchError):
        brought(project, exported)
    assert [run.name for run in project.runs()] == ["r"]


def test_after_more_items_it_is_elsewhere(project, exported, tmp_path):
    for modality in ("image", "text"):
        write_item(tmp_path / "world" / modality / "kind-0", modality, 200)
    drain(scan(project))
    encode_all(project)
    _, told = brought(project, exported)
    assert "tells too much" in told[0]
