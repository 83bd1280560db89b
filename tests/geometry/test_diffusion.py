"""The operator against a float64 reference written line by line from METHODS.md, section 2."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.geometry import Operator, median_distance, squared_distances

KERNELS = ["heat", "inverse", "linear", "squared"]
NORMALISATIONS = ["symmetric", "row"]
OPERATORS = [
    Operator(kernel, sigma, density, normalisation)
    for kernel in KERNELS
    for sigma in (0.1, 0.3, 2.0)
    for density in (True, False)
    for normalisation in NORMALISATIONS
]


def reference(points: np.ndarray, operator: Operator) -> np.ndarray:
    m = len(points)
    points = points.astype(np.float64)
    distances = np.array([[((a - b) ** 2).sum() for b in points] for a in points])
    epsilon = operator.bandwidth * np.median(
        [distances[i, j] for i in range(m) for j in range(m) if i != j]
    )
    largest = distances.max()
    kernel = {
        "heat": lambda d: np.exp(-d / epsilon),
        "inverse": lambda d: 1 / (1 + d / epsilon),
        "linear": lambda d: max(0.0, 1 - np.sqrt(d / largest)),
        "squared": lambda d: max(0.0, 1 - d / largest),
    }[operator.kernel]
    k = np.array([[kernel(d) for d in row] for row in distances])
    if operator.density:
        q = k.sum(axis=1)
        k = k / np.outer(q, q)
    d = k.sum(axis=1)
    return k / np.sqrt(np.outer(d, d)) if operator.normalisation == "symmetric" else k / d[:, None]


def cloud(m: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(m, d))


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@pytest.mark.parametrize("m", [11, 12])
def test_agrees_with_the_reference(operator, m):
    points = np.stack([cloud(m, 8, seed) for seed in range(3)])
    found = operator.of(torch.from_numpy(points)).numpy()
    expected = np.stack([reference(each, operator) for each in points])
    assert np.abs(found - expected).max() < 1e-10


@pytest.mark.parametrize("kernel", KERNELS)
def test_float32_stays_close_to_the_reference(kernel):
    rows = cloud(51, 384)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = Operator(kernel).of(torch.from_numpy(rows.astype(np.float32))).numpy()
    assert np.abs(found - reference(rows, Operator(kernel))).max() < 1e-5


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), m=st.integers(3, 20), scale=st.floats(0.01, 100))
@pytest.mark.parametrize("operator", OPERATORS[::5], ids=str)
def test_invariances(operator, seed, m, scale):
    points = torch.from_numpy(cloud(m, 6, seed))
    rotation, _ = np.linalg.qr(cloud(6, 6, seed + 1))
    order = np.random.default_rng(seed).permutation(m)
    found = operator.of(points)
    assert torch.allclose(operator.of(points @ torch.from_numpy(rotation)), found, atol=1e-9)
    assert torch.allclose(operator.of(points * scale), found, atol=1e-7)
    assert torch.allclose(operator.of(points[order]), found[order][:, order], atol=1e-9)


def test_symmetric_is_symmetric_and_row_is_stochastic():
    points = torch.from_numpy(cloud(15, 4))
    symmetric = Operator(normalisation="symmetric").of(points)
    assert torch.allclose(symmetric, symmetric.T)
    assert torch.allclose(Operator(normalisation="row").of(points).sum(-1), torch.ones(15).double())


@pytest.mark.parametrize("spread", [0.1, 0.01, 0.003])
def test_tight_neighbourhoods_keep_their_digits_in_float32(spread):
    centre = cloud(1, 384, 1) / 384**0.5
    rows = (centre + spread * cloud(51, 384) / 384**0.5).astype(np.float32)
    rotation, _ = np.linalg.qr(cloud(384, 384, 2))
    mapped = torch.from_numpy(rows @ rotation.astype(np.float32)).requires_grad_()
    loss = (Operator().of(mapped) - Operator().of(torch.from_numpy(rows))).square().sum()
    loss.backward()
    # a rotation changes no operator: what is left is rounding
    assert float(loss) < 1e-7
    assert float(mapped.grad.norm()) < 1.0


@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients(kernel):
    points = torch.from_numpy(cloud(6, 3)).requires_grad_()
    assert torch.autograd.gradcheck(Operator(kernel, 0.5).of, (points,))


@pytest.mark.parametrize("kernel", KERNELS)
def test_coinciding_points_give_finite_numbers_and_gradients(kernel):
    points = torch.ones(5, 3, requires_grad=True)
    found = Operator(kernel).of(points)
    found.sum().backward()
    assert torch.isfinite(found).all()
    assert torch.isfinite(points.grad).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), m=st.integers(2, 15))
def test_median_is_numpys(seed, m):
    distances = squared_distances(torch.from_numpy(cloud(m, 4, seed)))
    off_diagonal = distances.numpy()[~np.eye(m, dtype=bool)]
    assert float(median_distance(distances)) == pytest.approx(np.median(off_diagonal))
