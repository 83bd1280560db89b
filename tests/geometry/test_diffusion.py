"""The operator against a float64 reference, line by line (mathematics.md, Diffusion operator).

Options are tried in few cases in which every two of them meet; against the reference, every three.
"""

import graphtools
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.covers import cover

from workbench.geometry import Operator, median_distance, squared_distances

KERNELS = ["heat", "inverse", "linear", "squared"]
SCALES = ["median", "local"]
OPTIONS = (KERNELS, (0.1, 0.3, 2.0), (True, False), ("symmetric", "row"), SCALES)
OPERATORS = [Operator(*options) for options in cover(*OPTIONS)]


def reference_distances(points: np.ndarray) -> np.ndarray:
    points = points.astype(np.float64)
    return np.array([[((a - b) ** 2).sum() for b in points] for a in points])


def reference_epsilon(points: np.ndarray, operator: Operator) -> np.ndarray:
    """Return ε_ij, whatever it is made of, as a matrix."""
    m, distances = len(points), reference_distances(points)
    if operator.kernel in ("linear", "squared"):
        return np.full((m, m), distances.max())
    if operator.scale == "median":
        off_diagonal = [distances[i, j] for i in range(m) for j in range(m) if i != j]
        return np.full((m, m), operator.bandwidth * np.median(off_diagonal))
    others = [sorted(distances[i, j] for j in range(m) if j != i) for i in range(m)]
    near = [np.sqrt(row[min(operator.local_neighbour, m - 1) - 1]) for row in others]
    return operator.bandwidth * np.outer(near, near)


def reference(points: np.ndarray, operator: Operator, epsilon: np.ndarray) -> np.ndarray:
    kernel = {
        "heat": lambda d, e: np.exp(-d / e),
        "inverse": lambda d, e: 1 / (1 + d / e),
        "linear": lambda d, e: max(0.0, 1 - np.sqrt(d / e)),
        "squared": lambda d, e: max(0.0, 1 - d / e),
    }[operator.kernel]
    rows = zip(reference_distances(points), epsilon, strict=True)
    k = np.array([[kernel(d, e) for d, e in zip(*row, strict=True)] for row in rows])
    if operator.density:
        q = k.sum(axis=1)
        k = k / np.outer(q, q)
    d = k.sum(axis=1)
    return k / np.sqrt(np.outer(d, d)) if operator.normalisation == "symmetric" else k / d[:, None]


def cloud(m: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(m, d))


@pytest.mark.parametrize(
    ("operator", "m"),
    [(Operator(*options), m) for *options, m in cover(*OPTIONS, [2, 5, 11, 12], strength=3)],
    ids=str,
)
def test_agrees_with_the_reference(operator, m):
    points = np.stack([cloud(m, 8, seed) for seed in range(3)])
    found = operator.of(torch.from_numpy(points)).numpy()
    epsilons = np.stack([reference_epsilon(each, operator) for each in points])
    expected = np.stack(
        [reference(*both) for both in zip(points, [operator] * 3, epsilons, strict=True)]
    )
    assert np.abs(found - expected).max() < 1e-10
    own = operator.epsilon(squared_distances(torch.from_numpy(points))).numpy()
    assert np.allclose(np.broadcast_to(own, epsilons.shape), epsilons)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_a_given_epsilon_agrees_with_the_reference(operator):
    points, before = cloud(9, 8), 1.3 * cloud(9, 8, 1)
    epsilon = reference_epsilon(before, operator)
    distances = squared_distances(torch.from_numpy(before))
    found = operator.of(torch.from_numpy(points), operator.epsilon(distances)).numpy()
    assert np.abs(found - reference(points, operator, epsilon)).max() < 1e-10
    number = operator.of(torch.from_numpy(points), 0.7).numpy()
    assert np.abs(number - reference(points, operator, np.full((9, 9), 0.7))).max() < 1e-10


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_float32_stays_close_to_the_reference(kernel, scale):
    rows = cloud(51, 384)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    operator = Operator(kernel, scale=scale)
    found = operator.of(torch.from_numpy(rows.astype(np.float32))).numpy()
    assert np.abs(found - reference(rows, operator, reference_epsilon(rows, operator))).max() < 1e-5


@pytest.mark.parametrize("density", [True, False])
def test_agrees_with_graphtools(density):
    points = cloud(30, 5)
    operator = Operator("heat", 0.7, density)
    epsilon = reference_epsilon(points, operator)[0, 0]
    # its kernel is exp(-(distance / bandwidth)^decay), its anisotropy our density
    graph = graphtools.Graph(
        points, graphtype="exact", knn=None, bandwidth=np.sqrt(epsilon), decay=2, thresh=0,
        anisotropy=int(density), n_pca=None, verbose=0,
    )  # fmt: skip
    found = operator.of(torch.from_numpy(points)).numpy()
    assert np.abs(found - np.asarray(graph.diff_aff)).max() < 1e-12
    row = Operator("heat", 0.7, density, "row").of(torch.from_numpy(points)).numpy()
    assert np.abs(row - np.asarray(graph.diff_op)).max() < 1e-12


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), m=st.integers(3, 20), scale=st.floats(0.01, 100))
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_invariances(operator, seed, m, scale):
    points = torch.from_numpy(cloud(m, 6, seed))
    rotation, _ = np.linalg.qr(cloud(6, 6, seed + 1))
    order = np.random.default_rng(seed).permutation(m)
    found = operator.of(points)
    assert torch.allclose(operator.of(points @ torch.from_numpy(rotation)), found, atol=1e-9)
    assert torch.allclose(operator.of(points * scale), found, atol=1e-7)
    assert torch.allclose(operator.of(points[order]), found[order][:, order], atol=1e-9)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_given_epsilon_pins_the_scale(kernel, scale):
    points, operator = torch.from_numpy(cloud(12, 5)), Operator(kernel, scale=scale)
    epsilon = operator.epsilon(squared_distances(points))
    found = operator.of(points)
    assert torch.allclose(operator.of(points, epsilon), found)
    assert float((operator.of(1.5 * points, epsilon) - found).abs().max()) > 0.01


def test_the_local_scale_follows_the_density():
    dense, thin = cloud(10, 3), 100 + 20 * cloud(10, 3, 1)
    points = torch.from_numpy(np.concatenate([dense, thin]))
    local, whole = (Operator(scale=scale, density=False).of(points) for scale in SCALES[::-1])
    # to one ε all of the dense points are one; an ε for each two tells them apart like the thin
    assert float(whole[:10, :10].var()) < 1e-4 < float(local[:10, :10].var())
    assert float(local[:10, :10].diagonal().mean() / local[10:, 10:].diagonal().mean()) < 2


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


@pytest.mark.parametrize("given_epsilon", [False, True])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients(kernel, scale, given_epsilon):
    points = torch.from_numpy(cloud(6, 3)).requires_grad_()
    operator = Operator(kernel, 0.5, scale=scale, local_neighbour=2)
    # larger than all, so that no kernel ends between the points
    epsilon = 2 * float(squared_distances(points.detach()).max()) if given_epsilon else None
    assert torch.autograd.gradcheck(lambda x: operator.of(x, epsilon), (points,))


@pytest.mark.parametrize(
    ("operator", "m"),
    [(Operator(*options), m) for *options, m in cover(*OPTIONS, [1, 2, 5])],
    ids=str,
)
def test_coinciding_points_give_finite_numbers_and_gradients(operator, m):
    points = torch.ones(m, 3, requires_grad=True)
    found = operator.of(points)
    found.sum().backward()
    assert torch.isfinite(found).all()
    assert torch.isfinite(points.grad).all()
    assert torch.allclose(found.sum(-1), torch.ones(m))


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_some_coinciding_points_give_finite_gradients(operator):
    points = torch.from_numpy(np.concatenate([cloud(4, 3), cloud(4, 3), cloud(2, 3, 1)]))
    points.requires_grad_()
    operator.of(points).square().sum().backward()
    assert torch.isfinite(points.grad).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), m=st.integers(2, 15))
def test_median_is_numpys(seed, m):
    distances = squared_distances(torch.from_numpy(cloud(m, 4, seed)))
    off_diagonal = distances.numpy()[~np.eye(m, dtype=bool)]
    assert float(median_distance(distances)) == pytest.approx(np.median(off_diagonal))
