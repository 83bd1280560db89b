"""The picture that follows a training: the plane of PCA, without jumps, on an honest scale."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.maps import MovingProjection, pca_map


def cloud(count=80, width=12, seed=0):
    """Rows of two views whose variance falls off by direction, so that a plane is well defined."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, width)) * 0.6 ** np.arange(width)
    return split(rows)


def split(rows):
    half = len(rows) // 2
    return {"image": rows[:half].astype(np.float32), "text": rows[half:].astype(np.float32)}


def joined(parts):
    return np.concatenate(list(parts.values()))


def rotation(width, seed=1):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))[0]


def moved(first, then):
    """Root mean square of how far the points of two pictures are apart."""
    return np.sqrt(np.square(then - first).sum() / len(first))


def test_the_first_frame_is_the_pca_of_all_views():
    rows = cloud()
    frame = MovingProjection().place(rows)
    expected = pca_map(joined(rows))
    expected *= np.sign((expected * joined(frame.positions)).sum(axis=0))
    np.testing.assert_allclose(joined(frame.positions), expected, atol=1e-4)
    assert frame.positions["image"].shape == (40, 2)
    variances = np.var(joined(rows), axis=0).sum()
    assert frame.share == pytest.approx(np.var(expected, axis=0).sum() / variances, rel=1e-4)
    np.testing.assert_allclose(
        frame.bounds, [expected.min(axis=0), expected.max(axis=0)], rtol=1e-3
    )


@pytest.mark.parametrize("shape", [(400, 8), (30, 90)])
def test_tall_and_wide_rows_give_pca(shape):
    rows = split(np.random.default_rng(3).normal(size=shape) * 0.7 ** np.arange(shape[1]))
    frame, expected = MovingProjection().place(rows), pca_map(joined(rows))
    np.testing.assert_allclose(np.abs(joined(frame.positions)), np.abs(expected), atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_a_turned_or_mirrored_space_gives_the_same_picture(seed):
    rows = cloud()
    turned = {view: (some @ rotation(12, seed)).astype(np.float32) for view, some in rows.items()}
    following, fresh = MovingProjection(), MovingProjection()
    first = joined(following.place(rows).positions)
    # as the next frame, and as the first of another picture
    np.testing.assert_allclose(joined(following.place(turned).positions), first, atol=1e-4)
    np.testing.assert_allclose(joined(fresh.place(turned).positions), first, atol=1e-4)


def test_each_frame_is_a_projection_on_a_plane():
    """Distances in the picture are never longer than in the space."""
    random, projection = np.random.default_rng(5), MovingProjection()
    for _ in range(6):
        rows = random.normal(size=(40, 10)).astype(np.float32)
        seen = joined(projection.place(split(rows)).positions)
        true = np.linalg.norm(rows - rows[:1], axis=1)
        assert (np.linalg.norm(seen - seen[:1], axis=1) <= true * (1 + 1e-4)).all()


def test_frames_follow_the_principal_plane():
    """Rows that move on and then stand still are soon shown by their PCA."""
    projection = MovingProjection()
    projection.place(cloud(seed=0))
    for _ in range(40):
        frame = projection.place(cloud(seed=7))
    variance = np.var(pca_map(joined(cloud(seed=7))), axis=0).sum()
    assert np.var(joined(frame.positions), axis=0).sum() == pytest.approx(variance, rel=1e-3)


def test_directions_that_swap_do_not_throw_the_picture_over():
    random = np.random.default_rng(2)
    drawn = random.normal(size=(80, 6))
    base = np.linalg.qr(drawn - drawn.mean(axis=0))[0] * np.sqrt(80)
    rising = np.linspace(0.6, 1.4, 60)  # the third direction passes the second one at frame 30
    frames, exact = [], []
    projection = MovingProjection()
    for factor in rising:
        rows = base * [2.0, 1.0, factor, 0.2, 0.2, 0.2]
        frames.append(joined(projection.place(split(rows)).positions))
        exact.append(pca_map(rows.astype(np.float32)))
    # of exact PCA, whatever its signs
    jumps = [
        min(moved(first[:, 1], sign * then[:, 1]) for sign in (-1, 1))
        for first, then in pairwise(exact)
    ]
    assert max(jumps) > 1.2  # of a direction whose spread is 1
    assert max(moved(first, then) for first, then in pairwise(frames)) < 0.5
    # and the end is the third direction: it has the larger variance
    assert np.var(frames[-1], axis=0).sum() > 0.98 * (4 + rising[-1] ** 2)


def test_small_movements_stay_small():
    random, projection = np.random.default_rng(4), MovingProjection()
    rows = joined(cloud())
    last = joined(projection.place(split(rows)).positions)
    for _ in range(30):
        noise = 0.01 * random.normal(size=rows.shape)
        rows = rows + noise
        now = joined(projection.place(split(rows)).positions)
        assert np.linalg.norm(now - last, axis=1).max() < 0.15
        last = now


def test_a_collapse_is_seen_to_collapse():
    projection, rows = MovingProjection(), cloud()
    first = projection.place(rows)
    small = projection.place({view: some * np.float32(0.1) for view, some in rows.items()})
    np.testing.assert_allclose(
        joined(small.positions), 0.1 * joined(first.positions), rtol=1e-3, atol=1e-5
    )
    np.testing.assert_allclose(small.bounds, first.bounds)
    grown = projection.place({view: some * np.float32(3) for view, some in rows.items()})
    np.testing.assert_allclose(grown.bounds, 3 * first.bounds, rtol=1e-3)


def test_another_run_begins_at_its_own_plane_and_bounds_but_not_turned_over():
    projection, rows = MovingProjection(), cloud()
    first = projection.place(rows)
    projection.start_anew()
    other = {view: -0.5 * some @ rotation(12) for view, some in rows.items()}
    again = projection.place(other)
    np.testing.assert_allclose(
        joined(again.positions), 0.5 * joined(first.positions), rtol=1e-3, atol=1e-4
    )
    np.testing.assert_allclose(again.bounds, 0.5 * first.bounds, rtol=1e-3)
    fewer = projection.place({view: some[:7] for view, some in rows.items()})
    assert joined(fewer.positions).shape == (14, 2)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (2, 4), (3, 1), (3, 2), (6, 3), (40, 1)])
def test_any_shape_has_a_picture(shape):
    projection, random = MovingProjection(), np.random.default_rng(0)
    for _ in range(3):
        rows = random.normal(size=shape)
        frame = projection.place(split(rows))
        assert joined(frame.positions).shape == (shape[0], 2)
        assert joined(frame.positions).dtype == np.float32
        assert np.isfinite(joined(frame.positions)).all()
        assert np.isfinite(frame.bounds).all()
        assert 0 <= frame.share <= 1
    if shape in ((2, 4), (3, 2)):  # nothing is hidden
        assert frame.share == pytest.approx(1)


def test_equal_rows_are_one_point_and_the_picture_comes_back():
    projection, rows = MovingProjection(), cloud()
    first = joined(projection.place(rows).positions)
    equal = {view: np.full_like(some, 1 / 3) for view, some in rows.items()}
    frame = projection.place(equal)
    assert not joined(frame.positions).any()
    assert frame.share == 1
    np.testing.assert_allclose(joined(projection.place(rows).positions), first, atol=1e-4)
    assert not joined(MovingProjection().place(equal).positions).any()


def test_rows_that_are_not_numbers_spoil_nothing():
    projection, rows = MovingProjection(), cloud()
    first = joined(projection.place(rows).positions)
    broken = {view: some.copy() for view, some in rows.items()}
    broken["text"][3] = np.nan
    broken["text"][4, 0] = np.inf
    seen = joined(projection.place(broken).positions)
    assert np.isfinite(seen).all()
    assert not seen[43].any()
    kept = np.setdiff1d(np.arange(80), [43, 44])
    assert np.linalg.norm(seen[kept] - first[kept], axis=1).max() < 0.5
    dead = projection.place({view: np.full_like(some, np.nan) for view, some in rows.items()})
    assert not joined(dead.positions).any()
