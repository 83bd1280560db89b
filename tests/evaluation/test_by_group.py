import numpy as np
import pytest

from workbench.evaluation import Bootstrap, rank_differences, rank_intervals, recall_by_group
from workbench.jobs import Control

LABELS = ["قطة", "猫", "🐈", ""]


def drawn(seed=0, count=120):
    random = np.random.default_rng(seed)
    ranks = random.integers(1, 40, count)
    groups = [LABELS[number] for number in random.integers(0, 4, count)]
    linked = np.sort(random.integers(0, 50, count))
    return ranks, groups, linked


@pytest.mark.parametrize("cutoff", [1, 5, 10])
def test_a_group_is_measured_as_its_queries_alone(cutoff):
    ranks, groups, linked = drawn()
    found = {each.group: each for each in recall_by_group(ranks, groups, linked, cutoff)}
    assert set(found) == set(LABELS)
    for label, each in found.items():
        own = np.array([group == label for group in groups])
        distinct, place = np.unique(linked[own], return_inverse=True)
        sure = rank_intervals(ranks[own], place, Bootstrap(len(distinct)))
        assert each.queries == own.sum()
        assert each.recall == pytest.approx(np.mean(ranks[own] <= cutoff))
        assert (each.low, each.high) == pytest.approx(sure[f"recall@{cutoff}"])
        assert each.low <= each.recall <= each.high
        assert each.difference is None
    sizes = [each.queries for each in recall_by_group(ranks, groups, linked)]
    assert sizes == sorted(sizes, reverse=True)


def test_differences_are_paired():
    ranks, groups, linked = drawn()
    base = ranks + np.random.default_rng(3).integers(-1, 6, len(ranks)).clip(0)
    for each in recall_by_group(ranks, groups, linked, 10, base=base):
        own = np.array([group == each.group for group in groups])
        distinct, place = np.unique(linked[own], return_inverse=True)
        expected = rank_differences(
            {"a": ranks[own]}, {"a": base[own]}, {"a": place}, Bootstrap(len(distinct))
        )["a"]["recall@10"]
        assert each.difference.value == pytest.approx(expected.value)
        assert (each.difference.low, each.difference.high) == pytest.approx(
            (expected.low, expected.high)
        )


def test_the_same_ranks_do_not_differ():
    ranks, groups, linked = drawn()
    for each in recall_by_group(ranks, groups, linked, base=ranks):
        assert (each.difference.value, each.difference.low, each.difference.high) == (0, 0, 0)
        assert not each.difference.clear


def test_no_query_and_one_query():
    nothing = np.zeros(0, dtype=np.int64)
    assert recall_by_group(nothing, [], nothing) == []
    (alone,) = recall_by_group(np.array([3]), ["x" * 10_000], np.array([7]), 5)
    assert (alone.queries, alone.recall, alone.low, alone.high) == (1, 1.0, 1.0, 1.0)


def one_by_one(ranks, groups, linked, cutoff, base):
    """Look at all queries once a group."""
    labels = np.array(groups, dtype=object)
    names, sizes = np.unique(labels, return_counts=True)
    for place in np.lexsort((np.arange(len(names)), -sizes)).tolist():
        own = np.flatnonzero(labels == names[place])
        yield recall_by_group(
            ranks[own], [names[place]] * len(own), linked[own], cutoff, base=base[own]
        )[0]


@pytest.mark.parametrize("count", [1, 7, 120])
def test_groups_are_those_found_one_by_one(count):
    ranks, groups, linked = drawn(1, count)
    groups = [f"{label} {n % 13}" for n, label in enumerate(groups)]
    base = ranks[::-1].copy()
    found = recall_by_group(ranks, groups, linked, 10, base=base)
    assert found == list(one_by_one(ranks, groups, linked, 10, base))
    assert len(found) == len(set(groups))


def test_it_can_be_stopped_between_groups():
    class Soon(Control):
        """Is stopped when it has been asked three times."""

        asked = 0

        @property
        def stopping(self):
            self.asked += 1
            return self.asked > 3

    ranks, _, linked = drawn()
    names = [f"{number}" for number in range(120)]
    found = recall_by_group(ranks, names, linked, control=Soon())
    assert found == recall_by_group(ranks, names, linked)[:3]
