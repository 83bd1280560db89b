"""The raster against what a slow, plain loop finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.gui.points.raster import (
    NOTHING,
    SHAPES,
    PointRaster,
    Viewport,
    _part_of,
    dim,
    pack,
    stamp,
)

WIDTH, HEIGHT = 24, 17
VIEW = Viewport((WIDTH / 2, -HEIGHT / 2), (1.0, 1.0), WIDTH, HEIGHT)  # units are pixels


def rasterised(points, radius, shapes=None, on_top=None, smooth=False):
    """Return numbers of the view: points are given in pixels, downward."""
    positions = np.array([(x, -y) for x, y in points], np.float32).reshape(-1, 2)
    raster = PointRaster(positions, shapes)
    if not smooth:
        raster.count = 10**9  # as if there were too many for smooth edges
    raster.render(VIEW, radius, on_top)
    pad = raster._pad
    return raster, raster._shown[pad:-pad, pad:-pad]


def brute_force(points, radius, shape):
    """Return for each pixel the smallest squared distance to a point whose stamp covers it."""
    offsets = {(dy, dx): distance for distance, dy, dx in stamp(shape, radius)}
    nearest = np.full((HEIGHT, WIDTH), np.inf)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            for x, y in points:
                step = (row - int(np.floor(y)), column - int(np.floor(x)))
                nearest[row, column] = min(nearest[row, column], offsets.get(step, np.inf))
    return nearest


# Eighths that never fall on a border: how float32 rounds there is of no interest.
pixels = st.tuples(
    st.integers(-48, 8 * WIDTH + 48).map(lambda eighth: eighth / 8 + 1 / 16),
    st.integers(-48, 8 * HEIGHT + 48).map(lambda eighth: eighth / 8 + 1 / 16),
)


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(pixels, max_size=14),
    radius=st.sampled_from([0.0, 0.8, 1.0, 2.5, 4.0]),
    shape=st.sampled_from(SHAPES),
)
def test_each_pixel_names_the_nearest_point(points, radius, shape):
    codes = np.full(len(points), SHAPES.index(shape))
    _, found = rasterised(points, radius, codes)
    nearest = brute_force(points, radius, shape)
    np.testing.assert_array_equal(found == NOTHING, np.isinf(nearest))
    for row, column in zip(*np.nonzero(found != NOTHING), strict=True):
        x, y = points[found[row, column]]
        distance = (row - np.floor(y)) ** 2 + (column - np.floor(x)) ** 2
        assert distance == nearest[row, column]


@settings(max_examples=30, deadline=None)
@given(points=st.lists(pixels, min_size=1, max_size=8), radius=st.sampled_from([0.8, 1.0, 2.0]))
def test_a_crowd_looks_like_the_few_it_hides(points, radius):
    crowd = points * 900  # past the point where hidden ones are dropped first
    _, few = rasterised(points, radius)
    _, many = rasterised(crowd, radius)
    nearest = brute_force(points, radius, "disc")
    np.testing.assert_array_equal(few == NOTHING, many == NOTHING)
    for row, column in zip(*np.nonzero(many != NOTHING), strict=True):
        x, y = crowd[many[row, column]]
        assert (row - np.floor(y)) ** 2 + (column - np.floor(x)) ** 2 == nearest[row, column]


def test_points_on_top_hide_nearer_ones():
    points = [(10.5, 8.5), (12.5, 8.5)]
    _, level = rasterised(points, 3)
    _, raised = rasterised(points, 3, on_top=np.array([1], np.int32))
    assert level[8, 10] == 0
    assert raised[8, 10] == 1


def test_points_that_are_not_finite_are_left_out():
    points = [(np.nan, 5), (np.inf, 5), (5, -np.inf), (7.5, 7.5), (1e30, 1e30)]
    _, found = rasterised(points, 1)
    assert set(np.unique(found)) == {NOTHING, 3}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_have_about_the_same_area(shape):
    assert len(stamp(shape, 10)) == pytest.approx(np.pi * 10.5**2, rel=0.1)


def test_a_hit_names_the_point_and_looks_around_when_asked():
    raster, _ = rasterised([(10.5, 8.5)], 1)
    assert raster.at(10, 8) == 0
    assert raster.at(14, 8) == NOTHING
    assert raster.at(14, 8, tolerance=4) == 0
    assert raster.at(-1, 8) == raster.at(10, HEIGHT) == NOTHING
    assert PointRaster(np.zeros((0, 2))).at(0, 0) == NOTHING


def test_smooth_edges_keep_hits_and_blend_colours():
    raster, _ = rasterised([(10.5, 8.5)], 3, smooth=True)
    assert raster.at(10.5, 8.5) == 0
    image = raster.image(pack(np.array([[255, 0, 0, 255]], np.uint8)))
    assert image.shape == (HEIGHT, WIDTH)
    assert image[8, 10] == 0xFFFF0000
    alphas = np.unique(image >> 24)
    assert len(alphas) > 2  # some pixels at the edge are covered in part
    alpha, red = image >> 24, (image >> 16) & 0xFF
    np.testing.assert_array_equal(alpha, red)  # premultiplied


def test_colours_are_looked_up_by_number():
    raster, found = rasterised([(3.5, 3.5), (12.5, 9.5)], 1)
    image = raster.image(pack(np.array([[1, 2, 3, 255], [200, 100, 50, 128]], np.uint8)))
    assert image[3, 3] == 0xFF010203
    assert image[9, 12] >> 24 == 128
    assert (image[9, 12] >> 16) & 0xFF == 100
    assert (image[found == NOTHING] == 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(0, 16))
def test_part_of_a_packed_colour_equals_that_of_each_channel(colour, sixteenths):
    packed = np.array([colour], np.uint32)
    part = int(_part_of(packed, np.array([sixteenths], np.int32))[0])
    for shift in (0, 8, 16, 24):
        assert (part >> shift) & 0xFF == ((colour >> shift) & 0xFF) * sixteenths // 16
        assert (int(dim(packed)[0]) >> shift) & 0xFF == ((colour >> shift) & 0xFF) // 4


def covered(points, radius, shape, colour=0xFF):
    """Return how much of each pixel is covered, from 0 to 1, by the image."""
    codes = np.full(len(points), SHAPES.index(shape))
    raster, _ = rasterised(points, radius, codes, smooth=True)
    image = raster.image(pack(np.full((len(points), 4), colour, np.uint8)))
    return (image >> 24) / 255


@settings(max_examples=40, deadline=None)
@given(
    x=st.floats(6, WIDTH - 6), y=st.floats(6, HEIGHT - 6), radius=st.sampled_from([0.8, 2.0, 3.5]),
    shape=st.sampled_from(SHAPES),
)  # fmt: skip
def test_smooth_points_have_the_area_and_the_place_they_should(x, y, radius, shape):
    found = covered([(x, y)], radius, shape)
    assert found.sum() == pytest.approx(np.pi * (radius + 0.25) ** 2, rel=0.2, abs=0.3)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    centre = (found * columns).sum() / found.sum(), (found * rows).sum() / found.sum()
    # to the quarter of a pixel; the middle of a triangle's edges lies off its centroid
    np.testing.assert_allclose(centre, (x, y), atol=0.2 if shape != "triangle" else 0.45)


@settings(max_examples=40, deadline=None)
@given(points=st.lists(pixels, min_size=1, max_size=14), radius=st.sampled_from([0.8, 2.5]))
def test_smooth_pixels_name_one_of_the_nearest_points(points, radius):
    raster, _ = rasterised(points, radius, smooth=True)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            number = raster.at(column, row)
            away = [np.hypot(x - column - 0.5, y - row - 0.5) for x, y in points]
            if number == NOTHING:
                assert min(away) > radius - 0.5
            else:
                assert away[number] <= min(away) + 0.75  # places are quarters, ranks whole pixels


def test_what_lies_above_has_no_gap_around_it():
    points = [(10.5, 8.5), (12.5, 8.5)]
    raster, _ = rasterised(points, 5, smooth=True)
    before = raster.image(pack(np.full((2, 4), 255, np.uint8)))
    raster.raise_points(np.array([1], np.int32))
    after = raster.image(pack(np.full((2, 4), 255, np.uint8)))
    assert ((after >> 24) >= (before >> 24)).all()
    assert raster.at(10, 8) == 1
    raster.raise_points(None)
    assert raster.at(10, 8) == 0
