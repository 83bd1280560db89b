import numpy as np
import pytest
import torch
from worlds.unit_rows import unit

from workbench.evaluation import distortion
from workbench.geometry import Operator


def by_hand(before, after, neighbours, row, bandwidth):
    """Compute the formula of the page (mathematics.md, Distortion) in float64 and with loops."""
    away = np.linalg.norm(before - before[row], axis=1)
    members = np.argsort(away, kind="stable")[: neighbours + 1]

    def operator(points):
        points = points[members].astype(np.float64)
        distances = np.array([[np.sum((a - b) ** 2) for b in points] for a in points])
        off_diagonal = distances[~np.eye(len(points), dtype=bool)]
        kernel = np.exp(-distances / (bandwidth * np.median(off_diagonal)))
        mass = kernel.sum(axis=1)
        even = kernel / np.outer(mass, mass)
        degree = even.sum(axis=1)
        return even / np.sqrt(np.outer(degree, degree))

    return np.sum((operator(before) - operator(after)) ** 2)


def test_it_is_the_formula(monkeypatch):
    module = "workbench.evaluation.neighbourhood_distortion"
    monkeypatch.setattr(f"{module}._NUMBERS_AT_ONCE", 500)  # batches of few
    before, after = unit(0, 40, 6), unit(1, 40, 4)
    found = distortion(before, after, 9, operator=Operator(bandwidth=0.4))
    expected = [by_hand(before, after, 9, row, 0.4) for row in range(40)]
    assert found == pytest.approx(expected, rel=1e-3)
    assert found.dtype == np.float32


def test_some_rows_are_those_of_all():
    before, after = unit(0, 40, 6), unit(1, 40, 4)
    rows = np.array([3, 17, 4])
    every = distortion(before, after, 9)
    assert distortion(before, after, 9, rows=rows) == pytest.approx(every[rows], rel=1e-5)


def test_a_rotation_bends_nothing_and_one_moved_item_bends_its_surroundings():
    before = unit(0, 60, 6)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))
    after = (before @ turn).astype(np.float32)
    assert distortion(before, after, 8).max() < 1e-6
    after[5] = -after[5]
    found = distortion(before, after, 8)
    near = np.argsort(-(before @ before.T), axis=1)[:, :9]  # of each, itself included
    assert ((found > 0.01) == (near == 5).any(axis=1)).all()


def test_small_inputs_and_neighbours_beyond_all():
    assert distortion(unit(0, 1), unit(1, 1)).tolist() == [0.0]
    assert distortion(unit(0, 9), unit(1, 9), rows=np.zeros(0, np.int64)).shape == (0,)
    assert np.allclose(
        distortion(unit(0, 9), unit(1, 9), 50), distortion(unit(0, 9), unit(1, 9), 8)
    )
    assert torch.is_grad_enabled()
