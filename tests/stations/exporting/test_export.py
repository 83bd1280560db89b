"""Exporting from a project, and asking what was exported without it."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, tree

from workbench.errors import WorkbenchError
from workbench.export import load
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    Combination,
    Question,
    align,
    evaluate,
    export,
    export_sizes,
    query,
    search,
    split_roles,
)


def make(folder):
    project = encode_all(make_project(folder, 30, extra=2))
    drain(align(project, AlignRequest(method="procrustes", name="r")))
    drain(evaluate(project, "r"))


@pytest.fixture
def project(copied, tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    return copied(make, tmp_path / "world")


@pytest.fixture
def exported(project, tmp_path):
    return drain(export(project, "r", tmp_path / "out", ["vectors", "index"]))


def test_the_table_tells_of_every_item(project, exported):
    table = pq.read_table(exported / "vectors" / "items.parquet").to_pylist()
    assert len(table) == 64
    roles = split_roles(project, "r")
    for row in table:
        (item,) = project.catalogue.items_of([row["id"]])
        assert row["modality"] == item.modality
        assert (row["path"], row["label"]) == (item.path, item.label or None)
        assert row["text"] == (item.text or None)
        ids, known = roles[item.modality]
        assert row["split"] == known[ids.tolist().index(item.id)]
    told = json.loads((exported / "config.json").read_text("utf-8"))
    assert told["parts"]["vectors"]["items"] == {"image": 32, "text": 32}
    assert told["report"]["retrieval"]["image→text"]["queries"] == 6
    card = (exported / "README.md").read_text("utf-8")
    assert "32 image items and 32 text items. Pairs: 21 for training, 3 for validation" in card


def test_sizes_are_known_before_anything_is_written(project, exported):
    sizes = export_sizes(project, "r")
    assert list(sizes) == ["heads", "vectors", "index", "sentence-transformers", "onnx"]
    assert sizes["heads"] == pytest.approx((exported / "heads.safetensors").stat().st_size, rel=0.9)
    written = sum(map(len, tree(exported / "index").values()))
    assert 0.5 < sizes["index"] / written < 2


def test_a_stop_writes_nothing(project, tmp_path):
    control = Control()

    def stop(event):
        if isinstance(event, Progress) and "items" in event.message:
            control.stop()

    assert drain(export(project, "r", tmp_path / "out", ["vectors"], control), stop) is None
    assert not (tmp_path / "out").exists()


def test_encoders_that_cannot_be_had_are_told_of_and_the_rest_is_written(project, tmp_path):
    notices = []
    job = export(project, "r", tmp_path / "out", ["sentence-transformers", "vectors"])
    drain(job, lambda event: notices.append(event.text) if isinstance(event, Notice) else None)
    assert [text.split(":")[1] for text in notices] == [
        " fake/image is no encoder that sentence-transformers can run.",
        " fake/text is no encoder that sentence-transformers can run.",
    ]
    assert load(tmp_path / "out").items.ids.shape == (64,)


def same_answers(found, answers):
    assert [one.id for one in found] == [answer.item.id for answer in answers]
    scores = [answer.score for answer in answers]
    np.testing.assert_allclose([one.score for one in found], scores, atol=1e-6)


@pytest.mark.parametrize("to", [None, "image"])
def test_an_export_answers_as_its_project_does_and_without_it(project, exported, tmp_path, to):
    picture = next(item for item in project.catalogue.items("image"))
    asked = [
        Question(text="thing 9"), Question(image=picture.path), Question(item=picture.id),
        Combination(((Question(text="thing 3"), 1.0), (Question(item=picture.id), -1.0))),
    ]  # fmt: skip
    known = [drain(query(project, "r", each, to=to, top=7)) for each in asked]
    for each, answers in zip(asked, known, strict=True):
        same_answers(drain(search(project.root, each, to=to, top=7))[""], answers)
    kept = shutil.copyfile(picture.path, tmp_path / "kept.png")
    shutil.rmtree(project.root.parent)
    asked[1] = Question(image=kept)
    for each, answers in zip(asked, known, strict=True):
        same_answers(drain(search(exported, each, to=to, top=7))[""], answers)


def test_each_modality_by_itself(project, exported):
    found = drain(search(exported, Question(text="thing 9"), each=True, top=3))
    assert list(found) == ["image", "text"]
    assert found["image"][0].path.endswith("thing-009.png")
    assert found["text"][0].text == "thing 9"
    other = drain(search(project.root, Question(text="thing 9"), each=True, top=3))
    assert {view: [one.id for one in some] for view, some in found.items()} == {
        view: [one.id for one in some] for view, some in other.items()
    }


def test_what_cannot_be_asked(project, exported, tmp_path):
    bare = drain(export(project, "r", tmp_path / "bare"))
    empty = Project.create(tmp_path / "empty")
    text = Question(text="x")
    for folder, asked, more, words in (
        (bare, text, {}, "has no vectors. Export the run again with the part"),
        (empty.root, text, {}, "has no run to search"),
        (tmp_path / "none", text, {}, "is no exported folder"),
        (exported, text, {"run_name": "r"}, "so there is none to be named"),
        (exported, text, {"to": "speech"}, "no speech items"),
        (exported, text, {"top": 0}, "at least one"),
        (exported, Question(text=" "), {}, "empty"),
        (exported, Question(speech=tmp_path / "x.wav"), {}, "x.wav"),
        (exported, Combination(((text, 1.0), (text, -1.0))), {}, "cancel each other out"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            drain(search(folder, asked, **more))
