"""What is told of single items and of all of them is what evaluation measures on the same rows."""

from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.alignment import fit, standardise
from workbench.errors import WorkbenchError
from workbench.evaluation import compare_neighbourhoods, distortion, retrieve
from workbench.jobs import Control, Progress, drain
from workbench.project import load_dataset
from workbench.stations import (
    AlignRequest,
    ItemFigures,
    RankChanges,
    align,
    distribution,
    inspector,
    rank_changes,
    scan,
)

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 40, ("text", "image", "speech"), extra=3))
    drain(align(project, AlignRequest(method="ridge", name="p", encoders={
        "image": "fake/image", "text": "fake/text",
    })))  # fmt: skip


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def inspected(project, name="p"):
    return drain(inspector(project, name))


def arrays(project, view, name="p"):
    """Return the same rows by another way: those of the data set that the run was made from."""
    data, space = load_dataset(project), project.run(name).space()
    frozen = data.views[view].embeddings
    return (
        data.views[view].ids,
        standardise(frozen, space.heads[view].centre),
        space.embed(view, frozen),
    )


def test_the_space_is_the_data_set_of_the_run(project):
    space = inspected(project).space
    data = load_dataset(project)
    assert set(space.views) == {"image", "text"}
    for name, view in space.views.items():
        ids, before, after = arrays(project, name)
        np.testing.assert_array_equal(view.ids, ids)
        np.testing.assert_array_equal(view.before, before)
        np.testing.assert_array_equal(view.after, after)
        np.testing.assert_array_equal(view.items, ids)
        assert view.rows_of(np.array([ids[4], 10**9, -1, ids[0]])).tolist() == [4, -1, -1, 0]
    np.testing.assert_array_equal(space.pairs["image", "text"], data.pairs["image", "text"])
    np.testing.assert_array_equal(
        space.pairs_between("text", "image"), data.pairs["image", "text"][:, ::-1]
    )


@pytest.mark.parametrize("view", ["image", "text"])
def test_neighbours_are_those_of_evaluation(project, view):
    look = inspected(project)
    ids, before, after = arrays(project, view)
    together = compare_neighbourhoods(before, after, 6)
    for row, item in enumerate(ids.tolist()):
        found = look.neighbours(item, 6)
        kept, lost, gained = (sorted(ids[each].tolist()) for each in together.changes(row))
        assert (found.item, found.modality) == (item, view)
        assert sorted(found.kept.tolist()) == kept
        assert sorted(found.lost.tolist()) == lost
        assert sorted(found.gained.tolist()) == gained
        assert found.overlap == together.overlap[row]
        cosines = before @ before[row]
        np.testing.assert_allclose(
            found.before.scores, cosines[np.searchsorted(ids, found.before.ids)], atol=1e-6
        )
        np.testing.assert_array_equal(found.before.stay, found.before.ranks_elsewhere <= 6)


def test_partners_rank_as_in_retrieval(project):
    look = inspected(project)
    pairs = load_dataset(project).pairs["image", "text"]
    image_ids, _, images = arrays(project, "image")
    text_ids, _, texts = arrays(project, "text")
    found = retrieve(images, texts, pairs)
    assert len(found.ranks) == 40
    for row, rank in zip(found.query_rows.tolist(), found.ranks.tolist(), strict=True):
        (across,) = look.across(int(image_ids[row]), 5)
        assert across.modality == "text"
        assert across.rank == rank
        assert across.candidates == len(texts)
        assert across.partners.tolist() == text_ids[pairs[pairs[:, 0] == row, 1]].tolist()
        scores = texts @ images[row]
        assert across.ids.tolist() == text_ids[np.argsort(-scores)[:5]].tolist()
        np.testing.assert_allclose(across.scores, np.sort(scores)[::-1][:5], atol=1e-6)
    alone = np.setdiff1d(np.arange(len(image_ids)), found.query_rows)
    (across,) = look.across(int(image_ids[alone[0]]))
    assert (across.rank, len(across.partners)) == (None, 0)
    assert len(across.ids) == 10


def test_partners_ranked_before_as_turned_frozen_spaces_say(project):
    look = inspected(project)
    recipe = project.run("p").recipe()
    data = load_dataset(project, {"image": "fake/image", "text": "fake/text"})
    split = data.split(recipe.split, recipe.pairs)
    image_ids, images, _ = arrays(project, "image")
    _, texts, _ = arrays(project, "text")
    turned = fit("procrustes", {"image": images, "text": texts}, split.training)
    pairs = data.pairs["image", "text"]
    found = retrieve(turned.embed("image", images), turned.embed("text", texts), pairs)
    for row, rank in zip(found.query_rows.tolist(), found.ranks.tolist(), strict=True):
        (across,) = look.across(int(image_ids[row]), 5)
        assert across.rank_before == rank
    alone = np.setdiff1d(np.arange(len(image_ids)), found.query_rows)
    (across,) = look.across(int(image_ids[alone[0]]))
    assert across.rank_before is None


def test_no_rank_before_where_training_pairs_are_not_known_any_more(project):
    assert inspected(project).meeting is not None
    pairs = project.catalogue.pairs()["image", "text"].tolist()
    project.catalogue.take_pairs(pairs[:-1])
    look = inspected(project)
    assert look.meeting is None
    (across,) = look.across(pairs[0][0])
    assert across.rank is not None
    assert across.rank_before is None


@pytest.mark.parametrize("neighbours", [5, 20, 500])
def test_operators_give_the_distortion_of_evaluation(project, neighbours):
    look = inspected(project)
    ids, before, after = arrays(project, "image")
    expected = distortion(before, after, neighbours)
    for row in (0, 17, 42):
        found = look.operators(int(ids[row]), neighbours)
        assert found.ids[0] == ids[row]
        assert found.before.shape == found.after.shape == (len(found.ids), len(found.ids))
        assert len(found.ids) == min(neighbours, len(ids) - 1) + 1
        nearest = np.argsort(-(before @ before[row]))[: len(found.ids)]
        assert found.ids.tolist() == ids[nearest].tolist()
        assert found.distortion == pytest.approx(float(expected[row]), rel=1e-4)
        np.testing.assert_allclose(found.difference, found.after - found.before)
        assert found.share is None


def test_figures_of_all_items_are_those_of_evaluation(project):
    look = inspected(project)
    told = []
    figures = drain(look.measure(), told.append)
    assert figures is look.figures
    assert figures.complete
    assert any(isinstance(event, Progress) and event.total == 43 for event in told)
    pairs = load_dataset(project).pairs["image", "text"]
    joint = {}
    for view in ("image", "text"):
        ids, before, after = arrays(project, view)
        joint[view] = after
        np.testing.assert_allclose(
            figures.distortion[view], distortion(before, after, 50), rtol=1e-5
        )
        shares = [look.operators(item).share for item in ids.tolist()]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert np.argmax(shares) == np.argmax(figures.distortion[view])
    for first, second, rows in (("image", "text", pairs), ("text", "image", pairs[:, ::-1])):
        found = retrieve(joint[first], joint[second], rows)
        ranks = figures.partner_rank[first, second]
        np.testing.assert_array_equal(ranks[found.query_rows], found.ranks)
        assert np.count_nonzero(ranks) == len(found.ranks)


def test_worst_and_distribution_of_all_and_of_some(project):
    look = inspected(project)
    figures = drain(look.measure())
    everything = np.concatenate([figures.space.views[view].ids for view in ("image", "text")])
    values = figures.distortion_of(everything)
    worst = figures.worst(10)
    assert [value for _, value in worst] == np.sort(values)[::-1][:10].tolist()
    assert [figures.distortion_of(np.array([item]))[0] for item, _ in worst] == [
        value for _, value in worst
    ]
    some = np.append(everything[::7], 10**8)
    assert {item for item, _ in figures.worst(3, some)} <= set(some.tolist())
    assert len(figures.worst(500, some)) == len(some) - 1
    assert figures.worst(0) == []
    spread = figures.distortions()
    assert (spread.count, spread.counts.sum()) == (len(values), len(values))
    assert spread.mean == pytest.approx(values.mean())
    assert spread.quantiles[0.5] == pytest.approx(np.median(values))
    assert figures.distortions(some).count == len(some) - 1
    assert np.isnan(figures.distortion_of(np.array([10**8]))).all()


def test_nothing_is_distributed():
    empty = distribution(np.zeros(0))
    assert (empty.count, empty.counts.sum(), empty.quantiles) == (0, 0, {})
    assert np.isnan(empty.mean)
    same = distribution(np.array([3.0, np.nan, 3.0]))
    assert (same.count, same.mean, same.counts.sum()) == (2, 3.0, 2)


def test_rank_changes_between_two_runs(project):
    encoders = {"image": "fake/image", "text": "fake/text"}
    poor = AlignRequest(method="procrustes", name="poor", pairs=3, encoders=encoders)
    drain(align(project, poor))
    good, bad = (drain(inspected(project, name).measure()) for name in ("p", "poor"))
    direction = ("image", "text")
    changes = rank_changes(good, bad, direction)
    view = good.space.views["image"]
    assert len(changes.ids) == 40
    rows = view.rows_of(changes.ids)
    np.testing.assert_array_equal(changes.before, good.partner_rank[direction][rows])
    np.testing.assert_array_equal(changes.after, bad.partner_rank[direction][rows])
    worse = changes.worse_most(4)
    assert len(worse) == 4
    ratios = [after / before for _, before, after in worse]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] == (changes.after / changes.before).max() > 1
    assert all(after < before for _, before, after in changes.better_most(99))
    some = changes.of(changes.ids[:7])
    assert some.ids.tolist() == changes.ids[:7].tolist()
    assert len(rank_changes(good, bad).ids) == 80
    assert rank_changes(good, good).better_most() == []
    empty = RankChanges(*[np.zeros(0, np.int64)] * 3)
    assert empty.worse_most() == []


def test_figures_are_measured_one_after_the_other(project):
    look, whole = inspected(project), drain(inspected(project).measure())
    ranks = drain(look.measure(only="ranks"))
    assert (ranks.distortion, set(ranks.partner_rank)) == ({}, set(whole.partner_rank))
    item = int(look.space.views["image"].ids[3])
    assert look.operators(item).share is None
    both = drain(look.measure(only="distortion"))
    assert both is look.figures
    for name, values in whole.distortion.items():
        np.testing.assert_array_equal(both.distortion[name], values)
    for direction, values in whole.partner_rank.items():
        np.testing.assert_array_equal(both.partner_rank[direction], values)
    assert look.operators(item).share == whole.share("image", 3)


def test_a_space_knows_whether_its_heads_are_still_those(project):
    space, run = inspected(project).space, project.run("p")
    assert space.is_of(run)
    run.write_space(run.space())
    assert not space.is_of(run)


def test_a_stop_leaves_no_half_figures(project):
    look = inspected(project)
    control = Control()
    control.stop()
    figures = drain(look.measure(control))
    assert (figures.complete, look.figures) == (False, None)
    assert figures.distortion == figures.partner_rank == {}
    assert figures.worst() == []
    assert figures.distortions().count == 0


def test_an_item_stands_for_its_copies(project, tmp_path):
    """A copy is neither a neighbour nor in the partner's way, and has the same figures."""
    from workbench.stations import EncodeRequest, encode

    for folder in ("a", "b"):
        write_item(tmp_path / "text" / folder, "text", 5)  # under other folders, the same words
    drain(scan(project))
    drain(encode(project, EncodeRequest("text", "fake/text")))
    look = inspected(project)
    texts = [item for item in project.catalogue.items("text") if item.text == "thing 5"]
    assert len(texts) == 3
    first, *copies = (item.id for item in texts)
    near = look.neighbours(first)
    assert not set(copies) & set(near.before.ids.tolist()) | set(copies) & set(near.after.ids)
    for copy in copies:
        again = look.neighbours(copy)
        assert again.before.ids.tolist() == near.before.ids.tolist()
        assert look.across(copy)[0].rank == look.across(first)[0].rank
    figures = drain(look.measure())
    assert len(set(figures.distortion_of(np.array([first, *copies])).tolist())) == 1


def test_items_without_a_place_are_sentences(project):
    look = inspected(project)
    speech = project.catalogue.items("speech")[0].id
    for item in (speech, 10**9, -3):
        for ask in (look.neighbours, look.across, look.operators):
            with pytest.raises(WorkbenchError, match=f"Item {item} is not in the run “p”"):
                ask(item)
    first = project.catalogue.items("image")[0].id
    for ask in (look.neighbours, look.across, look.operators):
        with pytest.raises(WorkbenchError, match="Give at least 1"):
            ask(first, 0)


# --- hostile data --------------------------------------------------------------------------------


def test_deleted_files_are_gone_and_the_rest_stays(project):
    texts = project.catalogue.items("text")
    for item in texts[:30]:
        Path(item.path).unlink()
    drain(scan(project))
    look = inspected(project)
    with pytest.raises(WorkbenchError, match="its file is gone"):
        look.neighbours(texts[0].id)
    figures = drain(look.measure())
    assert len(figures.distortion["text"]) == len(texts) - 30
    assert len(look.neighbours(texts[-1].id).before.ids) == 10


@pytest.mark.parametrize("left", [0, 1])
def test_no_item_and_one_item(project, left):
    images = project.catalogue.items("image")
    for item in images[left:]:
        Path(item.path).unlink()
    drain(scan(project))
    look = inspected(project)
    figures = drain(look.measure())
    assert figures.distortion["image"].tolist() == [0.0] * left
    text = project.catalogue.items("text")[0]
    (across,) = look.across(text.id)
    assert len(across.ids) == across.candidates == left
    for item in images[:left]:
        alone = look.neighbours(item.id)
        assert len(alone.before.ids) == len(alone.after.ids) == 0
        assert np.isnan(alone.overlap)
        found = look.operators(item.id)
        assert found.before.tolist() == found.after.tolist() == [[1.0]]
        assert (found.distortion, found.share) == (0.0, None)
    assert len(figures.worst(100)) == 43 + left


def test_a_view_without_pairs(project):
    project.catalogue.take_pairs([])
    look = inspected(project)
    figures = drain(look.measure())
    assert figures.partner_rank == {}
    assert set(figures.distortion) == {"image", "text"}
    item = project.catalogue.items("image")[0].id
    (across,) = look.across(item)
    assert (across.rank, len(across.ids)) == (None, 10)
    assert figures.partner_rank_of(np.array([item])).tolist() == [0]
    assert len(rank_changes(figures, figures).ids) == 0


def test_all_items_identical():
    """Rows that all coincide: every neighbour ties, and nothing breaks or is bent."""
    from workbench.stations.evaluating.inspector import Inspector
    from workbench.stations.runs.run_space import RunSpace, RunView

    count = 30
    ids = np.arange(count) + 1
    rows = np.repeat(np.float32([[0.6, 0.8]]), count, axis=0)
    views = {
        "image": RunView(ids, ids, np.arange(count), rows, rows),
        "text": RunView(ids + 100, ids + 100, np.arange(count), rows, rows),
    }
    pairs = {("image", "text"): np.stack([np.arange(count)] * 2, axis=1)}
    look = Inspector(RunSpace("same", views, pairs, None))
    found = look.neighbours(7)
    assert found.overlap == 1.0
    assert 7 not in found.before.ids
    assert look.across(7)[0].rank == count  # ties rank pessimistically
    figures = drain(look.measure())
    assert (figures.distortion["image"] == 0).all()
    assert set(figures.partner_rank["image", "text"].tolist()) == {count}
    assert look.operators(7).share is None
    assert look.operators(7).ids[0] == 7
    assert isinstance(figures, ItemFigures)
