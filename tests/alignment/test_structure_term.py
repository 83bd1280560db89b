import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax
from torch.nn.functional import normalize

from workbench.alignment.training.structure_term import structure_loss


def rows(seed: int, *shape: int) -> torch.Tensor:
    values = np.random.default_rng(seed).normal(size=shape)
    return normalize(torch.from_numpy(values), dim=-1)


@pytest.mark.parametrize("levels", [1, 3])
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_it_is_scipys_divergence_of_the_graphs(levels, temperature):
    frozen, mapped = rows(0, 9, 6), rows(1, 9, 4)
    graphs = []
    for each in (frozen.numpy(), mapped.numpy()):
        centred = each - each.mean(axis=0)
        graphs.append(softmax(centred @ centred.T / temperature, axis=1))
    expected = 0.0
    for level in range(1, levels + 1):
        walks = [np.linalg.matrix_power(graph, level) for graph in graphs]
        # scipy returns the square root
        expected += np.mean(jensenshannon(*walks, axis=1) ** 2) / level / levels
    assert float(structure_loss(frozen, mapped, temperature, levels)) == pytest.approx(expected)


@pytest.mark.parametrize("levels", [1, 3])
def test_rotation_costs_nothing_and_nothing_costs_more_than_log_two(levels):
    frozen = rows(0, 12, 5)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))
    turned = frozen @ torch.from_numpy(rotation)
    assert float(structure_loss(frozen, turned, 0.05, levels)) < 1e-12
    assert 0 < float(structure_loss(frozen, rows(2, 12, 5), 0.05, levels)) < math.log(2)
    # two swapped pairs of twins, at a temperature that leaves only twins: the worst there is
    twins = torch.tensor([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    worst = float(structure_loss(twins, twins[[0, 2, 1, 3]], 0.01))
    assert worst == pytest.approx(math.log(2) / 2, rel=1e-4)


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("temperature", [0.005, 0.05, 5.0])
def test_gradients_stay_finite_where_weights_underflow(temperature, levels):
    frozen = rows(0, 16, 4).float()
    mapped = rows(1, 16, 4).float().requires_grad_()
    loss = structure_loss(frozen, mapped, temperature, levels)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(mapped.grad).all()


@pytest.mark.parametrize("levels", [1, 3])
def test_gradients(levels):
    frozen, mapped = rows(0, 6, 4), rows(1, 6, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda m: structure_loss(frozen, m, 0.3, levels), (mapped,))


def test_descent_brings_the_graph_back():
    frozen = rows(0, 20, 6)
    mapped = (frozen + 0.5 * rows(1, 20, 6)).requires_grad_()
    optimiser = torch.optim.Adam([mapped], lr=0.02)
    before = float(structure_loss(frozen, normalize(mapped, dim=-1).detach(), 0.2))
    for _ in range(60):
        optimiser.zero_grad()
        loss = structure_loss(frozen, normalize(mapped, dim=-1), 0.2)
        loss.backward()
        optimiser.step()
    assert float(loss) < 0.05 * before
