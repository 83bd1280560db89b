"""Which items are asked about next."""

import numpy as np
import pytest

from workbench.alignment.labelling.strategies import STRATEGIES, Pool, choose_items
from workbench.errors import WorkbenchError
from workbench.geometry import unit_rows

NAMES = [each.name for each in STRATEGIES]


def groups(sizes, spread=0.05, width=16, seed=0):
    """Return unit rows around as many centres as there are sizes, and the group of each."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    centres = random.normal(size=(len(sizes), width))
    rows = centres[group] + spread * random.normal(size=(len(group), width))
    return unit_rows(rows.astype(np.float32)), group


def pool_of(rows, known=(), seed=0):
    known = np.array(known, dtype=np.int64)
    free = np.setdiff1d(np.arange(len(rows)), known)
    margins = np.random.default_rng(seed).random(len(free)).astype(np.float32)
    return Pool(rows, free, known, margins)


@pytest.mark.parametrize("strategy", NAMES)
@pytest.mark.parametrize("known", [(), (0, 5, 7)])
def test_each_item_is_asked_about_once_and_none_that_is_known(strategy, known):
    pool = pool_of(groups([20, 20, 20])[0], known)
    for count in (0, 1, 10, 57, 1000):
        found = choose_items(pool, strategy, count)
        assert len(found) == min(count, len(pool.free))
        assert len(np.unique(found)) == len(found)
        assert np.isin(found, pool.free).all()
        assert np.array_equal(found, choose_items(pool, strategy, count))  # the same each time


def test_representatives_are_of_the_groups_in_which_nothing_is_known_largest_first():
    rows, group = groups([30, 20, 10, 5])
    found = choose_items(pool_of(rows, known=(0,)), "representative", 3)
    assert group[found].tolist() == [1, 2, 3]
    centre = rows[group == 1].mean(axis=0)
    middle = np.flatnonzero(group == 1)[(rows[group == 1] @ centre).argsort()[-5:]]
    assert found[0] in middle


def test_a_crowd_of_copies_is_asked_about_once():
    rows, group = groups([40, 10, 10])
    rows[:40] = rows[0]
    found = choose_items(pool_of(rows), "representative", 3)
    assert sorted(group[found].tolist()) == [0, 1, 2]


def test_diverse_items_are_far_from_all_that_is_known_and_from_each_other():
    rows, group = groups([30, 30, 30, 30])
    found = choose_items(pool_of(rows, known=(0, 35)), "diverse", 2)
    assert sorted(group[found].tolist()) == [2, 3]


def test_uncertain_items_are_those_with_the_smallest_margins():
    pool = pool_of(groups([30, 30])[0], known=(3,))
    found = choose_items(pool, "uncertain", 5)
    assert set(found) == set(pool.free[np.argsort(pool.margins)[:5]])
    for joined in ("uncertain-representative", "uncertain-diverse"):
        some = choose_items(pool, joined, 5)
        assert set(some) <= set(pool.free[np.argsort(pool.margins)[:20]])


def test_what_cannot_be_chosen_by_is_refused_in_words():
    pool = pool_of(groups([10])[0])
    with pytest.raises(WorkbenchError, match=r"no strategy “luck”. There are: representative"):
        choose_items(pool, "luck", 3)
    unseen = Pool(pool.frozen, pool.free, pool.known)
    with pytest.raises(WorkbenchError, match=r"“uncertain” asks where a run is unsure. Choose a r"):
        choose_items(unseen, "uncertain", 3)


@pytest.mark.parametrize("strategy", ["representative", "diverse"])
def test_with_few_answers_more_groups_are_covered_than_by_chance(strategy):
    rows, group = groups([60, 30, 20, 10, 10, 5, 5, 5])
    covered = {
        name: np.mean(
            [len(set(group[choose_items(pool_of(rows), name, 8, seed)])) for seed in range(10)]
        )
        for name in (strategy, "random")
    }
    assert covered[strategy] > covered["random"] + 1
