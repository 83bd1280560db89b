"""Neighbours as umap-learn takes them."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from workbench.jobs import Control, drain
from workbench.maps.umap_neighbours import umap_neighbours


def points(count, width=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "correlation"])
def test_they_are_the_nearest_by_the_metric_with_the_row_itself_first(metric):
    rows = points(80) + 1
    told = []
    places, distances = drain(umap_neighbours(rows, 9, metric, Control()), told.append)
    apart = cdist(rows.astype(np.float64), rows, metric)
    assert places.dtype == np.int32
    assert distances.dtype == np.float32
    assert (places[:, 0] == np.arange(80)).all()
    assert (distances[:, 0] == 0).all()
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :9], atol=1e-5)
    np.testing.assert_allclose(distances, np.take_along_axis(apart, places, axis=1), atol=1e-5)
    assert {event.message for event in told} == {"UMAP: finding neighbours"}


def test_zero_rows_and_copies_have_neighbours_too():
    rows = np.concatenate([points(20), np.zeros((3, 6), np.float32), points(20)])
    for metric in ("cosine", "euclidean", "correlation"):
        places, distances = drain(umap_neighbours(rows, 43, metric, Control()))
        assert (np.sort(places, axis=1) == np.arange(43)).all()
        assert np.isfinite(distances).all()
        assert (distances >= 0).all()
        assert distances[0, 1] < 1e-6  # its copy


def test_another_metric_is_left_to_umap_and_a_stop_is_heard():
    assert drain(umap_neighbours(points(20), 5, "manhattan", Control())) is None
    control = Control()
    control.stop()
    assert drain(umap_neighbours(points(20), 5, "cosine", control)) is None
