"""Lasso and rectangle against the textbook."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.gui.points import lasso
from workbench.gui.points.lasso import inside_polygon, inside_rectangle

numbers = st.integers(-8, 8)
corners = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12)


def textbook(point, outline):
    inside = False
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if (y0 > point[1]) != (y1 > point[1]):
            inside ^= point[0] < x0 + (point[1] - y0) * (x1 - x0) / (y1 - y0)
    return inside


@settings(max_examples=150, deadline=None)
@given(corners, st.integers(0, 2**32 - 1))
def test_polygon_equals_the_crossing_test_edge_by_edge(outline, seed):
    outline = np.array(outline, float)
    points = np.random.default_rng(seed).uniform(-9, 9, (60, 2))
    expected = [textbook(point, outline) for point in points]
    np.testing.assert_array_equal(inside_polygon(points, outline), expected)


def test_an_outline_that_crosses_itself_leaves_its_middle_out():
    star = np.array([(np.sin(4 * np.pi * k / 5), np.cos(4 * np.pi * k / 5)) for k in range(5)])
    assert not inside_polygon(np.array([[0.0, 0.01]]), star)[0]
    assert inside_polygon(np.array([[0.0, 0.8]]), star)[0]


@pytest.mark.parametrize("corners", [0, 1, 2])
def test_fewer_than_three_corners_hold_nothing(corners):
    assert not inside_polygon(np.zeros((3, 2)), np.ones((corners, 2))).any()


def test_points_that_are_not_finite_are_outside():
    points = np.array([[np.nan, 0], [0, np.inf], [0.5, 0.5]], np.float32)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    assert inside_polygon(points, square).tolist() == [False, False, True]
    assert inside_rectangle(points, (1, 1), (0, 0)).tolist() == [False, False, True]


outlines = st.one_of(
    corners.map(lambda each: np.array(each, float)),
    # hundreds of corners, as drawn by hand
    st.integers(0, 2**32 - 1).map(
        lambda seed: np.cumsum(np.random.default_rng(seed).normal(size=(300, 2)), axis=0)
    ),
)


@settings(max_examples=30, deadline=None)
@given(outlines, st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
def test_cells_change_nothing(outline, scale, seed):
    low, high = outline.min(), outline.max()
    random = np.random.default_rng(seed)
    points = random.uniform(low - 1, high + 1, (3000, 2)).astype(np.float32)
    points[:500] = (outline[random.integers(0, len(outline), 500)] + 1e-4).astype(np.float32)
    points, outline = points * np.float32(scale), outline * scale
    expected = inside_polygon(points, outline)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lasso, "_FEW_POINTS", 0)
        np.testing.assert_array_equal(inside_polygon(points, outline), expected)
