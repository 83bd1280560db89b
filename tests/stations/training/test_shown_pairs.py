"""Which pairs are shown while a run trains, and how a finished run and frozen rows are shown."""

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.alignment import Snapshot
from workbench.alignment.training import snapshots
from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.project import SplitSettings, load_dataset, load_embeddings
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    ShownPairs,
    align,
    encode,
    neighbourhoods_of,
    resume,
    scan,
    show_run,
)
from workbench.stations.training.shown_pairs import choose_pairs

QUICK = {"steps": 6, "neighbours": 6, "anchors": 8, "validate_every": 3, "checkpoint": "last"}


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    encode_all(make_project(folder, 40, extra=6))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def run(project, show=200, control=None, **request):
    told = []
    request.setdefault("settings", QUICK)
    made = drain(align(project, AlignRequest.checked(**request), control, show=show), told.append)
    return made, told


def of(kind, told):
    return [event for event in told if isinstance(event, kind)]


def id_pairs(shown, relation=("image", "text")):
    rows = shown.pairs[relation]
    return {
        (int(shown.ids[relation[0]][a]), int(shown.ids[relation[1]][b])) for a, b in rows.tolist()
    }


def pairs_of(data, rows, relation=("image", "text")):
    return {
        (int(data.views[relation[0]].ids[a]), int(data.views[relation[1]].ids[b]))
        for a, b in rows[relation].tolist()
    }


def test_validation_pairs_are_shown_and_places_fit_the_glimpses(project):
    made, told = run(project)
    (shown,) = of(ShownPairs, told)
    data = load_dataset(project)
    split = data.split(project.settings.split)
    assert shown.held_out
    assert id_pairs(shown) == pairs_of(data, split.validation)
    assert not id_pairs(shown) & pairs_of(data, split.training)
    seen = of(Snapshot, told)
    assert told.index(shown) < told.index(seen[0])
    assert [seen[0].step, seen[-1].step] == [0, 6]
    space = made.space()
    for view, ids in shown.ids.items():
        all_ids, frozen = load_embeddings(project, view, f"fake/{view}")
        rows = frozen[np.searchsorted(all_ids, ids)]
        np.testing.assert_allclose(seen[-1].mapped[view], space.embed(view, rows), atol=2e-6)


def test_without_validation_pairs_training_pairs_are_shown(project):
    project.change(split=SplitSettings(validation=0.0))
    _, told = run(project)
    (shown,) = of(ShownPairs, told)
    data = load_dataset(project)
    assert not shown.held_out
    assert id_pairs(shown) == pairs_of(data, data.split(project.settings.split).training)


def test_a_few_are_chosen_the_same_ones_each_time(project):
    data = load_dataset(project)
    split = data.split(SplitSettings(validation=0.5))
    few, found = choose_pairs(data, split, 5)
    assert len(few.pairs["image", "text"]) == 5
    assert id_pairs(few) == id_pairs(choose_pairs(data, split, 5)[0])
    assert id_pairs(few) < id_pairs(choose_pairs(data, split, 200)[0])
    np.testing.assert_array_equal(found.pairs["image", "text"], few.pairs["image", "text"])
    for view, ids in few.ids.items():
        assert (np.diff(ids) > 0).all()
        assert len(found.views[view]) == len(ids)


def test_without_any_pairs_items_alone_are_shown(project):
    project.catalogue.take_pairs([])
    data = load_dataset(project, without_pairs=True)
    shown, found = choose_pairs(data, data.split(project.settings.split), 7)
    assert shown.pairs == found.pairs == {}
    for view, ids in shown.ids.items():
        assert len(ids) == 7
        all_ids, frozen = load_embeddings(project, view, f"fake/{view}")
        np.testing.assert_array_equal(found.views[view], frozen[np.searchsorted(all_ids, ids)])


def test_three_views_share_the_number(tmp_path):
    project = encode_all(make_project(tmp_path, 60, modalities=("image", "text", "speech")))
    data = load_dataset(project)
    shown, found = choose_pairs(data, data.split(SplitSettings(validation=0.5)), 12)
    assert set(shown.ids) == {"image", "text", "speech"}
    assert {len(rows) for rows in shown.pairs.values()} == {12 // len(shown.pairs)}
    for (first, second), rows in shown.pairs.items():
        assert rows[:, 0].max() < len(shown.ids[first])
        assert rows[:, 1].max() < len(shown.ids[second])
        assert id_pairs(shown, (first, second)) <= pairs_of(data, data.pairs, (first, second))
    assert set(found.views) == set(shown.ids)


def test_heads_do_not_depend_on_what_is_shown(project, monkeypatch):
    monkeypatch.setattr(snapshots, "_SECONDS_A_GLIMPSE", 0.0)
    made, told = run(project, show=200)
    few, _ = run(project, show=3)
    alone, quiet = run(project, show=0)
    assert [glimpse.step for glimpse in of(Snapshot, told)] == list(range(7))
    assert not of(Snapshot, quiet)
    assert not of(ShownPairs, quiet)
    files = [(each.folder / "heads.safetensors").read_bytes() for each in (made, few, alone)]
    assert files[0] == files[1] == files[2]


def test_a_run_that_goes_on_shows_the_same_pairs(project):
    made, told = run(project, stop_after=3)
    after = []
    drain(resume(project, made.name, show=200), after.append)
    (first,), (second,) = of(ShownPairs, told), of(ShownPairs, after)
    for view in first.ids:
        np.testing.assert_array_equal(first.ids[view], second.ids[view])
    assert of(Snapshot, after)[0].step == 3


@pytest.mark.parametrize("method", ["gera", "procrustes"])
def test_a_finished_run_is_shown_as_its_training_ended(project, method):
    settings = QUICK if method == "gera" else {}
    made, told = run(project, method=method, settings=settings, pairs=15)
    project.change(split=SplitSettings(seed=9, validation=0.4))  # not those of the run
    after = []
    drain(show_run(project, made.name, 200), after.append)
    (shown,), (glimpse,) = of(ShownPairs, after), of(Snapshot, after)
    data = load_dataset(project)
    recipe = made.recipe()
    assert id_pairs(shown) == pairs_of(data, data.split(recipe.split, recipe.pairs).validation)
    if method == "gera":
        np.testing.assert_array_equal(shown.ids["text"], of(ShownPairs, told)[0].ids["text"])
        last = of(Snapshot, told)[-1]
        assert glimpse.step == last.step == 6
        for view, rows in last.mapped.items():
            np.testing.assert_allclose(glimpse.mapped[view], rows, atol=2e-6)
    else:
        assert not of(Snapshot, told)


def test_a_run_whose_data_have_changed_is_not_shown(project, tmp_path):
    made, _ = run(project)
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))
    with pytest.raises(WorkbenchError, match="have changed since the run “gera” was made"):
        drain(show_run(project, made.name, 200))
    with pytest.raises(WorkbenchError, match="no run"):
        drain(show_run(project, "nothing", 200))


def test_neighbourhoods_are_those_of_the_frozen_rows(project):
    _, told = run(project)
    (shown,) = of(ShownPairs, told)
    around = drain(neighbourhoods_of(project, shown))
    for view, ids in shown.ids.items():
        all_ids, frozen = load_embeddings(project, view, f"fake/{view}")
        rows = frozen[np.searchsorted(all_ids, ids)]
        rows = rows - rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -2)
        near = around.neighbours[view]
        assert near.shape == (len(ids), min(10, len(ids) - 1))
        for row in range(len(ids)):
            nearest = np.argsort(-cosines[row])[: near.shape[1]]
            assert set(near[row].tolist()) == set(nearest.tolist())
        assert around.groups[view].shape == (len(ids),)


def test_neighbourhoods_of_both_views_have_the_same_numbers():
    """Three far clusters, numbered at random in each view, are told apart alike."""
    from workbench.stations.training.shown_pairs import _divided, _matched

    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(3), 12)
    groups = {}
    for view in ("image", "text", "speech"):
        rows = np.eye(3)[truth] + 0.05 * random.normal(size=(36, 3))
        groups[view] = _divided((rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.float32))
    assert {len(np.unique(each)) for each in groups.values()} == {4}
    three = {view: random.permutation(7)[truth] for view in groups}
    straight = np.stack([np.arange(36)] * 2, axis=1)
    matched = _matched(three, {("image", "text"): straight, ("text", "speech"): straight})
    np.testing.assert_array_equal(matched["text"], matched["image"])
    np.testing.assert_array_equal(matched["speech"], matched["image"])


def test_items_that_are_gone_have_no_neighbourhoods(project):
    _, told = run(project)
    (shown,) = of(ShownPairs, told)
    missing = ShownPairs({**shown.ids, "text": shown.ids["text"] + 10_000}, shown.pairs, True)
    with pytest.raises(WorkbenchError, match="the text items shown are gone"):
        drain(neighbourhoods_of(project, missing))


def test_a_stop_ends_it(project):
    control = Control()
    control.stop()
    _, told = run(project, control=control)
    assert [glimpse.step for glimpse in of(Snapshot, told)] == [0]
