"""Clusters of a run's items: known groups are found, the same each time, whatever the items."""

from collections import Counter

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Progress, drain
from workbench.project import Item
from workbench.stations import Clusters, ItemColumns, cluster_items, name_clusters, usual_count
from workbench.stations.runs.run_space import RunSpace, RunView


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def view(rows, start=0, before=None):
    ids = np.arange(start, start + len(rows))
    return RunView(ids, ids, np.arange(len(rows)), rows if before is None else before, rows)


def space(**views):
    return RunSpace("run", views, {}, None)


def three_groups(seed=0, count=90):
    """Rows about three directions: 1/2, 1/3 and 1/6 of them."""
    random = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], [count // 2, count // 3, count - count // 2 - count // 3])
    truth = random.permutation(truth)
    return unit(10 * np.eye(3, 8)[truth] + random.normal(size=(count, 8))), truth


def test_known_groups_are_found_the_largest_first():
    rows, truth = three_groups()
    found = drain(cluster_items(space(image=view(rows)), 3))
    np.testing.assert_array_equal(found.cluster_of["image"], truth)
    assert found.sizes == [45, 30, 15]
    np.testing.assert_array_equal(found.of_items(np.array([5, 4000, 0])), [truth[5], -1, truth[0]])
    for number, item in enumerate(found.typical):
        members = rows[truth == number]
        centre = unit(members.mean(axis=0)[None])[0]
        assert rows[item] @ centre == pytest.approx((members @ centre).max(), abs=1e-4)
        assert truth[item] == number


def test_it_is_the_same_each_time_and_all_views_are_divided_together():
    rows, truth = three_groups()
    both = space(image=view(rows[:50]), text=view(rows[50:], 1000))
    first, second = (drain(cluster_items(both, 5, seed=3)) for _ in range(2))
    assert first.sizes == second.sizes
    assert first.typical == second.typical
    for name in ("image", "text"):
        np.testing.assert_array_equal(first.cluster_of[name], second.cluster_of[name])
    found = drain(cluster_items(both, 3))
    ids = np.array([*range(50), *range(1000, 1040)])
    np.testing.assert_array_equal(found.of_items(ids), truth)


def test_frozen_rows_of_one_view():
    rows, truth = three_groups()
    mixed = np.roll(rows, 7, axis=0)
    run = space(image=view(mixed, before=rows), text=view(rows, 1000))
    found = drain(cluster_items(run, 3, of="image"))
    np.testing.assert_array_equal(found.cluster_of["image"], truth)
    assert (found.of_items(np.array([1000])) == -1).all()
    with pytest.raises(WorkbenchError, match="has no speech view"):
        drain(cluster_items(run, 3, of="speech"))


@pytest.mark.parametrize("count", [2, 5, 40])
def test_identical_rows_are_one_cluster(count):
    rows = unit(np.ones((60, 4)))
    found = drain(cluster_items(space(image=view(rows)), count))
    assert found.sizes == [60]
    assert found.typical == [0]


def test_fewer_items_than_clusters():
    rows = unit(np.eye(5))
    found = drain(cluster_items(space(image=view(rows)), 40))
    assert sorted(found.cluster_of["image"].tolist()) == [0, 1, 2, 3, 4]
    assert found.sizes == [1] * 5


@pytest.mark.parametrize("count", [None, 1, 7])
def test_no_item_and_one(count):
    nothing = drain(cluster_items(space(image=view(np.zeros((0, 3), np.float32))), count))
    assert (nothing.sizes, nothing.typical) == ([], [])
    assert nothing.of_items(np.array([0])).tolist() == [-1]
    assert drain(cluster_items(space(), count)).sizes == []
    one = drain(cluster_items(space(image=view(unit(np.ones((1, 3))))), count))
    assert (one.sizes, one.typical) == ([1], [0])


def test_copies_have_the_cluster_of_their_row():
    rows, truth = three_groups()
    copies = RunView(np.arange(90), np.arange(91), np.array([*range(90), 17]), rows, rows)
    found = drain(cluster_items(space(image=copies), 3))
    assert found.of_items(np.array([90]))[0] == truth[17]
    assert sum(found.sizes) == 90


def test_of_very_many_some_are_learnt_from_and_all_divided(monkeypatch):
    import sys

    module = sys.modules["workbench.stations.selecting.clusters"]
    for name, value in (("_SAMPLE", 60), ("_FIRST_SAMPLE", 30)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("workbench.search.means._SCORES_AT_ONCE", 75)
    rows, truth = three_groups(count=600)
    found = drain(cluster_items(space(image=view(rows)), 3))
    np.testing.assert_array_equal(found.cluster_of["image"], truth)


def test_a_stop_is_heard_and_progress_told():
    rows, _ = three_groups()
    told = []
    assert drain(cluster_items(space(image=view(rows)), 3), told.append).complete
    steps = [event.done for event in told if isinstance(event, Progress)]
    assert steps == list(range(len(steps)))
    control = Control()
    control.stop()
    stopped = drain(cluster_items(space(image=view(rows)), 3, control=control))
    assert isinstance(stopped, Clusters)
    assert not stopped.complete


@pytest.mark.parametrize("count", [0, -2, 41])
def test_a_bad_number_is_a_sentence(count):
    with pytest.raises(WorkbenchError, match="Give one from 1 to 40"):
        drain(cluster_items(space(), count))


def test_how_many_unasked():
    assert [usual_count(n) for n in (0, 1, 8, 60, 1000, 2100, 10**6)] == [2, 2, 2, 3, 7, 9, 10]


def item(number, label="", text=""):
    return Item("text", f"/{number}", "", str(number), label, text=text, id=number)


def names_of(found, items):
    return name_clusters(found, ItemColumns.of(items, np.zeros((0, 2), np.int64)))


def divided(truth):
    """Clusters of rows about as many directions as there are different numbers."""
    rows = np.eye(max(truth) + 1, 8, dtype=np.float32)[truth]
    return drain(cluster_items(space(text=view(rows)), max(truth) + 1))


def test_clusters_are_named_by_their_most_frequent_label_or_else_their_most_typical_item():
    found = divided([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4])
    labels = ["b", "a", "b", "", "", "猫", "猫", "قطط", "قطط", "a", "", "", "", "", ""]
    items = [item(number, label, f"text {number}") for number, label in enumerate(labels)]
    del items[found.typical[4]]  # it is no longer in the project
    assert names_of(found, items) == [
        ("b", 5), (min("猫", "قطط"), 4), ("a", 3), ("text 12", 2), ("", 0),
    ]  # fmt: skip


def test_names_of_clusters_are_those_that_counting_one_by_one_finds():
    random = np.random.default_rng(5)
    truth = np.sort(random.integers(0, 6, 300))
    truth[-6:] = range(6)
    found = divided(truth)
    items = [item(n, label) for n, label in enumerate(random.choice(list("abcdefgh"), 300))]
    items += [item(1000, "z"), item(1001, "z")]  # of no cluster
    items = [items[place] for place in random.permutation(302)]
    expected = []
    for number in range(6):
        own = [each.label for each in items if found.of_items(np.array([each.id]))[0] == number]
        counts = Counter(own)
        expected.append((min(counts, key=lambda name: (-counts[name], name)), len(own)))
    assert names_of(found, items) == expected


def test_nothing_is_named_where_there_is_nothing():
    nothing = drain(cluster_items(space(), 3))
    assert names_of(nothing, []) == names_of(nothing, [item(1, "a")]) == []
    assert names_of(divided([0, 1]), []) == [("", 0), ("", 0)]


def test_copies_count_as_items_of_their_cluster():
    rows = np.eye(2, dtype=np.float32)
    copies = RunView(np.arange(2), np.arange(3), np.array([0, 1, 1]), rows, rows)
    found = drain(cluster_items(space(text=copies), 2))
    items = [item(0, "a"), item(1, "b"), item(2, "b")]
    assert sorted(names_of(found, items)) == [("a", 1), ("b", 2)]
