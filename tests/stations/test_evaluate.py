import json
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, vector, write_item

from workbench.alignment import standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import neighbour_overlap, retrieval
from workbench.jobs import drain
from workbench.project import SplitSettings, load_dataset
from workbench.stations import AlignRequest, align, evaluate, scan


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    return FakeShelf().put(monkeypatch)


@pytest.fixture
def project(tmp_path):
    project = encode_all(make_project(tmp_path, 60))
    drain(align(project, AlignRequest(method="procrustes", pairs=20)))
    return project


def test_the_figures_are_those_of_plain_arrays(project):
    report = drain(evaluate(project, "procrustes"))
    data = load_dataset(project)
    items = {item.id: item for item in project.catalogue.items()}
    pairs = data.split(project.settings.split, 20).test["image", "text"]
    assert len(pairs) == 12
    rows = {}
    for side, view in enumerate(("image", "text")):
        numbers = [
            int(Path(items[data.views[view].ids[row]].path).stem[-3:]) for row in pairs[:, side]
        ]
        rows[view] = np.stack([vector(view, number) for number in numbers])
    space = project.run("procrustes").space()
    scores = space.embed("image", rows["image"]) @ space.embed("text", rows["text"]).T
    diagonal = np.stack([np.arange(12)] * 2, axis=1)
    for direction, each in (("image→text", scores), ("text→image", scores.T)):
        expected = retrieval(each, diagonal)
        found = report["retrieval"][direction]
        assert (found["queries"], found["candidates"]) == (12, 12)
        for k in (1, 5, 10):
            assert found[f"recall@{k}"] == pytest.approx(expected.recall[k])
            assert found["chance"][f"recall@{k}"] == pytest.approx(k / 12)
        assert found["median_rank"] == expected.median_rank
        assert found["mrr"] == pytest.approx(expected.mrr)
    for view in ("image", "text"):
        centre = space.heads[view].centre
        assert report["preservation"][view] == pytest.approx(
            neighbour_overlap(standardise(rows[view], centre), space.embed(view, rows[view]), 10)
        )
    assert report["retrieval"]["image→text"]["recall@1"] > 0.8  # the world is easy
    assert project.run("procrustes").report() == report
    assert json.loads(json.dumps(report, allow_nan=False)) == report


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
