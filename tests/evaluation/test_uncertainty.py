import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.evaluation import (
    Bootstrap,
    interval,
    pair_groups,
    rank_differences,
    rank_intervals,
    share_intervals,
    uncertainty,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_each_draw_is_what_repeated_items_score(data):
    groups = data.draw(st.integers(1, 6))
    number = st.integers(0, groups - 1)
    group_of = np.array(data.draw(st.lists(number, min_size=1, max_size=12)))
    ranks = np.array(
        data.draw(st.lists(st.integers(1, 20), min_size=len(group_of), max_size=len(group_of)))
    )
    bootstrap = Bootstrap(groups, resamples=7, seed=3)
    found = bootstrap.of_ranks(ranks, group_of)
    counts = np.concatenate([counts for _, counts in bootstrap.counts()])
    assert counts.shape == (7, groups)
    assert (counts.sum(axis=1) == groups).all()
    for draw, row in enumerate(counts.astype(int)):
        these = np.repeat(ranks, row[group_of])
        if len(these) == 0:
            assert all(np.isnan(found[name][draw]) for name in found)
            continue
        assert found["recall@5"][draw] == pytest.approx(np.mean(these <= 5))
        assert found["mrr"][draw] == pytest.approx(np.mean(1 / these))
        assert found["median_rank"][draw] == np.median(these)


def test_draws_are_the_same_for_a_seed_however_many_at_once(monkeypatch):
    ranks, groups = np.arange(1, 41), np.arange(40)
    whole = Bootstrap(40, resamples=50).of_ranks(ranks, groups)
    monkeypatch.setattr(uncertainty, "_COUNTS_AT_ONCE", 100)
    parts = Bootstrap(40, resamples=50).of_ranks(ranks, groups)
    for name in whole:
        assert parts[name].tolist() == whole[name].tolist()
    other = Bootstrap(40, resamples=50, seed=1).of_ranks(ranks, groups)
    assert other["mrr"].tolist() != whole["mrr"].tolist()


def test_the_interval_of_a_share_is_that_of_the_normal_law():
    hits = np.arange(1000) < 300
    found = rank_intervals(np.where(hits, 1, 99), np.arange(1000), Bootstrap(1000))
    error = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert found["recall@1"] == pytest.approx((0.3 - error, 0.3 + error), abs=0.004)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        ranks = np.where(random.random(100) < 0.4, 1, 50)
        low, high = rank_intervals(ranks, np.arange(100), Bootstrap(100, 200))["recall@1"]
        covered += low <= 0.4 <= high
    assert 0.90 <= covered / 200 <= 0.99


def test_items_that_go_together_make_wider_intervals():
    """Five captions of a picture that stand and fall together are one observation."""
    ranks = np.repeat(np.where(np.arange(60) % 3 == 0, 1, 40), 5)
    apart = rank_intervals(ranks, np.arange(300), Bootstrap(300))["recall@1"]
    together = rank_intervals(ranks, np.repeat(np.arange(60), 5), Bootstrap(60))["recall@1"]
    assert np.diff(together)[0] == pytest.approx(np.sqrt(5) * np.diff(apart)[0], rel=0.1)


def test_pairing_makes_differences_sure():
    random = np.random.default_rng(0)
    base = {"a→b": random.integers(1, 100, 400), "b→a": random.integers(1, 100, 400)}
    better = {direction: np.maximum(ranks - 4, 1) for direction, ranks in base.items()}
    groups = dict.fromkeys(base, np.arange(400))
    bootstrap = Bootstrap(400)
    found = rank_differences(better, base, groups, bootstrap)
    assert found.keys() == {"a→b", "b→a", "mean"}
    for direction in ("a→b", "b→a"):
        gained = np.mean(better[direction] <= 10) - np.mean(base[direction] <= 10)
        difference = found[direction]["recall@10"]
        assert difference.value == pytest.approx(gained)
        assert difference.low <= gained <= difference.high
        assert difference.clear
        # each figure's own interval is wider than that of the difference
        low, high = rank_intervals(base[direction], groups[direction], bootstrap)["recall@10"]
        assert difference.high - difference.low < high - low
        assert found[direction]["median_rank"].value < 0
    means = [found[direction]["mrr"].value for direction in base]
    assert found["mean"]["mrr"].value == pytest.approx(np.mean(means))
    widths = [found[d]["mrr"].high - found[d]["mrr"].low for d in ("a→b", "mean")]
    assert widths[1] < widths[0]
    same = rank_differences(base, base, groups, bootstrap)
    for row in same.values():
        for difference in row.values():
            assert (difference.value, difference.low, difference.high) == (0, 0, 0)
            assert not difference.clear


def test_both_directions_are_drawn_together():
    """Where one gains on exactly the groups on which the other loses, the mean never moves."""
    base = np.full(200, 50)
    half = np.arange(200) < 100
    ranks = {"a→b": np.where(half, 1, 50), "b→a": np.where(half, 50, 1)}
    groups = dict.fromkeys(ranks, np.arange(200))
    found = rank_differences(ranks, dict.fromkeys(ranks, base), groups, Bootstrap(200, 500))
    assert found["a→b"]["recall@1"].high - found["a→b"]["recall@1"].low > 0.1
    mean = found["mean"]["recall@1"]
    assert (mean.low, mean.high) == pytest.approx((0.5, 0.5))


def test_draws_without_a_query_are_left_out():
    assert interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)
    assert np.isnan(interval(np.array([np.nan]))).all()
    # one query in 3 groups: a third of the draws has none
    found = rank_intervals(np.array([1]), np.array([2]), Bootstrap(3))
    assert found["recall@1"] == (1.0, 1.0)


def test_groups_are_what_pairs_link():
    pairs = {
        ("image", "text"): np.array([[0, 0], [0, 1], [1, 2], [3, 2]]),
        ("text", "speech"): np.array([[1, 0]]),
    }
    groups, count = pair_groups({"image": 4, "text": 4, "speech": 2}, pairs)
    image, text, speech = groups["image"], groups["text"], groups["speech"]
    assert image[0] == text[0] == text[1] == speech[0]
    assert image[1] == image[3] == text[2]
    alone = [image[2], text[3], speech[1]]
    assert len({int(image[0]), int(image[1]), *map(int, alone)}) == count == 5


def test_intervals_of_few_items_are_wilsons():
    from scipy.stats import binomtest

    right, of = np.array([0, 5, 3, 20]), np.array([5, 5, 8, 30])
    for found, some, all_ in zip(share_intervals(right, of), right, of, strict=True):
        low, high = binomtest(int(some), int(all_)).proportion_ci(method="wilson")
        assert found == pytest.approx([low, high])
    assert np.isnan(share_intervals(np.array([0]), np.array([0]))).all()
    hits = np.random.default_rng(0).binomial(8, 0.9, size=2000)
    ends = share_intervals(hits, np.full(2000, 8))
    assert 0.93 <= np.mean((ends[:, 0] <= 0.9) & (ends[:, 1] >= 0.9)) <= 0.99
