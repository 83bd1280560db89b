from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.project import SplitSettings, split_pairs

VIEWS = ("image", "text", "speech")
RELATIONS = [("image", "text"), ("text", "speech"), ("image", "speech")]


@st.composite
def worlds(draw):
    """Draw views of a few rows, and any pairs of any relations between them, none twice."""
    views = draw(st.sampled_from([VIEWS[:2], VIEWS]))
    counts = {view: draw(st.integers(1, 12)) for view in views}
    pairs = {}
    for relation in RELATIONS:
        if set(relation) <= set(views) and draw(st.booleans()):
            each = st.tuples(*(st.integers(0, counts[view] - 1) for view in relation))
            rows = draw(st.lists(each, unique=True, max_size=20))
            pairs[relation] = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return counts, pairs


shares = st.builds(
    SplitSettings, seed=st.integers(0, 99), test=st.sampled_from([0.0, 0.2, 0.5]),
    validation=st.sampled_from([0.0, 0.1, 0.4]),
)  # fmt: skip
budgets = st.none() | st.integers(1, 8)


def nodes(pairs):
    """Items that occur in pairs."""
    return {
        (view, row)
        for relation, rows in pairs.items()
        for pair in rows.tolist()
        for view, row in zip(relation, pair, strict=True)
    }


def groups_of(counts, pairs):
    """Find connected components by the plainest method there is."""
    group = {(view, row): {(view, row)} for view, n in counts.items() for row in range(n)}
    for relation, rows in pairs.items():
        for pair in rows.tolist():
            first, second = zip(relation, pair, strict=True)
            merged = group[first] | group[second]
            for node in merged:
                group[node] = merged
    return group


def as_sets(pairs):
    return {(relation, *pair) for relation, rows in pairs.items() for pair in rows.tolist()}


@settings(deadline=None, max_examples=200)
@given(worlds(), shares, budgets)
def test_what_a_split_promises(world, share, budget):
    counts, pairs = world
    split = split_pairs(counts, pairs, share, budget)
    parts = [split.training, split.validation, split.test]
    group = groups_of(counts, pairs)

    # parts hold given pairs, none twice, and no group straddles
    found = [as_sets(part) for part in parts]
    assert found[0] | found[1] | found[2] <= as_sets(pairs)
    assert sum(map(len, found)) == len(found[0] | found[1] | found[2])
    homes = [{min(group[node]) for node in nodes(part)} for part in parts]
    assert not homes[0] & homes[1]
    assert not homes[0] & homes[2]
    assert not homes[1] & homes[2]
    if budget is None:
        assert found[0] | found[1] | found[2] == as_sets(pairs)

    # each relation keeps its budget
    for relation, rows in split.training.items():
        assert len(rows) <= (len(pairs[relation]) if budget is None else budget)

    # the unpaired: never held out, never in a training pair, and no two of them belong together
    unpaired = {(view, row) for view, rows in split.unpaired.items() for row in rows.tolist()}
    assert not unpaired & nodes(split.training)
    for part in (split.validation, split.test):
        held = set().union(*(group[node] for node in nodes(part))) if nodes(part) else set()
        assert not unpaired & held
    hidden = as_sets(pairs) - found[0]
    for (first, second), one, other in hidden:
        assert not {(first, one), (second, other)} <= unpaired
    # nor does a training item have a hidden partner among them
    for node in nodes(split.training):
        assert not unpaired & group[node]
    # items without any pair are all there
    assert {node for node, members in group.items() if len(members) == 1} <= unpaired | nodes(pairs)

    # what training sees
    for view in counts:
        rows = split.training_rows(view)
        assert rows.tolist() == sorted(set(rows.tolist()))
        assert {(view, row) for row in rows.tolist()} == {
            node for node in unpaired | nodes(split.training) if node[0] == view
        }


@settings(deadline=None, max_examples=60)
@given(worlds(), shares)
def test_budgets_are_nested_and_held_out_pairs_do_not_depend_on_them(world, share):
    counts, pairs = world
    splits = [split_pairs(counts, pairs, share, budget) for budget in (1, 3, 6, None)]
    for smaller, larger in pairwise(splits):
        assert as_sets(smaller.training) <= as_sets(larger.training)
        assert as_sets(smaller.validation) == as_sets(larger.validation)
        assert as_sets(smaller.test) == as_sets(larger.test)


@settings(deadline=None, max_examples=30)
@given(worlds(), shares, budgets)
def test_the_same_seed_gives_the_same_split(world, share, budget):
    counts, pairs = world
    one, two = (split_pairs(counts, pairs, share, budget) for _ in range(2))
    for first, second in zip(
        (one.training, one.validation, one.test, one.unpaired),
        (two.training, two.validation, two.test, two.unpaired),
        strict=True,
    ):
        assert first.keys() == second.keys()
        for name, rows in first.items():
            np.testing.assert_array_equal(rows, second[name])


def one_to_one(count):
    return {"image": count, "text": count}, {
        ("image", "text"): np.stack([np.arange(count)] * 2, axis=1)
    }


def test_fractions_are_of_groups():
    split = split_pairs(*one_to_one(100), SplitSettings(test=0.2, validation=0.1))
    sizes = [len(part["image", "text"]) for part in (split.training, split.validation, split.test)]
    assert sizes == [70, 10, 20]
    assert [len(rows) for rows in split.unpaired.values()] == [0, 0]


def test_fractions_of_zero_hold_nothing_out():
    split = split_pairs(*one_to_one(30), SplitSettings(test=0, validation=0))
    assert len(split.training["image", "text"]) == 30
    assert len(split.test["image", "text"]) == len(split.validation["image", "text"]) == 0


def test_other_seeds_give_other_splits():
    tests = {
        tuple(split_pairs(*one_to_one(50), SplitSettings(seed=seed)).test["image", "text"][:, 0])
        for seed in range(5)
    }
    assert len(tests) == 5


def test_left_over_pairs_give_about_half_of_their_items_to_each_view():
    split = split_pairs(*one_to_one(1000), SplitSettings(), budget=50)
    sizes = [len(rows) for rows in split.unpaired.values()]
    assert sum(sizes) == 1000 - 200 - 100 - 50
    assert min(sizes) > 250
    assert not set(split.unpaired["image"]) & set(split.unpaired["text"])


@pytest.mark.parametrize("pairs", [{}, {("image", "text"): np.zeros((0, 2), dtype=np.int64)}])
def test_without_pairs_everything_is_unpaired(pairs):
    split = split_pairs({"image": 3, "text": 2}, pairs, SplitSettings())
    assert split.unpaired["image"].tolist() == [0, 1, 2]
    assert split.unpaired["text"].tolist() == [0, 1]
    assert split.training_rows("image").tolist() == [0, 1, 2]


def test_captions_of_one_picture_stay_together():
    pairs = {("image", "text"): np.array([[row // 5, row] for row in range(50)])}
    for seed in range(10):
        split = split_pairs(
            {"image": 10, "text": 50}, pairs, SplitSettings(seed=seed, test=0.3, validation=0.2)
        )
        for part in (split.training, split.validation, split.test):
            images = part["image", "text"][:, 0]
            assert all(np.count_nonzero(images == image) == 5 for image in set(images.tolist()))


# --- own pairs --------------------------------------------------------------------------------


@st.composite
def answered(draw):
    """Draw a world, and what a user makes of its pairs: some taken apart, others added."""
    counts, pairs = draw(worlds())
    now = {}
    for relation in RELATIONS:
        if set(relation) <= set(counts):
            rows = pairs.get(relation, np.zeros((0, 2), np.int64)).tolist()
            kept = [pair for pair in rows if draw(st.integers(0, 4))]
            each = st.tuples(*(st.integers(0, counts[view] - 1) for view in relation))
            own = draw(st.lists(each, max_size=4))
            found = sorted({*map(tuple, kept), *own})
            if found:
                now[relation] = np.array(found, dtype=np.int64)
    return counts, pairs, now


@given(answered(), shares)
def test_own_pairs_move_nobody_and_are_for_training(world, settings):
    counts, pairs, now = world
    if not as_sets(pairs):
        return
    before = split_pairs(counts, pairs, settings)
    after = split_pairs(counts, pairs, settings, now=now)
    there = as_sets(now)
    for part in ("validation", "test"):
        was, is_now = as_sets(getattr(before, part)), as_sets(getattr(after, part))
        assert is_now == was & there
    own = there - as_sets(pairs)
    assert as_sets(after.training) <= (as_sets(before.training) & there) | own
    assert as_sets(before.training) & there <= as_sets(after.training)
    held = nodes(before.test) | nodes(before.validation)
    trained = nodes(pairs) - held
    # links end at rows that are trained with anyway
    links = {r: np.array([
        pair for _, *pair in sorted(as_sets({r: pairs[r]} if r in pairs else {})
                                    | {each for each in own if each[0] == r})
        if not {(r[0], pair[0]), (r[1], pair[1])} & trained
    ], dtype=np.int64).reshape(-1, 2) for r in {*pairs, *now}}  # fmt: skip
    group = groups_of(counts, links)
    linked = {node for node, others in group.items() if others & held}
    for relation, *pair in own:
        is_aside = bool({*zip(relation, pair, strict=True)} & linked)
        assert ((relation, *pair) in as_sets(after.training)) != is_aside
        assert ((relation, *pair) in as_sets(after.aside)) == is_aside
    seen = nodes(after.training) | {
        (view, row) for view, rows in after.unpaired.items() for row in rows.tolist()
    }
    assert not linked & seen


@given(answered(), shares)
def test_where_rules_find_none_own_pairs_are_divided_and_more_of_them_move_nobody(world, settings):
    counts, now, _ = world
    if not as_sets(now):
        return
    whole = split_pairs(counts, {}, settings, now=now)
    assert as_sets(whole.training) | as_sets(whole.validation) | as_sets(whole.test) == as_sets(now)
    group = groups_of(counts, now)
    relation, *first = sorted(as_sets(now))[0]
    # without the group of one pair, the others are where they were
    gone = group[relation[0], first[0]]
    fewer = {
        r: rows[[(r[0], row) not in gone for row in rows[:, 0].tolist()]] for r, rows in now.items()
    }
    before = split_pairs(counts, {}, settings, now=fewer)
    for part in ("training", "validation", "test"):
        assert as_sets(getattr(before, part)) <= as_sets(getattr(whole, part))


def test_labels_take_own_pairs_last_and_a_budget_takes_them_besides():
    pairs = {("image", "text"): np.stack([np.arange(40)] * 2, axis=1)}
    own = np.array([[40, 41], [41, 40]])
    now = {("image", "text"): np.concatenate([pairs["image", "text"], own])}
    counts = {"image": 50, "text": 50}
    given_ = {tuple(pair) for pair in pairs["image", "text"].tolist()}
    for chosen, budget, wanted in (
        (SplitSettings(validation=0.0, labels=10), None, 0),
        (SplitSettings(validation=0.0, labels=33), None, 1),
        (SplitSettings(validation=0.0), 10, 2),
    ):
        split = split_pairs(counts, pairs, chosen, budget, now=now)
        training = {tuple(pair) for pair in split.training["image", "text"].tolist()}
        assert len(training - given_) == wanted
