import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.unit_rows import exact_rows, unit

from workbench.evaluation import (
    compare_neighbourhoods,
    distortion,
    distortion_within,
    neighbours_before_and_after,
    operators_before_and_after,
    ranks_of_partners,
    retrieve,
)
from workbench.geometry import nearest_neighbours


def agrees(before, after, neighbours, seed=0):
    """Compare each item looked at alone with all looked at together."""
    together = compare_neighbourhoods(before, after, neighbours, most=len(before), seed=seed)
    for row in range(len(before)):
        old, new = neighbours_before_and_after(before, after, row, neighbours, seed=seed)
        assert np.sort(old.rows).tolist() == together.before[row].tolist()
        assert np.sort(new.rows).tolist() == together.after[row].tolist()
        assert old.stay.mean() == new.stay.mean() == together.overlap[row]
        kept, lost, gained = (set(each.tolist()) for each in together.changes(row))
        assert set(old.rows[old.stay].tolist()) == set(new.rows[new.stay].tolist()) == kept
        assert set(old.rows[~old.stay].tolist()) == lost
        assert set(new.rows[~new.stay].tolist()) == gained
        width = len(old.rows)
        assert np.maximum(old.ranks_elsewhere - width, 0).sum() == together.lost_ranks[row]
        assert np.maximum(new.ranks_elsewhere - width, 0).sum() == together.intruders[row]
        for near, other in ((old, new), (new, old)):
            assert (np.diff(near.scores) <= 0).all()
            for place, one in enumerate(near.rows.tolist()):
                if near.stay[place]:
                    assert other.rows[near.ranks_elsewhere[place] - 1] == one


@pytest.mark.parametrize("neighbours", [1, 7, 59, 80])
def test_an_item_alone_is_as_among_all(neighbours):
    agrees(unit(0), unit(1, d=7), neighbours)


@settings(max_examples=20, deadline=None)
@given(exact_rows(10).filter(lambda rows: len(rows) > 1), st.integers(1, 6), st.integers(0, 3))
def test_ties_rank_as_among_all(rows, neighbours, seed):
    turned = rows[:, [2, 0, 3, 1]] * np.float32([1, -1, 1, 1])
    agrees(rows, turned, neighbours, seed)
    agrees(rows, np.repeat(rows[:1], len(rows), axis=0), neighbours, seed)


def test_a_lone_item_has_no_neighbours():
    for near in neighbours_before_and_after(unit(0, 1), unit(1, 1), 0):
        assert len(near.rows) == len(near.scores) == len(near.ranks_elsewhere) == 0


def test_chosen_rows_are_as_among_all():
    before, after = unit(0), unit(1)
    every = compare_neighbourhoods(before, after, 6)
    some = compare_neighbourhoods(before, after, 6, rows=np.array([3, 17, 40]))
    assert some.rows.tolist() == [3, 17, 40]
    for name in ("before", "after", "intruders", "lost_ranks", "overlap"):
        assert (getattr(some, name) == getattr(every, name)[some.rows]).all()


@settings(max_examples=60, deadline=None)
@given(exact_rows(12), exact_rows(12), st.data())
def test_the_best_partner_ranks_as_in_retrieval(queries, candidates, data):
    pairs = data.draw(
        st.sets(
            st.tuples(st.integers(0, len(queries) - 1), st.integers(0, len(candidates) - 1)),
            min_size=1,
        )
    )
    pairs = np.array(sorted(pairs))
    found = retrieve(queries, candidates, pairs)
    for row, rank in zip(found.query_rows, found.ranks, strict=True):
        partners = pairs[pairs[:, 0] == row, 1]
        ranks = ranks_of_partners(queries[row], candidates, partners)
        assert ranks.shape == partners.shape
        assert ranks.min() == rank


def test_ranks_of_several_partners_do_not_count_each_other():
    candidates = np.eye(5, dtype=np.float32)
    query = np.array([0.7, 0.6, 0.5, 0.4, 0.3], dtype=np.float32)
    assert ranks_of_partners(query, candidates, np.array([0, 1, 4])).tolist() == [1, 1, 3]
    assert ranks_of_partners(query, candidates, np.arange(5)).tolist() == [1] * 5
    alike = np.repeat(candidates[:1], 5, axis=0)
    assert ranks_of_partners(query, alike, np.array([2])).tolist() == [5]


def test_known_neighbourhoods_are_bent_as_found_ones():
    before, after = unit(0), unit(1, d=7)
    members = nearest_neighbours(before, 9)
    expected = distortion(before, after, 9)
    np.testing.assert_array_equal(distortion_within(before, after, members), expected)
    old, new = operators_before_and_after(before, after, members)
    assert old.shape == new.shape == (60, 10, 10)
    np.testing.assert_allclose(np.square(old - new).sum((1, 2)), expected, rtol=1e-6)
    alone = operators_before_and_after(before, after, members[4])
    np.testing.assert_allclose(alone[0], old[4], atol=1e-6)
    np.testing.assert_allclose(alone[1], new[4], atol=1e-6)
