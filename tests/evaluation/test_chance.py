import numpy as np
import pytest

from workbench.evaluation import chance_median_rank, chance_recall


@pytest.mark.parametrize(("candidates", "correct"), [(20, 1), (20, 3), (8, 2)])
def test_chance_is_what_random_orders_score(candidates, correct):
    random = np.random.default_rng(0)
    orders = random.permuted(np.tile(np.arange(candidates), (20_000, 1)), axis=1)
    best = orders[:, :correct].min(axis=1) + 1
    for cutoff in (1, 5, 10):
        assert chance_recall(np.array([correct]), candidates, cutoff) == pytest.approx(
            np.mean(best <= cutoff), abs=0.02
        )
    assert chance_median_rank(np.array([correct]), candidates) == np.median(best)


def test_the_last_way_to_miss_counts():
    # three of four are wrong: three places miss in one of the four ways to leave an item out
    assert chance_recall(np.array([1]), 4, 3) == pytest.approx(3 / 4, abs=1e-12)


def test_where_everything_is_correct_chance_is_certain():
    assert chance_recall(np.array([7, 7]), 7, 1) == 1.0
    assert chance_median_rank(np.array([7]), 7) == 1.0


def test_queries_of_different_numbers_of_partners_count_alike():
    # 1 of 4 candidates, twice, and 2 of 4: a first place is right by 1/4, 1/4 and 2/4
    assert chance_recall(np.array([1, 2, 1]), 4, 1) == pytest.approx(1 / 3, abs=1e-12)
    assert chance_median_rank(np.array([1, 2, 1]), 4) == 2.0  # by 1/2, 5/6 and 1/2
