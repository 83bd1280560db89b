import sys

import h5py
import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import load_embeddings
from workbench.stations import AlignRequest, EncodeRequest, align, encode, make_map, read_map, scan


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    return FakeShelf().put(monkeypatch)


@pytest.fixture
def project(tmp_path):
    project = encode_all(make_project(tmp_path, 30, extra=3))
    drain(align(project, AlignRequest(method="procrustes", name="p")))
    return project


@pytest.fixture
def counted(monkeypatch):
    """Count the maps that are really made."""
    module = sys.modules["workbench.stations.map"]
    calls = []
    real = module.pca_map
    monkeypatch.setattr(module, "pca_map", lambda rows: calls.append(1) or real(rows))
    return calls


def pca(project, space="image", **options):
    return drain(make_map(project, space, **options))


def test_frozen_and_joint_spaces(project):
    frozen = pca(project)
    ids, rows = load_embeddings(project, "image", "fake/image")
    np.testing.assert_array_equal(frozen.ids, ids)
    centred = rows - rows.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    np.testing.assert_allclose(np.abs(frozen.positions), np.abs(centred @ directions.T), atol=1e-4)
    joint = pca(project, "run:p")
    assert len(joint.ids) == 66
    assert set(joint.ids) == {item.id for item in project.catalogue.items()}
    assert joint.positions.shape == (66, 2)


def test_a_map_is_made_once_and_again_when_rows_change(project, counted, tmp_path):
    first = pca(project)
    assert read_map(project, "image", "pca") is not None
    second = pca(project)
    assert len(counted) == 1
    np.testing.assert_array_equal(first.positions, second.positions)
    write_item(tmp_path / "image", "image", 400)
    drain(scan(project))
    assert read_map(project, "image", "pca") is not None  # the new one has no embedding yet
    drain(encode(project, EncodeRequest("image")))
    assert read_map(project, "image", "pca") is None
    assert len(pca(project).ids) == 34
    assert len(counted) == 2
    assert len(read_map(project, "image", "pca").ids) == 34
    project.catalogue.take([])
    assert read_map(project, "image", "pca") is None


def test_a_damaged_map_is_made_again(project, counted):
    pca(project)
    path = project.map_path("image", "pca")
    good = path.read_bytes()

    def foreign(**content):
        with h5py.File(path, "w") as file:
            for name, value in content.items():
                file[name] = value
            file.attrs["recipe"] = "[1, 2]"

    for damage in (
        lambda: path.write_bytes(b""),
        lambda: path.write_bytes(good[:-100]),
        lambda: path.write_bytes(b"x" * 900),
        foreign,
        lambda: foreign(ids=np.arange(3), positions=np.ones((2, 2))),
    ):
        damage()
        assert read_map(project, "image", "pca") is None
        assert pca(project) is not None
        assert read_map(project, "image", "pca") is not None
    assert len(counted) == 6


def test_sentences(project):
    for space, words in (
        ("smell", "no space “smell”"),
        ("run:none", "has no run “none”"),
        ("run:", "has no run"),
        ("speech", "No encoder is chosen for speech"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            pca(project, space)
        assert read_map(project, space, "pca") is None
    with pytest.raises(WorkbenchError, match="no map method “tsne”"):
        pca(project, method="tsne")
    run = project.run("p")
    run.write_recipe(run.recipe().model_copy(update={"encoders": {}}))
    with pytest.raises(WorkbenchError, match="does not name its encoders"):
        pca(project, "run:p")
    project.catalogue.take([])
    with pytest.raises(WorkbenchError, match="has no embeddings yet"):
        pca(project)


def test_a_place_that_cannot_be_written(project):
    (project.root / "maps").write_text("a file")
    with pytest.raises(WorkbenchError, match="The map cannot be kept"):
        pca(project)


def test_a_joint_map_refuses_embeddings_of_another_encoder(project):
    run = project.run("p")
    cards = run.recipe().encoders
    cards["text"] = cards["text"] | {"revision": "0"}
    run.write_recipe(run.recipe().model_copy(update={"encoders": cards}))
    with pytest.raises(WorkbenchError, match="revision was 0, is 1"):
        pca(project, "run:p")


def test_a_stopped_umap_keeps_nothing(project):
    control = Control()
    told = []

    def stop(event):
        told.append(event)
        if isinstance(event, Progress) and event.message.startswith("UMAP"):
            control.stop()

    assert drain(make_map(project, "image", "umap", control=control), stop) is None
    assert told[-1] == Notice("The map was stopped.")
    assert read_map(project, "image", "umap") is None


def test_a_renamed_run_keeps_its_map(project, counted):
    made = pca(project, "run:p")
    project.shelf.rename("p", "q")
    found = read_map(project, "run:q", "pca")
    assert found.space == "run:q"
    np.testing.assert_array_equal(found.positions, made.positions)
    np.testing.assert_array_equal(pca(project, "run:q").positions, made.positions)
    assert len(counted) == 1  # not made again
    with pytest.raises(WorkbenchError, match="no run “p”"):
        pca(project, "run:p")
