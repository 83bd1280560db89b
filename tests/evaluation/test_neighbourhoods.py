import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from worlds.unit_rows import exact_rows, unit

from workbench.evaluation import blockwise_scores, compare_neighbourhoods, neighbour_overlap


def bent(rows, seed=1, amount=0.4):
    """Return rows that still resemble those given."""
    other = rows + amount * np.random.default_rng(seed).normal(size=rows.shape)
    return (other / np.linalg.norm(other, axis=1, keepdims=True)).astype(np.float32)


def test_neighbours_agree_with_scikit_learn():
    rows = unit(0)
    expected = NearestNeighbors(n_neighbors=7, metric="cosine").fit(rows).kneighbors()[1]
    around = compare_neighbourhoods(rows, rows, 7)
    assert around.before.tolist() == np.sort(expected, axis=1).tolist()


def test_overlap_is_one_under_rotation_and_chance_for_unrelated_spaces():
    rows = unit(0)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))
    assert neighbour_overlap(rows, (rows @ rotation).astype(np.float32)) == 1.0
    assert neighbour_overlap(rows, unit(2)) == pytest.approx(10 / 59, abs=0.05)


def test_small_and_single_inputs():
    assert neighbour_overlap(unit(0, n=3), unit(1, n=3), 10) == 1.0
    assert np.isnan(neighbour_overlap(unit(0, n=1), unit(1, n=1)))
    with pytest.raises(ValueError, match="two or more"):
        compare_neighbourhoods(unit(0, n=1), unit(1, n=1))
    with pytest.raises(ValueError, match="same items"):
        compare_neighbourhoods(unit(0, n=4), unit(1, n=5))


@pytest.mark.parametrize("neighbours", [1, 5, 10, 29])
def test_trustworthiness_and_continuity_are_those_of_scikit_learn(neighbours, monkeypatch):
    monkeypatch.setattr(blockwise_scores, "_SCORES_AT_ONCE", 60 * 7)
    monkeypatch.setattr(blockwise_scores, "_FEWEST_QUERIES", 1)
    before = unit(0)
    after = bent(before)
    found = compare_neighbourhoods(before, after, neighbours)
    # on unit rows distance and cosine order alike
    for metric in ("euclidean", "cosine"):
        expected = trustworthiness(before, after, n_neighbors=neighbours, metric=metric)
        assert found.trustworthiness == pytest.approx(expected, abs=1e-9)
        expected = trustworthiness(after, before, n_neighbors=neighbours, metric=metric)
        assert found.continuity == pytest.approx(expected, abs=1e-9)
    assert found.trustworthiness != pytest.approx(found.continuity, abs=1e-6)


@pytest.mark.parametrize("neighbours", [40, 50])
def test_more_than_half_of_all_as_neighbours_stays_between_0_and_1(neighbours):
    found = compare_neighbourhoods(unit(0), unit(2), neighbours)
    assert 0 < found.trustworthiness < 1
    assert 0 < found.continuity < 1
    everyone = compare_neighbourhoods(unit(0), unit(2), 59)
    assert (everyone.trustworthiness, everyone.continuity) == (1.0, 1.0)
    assert everyone.overlap.tolist() == [1.0] * 60


def test_the_nearest_becomes_the_farthest():
    """On a circle of four."""
    angles = np.radians([0.0, 10.0, 60.0, 70.0])
    before = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    swapped = np.radians([0.0, 100.0, 70.0, 10.0])  # 0 now by 3, its farthest; 1 by 2
    after = np.stack([np.cos(swapped), np.sin(swapped)], axis=1).astype(np.float32)
    found = compare_neighbourhoods(before, after, 1)
    kept, lost, gained = found.changes(0)
    assert (kept.tolist(), lost.tolist(), gained.tolist()) == ([], [1], [3])
    assert found.intruders[0] == 2  # rank 3, one neighbour wanted
    assert found.overlap[0] == 0


def test_kept_lost_and_gained_make_up_the_neighbourhoods():
    before = unit(0)
    found = compare_neighbourhoods(before, bent(before), 8)
    for place in range(60):
        kept, lost, gained = (set(each.tolist()) for each in found.changes(place))
        assert kept | lost == set(found.before[place].tolist())
        assert kept | gained == set(found.after[place].tolist())
        assert not lost & gained
        assert len(kept) == round(8 * found.overlap[place])
        assert found.rows[place] not in kept | lost | gained


@settings(max_examples=60, deadline=None)
@given(exact_rows(20).filter(lambda rows: len(rows) > 1), st.integers(1, 6))
def test_a_space_that_keeps_its_ties_changes_nothing(rows, neighbours):
    found = compare_neighbourhoods(rows, rows.copy(), neighbours)
    assert (found.before == found.after).all()
    assert (found.trustworthiness, found.continuity) == (1.0, 1.0)


def test_a_collapsed_space_keeps_what_chance_keeps():
    """Also where neighbours lie beside each other in the order of rows, as in sorted folders."""
    angles = np.linspace(0, 3, 200)
    before = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = compare_neighbourhoods(before, np.repeat(unit(0, 1, 8), 200, axis=0), 10)
    assert found.overlap.mean() == pytest.approx(10 / 199, abs=0.03)
    assert found.trustworthiness == pytest.approx(0.5, abs=0.1)
    assert found.continuity == pytest.approx(0.5, abs=0.1)


def test_a_sample_looks_among_all_items():
    before = unit(0, 400)
    after = bent(before)
    every = compare_neighbourhoods(before, after, 10)
    some = compare_neighbourhoods(before, after, 10, most=90)
    assert (every.items, some.items) == (400, 400)
    assert (len(every.rows), len(some.rows)) == (400, 90)
    assert (every.before[some.rows] == some.before).all()
    assert (every.after[some.rows] == some.after).all()
    assert (every.intruders[some.rows] == some.intruders).all()
    assert some.trustworthiness == pytest.approx(every.trustworthiness, abs=0.03)
    again = compare_neighbourhoods(before, after, 10, most=90)
    assert (again.rows == some.rows).all()
    other = compare_neighbourhoods(before, after, 10, most=90, seed=1)
    assert (other.rows != some.rows).any()


@pytest.mark.parametrize("alike", [1, 3])
def test_overlap_is_that_of_the_comparison_also_where_rows_coincide(alike):
    before = np.repeat(unit(0), alike, axis=0)
    after = np.repeat(bent(unit(0), amount=1.0), alike, axis=0)
    expected = compare_neighbourhoods(before, after, 5, most=len(before)).overlap.mean()
    assert neighbour_overlap(before, after, 5) == pytest.approx(expected)
    assert 0 < expected < 1
