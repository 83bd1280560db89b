"""What curves say: against formulas written out, and in simulations where the truth is known."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from workbench.evaluation import (
    chance_of_no_difference,
    clear,
    crossings,
    differences,
    means,
    reached,
)

X = np.array([25.0, 50, 100, 200, 400])
STUDIES = 600


def test_means_are_those_of_student():
    values = np.array([[1.0, 2, np.nan], [3, 2, np.nan], [5, 8, 4]])
    found = means(values)
    assert found.count.tolist() == [3, 3, 1]
    assert found.mean == pytest.approx([3, 4, 4])
    assert found.deviation == pytest.approx([2, np.std([2, 2, 8], ddof=1), np.nan], nan_ok=True)
    expected = ttest_1samp(values[:, 0], 0).confidence_interval(0.95)
    assert (found.low[0], found.high[0]) == pytest.approx(expected)
    assert np.isnan(found.low[2])


def test_differences_are_split_by_split():
    hard = np.array([[10.0], [30], [50]])  # splits differ much, the two lines do not
    found = differences(hard + np.array([[1.0], [1.2], [0.8]]), hard)
    assert found.mean[0] == pytest.approx(1.0)
    assert found.low[0] > 0
    p = ttest_1samp([1.0, 1.2, 0.8], 0).pvalue
    assert chance_of_no_difference(found)[0] == pytest.approx(p)


def test_splits_that_agree_to_the_digit():
    same, apart = np.full((3, 1), 2.0), np.full((3, 1), 3.0)
    assert chance_of_no_difference(differences(same, same))[0] == 1
    assert chance_of_no_difference(differences(apart, same))[0] == 0
    assert np.isnan(chance_of_no_difference(differences(same[:1], same[:1]))[0])


def test_many_comparisons_are_as_sure_as_one():
    assert clear([0.01, 0.02, 0.04]).tolist() == [True, True, True]
    assert clear([0.01, 0.03, 0.04]).tolist() == [True, False, False]
    assert clear([np.nan, 0.04]).tolist() == [False, True]
    assert clear([]).tolist() == []


def test_where_nothing_differs_nothing_is_found():
    random = np.random.default_rng(0)
    found = 0
    for _ in range(STUDIES):
        base = random.normal(40, 5, size=(5, 1))  # splits that all lines share
        lines = base + random.normal(0, 2, size=(5, 6))
        found += clear(chance_of_no_difference(differences(lines[:, 1:], lines[:, :1]))).any()
    assert found / STUDIES <= 0.05 + 2 * (0.05 * 0.95 / STUDIES) ** 0.5


def curves(random, *lines, splits=5, noise=1.5):
    """Return lines, by start and slope a doubling, on splits that are hard for all of them."""
    shared = random.normal(0, 3, size=(splits, 1))
    truth = [start + slope * np.log2(X / X[0]) for start, slope in lines]
    return [each + shared + random.normal(0, noise, size=(splits, len(X))) for each in truth]


@pytest.mark.parametrize(
    ("target", "truth", "most"),
    [
        (40.0, 100.0, 0.97),  # at a budget that was trained
        (35.0, 25 * 2**1.5, 0.99),  # between two, where the interval is a little wider than needed
    ],
)
def test_the_budget_that_is_enough_is_covered_as_often_as_promised(target, truth, most):
    random = np.random.default_rng(1)
    covered = within = 0
    for _ in range(STUDIES):
        found = reached(X, curves(random, (20, 10))[0], target)
        covered += found.low <= truth <= found.high
        within += truth / 2 < found.value < truth * 2
    assert 0.93 <= covered / STUDIES <= most
    assert within / STUDIES > 0.95


def test_budgets_at_the_ends():
    values = np.array([[30.0, 40, 50, 60, 70], [32, 42, 52, 62, 72]])
    assert reached(X, values, 20).value == 25
    never = reached(X, values, 90)
    assert (never.value, never.high) == (np.inf, np.inf)
    alone = reached(X, values[:1], 45)
    assert alone.value == pytest.approx(50 * 2**0.5)
    assert np.isnan([alone.low, alone.high]).all()


def test_a_crossing_is_found_where_it_is():
    random = np.random.default_rng(2)
    rising, flat = curves(random, (10, 8), (22, 2))
    (found,) = crossings(X, rising, flat)  # 10 + 8 s = 22 + 2 s at s = 2
    assert found.low < 100 < found.high
    assert found.value == pytest.approx(100, rel=0.35)
    (other,) = crossings(X, flat, rising)
    assert other.value == pytest.approx(found.value)


def test_lines_side_by_side_cross_nowhere():
    random = np.random.default_rng(3)
    alike = [curves(random, (20, 5), (20, 5)) for _ in range(STUDIES)]
    assert sum(bool(crossings(X, *lines)) for lines in alike) / STUDIES < 0.02
    assert crossings(X, *curves(random, (40, 5), (20, 5))) == []
