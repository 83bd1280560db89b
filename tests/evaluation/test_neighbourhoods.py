import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from workbench.evaluation import cosine_neighbours, neighbour_overlap


def unit(seed: int, n: int = 60, d: int = 5) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_neighbours_agree_with_scikit_learn():
    rows = unit(0)
    expected = NearestNeighbors(n_neighbors=7, metric="cosine").fit(rows).kneighbors()[1]
    found = cosine_neighbours(rows, 7)
    assert [set(row) for row in found.tolist()] == [set(row) for row in expected.tolist()]


def test_overlap_is_one_under_rotation_and_chance_for_unrelated_spaces():
    rows = unit(0)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))
    assert neighbour_overlap(rows, (rows @ rotation).astype(np.float32)) == 1.0
    assert neighbour_overlap(rows, unit(2)) == pytest.approx(10 / 59, abs=0.05)


def test_small_and_single_inputs():
    assert neighbour_overlap(unit(0, n=3), unit(1, n=3), 10) == 1.0
    assert np.isnan(neighbour_overlap(unit(0, n=1), unit(1, n=1)))
