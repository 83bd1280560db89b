import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.maps import METRICS, PlacesAmong


def points(count, width=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_that_is_mapped_lies_where_it_is(metric):
    rows, positions = points(80), points(80, 2, seed=1) * 10
    places = PlacesAmong(rows, positions, metric).place(rows)
    np.testing.assert_allclose(places, positions, atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_near_others_lies_near_them(metric):
    directions = points(4, seed=2) * 5
    rows = np.repeat(directions, 20, axis=0) + points(80) * 0.1
    corners = np.array([(0, 0), (100, 0), (0, 100), (100, 100)], np.float32)
    positions = np.repeat(corners, 20, axis=0) + points(80, 2)
    places = PlacesAmong(rows, positions, metric).place(directions + points(4, seed=3) * 0.1)
    assert np.abs(places - corners).max() < 5


def test_weights_are_inverse_squares_of_distances():
    rows = np.array([[0.0], [3.0], [100.0]], np.float32)
    positions = np.array([[0, 0], [1, 0], [9, 9]], np.float32)
    # distances 1 and 2: weights 1 and 1/4
    (place,) = PlacesAmong(rows, positions, "euclidean").place(np.array([[1.0]]), nearest=2)
    np.testing.assert_allclose(place, (0.2, 0), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(0, 5), st.integers(0, 1000), st.sampled_from(METRICS))
def test_places_lie_amidst_the_mapped(count, asked, seed, metric):
    rows, positions = points(count, 3, seed), points(count, 2, seed + 1)
    places = PlacesAmong(rows, positions, metric).place(points(asked, 3, seed + 2))
    assert places.shape == (asked, 2)
    assert (places >= positions.min(axis=0) - 1e-5).all()
    assert (places <= positions.max(axis=0) + 1e-5).all()


@pytest.mark.parametrize("metric", METRICS)
def test_equal_rows_and_rows_of_zeros_have_places(metric):
    rows = np.zeros((6, 3), np.float32)
    places = PlacesAmong(rows, points(6, 2), metric).place(np.zeros((2, 3), np.float32))
    assert np.isfinite(places).all()
