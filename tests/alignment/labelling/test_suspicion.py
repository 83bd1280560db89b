"""Given pairs that all the others speak against."""

import numpy as np
import pytest

from workbench.alignment import data
from workbench.alignment.labelling.suspicion import suspicion
from workbench.jobs import Control, drain

RELATION = ("image", "text")


def two_views(count, seed=0, hidden=4):
    """Return two views of one hidden structure, and the pairs of their rows."""
    random = np.random.default_rng(seed)
    things = random.normal(size=(count, hidden))
    views = {
        name: (things @ random.normal(size=(hidden, width))).astype(np.float32)
        + 0.05 * random.normal(size=(count, width)).astype(np.float32)
        for name, width in (("image", 9), ("text", 7))
    }
    return views, np.stack([np.arange(count)] * 2, axis=1)


def shuffled(pairs, count, seed=0):
    """Return pairs of which some have each other's partners, and which ones."""
    bad = np.random.default_rng(seed).permutation(len(pairs))[:count]
    pairs = pairs.copy()
    pairs[bad, 1] = pairs[np.roll(bad, 1), 1]
    return pairs, bad


def test_shuffled_pairs_come_first_and_are_counted():
    views, pairs = two_views(200)
    pairs, bad = shuffled(pairs, 20)
    found = drain(suspicion(views, RELATION, pairs))
    first = found.order[:20]
    assert len(np.intersect1d(first, bad)) >= 18
    # a quarter of them is counted, times four, or more: both ranks are of one distance
    assert 8 <= found.as_if_shuffled <= 60
    right = np.setdiff1d(np.arange(200), bad)
    assert np.median(found.ranks[right]) < 0.05 < np.median(found.ranks[bad])
    # what the halves of a wrong pair find first is often their true partner
    assert np.mean(found.nearest[bad, 0] == bad) > 0.3


def test_where_all_is_right_nearly_nothing_looks_shuffled():
    views, pairs = two_views(200)
    assert drain(suspicion(views, RELATION, pairs)).as_if_shuffled <= 4


def test_where_views_have_nothing_in_common_all_look_shuffled():
    random = np.random.default_rng(0)
    views = {v: random.normal(size=(300, 8)).astype(np.float32) for v in RELATION}
    found = drain(suspicion(views, RELATION, np.stack([np.arange(300)] * 2, axis=1)))
    assert 200 <= found.as_if_shuffled <= 300


def test_other_partners_of_an_item_stand_in_no_ones_way():
    views, pairs = two_views(60)
    # each picture has two captions, nearly alike
    views["text"] = np.repeat(views["text"], 2, axis=0) + np.float32(1e-3)
    both = np.stack([np.repeat(np.arange(60), 2), np.arange(120)], axis=1)
    found = drain(suspicion(views, RELATION, both))
    alone = drain(suspicion({**views, "text": views["text"][::2]}, RELATION, pairs))
    assert np.median(found.ranks[:, 0]) <= np.median(alone.ranks[:, 0])
    assert not (found.nearest[:, 0] // 2 == both[:, 0]).any()


def test_pairs_that_all_share_an_item_are_not_judged():
    views, _ = two_views(40)
    one = np.stack([np.zeros(40, np.int64), np.arange(40)], axis=1)
    found = drain(suspicion(views, RELATION, one))
    assert len(found.order) == 0
    assert found.as_if_shuffled == 0


def test_candidates_are_bounded(monkeypatch):
    monkeypatch.setattr("workbench.alignment.labelling.suspicion._MOST_CANDIDATES", 50)
    views, pairs = two_views(200)
    pairs, bad = shuffled(pairs, 20)
    found = drain(suspicion(views, RELATION, pairs))
    assert found.among == (50, 50)
    assert len(np.intersect1d(found.order[:20], bad)) >= 15
    assert (found.ranks <= 1).all()


@pytest.mark.parametrize("folds", [0, 3])
def test_a_stop_is_heard_between_folds(folds):
    views, pairs = two_views(60)
    control = Control()
    job = suspicion(views, RELATION, pairs, control)
    for _ in range(folds + 1):
        next(job)
    control.stop()
    with pytest.raises(StopIteration) as end:
        next(job)
    assert end.value.value is None


def test_views_are_whitened_once(monkeypatch):
    found = []
    whitened = data.whitened
    monkeypatch.setattr(data, "whitened", lambda *given: found.append(given) or whitened(*given))
    views, pairs = two_views(60)
    drain(suspicion(views, RELATION, pairs))
    assert len(found) == 1  # of the pictures alone, whichever fold is left out
