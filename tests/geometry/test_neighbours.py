import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.geometry import nearest_neighbours


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), neighbours=st.integers(1, 50))
def test_agrees_with_sorting_all_distances(seed, count, neighbours):
    points = np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)
    found = nearest_neighbours(points, neighbours)
    distances = ((points[:, None] - points[None]) ** 2).sum(-1)
    assert found.shape == (count, min(neighbours, count - 1) + 1)
    assert (found[:, 0] == np.arange(count)).all()
    ours = np.sort(np.take_along_axis(distances, found, axis=1), axis=1)
    best = np.sort(distances, axis=1)[:, : found.shape[1]]
    assert np.allclose(ours, best, atol=1e-5)


def test_some_points_can_be_asked_about():
    points = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    some = np.array([3, 17, 29])
    assert (nearest_neighbours(points, 6, some) == nearest_neighbours(points, 6)[some]).all()


def test_every_point_stands_in_its_own_neighbourhood_among_duplicates():
    points = np.zeros((30, 4), dtype=np.float32)
    found = nearest_neighbours(points, 5)
    assert (found[:, 0] == np.arange(30)).all()
    assert all(len(set(row)) == 6 for row in found.tolist())
