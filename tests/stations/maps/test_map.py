import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import load_embeddings
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    Placer,
    UmapOptions,
    align,
    encode,
    heads_of,
    make_map,
    map_file,
    place,
    read_map,
    scan,
)
from workbench.stations.runs.space_rows import read_space, row_marks

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 30, extra=3))
    drain(align(project, AlignRequest(method="procrustes", name="p")))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture
def counted(monkeypatch):
    """Count the maps that are really made."""
    module = sys.modules["workbench.stations.maps.map"]
    calls = []
    real = module.plane_of_blocks
    monkeypatch.setattr(module, "plane_of_blocks", lambda blocks: calls.append(1) or real(blocks))
    return calls


def pca(project, space="image", **options):
    return drain(make_map(project, space, **options))


def test_a_map_of_many_blocks_is_that_of_one(project, monkeypatch, counted):
    joint = read_space(project, "run:p")
    whole = pca(project, "run:p", anew=True)
    module = sys.modules["workbench.stations.runs.space_rows"]
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    parts = read_space(project, "run:p")
    np.testing.assert_array_equal(parts.ids, joint.ids)
    np.testing.assert_array_equal(parts.marks, joint.marks)
    np.testing.assert_allclose(parts.rows, joint.rows, atol=1e-6)
    made = pca(project, "run:p", anew=True)
    np.testing.assert_allclose(made.positions, whole.positions, atol=1e-4)
    assert len(counted) == 2


def test_rows_that_change_while_they_are_read_are_told(project):
    joint = read_space(project, "run:p")
    path = project.cache_path("image", "fake/image")
    with EmbeddingCache(path, "r+") as cache:
        cache.write(np.array([0]), np.ones((1, cache.header().card["width"]), np.float32))
    with pytest.raises(WorkbenchError, match="have changed while they were read"):
        list(joint.blocks())


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
    again = pca(project, anew=True)
    assert len(again.ids) == 34
    assert not again.placed.any()
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


def test_a_map_that_cannot_be_kept_is_made_all_the_same(project):
    (project.root / "maps").write_text("a file")
    told = []
    made = drain(make_map(project, "image"), told.append)
    assert len(made.ids) == len(project.catalogue.items("image"))
    (notice,) = [event.text for event in told if isinstance(event, Notice)]
    assert notice.startswith("The map cannot be saved")
    assert read_map(project, "image", "pca") is None


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


# ------------------------------------------------------------------------------ options


def test_options_are_checked(project):
    for options, words in (
        ({"metric": "hamming"}, "no metric “hamming”. Metrics: cosine"),
        ({"neighbours": 1}, "at least 2 neighbours"),
        ({"min_dist": 1.5}, "from 0 to 1, not 1.5"),
        ({"seed": -1}, "The seed must be"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            pca(project, method="umap", **options)


@pytest.fixture
def laid_out(monkeypatch):
    """Lay items out on a line instead of by UMAP, and note what was asked."""
    asked = []

    def umap_map(rows, neighbours, min_dist, seed, control, *, metric, start):
        asked.append((neighbours, min_dist, seed, metric, start))
        yield Progress(1, 1, "UMAP")
        return np.stack([np.arange(len(rows)), rows[:, 0]], axis=1).astype(np.float32)

    monkeypatch.setattr(sys.modules["workbench.stations.maps.map"], "umap_map", umap_map)
    return asked


def umap(project, space, **options):
    return drain(make_map(project, space, "umap", **options))


def test_maps_of_other_options_are_kept_beside_each_other(project, laid_out):
    others = {"neighbours": 5, "min_dist": 0.5, "metric": "euclidean", "seed": 3}
    for options in ({}, others, {}, others):
        umap(project, "image", **options)
    assert [each[:4] for each in laid_out] == [(15, 0.1, 0, "cosine"), (5, 0.5, 3, "euclidean")]
    assert read_map(project, "image", "umap").options == UmapOptions()
    options = UmapOptions(**others)
    assert read_map(project, "image", "umap", options).options == options
    assert map_file(project, "image", "umap", options).exists()
    assert read_map(project, "image", "umap", UmapOptions(seed=9)) is None


# ------------------------------------------------------------------------------ maps alike


def test_a_map_starts_from_another_and_is_not_made_again_for_it(project, laid_out):
    frozen = umap(project, "image")
    joint = umap(project, "run:p", like=frozen)
    start = laid_out[1][4]
    rows = frozen.rows_of(joint.ids)
    np.testing.assert_array_equal(start[rows >= 0], frozen.positions[rows[rows >= 0]])
    low, high = frozen.positions.min(axis=0), frozen.positions.max(axis=0)
    others = start[rows < 0]  # texts, amidst the pictures they are near to
    assert (others >= low).all()
    assert (others <= high).all()
    assert joint.family == frozen.family
    assert joint.started_from == "image"
    umap(project, "image", like=joint)
    umap(project, "run:p", like=frozen)
    umap(project, "run:p")
    assert len(laid_out) == 2
    stranger = umap(project, "text")
    assert stranger.family != joint.family
    umap(project, "run:p", like=stranger)
    assert len(laid_out) == 4
    kept = read_map(project, "run:p", "umap")
    assert (kept.family, kept.started_from) == (stranger.family, "text")


def test_maps_that_share_nothing_are_not_likened(project, laid_out):
    told = []
    frozen = umap(project, "image")
    made = drain(make_map(project, "text", "umap", like=frozen), told.append)
    assert made.started_from == ""
    assert any(isinstance(e, Notice) and "share too few items" in e.text for e in told)


def test_a_pca_is_turned_onto_another_and_places_alike(project):
    angle = 1.1
    made = pca(project, "run:p")
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]], np.float32)
    other = replace(made, positions=made.positions @ turn)
    turned = pca(project, "run:p", like=other)
    np.testing.assert_allclose(turned.positions, other.positions, atol=1e-5)
    rows = read_space(project, "run:p").rows
    np.testing.assert_allclose(place(project, turned, rows), turned.positions, atol=1e-5)
    np.testing.assert_array_equal(pca(project, "run:p").positions, made.positions)  # as it was


def test_new_heads_start_from_the_map_of_the_old(project, laid_out):
    first = umap(project, "run:p")
    run = project.run("p")
    heads = run.space()
    name = next(iter(heads.heads))
    head = heads.heads[name]
    heads.heads[name] = replace(head, centre=head.centre + np.float32(0.01))
    run.write_space(heads)
    second = umap(project, "run:p")
    np.testing.assert_array_equal(laid_out[1][4], first.positions)
    assert second.family == first.family
    umap(project, "run:p", anew=True)
    assert laid_out[2][4] is None


# ------------------------------------------------------------------------------ items that come


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_new_items_are_placed_and_nothing_moves(project, tmp_path, method, laid_out, counted):
    first = pca(project, method=method)
    write_item(tmp_path / "image", "image", 400)
    gone = next(item for item in project.catalogue.items() if item.modality == "image")
    Path(gone.path).unlink()
    drain(scan(project))
    drain(encode(project, EncodeRequest("image")))
    second = pca(project, method=method)
    assert len(counted) + len(laid_out) == 1
    new = ~np.isin(second.ids, first.ids)
    assert new.sum() == 1
    assert second.placed.tolist() == new.tolist()
    assert gone.id not in second.ids
    rows = first.rows_of(second.ids)
    np.testing.assert_array_equal(second.positions[~new], first.positions[rows[~new]])
    space = read_space(project, "image").rows
    np.testing.assert_allclose(place(project, second, space), second.positions, atol=1e-5)
    kept = read_map(project, "image", method)
    np.testing.assert_array_equal(kept.positions, second.positions)
    assert pca(project, method=method, anew=True).placed.sum() == 0


def test_too_many_new_items_make_another_map(project, tmp_path, counted):
    pca(project)
    for number in range(40):
        write_item(tmp_path / "image", "image", 400 + number)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image")))
    assert not pca(project).placed.any()
    assert len(counted) == 2


def test_a_question_is_placed_by_neighbours(project, laid_out):
    made = umap(project, "run:p")
    _, heads = heads_of(project, "run:p")
    _, frozen = load_embeddings(project, "image", "fake/image")
    placer = Placer(project, made)
    rows = heads.embed("image", frozen[:3])
    np.testing.assert_allclose(placer.place(rows[:1]), made.positions[:1], atol=1e-4)
    between = rows[:1] + rows[1:2]
    place = placer.place(between)
    assert (place >= made.positions.min(axis=0)).all()
    assert (place <= made.positions.max(axis=0)).all()
    project.catalogue.take([])
    with pytest.raises(WorkbenchError, match="embeddings that have changed since"):
        Placer(project, made)


# ------------------------------------------------------------------------------ another α


@pytest.fixture
def climbed(project):
    """Train a ladder of two rungs."""
    settings = {"steps": 20, "neighbours": 3, "width": 4}
    request = AlignRequest.checked(
        method="gera", name="climbed", settings=settings, ladder=[0.0, 100.0]
    )
    drain(align(project, request))
    return project


def test_the_same_run_at_another_alpha(climbed, counted):
    low, high = pca(climbed, "run:climbed@0"), pca(climbed, "run:climbed@100")
    assert len(low.ids) == len(high.ids) == 66
    assert low.space == "run:climbed@0"
    assert pca(climbed, "run:climbed@0.0").space == "run:climbed@0"  # one name, however written
    assert not np.allclose(low.positions, high.positions, atol=1e-3)
    own = climbed.run("climbed").recipe().rung
    rows = read_space(climbed, "run:climbed").rows
    same = read_space(climbed, f"run:climbed@{own:g}").rows
    np.testing.assert_array_equal(rows, same)
    for space in ("run:climbed@0", "run:climbed@100"):
        assert read_map(climbed, space, "pca").space == space
    assert len(counted) == 2
    paths = {map_file(climbed, f"run:climbed{at}", "pca") for at in ("", "@0", "@0.5", "@1e-05")}
    assert len(paths) == 4
    climbed.shelf.rename("climbed", "up")
    assert read_map(climbed, "run:up@100", "pca") is not None
    climbed.shelf.delete("up")
    assert not list(climbed.root.glob("maps/*up*"))
    assert not (climbed.root / "runs" / "up").exists()


def test_an_alpha_that_cannot_be(climbed):
    for space, words in (
        ("run:p@1", "“p” has no sweep"),
        ("run:climbed@", "“” is not a value of α. Write run:climbed@ALPHA"),
        ("run:climbed@big", "“big” is not a value of α"),
        ("run:climbed@nan", "is not a value of α"),
        ("run:climbed@-1", "is not a value of α"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            pca(climbed, space)


def test_marks_tell_rows_apart():
    rows = np.random.default_rng(0).normal(size=(500, 12)).astype(np.float32)
    marks = row_marks(rows)
    assert len(set(marks.tolist())) == 500
    np.testing.assert_array_equal(marks, row_marks(np.asfortranarray(rows)))
    for column in range(12):
        other = rows.copy()
        other[:, column] = np.nextafter(other[:, column], np.float32(9))
        assert (row_marks(other) != marks).all()
    assert (row_marks(rows[:, ::-1]) != marks).all()
